"""When each notice to a person leaves: at once, in the morning, with the digest, or in one notice with others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from care_notifications.core.effects import Deliver, Effect, Suppress, Wait
from care_notifications.core.local_time import zone_named
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.reasons import Reason
from care_notifications.core.situation import NOTHING_LEFT_YET, Lane, Traffic, TrafficOf
from care_notifications.core.state import Channel, Directory, Notice, Standing, WorkingHours
from care_notifications.core.steps.budget import budget
from care_notifications.core.steps.deliver import USEFUL_FOR
from care_notifications.core.steps.digest import digest
from care_notifications.core.steps.group import group
from care_notifications.core.steps.quiet_hours import quiet_hours
from care_notifications.core.timing import Timing
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import PersonId

TimingStep = Callable[[Timing], Wait | None]

# The order matters: what goes into the digest anyway neither wakes anybody nor uses up a budget.
TIMING_STEPS: tuple[TimingStep, ...] = (digest, quiet_hours, budget, group)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What timing needs beside the alert and the traffic."""

    directory: Directory
    policy: NoticePolicy
    now: datetime


def interrupts(standing: Standing, channel: Channel, notice: Notice) -> bool:
    """Whether this reaches for a person's attention. A log and another machine do not; they are told at once."""
    return standing is Standing.CARE_TEAM and channel is not Channel.CONSOLE and notice is Notice.ATTENTION


def departs_now(one: Deliver) -> bool:
    """Whether this reaches for a person's attention at once: it counts as traffic from now on."""
    return one.wait is None and interrupts(one.standing, one.channel, one.notice)


def lanes_to_ask(effects: Iterable[Effect]) -> tuple[Lane, ...]:
    """The recipients and channels whose traffic decides when these notices leave."""
    found = (one for one in effects if isinstance(one, Deliver))
    return tuple(
        dict.fromkeys(
            (one.recipient, one.channel) for one in found if interrupts(one.standing, one.channel, one.notice)
        )
    )


def timed(effects: Iterable[Effect], alert: CareAlert, clockwork: Clockwork, traffic: TrafficOf) -> tuple[Effect, ...]:
    """The same effects, each notice with the time at which it leaves when that is not now."""
    return tuple(_timed(one, alert, clockwork, traffic) for one in without_unwanted_digests(effects, alert, clockwork))


def without_unwanted_digests(effects: Iterable[Effect], alert: CareAlert, clockwork: Clockwork) -> tuple[Effect, ...]:
    """The same effects, but what would wait for a digest that its recipient does not want is not told over this."""
    return tuple(_unless_unwanted(one, alert, clockwork) for one in effects)


def timing_of(recipient: str, alert: CareAlert, clockwork: Clockwork, traffic: Traffic) -> Timing:
    """All that decides when this recipient's notice of this alert may leave."""
    directory = clockwork.directory
    person = directory.people.get(PersonId(recipient))
    return Timing(
        tier=alert.tier,
        urgency=clockwork.policy.urgency_of(alert),
        due_at=alert.due_at,
        zone=zone_named(directory.zone_of(PersonId(recipient))),
        working_days=person.hours.days if person is not None else WorkingHours().days,
        policy=clockwork.policy,
        now=clockwork.now,
        traffic=traffic,
    )


def first_wait(timing: Timing, steps: Sequence[TimingStep] = TIMING_STEPS) -> Wait | None:
    """The wait that the first of these steps asks for."""
    return next((wait for step in steps if (wait := step(timing)) is not None), None)


def takes_digests(recipient: str, channel: Channel, directory: Directory) -> bool:
    """Whether this recipient wants what can wait collected and sent over this channel."""
    person = directory.people.get(PersonId(recipient))
    return person is None or channel not in person.no_digests_over


def until_useless(channel: Channel, leaves_at: datetime) -> datetime:
    """When a notice that leaves then is no longer of use."""
    return leaves_at + USEFUL_FOR[channel]


def _timed(one: Effect, alert: CareAlert, clockwork: Clockwork, traffic: TrafficOf) -> Effect:
    if not isinstance(one, Deliver):
        return one
    wait = one.wait
    if departs_now(one):
        recent = traffic.get((one.recipient, one.channel), NOTHING_LEFT_YET)
        wait = first_wait(timing_of(one.recipient, alert, clockwork, recent))
    if wait is None:
        return one
    return replace(one, wait=wait, expires_at=max(one.expires_at, until_useless(one.channel, wait.until)))


def _unless_unwanted(one: Effect, alert: CareAlert, clockwork: Clockwork) -> Effect:
    """Whether something waits for the digest does not depend on what else has left."""
    if not isinstance(one, Deliver) or not departs_now(one):
        return one
    if takes_digests(one.recipient, one.channel, clockwork.directory):
        return one
    if digest(timing_of(one.recipient, alert, clockwork, NOTHING_LEFT_YET)) is None:
        return one
    return Suppress(one.gap_id, one.revision, one.recipient, one.channel, Reason.NO_DIGESTS)
