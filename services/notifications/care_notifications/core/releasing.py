"""What has waited long enough is judged again: told now, alone or with others, kept waiting, or not told any more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from care_notifications.core.departures import Clockwork, TimingStep, first_wait, interrupts, takes_digests, timing_of
from care_notifications.core.effects import FoldKind, Wait
from care_notifications.core.reasons import Hold, Reason
from care_notifications.core.situation import Neighbour, Traffic
from care_notifications.core.state import Channel, Notice, Standing
from care_notifications.core.steps.budget import budget
from care_notifications.core.steps.digest import digest
from care_notifications.core.steps.inhibit import covered
from care_notifications.core.steps.quiet_hours import quiet_hours
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.envelope import derived_id

# What is asked again depends on what the notice waited for: nothing waits twice for the same reason without need.
ASKED_AGAIN: dict[Hold, tuple[TimingStep, ...]] = {
    Hold.COVERED: (digest, quiet_hours, budget),
    Hold.QUIET_HOURS: (quiet_hours, budget),
    Hold.GROUPED: (quiet_hours,),
    Hold.DIGEST: (),
    Hold.OVER_BUDGET: (),
}
COLLECTED = frozenset({Hold.DIGEST, Hold.OVER_BUDGET})


@dataclass(frozen=True, slots=True)
class Held:
    """A waiting notice whose time has come, with what is known now. `refused`: the last look's objection, if any."""

    delivery_id: str
    because: Hold
    alert: CareAlert
    refused: Reason | None = None
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whose notices these are, and what has left for them of late."""

    id: str
    standing: Standing
    channel: Channel
    traffic: Traffic


@dataclass(frozen=True, slots=True)
class Fold:
    """Several notices that leave as one."""

    kind: FoldKind
    members: tuple[str, ...]

    @property
    def fold_id(self) -> str:
        """The same notices always make the same fold."""
        return derived_id("fold", self.kind, *sorted(self.members))


@dataclass(frozen=True, slots=True)
class Released:
    """Where each of them goes. Every notice stands in exactly one of these."""

    suppressed: tuple[tuple[str, Reason], ...] = ()
    waiting: tuple[tuple[str, Wait], ...] = ()
    alone: tuple[str, ...] = ()
    folds: tuple[Fold, ...] = ()


def release(held: Iterable[Held], receiver: Receiver, clockwork: Clockwork) -> Released:
    """Sort out what is due in one lane."""
    suppressed: list[tuple[str, Reason]] = []
    waiting: list[tuple[str, Wait]] = []
    leaving: list[str] = []
    collected: list[str] = []
    digests = takes_digests(receiver.id, receiver.channel, clockwork.directory)
    for one in held:
        wait = None if one.refused is not None else _wait(one, receiver, clockwork)
        for_digest = Hold.DIGEST in (one.because, wait.because if wait is not None else None)
        if one.refused is not None:
            suppressed.append((one.delivery_id, one.refused))
        elif for_digest and not digests:
            suppressed.append((one.delivery_id, Reason.NO_DIGESTS))
        elif wait is not None:
            waiting.append((one.delivery_id, wait))
        else:
            # What is over the budget is no less urgent for that: without digests it comes with the others.
            (collected if digests and one.because in COLLECTED else leaving).append(one.delivery_id)
    alone = tuple(leaving) if len(leaving) < 2 or not _folds(receiver) else ()
    return Released(tuple(suppressed), tuple(waiting), alone, tuple(_folded(() if alone else leaving, collected)))


def _wait(one: Held, receiver: Receiver, clockwork: Clockwork) -> Wait | None:
    policy = clockwork.policy.inhibition
    wait = covered(one.alert, (receiver.id, receiver.standing), one.neighbours, policy, clockwork.now)
    if wait is not None or not interrupts(receiver.standing, receiver.channel, Notice.ATTENTION):
        return wait
    return first_wait(timing_of(receiver.id, one.alert, clockwork, receiver.traffic), ASKED_AGAIN[one.because])


def _folds(receiver: Receiver) -> bool:
    """People get one notice that lists several; a machine gets each by itself."""
    return interrupts(receiver.standing, receiver.channel, Notice.ATTENTION)


def _folded(leaving: Sequence[str], collected: Sequence[str]) -> Iterable[Fold]:
    if leaving:
        yield Fold(FoldKind.GROUP, tuple(leaving))
    if collected:
        yield Fold(FoldKind.DIGEST, tuple(collected))
