"""Home visits as a visit vendor exports them to CSV."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from care_intake.core.formats import Format
from care_intake.core.translation import UnmappedCode
from care_shared.contracts.care_events import VisitDelivered, VisitMissed
from care_shared.vocabulary import Discipline, MissedVisitReason
from tests.intake_builders import GENERAL, facts, judge, left_aside, only, raw, refused, said, table, visit

SANDATA = (
    "VisitOtherID,ClientMedicaidID,ProcedureCode,VisitTimeZone,ScheduleStartTime,ScheduleEndTime,AdjInDateTime,"
    "AdjOutDateTime,ReasonCode,ExceptionID,VisitCancelledIndicator"
)
HHAX = (
    "Schedule ID,Medicaid ID,Agency Tax ID,Caregiver Code,Discipline,Schedule Date,Schedule Start Time,"
    "Schedule End Time,Visit Start Time,Visit End Time,Missed Visit,Missed Visit Reason Code,Missed Visit Action Code"
)
NINE, TEN = datetime(2026, 11, 20, 14, 0, tzinfo=UTC), datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def sandata(row: str) -> bytes:
    return table(SANDATA, row)


def hhax(*rows: str) -> bytes:
    return table(HHAX, *rows)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(hhax("1,44,12-34,E7,HHA,11/20/2026,9:00 AM,10:00 AM,,,,,"), "visit-scheduled", id="planned"),
        pytest.param(hhax("1,44,12-34,E7,HHA,11/20/2026,9:00 AM,10:00 AM,9:04 AM,,,,"), "visit-started", id="came"),
        pytest.param(
            hhax("1,44,12-34,E7,HHA,11/20/2026,9:00 AM,10:00 AM,9:04 AM,9:58 AM,N,,"), "visit-delivered", id="left"
        ),
        pytest.param(
            hhax("1,44,12-34,E7,HHA,11/20/2026,9:00 AM,10:00 AM,,,Y,A214,"), "visit-missed", id="missed by its flag"
        ),
        pytest.param(
            sandata("1,44,S5125,US/Eastern,2026-11-20 09:00,2026-11-20 10:00,,,,,true"), "visit-cancelled", id="off"
        ),
    ],
)
def test_which_fact_a_row_is(body: bytes, kind: str) -> None:
    fact = only(body, kind)

    assert (fact.scheduled_start, fact.scheduled_end) == (NINE, TEN)


def test_the_six_elements_of_a_row() -> None:
    fact = only(hhax("1,44,12-34,E7,HHA,11/20/2026,9:00 AM,10:00 AM,9:04 AM,9:58 AM,,,"), "visit-delivered")

    assert (fact.discipline, fact.agency) == (Discipline.AIDE, "12-34")
    assert fact.started_at == datetime(2026, 11, 20, 14, 4, tzinfo=UTC)
    assert fact.ended_at == datetime(2026, 11, 20, 14, 58, tzinfo=UTC)


def test_the_zone_of_a_row_beats_that_of_the_feed() -> None:
    fact = only(sandata("1,44,S5125,US/Central,2026-11-20 08:00,2026-11-20 09:00,,,,,"), "visit-scheduled")

    assert fact.scheduled_start == NINE


def test_a_visit_over_midnight_ends_the_next_day() -> None:
    fact = only(hhax("1,44,x,E7,HHA,11/20/2026,11:00 PM,1:00 AM,11:02 PM,12:59 AM,,,"), "visit-delivered")

    assert fact.scheduled_end == datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    assert fact.ended_at == datetime(2026, 11, 21, 5, 59, tzinfo=UTC)


def test_reason_action_and_exception_are_kept_and_read_together() -> None:
    [fact] = facts(
        sandata("1,44,S5125,,2026-11-20 09:00,2026-11-20 10:00,,,17,3,").replace(b"Indicator", b"Indicator,Status")
        .replace(b",17,3,", b",17,3,,missed"),
        replace(GENERAL, visit_dialect="B"),
    )  # fmt: skip

    assert isinstance(fact, VisitMissed)
    assert (fact.reason, fact.source_code) == (MissedVisitReason.AGENCY_NO_SHOW, "17+E3")


def test_a_code_nobody_explained_is_kept_and_asked_for() -> None:
    body = hhax("1,44,x,E7,HHA,11/20/2026,9:00 AM,10:00 AM,,,Y,Q7,")

    assert only(body, "visit-missed").reason is MissedVisitReason.UNKNOWN
    assert said(body).unmapped == (UnmappedCode("visit-reason", "Q7"),)
    agreed = replace(GENERAL, visit_codes={"q7": "patient-refused"})
    assert only(body, "visit-missed", agreed).reason is MissedVisitReason.PATIENT_REFUSED
    assert said(body, agreed).unmapped == ()


def test_the_row_and_the_record_in_json_are_one_visit_of_one_patient() -> None:
    row = table(
        "Visit ID,MRN,Authority,Scheduled Start,Scheduled End", "visit-1,4711,1.2.3,2026-11-20 09:00,2026-11-20 10:00"
    )
    [of_row], [of_record] = facts(row), facts(visit("scheduled"))

    assert of_row.patient_id == of_record.patient_id
    assert of_row.model_dump()["visit_id"] == of_record.model_dump()["visit_id"]


def test_a_bad_row_stops_no_other_and_is_told_by_row_and_column() -> None:
    body = hhax(
        "1,44,x,E7,HHA,11/20/2026,9:00 AM,10:00 AM,,,,,",
        "2,44,x,E7,HHA,11/20/2026,SECRET-7,10:00 AM,,,,,",
        "3,,x,E7,HHA,11/20/2026,9:00 AM,10:00 AM,,,,,",
        "4,44,x,E7,HHA,11/20/2026,9:00 AM,,,,,,",
        "5,44,x,E7,HHA,11/20/2026,9:00 AM,10:00 AM,,,perhaps,,",
    )

    refusals = [one for one in left_aside(body) if one.is_refused]
    assert [one.where for one in refusals] == [
        "row 3 scheduled_start", "row 4 patient_mrn", "row 5 scheduled_end", "row 6 missed",
    ]  # fmt: skip
    assert "SECRET-7" not in str(refusals)
    assert len(facts(body)) == 1


def test_a_row_that_is_understood_later_does_not_shift_the_ids_of_those_behind_it() -> None:
    body = hhax("1,44,x,E7,HHA,03/04/2026,9:00 AM,10:00 AM,,,,,", "2,44,x,E7,HHA,2026-11-20,9:00 AM,10:00 AM,,,,,")

    [second] = facts(body)
    both = facts(body, replace(GENERAL, date_order="month-first"))

    assert [one.where for one in left_aside(body)] == ["row 2 visit_date"]
    assert [one.event_id for one in both][1:] == [second.event_id]


def test_a_file_without_a_single_usable_row_is_refused_whole() -> None:
    assert refused(hhax("2,44,x,E7,HHA,11/20/2026,SECRET-7,10:00 AM,,,,,")).field == "row 2 scheduled_start"


def test_a_heading_without_rows_is_kept_with_the_reason() -> None:
    assert {one.reason for one in left_aside(hhax())} == {"has a heading and no rows"}


@pytest.mark.parametrize(
    ("record", "occurred_at", "by_patient"),
    [
        pytest.param({"cancelled_by": "Client", "cancelled_at": "2026-11-19T09:00:00-05:00"},
                     datetime(2026, 11, 19, 14, tzinfo=UTC), True, id="by the patient, a day before"),
        pytest.param({"cancelled_by": "agency", "reported_at": "2026-11-20T08:30:00-05:00"},
                     datetime(2026, 11, 20, 13, 30, tzinfo=UTC), False, id="by the agency, half an hour before"),
    ],
)  # fmt: skip
def test_who_called_a_visit_off_and_how_long_before(
    record: dict[str, str], occurred_at: datetime, by_patient: bool
) -> None:
    fact = only(visit("cancelled", **record), "visit-cancelled")

    assert (fact.occurred_at, fact.by_patient) == (occurred_at, by_patient)


def test_a_visit_made_up_is_moved_first_and_delivered_then() -> None:
    moved = only(visit("made-up", replacement_start="2026-11-21T09:00:00-05:00"), "visit-missed")
    given = only(
        visit("made-up", started_at="2026-11-21T09:00:00-05:00", ended_at="2026-11-21T10:00:00-05:00"),
        "visit-delivered",
    )

    assert moved.reason is MissedVisitReason.RESCHEDULED
    assert moved.replacement_start == datetime(2026, 11, 21, 14, tzinfo=UTC)
    assert moved.visit_id == given.visit_id
    assert refused(visit("made-up")).field == "visit.replacement_start"


def test_times_entered_by_hand_are_proof_and_say_so() -> None:
    [fact] = facts(visit("delivered", manual=True, started_at="2026-11-20T09:02:00-05:00"))
    times = {"started_at": "2026-11-20T09:02:00-05:00", "manual": True}
    missed = only(visit("missed", dialect="A", reason_code="210", **times), "visit-missed")

    assert isinstance(fact, VisitDelivered)
    assert fact.proof == "manual"
    assert missed.reason is MissedVisitReason.DOCUMENTATION_ONLY


def test_neither_an_edit_nor_the_vendor_s_method_proves_a_visit_without_times() -> None:
    heading = (
        "Visit ID,MRN,Scheduled Start,Scheduled End,Missed Visit,Reason,Verification Method,Is Edited,Timesheet Signed"
    )
    start = "1,4711,2026-11-20 09:00,2026-11-20 10:00,Y,A210"

    edited = only(table(heading, f"{start},EVV,Y,N"), "visit-missed")
    signed = only(table(heading, f"{start},EVV,N,Y"), "visit-missed")

    assert edited.reason is MissedVisitReason.UNKNOWN
    assert signed.reason is MissedVisitReason.DOCUMENTATION_ONLY


def test_a_later_correction_is_ordered_by_when_it_was_said() -> None:
    fact = only(visit("missed", reason_code="A214", reported_at="2026-11-20T11:00:00-05:00"), "visit-missed")

    assert fact.stated_at == datetime(2026, 11, 20, 16, tzinfo=UTC)


def test_a_record_in_json_asks_for_its_codes_too() -> None:
    assert said(raw(visit("missed", reason_code="A777"))).unmapped == (UnmappedCode("visit-reason", "A777"),)


def test_the_door_decides_the_language() -> None:
    assert judge(hhax("1,44,x,E7,HHA,11/20/2026,9:00 AM,10:00 AM,,,,,")).message.format is Format.EVV_TABLE
