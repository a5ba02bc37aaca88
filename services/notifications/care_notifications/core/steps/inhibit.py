"""A notice waits while a graver alert of the same episode, or a hospital stay, covers it; it is told when that ends."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from care_notifications.core.effects import Intent, Suppress, Wait
from care_notifications.core.notice_policy import Cover, Inhibition
from care_notifications.core.reasons import Hold
from care_notifications.core.situation import Neighbour, Situation
from care_notifications.core.state import Notice, Standing
from care_shared.contracts.care_alerts import CareAlert

# The end of a cover wakes what it covered; this only bounds how long a missed waking can last.
LOOK_AGAIN_AFTER = timedelta(minutes=5)


def inhibit(situation: Situation, intents: Iterable[Intent | Suppress]) -> Iterator[Intent | Suppress]:
    """Let what is covered wait."""
    for one in intents:
        if isinstance(one, Suppress) or one.notice is not Notice.ATTENTION:
            yield one
            continue
        wait = covered(
            situation.alert, (one.recipient.id, one.recipient.standing), situation.around.neighbours,
            situation.around.policy.inhibition, situation.now,
        )  # fmt: skip
        yield one if wait is None else replace(one, wait=wait)


def covered(
    alert: CareAlert,
    recipient: tuple[str, Standing],
    neighbours: Iterable[Neighbour],
    policy: Inhibition,
    now: datetime,
) -> Wait | None:
    """The wait that a cover imposes on this recipient's notice, or None."""
    if alert.due_at is not None and now >= alert.due_at - policy.before_deadline:
        return None
    for other in sorted(neighbours, key=lambda one: (one.tier, one.gap_id)):
        if _is_known_to(recipient, other) and any(_covers(cover, other, alert) for cover in policy.covers):
            return Wait(Hold.COVERED, _look_again(alert, policy, now), other.gap_id)
    return None


def _covers(cover: Cover, other: Neighbour, alert: CareAlert) -> bool:
    return (
        cover.by.meets(other.rule_id, other.reason, other.tier)
        and cover.covers.meets(alert.rule_id, alert.reason, alert.tier)
        and (not cover.graver or other.tier < alert.tier)
        and (not cover.same_card or (alert.card_id != "" and other.card_id == alert.card_id))
    )


def _is_known_to(recipient: tuple[str, Standing], other: Neighbour) -> bool:
    """Only what the recipient is told of can stand in for the rest; silence must not hint at what is hidden."""
    who, standing = recipient
    return who in other.told and (standing is Standing.CARE_TEAM or not other.labels)


def _look_again(alert: CareAlert, policy: Inhibition, now: datetime) -> datetime:
    at = now + LOOK_AGAIN_AFTER
    return at if alert.due_at is None else min(at, alert.due_at - policy.before_deadline)
