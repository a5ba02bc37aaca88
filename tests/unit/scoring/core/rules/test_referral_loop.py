"""REF-LOOP: any order of arrival, labels, and deadlines at home when the clocks change."""

from itertools import permutations

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import SensitivityLabel
from tests.builders import AT_ONCE, HOME, Known, lives_in, play, tick, when
from tests.chart_builders import booked, fact

RULE = "REF-LOOP"


def ordered(day: int | str, clock: str = "10:00", known: Known = AT_ONCE, **more: object) -> AnyCareEvent:
    return fact(facts.ReferralOrdered, day, clock, known, referral_id="r", specialty="cardiology", **more)


def test_order_booking_no_show_and_new_booking_may_come_in_any_order() -> None:
    history = [
        ordered(-30),
        booked("a", -20, -10, referral_id="r"),
        fact(facts.AppointmentNoShow, -10, appointment_id="a", patient_absent=True),
        booked("b", -9, -5, referral_id="r"),
    ]
    for order in permutations(history):
        known = [event.model_copy(update={"recorded_at": when(0), "stated_at": event.occurred_at}) for event in order]
        assert play([*known, tick(20)], RULE).open_gaps == {(RULE, "r"): ("P3", "referral_report_missing")}


def test_a_labelled_referral_is_told_with_its_label() -> None:
    known = Known(labels=(SensitivityLabel.PSYCHIATRIC,))

    alerts = play([ordered(0, known=known), tick(20)], RULE).alerts

    assert [alert.labels for alert in alerts] == [(SensitivityLabel.PSYCHIATRIC,)]


def test_fourteen_days_end_at_the_same_hour_at_home_across_the_clock_change() -> None:
    history = [lives_in(HOME), ordered("2027-03-05", "10:00")]

    assert play([*history, tick("2027-03-19", "10:00")], RULE).story == []
    assert play([*history, tick("2027-03-19", "10:01")], RULE).story == ["opened P3 referral_not_scheduled"]


def test_an_appointment_of_another_referral_does_not_count() -> None:
    history = [ordered(0), booked("a", 1, 30, referral_id="other", specialty="cardiology"), tick(20)]

    assert play(history, RULE).story == ["opened P3 referral_not_scheduled"]


def test_a_final_consult_report_that_names_the_referral_closes_it() -> None:
    report = fact(facts.DocumentReceived, 21, document_id="d", kind="consult-report", referral_id="r")

    assert play([ordered(0), tick(20), report], RULE).story == [
        "opened P3 referral_not_scheduled",
        "closed evidence referral_report_received",
    ]
