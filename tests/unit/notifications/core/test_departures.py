"""Each notice of a decision gets its time, and stays useful until after it."""

from dataclasses import replace
from datetime import timedelta

from care_notifications.core.departures import Clockwork, lanes_to_ask, timed
from care_notifications.core.effects import Deliver, Suppress
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.reasons import Hold, Reason
from care_notifications.core.situation import Traffic
from care_notifications.core.state import Channel
from care_shared.vocabulary import Tier
from tests.care_alerts import ANNA, BOTH, NOW, Story, care_alert, directory

FRIDAY_EVENING = NOW - timedelta(days=3) + timedelta(hours=4)
MAIL = (ANNA, Channel.EMAIL)


def times(alert, now=NOW, traffic=None):
    alert = alert.model_copy(update={"changed_at": now})
    effects = timed(Story().hear(alert, now).effects, alert, Clockwork(directory(), SHIPPED, now), traffic or {})
    return {one.channel.value: one for one in effects if isinstance(one, Deliver)}


def test_only_what_reaches_for_a_person_is_asked_about():
    assert lanes_to_ask(Story().hear(care_alert(audience=BOTH)).effects) == (MAIL,)


def test_by_day_an_urgent_notice_leaves_at_once():
    assert {name: one.wait for name, one in times(care_alert(audience=BOTH)).items()} == {
        "console": None, "email": None, "webhook": None,
    }  # fmt: skip


def test_the_log_and_the_partner_never_wait_for_morning_or_for_others():
    found = times(care_alert(audience=BOTH, tier=Tier.P3, due_at=None), FRIDAY_EVENING)

    assert found["console"].wait is found["webhook"].wait is None
    assert found["email"].wait is not None


def test_a_digest_over_the_weekend_does_not_outlive_its_notices():
    mail = times(care_alert(tier=Tier.P3, due_at=None), FRIDAY_EVENING)["email"]

    assert mail.wait is not None
    assert mail.wait.because is Hold.DIGEST
    assert mail.expires_at == mail.wait.until + timedelta(days=1)
    assert mail.wait.until > FRIDAY_EVENING + timedelta(days=2)


def test_what_goes_into_the_digest_uses_up_no_budget():
    full = {MAIL: Traffic(in_hour=99)}

    assert times(care_alert(tier=Tier.P3, due_at=None), traffic=full)["email"].wait.because is Hold.DIGEST
    assert times(care_alert(), traffic=full)["email"].wait.because is Hold.OVER_BUDGET
    assert times(care_alert(tier=Tier.P1), traffic=full)["email"].wait is None


def test_who_wants_no_digests_reads_what_can_wait_on_the_worklist_and_gets_what_is_urgent():
    here = directory()
    people = {**here.people, ANNA: replace(here.people[ANNA], no_digests_over=frozenset({Channel.EMAIL}))}
    clockwork = Clockwork(replace(here, people=people), SHIPPED, NOW)
    can_wait, urgent = care_alert(tier=Tier.P3, due_at=None), care_alert()

    calm = timed(Story().hear(can_wait).effects, can_wait, clockwork, {})
    over_budget = timed(Story().hear(urgent).effects, urgent, clockwork, {MAIL: Traffic(in_hour=99)})

    assert [(one.channel, one.reason) for one in calm if isinstance(one, Suppress)] == [
        (Channel.EMAIL, Reason.NO_DIGESTS)
    ]
    assert [one.channel for one in calm if isinstance(one, Deliver)] == [Channel.CONSOLE]
    assert next(one.wait for one in over_budget if one.channel is Channel.EMAIL).because is Hold.OVER_BUDGET
