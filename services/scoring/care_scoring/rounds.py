"""Goes round without rest: folds what was read, wakes whom a deadline passed, tries again whom an operator released."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from care_scoring import measures
from care_scoring.commits import Commits
from care_scoring.continuity import Continuity
from care_scoring.handler import Moments, Scorer
from care_scoring.horizon import Horizon
from care_scoring.inbox import Inbox
from care_scoring.ports import Claim, EventLog, ParkingLot, SkippedOffsets, Slice, Step, Turn
from care_scoring.reading import Reading, sort_out
from care_scoring.retrying import RetryingStore
from care_shared.errors import ConfigurationError, NotReadyError, OwnershipLostError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log, masked

log = get_log(__name__)

LOOK_ROUND_SECONDS = 0.2
TROUBLE_SECONDS = 2.0
GIVE_UP_SECONDS = 10.0
DUE_AT_ONCE = 500
DUE_BESIDE_FACTS = 200  # looks that a whole ward shares fall due at one moment; a critical fact must not wait for all


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once, and when to stop trying."""

    batch_records: int
    park_limit: int
    lost_for_seconds: float
    grace: timedelta = timedelta()  # how long a fact that was accepted in time may be on its way to the topic


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything the rounds lead through."""

    inbox: Inbox
    store: RetryingStore
    parking: ParkingLot
    log: EventLog
    clock: Clock
    committed: Callable[[], None]  # rings the relay's bell


class Rounds:
    """The one writer of the partitions that Kafka gave us. Turns never overlap."""

    def __init__(self, scorer: Scorer, around: Surroundings, pace: Pace) -> None:
        self._scorer = scorer
        self._around = around
        self._pace = pace
        self._commits = Commits(around.store, self._written)
        self._claims: dict[int, Claim] = {}  # where the database is
        self._ahead: dict[int, Claim] = {}  # where it will be, once the commit on its way has arrived
        self._one_turn = asyncio.Lock()
        self._stopping = False
        self._next_look = 0.0
        self._parked = 0
        self._continuity = Continuity(around.log)
        self._horizon = Horizon(around.log)
        self._lost_at: float | None = None
        self.turns = 0
        self.assigned = False

    # ---------------------------------------------------------------- owning

    def positions(self) -> dict[int, int]:
        """How far each owned partition is folded, durably."""
        return {claim.partition: claim.next_offset for claim in self._claims.values()}

    async def take_over(self, partitions: Collection[int]) -> dict[int, int]:
        """Become the owner of exactly these partitions; returns where to read on in each."""
        await self.give_up()
        if self._stopping:
            return {}
        around = self._around
        async with self._one_turn:
            around.store.interrupted.clear()
            starts, ends = await around.log.starts(partitions), await around.log.ends(partitions)
            claims = await around.store.claim(starts)
            if any(claim.next_offset > ends[claim.partition] for claim in claims):
                raise ConfigurationError("the topic ends before the stored position: was it created anew?")
            self._claims = {claim.partition: claim for claim in claims}
            self._ahead = dict(self._claims)
            await self._skip_what_is_gone(starts)
        self._lost_at = None
        measures.OWNED.set(len(self._claims))
        self.assigned = True
        log.info("partitions.taken_over", size=len(self._claims))
        return self.positions()

    async def _skip_what_is_gone(self, log_starts: Mapping[int, int]) -> None:
        """Retention passed us: say so, loudly and durably, and go on with what is left."""
        turn = Turn()
        for partition, claim in self._claims.items():
            if log_starts[partition] > claim.next_offset:
                turn.skipped.append(SkippedOffsets(partition, claim.next_offset, log_starts[partition]))
                turn.steps.append(Step(claim, log_starts[partition], claim.outbox_seq))
        if turn.skipped:
            await self._commit(turn)
            await self.settled()

    async def give_up(self) -> dict[int, int]:
        """Stop owning anything; a turn in flight may still end, but is not tried again. Returns how far we came."""
        self._around.store.interrupted.set()
        # A turn that hangs in the database is left to the epoch: whoever comes next fences it.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GIVE_UP_SECONDS), self._one_turn:
                await self._settled_or_fenced()
        positions = self.positions()
        self._forget()
        return positions

    async def _settled_or_fenced(self) -> None:
        try:
            await self.settled()
        except NotReadyError:
            pass  # whoever comes next reads it again
        except OwnershipLostError:  # somebody else has the partitions already: we were away too long
            measures.EPOCH_REJECTS.inc()
            log.warning("partitions.lost")

    def _forget(self) -> None:
        self._claims, self._ahead = {}, {}
        self._continuity.clear()
        self._horizon.clear()
        self._around.inbox.clear()
        self._scorer.patients.clear()
        measures.OWNED.set(0)

    # ---------------------------------------------------------------- the loop

    async def run(self) -> None:
        """Until stopped, or until something happens that only a restart can mend."""
        while not self._stopping:
            slices = await self._around.inbox.take(self._pace.batch_records, LOOK_ROUND_SECONDS)
            try:
                async with self._one_turn:
                    if slices:
                        await self._read(slices)
                    await self._commits.notice()
                    await self._look_round()
            except OwnershipLostError:
                self._lose()
            except NotReadyError:
                # Only an interrupted store lets this through: what was not committed is read again by the next owner.
                self._forget()
            self._check_loss()
        await self.settled()

    async def settled(self) -> None:
        """Wait until what was decided is in the store."""
        await self._commits.settle()

    def stop(self) -> None:
        """End after the turn in flight."""
        self._stopping = True
        self._around.store.interrupted.set()

    def _lose(self) -> None:
        measures.EPOCH_REJECTS.inc()
        log.warning("partitions.lost")
        self._forget()
        self._lost_at = asyncio.get_running_loop().time()

    def _check_loss(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._lost_at is not None and now - self._lost_at > self._pace.lost_for_seconds:
            raise OwnershipLostError("our partitions were taken over, yet Kafka still gives them to us")

    # ---------------------------------------------------------------- facts

    async def _read(self, slices: Sequence[Slice]) -> None:
        started = asyncio.get_running_loop().time()
        in_order = await self._continuity.in_order(slices, self._ahead)
        if not in_order:
            return
        reading = sort_out(in_order, self._ahead)
        measures.REPLAYED.inc(reading.replayed)
        if not reading.reaches:
            return
        turn = await self._scorer.read(reading, self._ahead, self._around.clock())
        await self._commit(turn)
        self._count(reading)
        measures.TURN_SECONDS.observe(asyncio.get_running_loop().time() - started)

    def _count(self, reading: Reading) -> None:
        measures.FACTS.inc(reading.facts)
        measures.DEAD_LETTERS.inc(len(reading.unusable))
        for partition, record, error in reading.unusable:
            log.warning("fact.unusable", partition=partition, offset=record.offset, field=error.field)
        for one in reading.unknown_zones:
            measures.UNKNOWN_ZONES.labels(one.field).inc()
            place = {"partition": one.partition, "offset": one.offset}
            log.warning("zone.unknown", field=one.field, event_type=one.event_type, **place)

    # ---------------------------------------------------------------- deadlines and released patients

    async def _look_round(self) -> None:
        moment = asyncio.get_running_loop().time()
        if not self._claims or moment < self._next_look or self._stopping:
            return
        self._next_look = moment + LOOK_ROUND_SECONDS
        try:
            await self._wake_due()
            await self._try_released()
        except NotReadyError as error:
            # No broker, no proof that we are not behind; no database, nobody to ask. Deadlines wait.
            self._next_look = moment + TROUBLE_SECONDS
            log.warning("deadlines.waiting", error=type(error.__cause__ or error).__name__)

    async def _wake_due(self) -> None:
        now = self._around.clock()
        # Silence is believed a little later than it falls: what intake accepted just before may still be in its outbox.
        silent_until = now - self._pace.grace
        most = DUE_BESIDE_FACTS if len(self._around.inbox) else DUE_AT_ONCE
        due = await self._around.store.due(list(self._claims), silent_until, most)
        if not due:
            return
        await self._horizon.look({one.partition for one in due}, silent_until, self.positions())
        moments = Moments(now, {one: at for one in self._claims if (at := self._horizon.reached(one)) is not None})
        # Lag must never look like silence: who is due after the moment up to which we have read must wait.
        ready = [one for one in due if one.partition in moments.until and one.due_at <= moments.until[one.partition]]
        measures.HELD_BACK.set(len(due) - len(ready))
        if ready:
            await self._commit(await self._scorer.wake(ready, self._ahead, moments))
            measures.DEADLINES.inc(len(ready))
            self._next_look = 0.0 if len(due) == most else self._next_look

    async def _try_released(self) -> None:
        for patient in await self._around.parking.release_requests(list(self._claims)):
            await self.settled()
            waiting = await self._around.parking.parked_facts(patient.patient_id)
            await self._commit(await self._scorer.release(patient, waiting, self._ahead, self._around.clock()))
            await self.settled()
            log.info("patient.released", patient=masked(patient.patient_id))

    # ---------------------------------------------------------------- committing

    async def _commit(self, turn: Turn) -> None:
        self._note_parked(turn)
        await self._commits.begin(turn)
        self._ahead.update({step.claim.partition: after(step) for step in turn.steps})
        self._scorer.patients.trim(self._commits.on_its_way())

    def _written(self, turn: Turn) -> None:
        for step in turn.steps:
            held = self._claims.get(step.claim.partition)
            if held is not None and held.epoch == step.claim.epoch:  # else it was taken from us meanwhile
                self._claims[step.claim.partition] = after(step)
        self._horizon.passed(self.positions())
        self.turns += 1
        measures.AT_HAND.set(len(self._scorer.patients))
        _tell_operators(turn)
        if turn.outbox:
            self._around.committed()

    def _note_parked(self, turn: Turn) -> None:
        for patient_id, (partition, error) in turn.parked_because.items():
            log.error("patient.parked", patient=masked(patient_id), partition=partition, error=error)
        self._parked += len(turn.parked_because)
        measures.PARKED.inc(len(turn.parked_because))
        if self._parked > self._pace.park_limit:
            # One patient's state may be odd; a hundred odd states are a bug in a rule. Stop before committing it.
            raise RuntimeError("more patients were parked than CARE_SCORING_PARK_LIMIT allows")


def after(step: Step) -> Claim:
    """Where the partition is once the step is durable."""
    return replace(step.claim, turn=step.claim.turn + 1, next_offset=step.next_offset, outbox_seq=step.outbox_seq)


def _tell_operators(turn: Turn) -> None:
    for gap in turn.skipped:
        measures.SKIPPED.inc(gap.found - gap.expected)
        log.error("facts.lost", partition=gap.partition, first_offset=gap.expected, next_offset=gap.found)
    for row in turn.timeline:
        if row.kind == "gap":
            measures.ALERTS.labels(row.change).inc()
    for firing, times in turn.firings.items():
        measures.FIRINGS.labels(firing.rule_id, firing.tier, firing.change, str(firing.shadow).lower()).inc(times)
