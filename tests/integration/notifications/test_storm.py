"""Ten thousand alerts in a minute for one person are a handful of notices, and each alert has its written end."""

from collections import Counter

import pytest

from care_notifications.adapters.explain import explain
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.topics import CARE_ALERT_ACTIVITY
from care_shared.vocabulary import AlertChange, Tier
from tests.care_alerts import ANNA
from tests.notifications_house import of_patient

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

STORM, BATCH = 10_000, 200
TIERS = (Tier.P1, Tier.P2, Tier.P2, Tier.P3)


async def test_a_storm_is_folded_and_nothing_of_it_is_lost_over_a_restart(house):
    for first in range(0, STORM, BATCH):
        await house.hear(*(of_patient(n, tier=TIERS[n % 4]) for n in range(first, first + BATCH)))
        await house.turn(seconds=60 * BATCH / STORM)
        if first == STORM // 2:
            house.restart()
    await house.turn(seconds=61)
    inside_two_minutes = list(house.mail.messages)
    await house.turn(hours=24)

    assert len(inside_two_minutes) <= 10, "three by themselves, then folds"
    assert len(house.mail.messages) <= 11, "and one digest on the next working morning"
    assert sum(house.mails()) == STORM
    assert await house.unexplained() == 0
    states = Counter(
        tuple(row)
        for row in await house.there.pool.fetch(
            "SELECT state, channel FROM deliveries WHERE recipient = $1 AND channel = 'email'", ANNA
        )
    )
    assert states == {("delivered", "email"): STORM}
    ended = await house.there.published(CARE_ALERT_ACTIVITY.name)
    gaps = Counter(AlertActivity.model_validate_json(one).gap_id for one in ended)
    assert len(gaps) == STORM
    assert set(gaps.values()) == {1}
    told = (await explain(house.there.pool, "gap-9998"))[0]
    mail = next(one for one in told.notices if one.channel == "email")
    assert (mail.verdict.value, mail.waited_for) == ("told", "grouped")
    assert mail.together > 1000


async def test_a_storm_about_one_patient_is_one_after_the_first(house):
    await house.hear(*(of_patient(1).model_copy(update={"gap_id": f"gap-{n}"}) for n in range(300)))
    await house.turn(seconds=61)

    assert house.mails() == [1, 299]
    assert await house.unexplained() == 0


async def test_what_closes_in_the_storm_is_taken_out_of_it(house):
    await house.hear(*(of_patient(n) for n in range(100)))
    await house.hear(*(of_patient(n, revision=2, change=AlertChange.CLOSED) for n in range(50)))
    await house.turn(seconds=61)

    assert house.mails() == [50]
    ends = Counter(
        tuple(row)
        for row in await house.there.pool.fetch("SELECT state, reason FROM deliveries WHERE channel = 'email'")
    )
    assert ends == {("delivered", None): 50, ("suppressed", "closed-before-send"): 50}
