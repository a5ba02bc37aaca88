"""A trace on a terminal: many facts are one line, every silence has its reason, nothing is wider than 100 columns."""

from datetime import UTC, datetime, timedelta

from care_cli.telling import standings, told
from care_shared.runtime.trace import TraceStep

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PATIENT = "0b6f4a52-1111-5222-8333-444455556666"


def after(milliseconds: int) -> datetime:
    return NOON + timedelta(milliseconds=milliseconds)


def way_of_ten_facts() -> list[TraceStep]:
    received = TraceStep("intake", "received", NOON, {"receipt_id": "r-1", "source": "local"})
    facts = [{"receipt_id": "r-1", "event_id": f"e-{number}", "patient_id": PATIENT} for number in range(10)]
    translated = [TraceStep("intake", "translated", after(3), {**one, "type": "vital-sign-recorded"}) for one in facts]
    place = {"topic": "care.events.v1", "partition": "8"}
    published = [
        TraceStep("intake", "published", after(9), {"event_id": f"e-{number}", **place, "offset": str(1199 + number)})
        for number in range(10)
    ]
    return [received, *translated, *published]


def test_ten_facts_of_one_message_are_two_lines() -> None:
    lines = list(told(way_of_ten_facts()))

    assert lines == [
        "2026-11-22 (UTC)",
        "12:00:00.000        +0 ms  intake        received  receipt_id=r-1  source=local",
        "12:00:00.003        +3 ms  intake        translated 10  receipt_id=r-1",
        f"    patient_id={PATIENT}  type=vital-sign-recorded (10)",
        "12:00:00.009        +6 ms  intake        published 10  topic=care.events.v1  partition=8",
        "    offsets=1199-1208",
    ]
    assert max(len(line) for line in lines) <= 100


def test_a_single_fact_keeps_its_id() -> None:
    step = TraceStep("intake", "translated", NOON, {"event_id": "e-1", "type": "contact-logged"})

    assert "event_id=e-1  type=contact-logged" in list(told([step]))[1]


def test_a_new_day_is_said() -> None:
    steps = [TraceStep("scoring", "gap opened", NOON + timedelta(days=day), {"gap_id": f"g{day}"}) for day in (0, 1)]

    assert [line for line in told(steps) if "(UTC)" in line] == ["2026-11-22 (UTC)", "2026-11-23 (UTC)"]


def test_every_silence_is_explained_and_what_is_open_comes_first() -> None:
    silent = {"rule_id": "TCM-CONTACT", "episode": "stay-1", "reason": "contact_pending"}
    opened = {"rule_id": "VISIT-MISSED", "episode": "aide:v1", "reason": "two_missed_in_a_row", "gap_id": "g1"}
    steps = [TraceStep("scoring", "silent", NOON, silent), TraceStep("scoring", "gap opened", NOON, opened)]

    assert list(standings(steps, NOON)) == [
        "",
        "What the rules say about this patient, as of 2026-11-22 12:00:00 UTC:",
        "  gap opened    VISIT-MISSED  two_missed_in_a_row",
        "    episode=aide:v1  gap_id=g1",
        "  silent        TCM-CONTACT   contact_pending  Contact is not due yet.",
        "    episode=stay-1",
    ]


def test_a_rule_that_is_not_asked_of_this_patient_speaks_of_no_episode() -> None:
    silent = {"rule_id": "HIGH-NEEDS", "reason": "not_aligned"}

    lines = list(standings([TraceStep("scoring", "silent", NOON, silent)], NOON))

    assert "HIGH-NEEDS    not_aligned" in lines[2]
    assert not any("episode=" in line for line in lines)


def test_a_silence_that_ended_with_an_alert_is_not_told_as_one() -> None:
    before = {"rule_id": "VITALS-TREND", "episode": "2339-0", "reason": "needs_more_readings"}
    opened = {"rule_id": "VITALS-TREND", "episode": "2339-0:2026-11-13", "reason": "trend_rising", "gap_id": "g1"}
    other = {"rule_id": "VITALS-TREND", "episode": "29463-7", "reason": "stale"}
    steps = [
        TraceStep("scoring", "silent", NOON, before),
        TraceStep("scoring", "silent", NOON, other),
        TraceStep("scoring", "gap opened", after(1), opened),
    ]
    lines = list(standings(steps, NOON))

    assert [line.split()[-1] for line in lines if "episode=" in line] == ["gap_id=g1", "episode=29463-7"]


def test_nothing_known_is_nothing_said() -> None:
    assert (list(told([])), list(standings([], NOON))) == ([], [])
