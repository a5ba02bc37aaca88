"""VISIT-MISSED: vectors V1-V4, V7 and V9, the near misses of rule 12, and what late proof undoes."""

import pytest

from care_shared.contracts.care_events import FeedResumed, FeedWentSilent
from care_shared.vocabulary import Discipline, MissedVisitReason, SensitivityLabel, SourceId
from tests.builders import (
    PATIENT,
    SOURCE,
    Known,
    Step,
    Visit,
    admitted,
    cared_for_by,
    died,
    discharged,
    play,
    tick,
    when,
)

RULE = "VISIT-MISSED"

MON, TUE, WED, THU, FRI, SAT, NEXT_TUE = (Visit(day) for day in (0, 1, 2, 3, 4, 5, 8))
NURSE_TUE = Visit(1, discipline=Discipline.SKILLED_NURSING)

MISS = "opened P4 visit_missed"
TWO = "escalated P2 two_missed_in_a_row"
THREE = "escalated P1 three_missed_in_a_row"
RESUMED = "closed evidence care_resumed"


def later(day: int, clock: str) -> Known:
    return Known(when(day, clock))


@pytest.mark.parametrize(
    ("history", "story"),
    [
        pytest.param(
            [MON.missed(), WED.delivered(), FRI.missed()],
            [MISS, RESUMED, MISS],
            id="V1 missed, delivered, missed: two P4 lines, no P2",
        ),
        pytest.param(
            [MON.missed(), WED.delivered(), FRI.missed(), SAT.delivered(), NEXT_TUE.missed()],
            [MISS, RESUMED, MISS, RESUMED, "opened P2 three_missed_in_period"],
            id="V1 a third miss in fourteen days: P2",
        ),
        pytest.param(
            [MON.missed(), admitted(1), WED.missed("hospitalised"), FRI.missed()],
            [MISS, "closed superseded inpatient"],
            id="V2 an admission exists: suppressed",
        ),
        pytest.param([MON.missed(), WED.missed()], [MISS, TWO], id="V3 two in a row: P2 on Wednesday, the same gap"),
        pytest.param(
            [Visit(0, hours=2).scheduled(), Visit(0, hours=2).missed("documentation-only", later(1, "10:00")), tick(3)],
            [],
            id="V4 only the clock-in is missing: no alert",
        ),
        pytest.param(
            [FRI.missed("rescheduled", moved_to=when(5, "09:00")), tick(9)], [], id="V7 moved to Saturday: silent"
        ),
        pytest.param([FRI.missed("rescheduled", moved_to=when(7, "09:00"))], [MISS], id="V7 moved to Monday: counts"),
        pytest.param(
            [FRI.missed("rescheduled"), tick(6, "00:01")], [MISS], id="moved without a date: counts when the week ends"
        ),
        pytest.param([MON.missed(), MON.missed()], [MISS], id="V9 the same event twice: one alert"),
        pytest.param(
            [MON.missed(), TUE.missed(), WED.missed()], [MISS, TWO, THREE], id="three in a row: the same gap, P1"
        ),
        pytest.param(
            [MON.missed(), TUE.missed(), WED.missed(), THU.missed()],
            [MISS, TWO, THREE, "updated P1 three_missed_in_a_row"],
            id="a fourth only updates",
        ),
        pytest.param(
            [MON.missed(), TUE.delivered(), WED.missed()], [MISS, RESUMED, MISS], id="rule 12: delivered between"
        ),
        pytest.param(
            [MON.missed("documentation-only"), WED.missed("documentation-only")], [], id="rule 12: documentation only"
        ),
        pytest.param([MON.missed(), NURSE_TUE.missed()], [MISS, MISS], id="rule 12: different disciplines make no row"),
        pytest.param(
            [MON.missed(), MON.delivered(later(1, "10:00")), WED.missed()],
            [MISS, "closed late_evidence visit_proven_late", MISS],
            id="rule 12: late evidence on Tuesday",
        ),
        pytest.param(
            [MON.missed(), WED.missed(), WED.delivered(later(3, "10:00"))],
            [MISS, TWO, "closed late_evidence visit_proven_late"],
            id="late proof of the second of two closes with late_evidence",
        ),
        pytest.param(
            [MON.missed(), WED.missed(), MON.delivered(later(3, "10:00"))],
            [MISS, TWO, MISS, "closed late_evidence visit_proven_late"],
            id="late proof of the first leaves one ordinary miss",
        ),
        pytest.param(
            [TUE.missed(), MON.missed("agency-no-show", later(1, "11:00"))],
            [MISS, "opened P2 two_missed_in_a_row", "closed superseded joined_earlier_miss"],
            id="an earlier miss told later: told once as two in a row, the digest line is withdrawn",
        ),
        pytest.param(
            [MON.missed(), TUE.missed("weather-unsafe"), WED.missed("hospitalised"), THU.missed()],
            [MISS, TWO],
            id="excused visits neither count nor end a row",
        ),
        pytest.param(
            [MON.missed(), TUE.cancelled(30, by_patient=True), WED.delivered()],
            [MISS, RESUMED],
            id="cancelled by the patient a day ahead does not count",
        ),
        pytest.param(
            [MON.missed(), TUE.cancelled(3, by_patient=True), tick(1, "09:00")],
            [MISS, TWO],
            id="cancelled by the patient at short notice counts",
        ),
        pytest.param(
            [MON.cancelled(3, by_patient=False), tick(3)], [], id="cancelled by the agency is a change of plan"
        ),
        pytest.param([MON.scheduled(), tick(1, "09:59")], [], id="silence is not yet a miss within 24 hours"),
        pytest.param(
            [MON.scheduled(), tick(1, "10:00")], [MISS], id="24 hours after its end without proof it is missed"
        ),
        pytest.param([MON.scheduled(), MON.started("09:05"), tick(3)], [], id="a clock-in is proof that somebody came"),
        pytest.param(
            [MON.scheduled(), tick(1, "10:00"), MON.delivered(later(1, "12:00"))],
            [MISS, "closed late_evidence visit_proven_late"],
            id="proof after that closes with late_evidence",
        ),
        pytest.param(
            [MON.delivered(later(0, "08:00")), MON.missed("no-answer")],
            [],
            id="a proof beats a miss, whichever came first",
        ),
        pytest.param([MON.missed(), tick(20)], [MISS, "closed expired too_long_ago"], id="after 14 days it is history"),
        pytest.param(
            [MON.missed("agency-no-show", later(30, "10:00"))], [], id="a backfill of an old miss opens nothing"
        ),
        pytest.param([MON.missed(), died(1)], [MISS, "closed superseded deceased"], id="a death closes it"),
        pytest.param([admitted(-2), MON.scheduled(), tick(2)], [], id="in hospital nobody expects a visit"),
        pytest.param(
            [admitted(-2), MON.scheduled(), discharged(0, "08:00"), tick(1, "10:00")],
            [MISS],
            id="home again, the visit is expected",
        ),
    ],
)
def test_missed_visits(history: list[Step], story: list[str]) -> None:
    assert play(history, RULE).story == story


def test_the_pattern_ends_when_the_misses_grow_old() -> None:
    history = [MON.missed(), WED.delivered(), FRI.missed(), SAT.delivered(), NEXT_TUE.missed(), Visit(9).delivered()]
    played = play([*history, tick(14, "10:00"), tick(14, "10:01")], RULE)

    assert played.story[-1] == RESUMED
    assert played.alerts[-1].changed_at == when(14, "10:00").replace(
        second=1
    )  # 14 days of 24 hours, over the DST change


def test_two_in_a_row_tell_the_care_manager_and_the_agency() -> None:
    alert = play([cared_for_by("nurse-1"), MON.missed(), WED.missed(MissedVisitReason.PATIENT_REFUSED)], RULE).alerts[
        -1
    ]

    assert alert.explanation == "2 aide visits in a row were missed, Mon 1 Mar to Wed 3 Mar (the patient refused)."
    assert alert.audience == ("care-manager", "home-health-agency")
    assert alert.care_team.agency == "agency-1"
    assert alert.care_team.lead_care_manager == "nurse-1"
    assert [fact.event_id for fact in alert.evidence] == [
        MON.missed().event_id,
        WED.missed(MissedVisitReason.PATIENT_REFUSED).event_id,
    ]
    assert alert.occurrences == 2


def test_three_in_a_row_tell_the_supervisor_too() -> None:
    alert = play([MON.missed(), TUE.missed(), WED.missed()], RULE).alerts[-1]

    assert alert.audience == ("care-manager", "home-health-agency", "supervisor")


def test_a_silent_feed_says_nothing_about_the_visit() -> None:
    def feed(kind: type[FeedWentSilent | FeedResumed], day: int, clock: str) -> FeedWentSilent | FeedResumed:
        moment = when(day, clock)
        return kind(
            event_id=f"{kind.__name__}{day}",
            patient_id=PATIENT,
            occurred_at=moment,
            recorded_at=moment,
            source=SourceId("watchdog"),
            feed=SOURCE,
        )

    down, back = feed(FeedWentSilent, 0, "08:00"), feed(FeedResumed, 2, "08:00")

    assert play([MON.scheduled(), down, tick(1, "23:00")], RULE).story == []
    assert play([MON.scheduled(), down, tick(1, "23:00")], RULE).silences[-1] == "feed_silent"
    assert play([MON.scheduled(), down, back, tick(2, "09:00")], RULE).story == [MISS]


def test_labels_of_the_visits_travel() -> None:
    labelled = Visit(0, labels=(SensitivityLabel.SUBSTANCE_USE,))

    assert play([labelled.missed()], RULE).alerts[0].labels == (SensitivityLabel.SUBSTANCE_USE,)
