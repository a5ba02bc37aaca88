"""TCM-CONTACT: every vector a-o that touches contact, the near misses of rule 1, and the clock traps."""

import pytest

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import SensitivityLabel
from tests.builders import (
    Known,
    Step,
    admission_cancelled,
    admitted,
    chose_hospice,
    contact_retracted,
    contacted,
    died,
    discharge_cancelled,
    discharged,
    lives_in,
    play,
    policy_with,
    tick,
    when,
)
from tests.chart_builders import fact

RULE = "TCM-CONTACT"

NOON = "opened P2 contact_due_today"
EVENING = "escalated P1 contact_due_tonight"
OVERDUE = "updated P1 contact_overdue"
REACHED_LATE = "closed late_evidence contact_made_late"


def reached_on(day: int | str, clock: str, **more: str) -> AnyCareEvent:
    return contacted(day, clock, **more)


@pytest.mark.parametrize(
    ("history", "story"),
    [
        pytest.param(
            [discharged("2027-03-05"), tick("2027-03-09", "11:59")],
            [],
            id="TCM-b before noon of Tuesday nothing is told",
        ),
        pytest.param([discharged("2027-03-05"), tick("2027-03-09", "12:00")], [NOON], id="TCM-b at noon of Tuesday P2"),
        pytest.param([discharged("2027-03-05"), tick("2027-03-09", "17:00")], [NOON, EVENING], id="rule 1: at five P1"),
        pytest.param(
            [discharged("2027-03-05"), tick("2027-03-10", "00:00")],
            [NOON, EVENING, OVERDUE],
            id="rule 1: at midnight it is overdue",
        ),
        pytest.param(
            [discharged("2027-03-05"), tick("2027-03-10", "00:00"), reached_on("2027-03-10", "09:00")],
            [NOON, EVENING, OVERDUE, REACHED_LATE],
            id="reached after the deadline closes as late evidence",
        ),
        pytest.param(
            [discharged("2027-03-05"), reached_on("2027-03-09", "14:00")],
            [NOON, "closed evidence contact_made"],
            id="reached in the afternoon of the last day closes as evidence",
        ),
        pytest.param([discharged(0), reached_on("2027-03-03", "11:30"), tick(5)], [], id="TCM-a reached in time"),
        pytest.param([discharged("2027-03-06"), tick("2027-03-09", "12:00")], [NOON], id="TCM-c Saturday"),
        pytest.param([discharged("2027-03-07"), tick("2027-03-09", "12:00")], [NOON], id="TCM-c Sunday"),
        pytest.param([discharged("2026-11-25"), tick("2026-11-30", "11:59")], [], id="TCM-d not before Monday noon"),
        pytest.param([discharged("2026-11-25"), tick("2026-11-30", "12:00")], [NOON], id="TCM-d over Thanksgiving"),
        pytest.param(
            [discharged("2026-07-02"), tick("2026-07-07", "12:00")], [NOON], id="TCM-e over the Fourth of July"
        ),
        pytest.param([discharged("2027-12-30"), tick("2028-01-04", "12:00")], [NOON], id="TCM-f over New Year"),
        pytest.param([discharged("2027-05-28"), tick("2027-06-02", "12:00")], [NOON], id="TCM-g over Memorial Day"),
        pytest.param(
            [discharged(0, known=Known(when(3, "09:00"))), tick(3, "23:00")],
            ["opened P1 contact_overdue"],
            id="TCM-h a late notice opens one alert, overdue",
        ),
        pytest.param(
            [
                discharged(0),
                contacted(1, "10:00", "left-message"),
                contacted(2, "09:00", "no-answer"),
                reached_on(3, "15:00"),
                tick(6),
            ],
            ["opened P3 keep_trying", "closed evidence somebody_reached"],
            id="TCM-i two attempts satisfy, the outreach closes when somebody is reached, nothing was missed",
        ),
        pytest.param(
            [
                discharged(0),
                contacted(2, "09:00", "left-message"),
                contacted(2, "09:05", "left-message"),
                tick(3, "00:00"),
            ],
            [NOON, EVENING, OVERDUE],
            id="TCM-j two voicemails within five minutes are one attempt",
        ),
        pytest.param(
            [
                discharged(0),
                contacted(2, "09:00", "left-message"),
                contacted(2, "09:05", "left-message", channel="portal"),
                tick(3, "00:00"),
            ],
            ["opened P3 keep_trying"],
            id="two attempts over different channels are two",
        ),
        pytest.param(
            [
                discharged(0),
                contacted(2, "09:00", "left-message"),
                contacted(2, "15:00", "no-answer"),
            ],
            [NOON, "closed evidence attempts_satisfied", "opened P3 keep_trying"],
            id="a second attempt after noon closes the deadline alert and leaves the outreach",
        ),
        pytest.param(
            [discharged(0, to="skilled-nursing"), tick(5)],
            [],
            id="TCM-l a discharge to a nursing facility asks for none",
        ),
        pytest.param(
            [
                discharged(0, to="skilled-nursing"),
                discharged("2027-03-20", stay="snf", kind="skilled-nursing"),
                tick("2027-03-23", "12:00"),
            ],
            [NOON],
            id="TCM-l the discharge from the nursing facility does",
        ),
        pytest.param([discharged(0), discharge_cancelled(0, "12:00"), tick(5)], [], id="TCM-m A13 two hours later"),
        pytest.param(
            [discharged(0), tick(2, "12:00"), discharge_cancelled(2, "14:00")],
            [NOON, "closed withdrawn discharge_cancelled"],
            id="TCM-m A13 after the alert withdraws it",
        ),
        pytest.param(
            [discharged(0), tick(2, "12:00"), admission_cancelled(2, "14:00")],
            [NOON, "closed withdrawn admission_cancelled"],
            id="A11 withdraws it too",
        ),
        pytest.param(
            [
                discharged(0),
                discharge_cancelled(0, "12:00"),
                discharged(3, known=Known(when(3, "10:00"))),
                tick("2027-03-08", "12:00"),
            ],
            [NOON],
            id="discharged again after an A13 starts a new clock",
        ),
        pytest.param(
            [discharged(0), reached_on(1, "10:00", party="caregiver"), tick(5)], [], id="TCM-n the caregiver counts"
        ),
        pytest.param(
            [discharged(0), admitted(4, stay="stay-2"), tick(5)],
            [NOON, EVENING, OVERDUE, "closed superseded readmitted"],
            id="TCM-o readmitted: superseded",
        ),
        pytest.param(
            [
                discharged(0),
                reached_on(1, "10:00"),
                admitted(4, stay="stay-2"),
                discharged(9, stay="stay-2"),
                tick("2027-03-12", "12:00"),
            ],
            [NOON],
            id="TCM-o the next discharge has its own deadline",
        ),
        pytest.param(
            [discharged(4), admitted(6, stay="stay-2"), tick(12)], [], id="rule 1: readmitted on Sunday, silent"
        ),
        pytest.param([discharged(0, to="hospice"), tick(5)], [], id="rule 1: discharged to hospice, silent"),
        pytest.param(
            [discharged(0), tick(2, "12:00"), chose_hospice(2, "13:00")],
            [NOON, "closed superseded hospice"],
            id="hospice ends measure follow-up",
        ),
        pytest.param([discharged(0, to="expired"), tick(5)], [], id="died in hospital"),
        pytest.param(
            [discharged(0), tick(2, "12:00"), died(2, "13:00"), tick(10)],
            [NOON, "closed superseded deceased"],
            id="a death closes it and nothing follows",
        ),
        pytest.param([discharged(0, kind="observation"), tick(2, "12:00")], [NOON], id="observation to home counts"),
        pytest.param([discharged(0, kind="emergency"), tick(5)], [], id="an emergency visit does not"),
        pytest.param([discharged(0, kind="ambulatory"), tick(5)], [], id="a clinic visit does not"),
        pytest.param([discharged(0, to="other-hospital"), tick(5)], [], id="a transfer does not"),
        pytest.param(
            [contacted(-1), discharged(0), tick(2, "12:00")], [NOON], id="a contact before the discharge does not"
        ),
        pytest.param(
            [discharged(0), reached_on(1, "10:00", purpose="scheduling-only"), tick(2, "12:00")],
            [NOON],
            id="a call that only schedules does not",
        ),
        pytest.param(
            [discharged(0), reached_on(1, "10:00", channel="text-message"), tick(2, "12:00")],
            [NOON],
            id="a text message does not",
        ),
        pytest.param(
            [discharged(0), reached_on(1, "10:00", party="other"), tick(2, "12:00")], [NOON], id="a neighbour does not"
        ),
        pytest.param(
            [
                discharged(0),
                reached_on(1, "10:00", contact="c1"),
                contact_retracted(1, "11:00", "c1"),
                tick(2, "12:00"),
            ],
            [NOON],
            id="a retracted contact does not",
        ),
        pytest.param(
            [discharged(0), tick(40)],
            [NOON, EVENING, OVERDUE, "closed expired period_ended"],
            id="after 30 days it expires",
        ),
        pytest.param(
            [discharged(0, known=Known(when(45))), tick(46)], [], id="a backfill of a period that is over opens nothing"
        ),
        pytest.param(
            [discharged(0), discharged(0, "10:20", stay="hie-copy"), tick(2, "12:00")],
            [NOON],
            id="two feeds that tell of one stay open one gap",
        ),
    ],
)
def test_discharge_contact(history: list[Step], story: list[str]) -> None:
    assert play(history, RULE).story == story


def test_it_says_who_was_discharged_from_where_and_what_to_do() -> None:
    alert = play([discharged("2027-03-05"), tick("2027-03-09", "12:00")], RULE).alerts[0]

    assert alert.explanation == (
        "Discharged Fri 5 Mar from Mercy Hospital; no contact by noon of the second business day (Tue 9 Mar)."
    )
    assert alert.next_step == "Call the patient or caregiver today and log the contact."
    assert alert.due_at == when("2027-03-10", "04:59", "UTC").replace(second=59)
    assert [fact.event_id for fact in alert.evidence] == [discharged("2027-03-05").event_id]
    assert alert.opened_at == when("2027-03-09", "12:00")
    assert alert.caused_by is None


def test_tcm_h_the_deadline_of_a_late_notice_is_still_wednesday_and_it_says_so() -> None:
    alert = play([discharged(0, known=Known(when(3, "09:00")))], RULE).alerts[0]

    assert alert.late_notice
    assert alert.due_at == when(2, "23:59").replace(second=59)
    assert alert.explanation.endswith("The notice reached us on Thu 4 Mar 09:00.")
    assert alert.caused_by is not None


def test_trap_a_the_date_of_discharge_is_the_facilitys_and_the_deadline_the_homes() -> None:
    """23:30 on Saturday 31 October in New York is Sunday in UTC; the patient lives in Los Angeles."""
    history = [lives_in("America/Los_Angeles", "2026-10-01"), discharged("2026-10-31", "23:30"), tick("2026-11-04")]
    alerts = play(history, RULE).alerts

    assert alerts[0].opened_at == when("2026-11-03", "12:00", "America/Los_Angeles")
    assert alerts[0].due_at == when("2026-11-03", "23:59", "America/Los_Angeles").replace(second=59)
    assert alerts[1].opened_at == alerts[0].opened_at
    assert alerts[1].changed_at == when("2026-11-03", "17:00", "America/Los_Angeles")


def test_an_outreach_that_reaches_nobody_ends_with_the_period() -> None:
    attempts = [contacted(1, "10:00", "left-message"), contacted(2, "09:00", "no-answer")]

    assert play([discharged(0), *attempts, tick(30)], RULE).story == [
        "opened P3 keep_trying",
        "closed expired period_ended",
    ]


def test_a_facility_without_a_zone_is_read_in_the_zone_of_the_home() -> None:
    """21:00 on Friday in New York is Saturday in UTC; the discharge was on Friday."""
    unknown = discharged("2027-03-06", "02:00", zone="UTC")

    assert unknown.occurred_at == when("2027-03-05", "21:00")
    assert "Discharged Fri 5 Mar" in play([unknown, tick("2027-03-09", "12:00")], RULE).alerts[0].explanation


def test_a_contact_that_is_due_is_told_as_one_thing_that_happened_once_and_is_no_secret() -> None:
    (alert,) = play([discharged(0), tick(2, "12:00")], RULE).alerts

    assert (alert.occurrences, alert.private) == (1, False)


def test_an_outreach_task_has_its_own_gap() -> None:
    attempts = [contacted(1, "10:00", "left-message"), contacted(2, "09:00", "no-answer")]
    played = play([discharged(0), *attempts, tick(3)], RULE)

    open_gaps = {key: told for key, told in played.open_gaps.items() if key[0] == RULE}
    assert open_gaps == {(RULE, "stay-1:outreach"): ("P3", "keep_trying")}


def test_revisions_count_and_ids_are_derived() -> None:
    first, second = (play([discharged(0), tick(3)], RULE).alerts for _ in range(2))

    assert [alert.revision for alert in first] == [1, 2, 3]
    assert len({alert.gap_id for alert in first}) == 1
    assert [alert.event_id for alert in first] == [alert.event_id for alert in second]


def test_labels_of_the_stay_travel_with_the_alert_to_its_end() -> None:
    psychiatric = discharged(0, kind="psychiatric", known=Known(labels=(SensitivityLabel.PSYCHIATRIC,)))
    alerts = play([psychiatric, tick(2, "12:00"), contacted(2, "13:00")], RULE).alerts

    assert [alert.labels for alert in alerts] == [(SensitivityLabel.PSYCHIATRIC,)] * 2


def test_a_label_that_an_emergency_notice_of_the_same_stay_brings_later_reaches_the_alert() -> None:
    late = Known(when(4), labels=(SensitivityLabel.PSYCHIATRIC,))
    arrived = fact(facts.EmergencyArrived, -1, "10:00", late, encounter_id="stay-1")

    alerts = play([discharged(0), tick(3), arrived], RULE).alerts

    assert (alerts[-1].change, alerts[-1].labels) == ("updated", (SensitivityLabel.PSYCHIATRIC,))


def test_silence_has_a_reason() -> None:
    assert play([discharged(0)], RULE).silences == ["contact_pending"]
    assert play([discharged(0), contacted(1)], RULE).silences == ["contact_pending", "contact_made"]
    assert play([discharged(0, to="skilled-nursing")], RULE).silences == ["not_discharged_home"]


def test_hours_and_days_are_settings() -> None:
    earlier = policy_with('{discharge_contact: {raise_at: "09:00"}, holidays: {also_closed: [2027-03-02]}}')
    alerts = play([discharged(0), tick(3, "09:00")], RULE, earlier).alerts

    assert [alert.opened_at for alert in alerts] == [when(3, "09:00")]


def test_a_tick_after_an_outage_is_marked_late() -> None:
    alerts = play([discharged(0), tick(3, "00:00", late=True)], RULE).alerts

    assert [(alert.changed_at, alert.late_tick) for alert in alerts[:2]] == [
        (when(2, "12:00"), True),
        (when(2, "17:00"), True),
    ]
