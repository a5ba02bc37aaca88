"""A clinician refers the patient to another, and the report comes back."""

from datetime import UTC, datetime

import pytest

from care_shared.vocabulary import ReferralEnd
from tests.intake_builders import facts, left_aside, message, only

SAID = datetime(2026, 11, 20, 20, 1, 5, tzinfo=UTC)
RF1 = "RF1|P^Pending|R^Routine|MED^Cardiology||O|REF5^EPIC||||Reason"
REPORT = "OBX|1|TX|11488-4^Consult note^LN||Findings||||||F"


def test_a_referral() -> None:
    fact = only(message("REF^I12", RF1), "referral-ordered")

    assert fact.occurred_at == fact.stated_at == SAID
    assert (fact.specialty, fact.urgent) == ("Cardiology", False)


def test_the_referral_began_when_it_was_written() -> None:
    fact = only(message("REF^I12", RF1.replace("|||Reason", "||20261119093000|Reason")), "referral-ordered")

    assert fact.occurred_at == datetime(2026, 11, 19, 14, 30, tzinfo=UTC)  # 09:30 in New York


@pytest.mark.parametrize(
    ("priority", "urgent"), [("S^STAT", True), ("A", True), ("Urgent", True), ("R", False), ("", False)]
)
def test_how_soon(priority: str, urgent: bool) -> None:
    assert only(message("REF^I12", RF1.replace("R^Routine", priority)), "referral-ordered").urgent is urgent


def test_a_change_and_the_report_name_the_same_referral() -> None:
    found = {
        fact.model_dump()["referral_id"]
        for value in (message("REF^I12", RF1), message("REF^I13", RF1), message("RRI^I12", RF1, REPORT))
        for fact in facts(value)
    }

    assert len(found) == 1


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param((RF1.replace("REF5^EPIC", "") + "|EXT9",), id="the number of who takes over"),
        pytest.param((RF1.replace("REF5^EPIC", ""), "ORC|NW|ORD7"), id="the number of the order"),
        pytest.param((RF1.replace("REF5^EPIC", ""),), id="no number at all"),
        pytest.param((), id="not even a referral segment"),
    ],
)
def test_a_referral_without_the_usual_number_is_still_one(segments: tuple[str, ...]) -> None:
    assert only(message("REF^I12", *segments), "referral-ordered").referral_id


def test_a_report_comes_back() -> None:
    fact = only(message("RRI^I12", RF1, REPORT), "referral-report-received")

    assert fact.occurred_at == SAID


@pytest.mark.parametrize(
    ("value", "where"),
    [
        pytest.param(message("REF^I14", "RF1||R|CARD"), "RF1-6", id="which referral is called off?"),
        pytest.param(message("REF^I15", RF1), "MSH-9", id="a question about the state"),
        pytest.param(message("RRI^I12", RF1), "OBX", id="an answer without findings"),
        pytest.param(message("RRI^I12", RF1, REPORT.replace("|F", "|P")), "OBX", id="findings that may change"),
        pytest.param(message("RRI^I12", REPORT), "RF1-6", id="findings of which referral?"),
        pytest.param(message("RRI^I15", RF1, REPORT), "MSH-9", id="an answer about the state"),
    ],
)
def test_what_is_left_aside(value: bytes, where: str) -> None:
    assert [one.where for one in left_aside(value)] == [where]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(message("REF^I14", RF1), ReferralEnd.REVOKED, id="called off"),
        pytest.param(message("RRI^I14", RF1), ReferralEnd.REVOKED, id="the answer to being called off"),
        pytest.param(message("REF^I12", RF1.replace("P^Pending", "R^Rejected")), ReferralEnd.DECLINED, id="rejected"),
        pytest.param(message("RRI^I12", RF1.replace("P^Pending", "R^Rejected")), ReferralEnd.DECLINED, id="a no"),
        pytest.param(message("REF^I13", RF1.replace("P^Pending", "E^Expired")), ReferralEnd.REVOKED, id="expired"),
    ],
)
def test_a_referral_that_is_over_is_closed(value: bytes, reason: ReferralEnd) -> None:
    ordered, closed = only(message("REF^I12", RF1), "referral-ordered"), only(value, "referral-closed")

    assert (closed.referral_id, closed.reason) == (ordered.referral_id, reason)


def test_a_broken_date_keeps_no_referral_from_the_care_manager() -> None:
    value = message("REF^I12", RF1.replace("|||Reason", "||soon|Reason"))

    assert only(value, "referral-ordered").occurred_at == SAID
    assert [one.where for one in left_aside(value)] == ["RF1-9"]


def test_a_number_that_stands_where_its_issuer_belongs() -> None:
    odd = RF1.replace("REF5^EPIC", "^^REF001")
    one, other = (only(message(kind, odd), "referral-ordered") for kind in ("REF^I12", "REF^I13"))

    assert one.referral_id == other.referral_id
