"""Three dialects of visit verification mean the same things (clinical.md 4.2)."""

import pytest

from care_intake.core.visit_codes import missed_reason, proves_delivery
from care_shared.vocabulary import MissedVisitReason as Reason


@pytest.mark.parametrize(
    ("code", "action", "dialect", "expected"),
    [
        pytest.param("214", "", "A", Reason.AGENCY_NO_SHOW, id="A214 attendant failed to report"),
        pytest.param("A220", "", "", Reason.AGENCY_NO_SHOW, id="a code may name its dialect"),
        pytest.param("206", "", "A", Reason.SUSPENDED, id="A206 services suspended"),
        pytest.param("206", "12", "A", Reason.PATIENT_REFUSED, id="A206 with action 12, the member declined"),
        pytest.param("214", "14", "A", Reason.RESCHEDULED, id="A14 visit rescheduled"),
        pytest.param("206", "15", "A", Reason.SUSPENDED, id="A15 services suspended"),
        pytest.param("210", "19", "A", Reason.DOCUMENTATION_ONLY, id="V4: no calls, but a signed timesheet"),
        pytest.param("208", "11", "A", Reason.DOCUMENTATION_ONLY, id="no in-call, but confirmed outside"),
        pytest.param("209", "221", "A", Reason.DOCUMENTATION_ONLY, id="no out-call, but a timesheet received"),
        pytest.param("210", "", "A", Reason.UNKNOWN, id="no calls alone is unverified, not delivered"),
        pytest.param("218", "", "A", Reason.DOCUMENTATION_ONLY, id="A218 the system was down"),
        pytest.param("17", "", "B", Reason.AGENCY_NO_SHOW, id="B17 unable to staff"),
        pytest.param("1", "", "B", Reason.RESCHEDULED, id="B01 written as 1"),
        pytest.param("03", "", "B", Reason.DOCUMENTATION_ONLY, id="B03 no calls, documentation provided"),
        pytest.param("20", "", "B", Reason.WEATHER_UNSAFE, id="B20 weather"),
        pytest.param("E3", "", "B", Reason.UNKNOWN, id="exception 3 alone is unverified"),
        pytest.param("E15", "", "B", Reason.DOCUMENTATION_ONLY, id="exception 15 unmatched phone"),
        pytest.param("No One Answered Locked Door", "", "C", Reason.NO_ANSWER, id="C locked door"),
        pytest.param("Patient Not Home", "", "", Reason.NOT_HOME, id="words need no dialect"),
        pytest.param("Patient Refused Service", "", "C", Reason.PATIENT_REFUSED, id="C refused"),
        pytest.param("Patient in Hospital", "", "C", Reason.HOSPITALISED, id="C in hospital"),
        pytest.param("Patient Expired", "", "C", Reason.DECEASED, id="C expired"),
        pytest.param("Patient Discharged", "", "C", Reason.SERVICE_ENDED, id="C discharged"),
        pytest.param("Visit Cancelled - Services Suspended", "", "C", Reason.SUSPENDED, id="C suspended"),
        pytest.param("Provider No Show", "", "C", Reason.AGENCY_NO_SHOW, id="C provider no show"),
        pytest.param("EVV System Failure", "", "C", Reason.DOCUMENTATION_ONLY, id="C system failure"),
        pytest.param("777", "", "A", Reason.UNKNOWN, id="a code nobody explained"),
        pytest.param("214", "", "", Reason.UNKNOWN, id="a bare number without a dialect"),
        pytest.param("", "", "A", Reason.UNKNOWN, id="no code at all"),
        pytest.param("E3", "17", "B", Reason.AGENCY_NO_SHOW, id="no in-call, and the agency says it had nobody"),
        pytest.param("28", "", "B", Reason.RESCHEDULED, id="B28 moved"),
        pytest.param("E23", "", "B", Reason.DOCUMENTATION_ONLY, id="exception 23 missing service"),
        pytest.param("Natural Disaster", "", "C", Reason.WEATHER_UNSAFE, id="C disaster"),
        pytest.param("Scheduling Error", "", "C", Reason.AGENCY_NO_SHOW, id="C scheduling error"),
    ],
)
def test_why_a_visit_did_not_happen(code: str, action: str, dialect: str, expected: Reason) -> None:
    assert missed_reason((code, action), dialect, {}, has_proof=False).reason is expected


@pytest.mark.parametrize(
    ("codes", "dialect", "asked"),
    [
        pytest.param(("777",), "A", ("777",), id="a code nobody explained is asked for"),
        pytest.param(("Dog in yard",), "C", ("Dog in yard",), id="words nobody explained are asked for"),
        pytest.param(("222", "13"), "A", ("222", "13"), id="both codes, when neither says why"),
        pytest.param(("210",), "A", (), id="no calls alone is known: it is unverified"),
        pytest.param(("E3", "E4"), "B", (), id="exceptions 3 and 4 are known"),
        pytest.param(("214",), "A", (), id="a code that is known"),
        pytest.param(("777", "14"), "A", (), id="a code beside one that says why"),
        pytest.param(("777", "19"), "A", ("777",), id="a timesheet is known, the code beside it is not"),
        pytest.param((), "A", (), id="no code at all"),
    ],
)
def test_which_codes_somebody_is_asked_about(codes: tuple[str, ...], dialect: str, asked: tuple[str, ...]) -> None:
    assert missed_reason(codes, dialect, {}, has_proof=False).unmapped == asked


def test_the_source_s_own_codes_come_first() -> None:
    own = {"x9": "no-answer", "214": "weather-unsafe", "dog in yard": "weather-unsafe"}

    assert missed_reason(("X9",), "A", own, has_proof=False).reason is Reason.NO_ANSWER
    assert missed_reason(("214",), "A", own, has_proof=False).reason is Reason.WEATHER_UNSAFE
    assert missed_reason(("Dog in Yard ",), "", own, has_proof=False).reason is Reason.WEATHER_UNSAFE


def test_no_calls_with_manual_times_is_a_matter_of_paper() -> None:
    assert missed_reason(("210",), "A", {}, has_proof=True).reason is Reason.DOCUMENTATION_ONLY


def test_a_timesheet_proves_that_the_visitor_came() -> None:
    assert proves_delivery(("210", "19"), "A")
    assert not proves_delivery(("214", ""), "A")
