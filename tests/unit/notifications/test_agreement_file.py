"""An agreement file that says something else than people think is refused, with the place and no value."""

from datetime import UTC, datetime

import pytest

from care_notifications.agreement_file import read_agreement_file
from care_notifications.core.agreements import Agreement, Grant
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import OrganizationId

WHOLE = """
agreements:
  - id: harbor-2026
    organization: agency-harbor
    begin: 2026-01-01
    end: 2027-01-01
    rules: [missed-visit]
    fields: [lead, care-instructions]
    care_instructions: Call the Lead before you visit.
    care_instructions_by_rule: {missed-visit: Offer another time the same day.}
"""


def test_a_whole_file(tmp_path):
    file = tmp_path / "agreements.yaml"
    file.write_text(WHOLE)

    assert read_agreement_file(file) == [
        Agreement(
            "harbor-2026", OrganizationId("agency-harbor"), datetime(2026, 1, 1, tzinfo=UTC),
            datetime(2027, 1, 1, tzinfo=UTC), frozenset({"missed-visit"}),
            grants=frozenset({Grant.LEAD, Grant.CARE_INSTRUCTIONS}),
            instructions={"missed-visit": "Offer another time the same day.", "": "Call the Lead before you visit."},
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("agreements: [", "is not YAML", id="broken"),
        pytest.param("", "agreements: Field required", id="empty"),
        pytest.param("agreements: []", "agreements", id="no agreement"),
        pytest.param(WHOLE.replace("fields:", "field:"), r"agreements\.0\.field", id="a misspelt name"),
        pytest.param(WHOLE.replace("[lead,", "[ssn,"), r"agreements\.0\.fields", id="a field we never send"),
        pytest.param(WHOLE.replace("end: 2027", "end: 2025"), "end must lie behind begin", id="ends before it begins"),
        pytest.param(WHOLE + WHOLE.split("agreements:")[1], "two agreements have the same id", id="the same id twice"),
    ],
)
def test_what_is_refused(tmp_path, text, problem):
    file = tmp_path / "agreements.yaml"
    file.write_text(text)

    with pytest.raises(ConfigurationError, match=problem):
        read_agreement_file(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_agreement_file(tmp_path / "nothing.yaml")
