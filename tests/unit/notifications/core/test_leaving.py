"""Notices that are kept together: each gets its time with those counted that leave before it."""

from datetime import timedelta

from care_notifications.core.departures import Clockwork
from care_notifications.core.effects import Deliver
from care_notifications.core.folding import Folding, Known
from care_notifications.core.leaving import Leaving, Recent
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.reasons import Hold
from care_notifications.core.situation import Traffic
from care_notifications.core.state import Channel
from care_shared.vocabulary import AlertChange, GapId, PatientId, Tier
from tests.care_alerts import ANNA, NOW, care_alert, directory

MAIL = (ANNA, Channel.EMAIL)
MINUTE = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(days=3)


def after(*alerts, recent=None):
    """The news of these messages, heard in one look."""
    clockwork = Clockwork(directory(), SHIPPED, NOW)
    folding = Folding(Known(), clockwork)
    news = [one for alert in alerts if (one := folding.hear(alert)) is not None]
    return Leaving(recent or Recent(), clockwork).time(news)


def mails(*alerts, recent=None):
    """Why and until when each mail about these waits; None when it leaves."""
    found = [one for news in after(*alerts, recent=recent) for one in news.effects if isinstance(one, Deliver)]
    waits = [one.wait for one in found if one.channel is Channel.EMAIL]
    return [None if wait is None else (wait.because, wait.until) for wait in waits]


def of_patients(count):
    """So many alerts, each of a patient of its own."""
    return [care_alert(f"gap-{n}", patient_id=f"patient-{n}") for n in range(count)]


def test_the_first_three_leave_at_once_and_the_rest_becomes_one():
    assert mails(*of_patients(5)) == [None, None, None, (Hold.GROUPED, MINUTE), (Hold.GROUPED, MINUTE)]


def test_a_second_about_the_same_patient_waits_for_the_fold():
    assert mails(care_alert("gap-1"), care_alert("gap-2")) == [None, (Hold.GROUPED, MINUTE)]


def test_what_left_before_this_look_counts():
    two_left = Recent({MAIL: Traffic(singles_in_window=2, in_hour=2, in_day=2)})

    assert mails(*of_patients(2), recent=two_left) == [None, (Hold.GROUPED, MINUTE)]


def test_a_patient_told_of_just_before_this_look_counts():
    told = Recent({MAIL: Traffic()}, {MAIL: frozenset({GapId("old")})}, {}, {GapId("old"): PatientId("patient-1")})

    assert mails(care_alert(patient_id="patient-1"), recent=told) == [(Hold.GROUPED, MINUTE)]
    assert mails(care_alert(patient_id="patient-2"), recent=told) == [None]


def test_the_last_of_the_budget_is_used_once():
    eleven = Recent({MAIL: Traffic(in_hour=11, in_day=11)})

    first, second = mails(*of_patients(2), recent=eleven)

    assert first is None
    assert second is not None
    assert second[0] is Hold.OVER_BUDGET


def test_an_open_fold_is_joined_unless_its_alert_closes_in_this_look():
    soon = NOW + timedelta(seconds=20)
    waiting = Recent({MAIL: Traffic()}, {}, {MAIL: ((GapId("old"), soon),)}, {GapId("old"): PatientId("patient-9")})
    closing = care_alert("old", patient_id="patient-9", change=AlertChange.CLOSED)

    assert mails(*of_patients(1), recent=waiting) == [(Hold.GROUPED, soon)]
    assert mails(closing, *of_patients(1), recent=waiting) == [None]


def test_what_closes_in_the_same_look_is_judged_again_at_once():
    storm = of_patients(4)
    closed = care_alert("gap-3", 2, patient_id="patient-3", change=AlertChange.CLOSED)

    assert mails(*storm, closed)[3] == (Hold.GROUPED, NOW)


def test_what_a_changed_cover_made_wait_is_judged_again_at_once():
    cover = care_alert("graver", tier=Tier.P1, card_id="card-1")
    lesser = care_alert("lesser", card_id="card-1", due_at=LATER)
    changed = care_alert("graver", 2, tier=Tier.P1, card_id="card-1")

    assert mails(cover, lesser) == [None, (Hold.COVERED, NOW + timedelta(minutes=5))]
    assert mails(cover, lesser, changed) == [None, (Hold.COVERED, NOW)]
    assert mails(cover, changed, lesser) == [None, (Hold.COVERED, NOW + timedelta(minutes=5))], (
        "news before it frees nobody"
    )
