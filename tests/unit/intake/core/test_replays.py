"""A second look at a message: what it says now, what went out before, and that a yes stays a yes."""

import pytest

from care_intake.core.effects import Verdict
from care_intake.core.replays import Difference, cause_id, difference, may_become, unpublished
from tests.intake_builders import adt, facts


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        pytest.param("quarantined", "accepted", True, id="a refusal may become a yes"),
        pytest.param("quarantined", "rejected", True, id="a refusal may get another reason"),
        pytest.param("held", "accepted", True, id="what was held may go out"),
        pytest.param("conflict", "conflict", True, id="nothing changed"),
        pytest.param("ignored", "accepted", True, id="what had no use may get one"),
        pytest.param("accepted", "quarantined", False, id="the sender was told yes and the facts are out"),
        pytest.param("held", "rejected", False, id="held was a yes too"),
    ],
)
def test_what_a_receipt_may_become(before: str, after: str, allowed: bool) -> None:
    assert may_become(Verdict(before), Verdict(after)) is allowed


def test_facts_that_went_out_before_do_not_go_out_again() -> None:
    patient, admission = facts(adt("A01"))
    noted = {patient.event_id: "patient-updated", "gone": "hospital-discharged"}

    assert unpublished(noted, [patient, admission]) == [admission]
    assert difference(noted, [patient, admission]) == Difference(
        added=("hospital-admitted",), repeated=("patient-updated",), unsaid=("hospital-discharged",)
    )


def test_a_cause_has_the_same_short_name_everywhere() -> None:
    first = cause_id("general", "quarantined", "PID-3", "is missing")

    assert first == cause_id("general", "quarantined", "PID-3", "is missing")
    assert first != cause_id("north", "quarantined", "PID-3", "is missing")
    assert len(first) == 8
