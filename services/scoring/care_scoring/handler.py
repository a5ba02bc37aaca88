"""One turn: a batch of facts, or deadlines that passed, become states, alerts and positions to commit together."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from care_scoring.breath import Breath
from care_scoring.core.effects import ClockTicked, Effect, HandOver, RaiseAlert, Silence, TellScore, WouldRaise
from care_scoring.core.fold import fold, new_state
from care_scoring.core.handing_over import handed_over
from care_scoring.core.policy import Policy
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.resting import Resting
from care_scoring.patients import Held, PatientsAtHand
from care_scoring.ports import (
    Claim,
    DuePatient,
    Firing,
    Kept,
    OutboxRow,
    ParkedFact,
    ParkedPatient,
    StateRow,
    StateStore,
    Step,
    TimelineRow,
    Turn,
)
from care_scoring.reading import Reading
from care_scoring.score_rows import score_row
from care_shared.contracts.care_alerts import AnyCareAlert
from care_shared.contracts.care_events import AnyCareEvent, decode_event, encode_event
from care_shared.runtime.dead_letters import Place, Whole, dead_letter
from care_shared.runtime.kafka import Record, cloud_event_headers
from care_shared.vocabulary import PatientId

Happening = AnyCareEvent | ClockTicked
Settled = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a turn needs to know beside the facts."""

    policy: Policy
    events_topic: str
    alerts_topic: str
    late_after: timedelta


@dataclass(frozen=True, slots=True)
class Moments:
    """Now, and per partition the moment up to which silence means silence."""

    now: datetime
    until: Mapping[int, datetime]


@dataclass(slots=True)
class Share:
    """One patient's part in a turn: what is to be folded, what was folded, what came of it."""

    patient_id: PatientId
    partition: int
    facts: Sequence[AnyCareEvent] = ()
    records: Sequence[Kept] = ()  # the same facts, as they came
    held: Held = field(default_factory=lambda: Held(None))  # who waits too long for a turn forgets all at hand
    folded: list[Happening] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def parked(self) -> list[ParkedFact]:
        """What was not folded, to be kept for later."""
        rest = self.records[len(self.folded) :]
        return [ParkedFact(self.patient_id, self.partition, one.offset, one.value or b"") for one in rest]


class Scorer:
    """Folds. It writes nothing: a turn that is not committed is forgotten together with the patients at hand."""

    def __init__(self, store: StateStore, terms: Terms, patients: PatientsAtHand, settled: Settled) -> None:
        """`settled` waits until the turn before this one is in the store."""
        self._store = store
        self._terms = terms
        self._settled = settled
        self.patients = patients

    async def read(self, reading: Reading, claims: Mapping[int, Claim], now: datetime) -> Turn:
        """The turn that a batch of facts makes."""
        turn = Turn(skipped=reading.skipped)
        shares = [Share(one.patient_id, one.partition, one.facts, one.records) for one in reading.patients.values()]
        await self._bring_in(shares, turn)
        breath = Breath()
        for share in shares:
            await self._fold(share, iter(share.facts), turn, now)
            await breath.take()
        numbers = _Numbers(claims)
        for partition, record, error in reading.unusable:
            place = Place(self._terms.events_topic, partition, record.offset)
            message = Whole(record.key, record.value or b"")
            turn.outbox.append(numbers.row(partition, *dead_letter(place, message, error, now)))
        self._tell(shares, turn, numbers)
        turn.steps = numbers.steps(reading.reaches)
        return turn

    async def wake(self, due: Sequence[DuePatient], claims: Mapping[int, Claim], moments: Moments) -> Turn:
        """The turn in which every deadline of these patients up to their partition's moment is folded."""
        turn = Turn()
        shares = [Share(one.patient_id, one.partition) for one in due]
        await self._bring_in(shares, turn)
        breath = Breath()
        for share in shares:
            await self._fold(share, self._ticks(share, moments), turn, moments.now)
            await breath.take()
        return self._closed(turn, shares, claims)

    async def release(
        self, patient: ParkedPatient, waiting: Sequence[ParkedFact], claims: Mapping[int, Claim], now: datetime
    ) -> Turn:
        """The turn in which a parked patient's facts are folded again; from the first that still fails on they wait."""
        turn = Turn(released=[patient.patient_id])
        facts = [decode_event(fact.value) for fact in waiting]
        share = Share(patient.patient_id, patient.partition, facts, waiting)
        await self._bring_in([share], turn, anew=True)
        await self._fold(share, iter(facts), turn, now)
        return self._closed(turn, [share], claims)

    def _closed(self, turn: Turn, shares: Sequence[Share], claims: Mapping[int, Claim]) -> Turn:
        numbers = _Numbers(claims)
        self._tell(shares, turn, numbers)
        turn.steps = numbers.steps({share.partition: claims[share.partition].next_offset for share in shares})
        return turn

    # ---------------------------------------------------------------- states

    async def _bring_in(self, shares: Sequence[Share], turn: Turn, *, anew: bool = False) -> None:
        wanted = [share.patient_id for share in shares]
        missing = wanted if anew else self.patients.missing(wanted)
        if missing:
            await self._load(missing, shares, turn, anew=anew)
        for share in shares:
            share.held = self.patients[share.patient_id]

    async def _load(self, missing: list[PatientId], shares: Sequence[Share], turn: Turn, *, anew: bool) -> None:
        stored = await self._store.load(missing)
        partitions = {share.patient_id: share.partition for share in shares}
        for patient_id, found in stored.items():
            held = Held(None, len(found.state or b""))
            try:
                if anew or not found.parked:
                    held = Held(new_state(patient_id)) if found.state is None else Held.read(found.state)
            except Exception as error:  # whatever is wrong with this patient, the others go on
                turn.parked_because[patient_id] = (partitions[patient_id], type(error).__name__)
            self.patients.keep(patient_id, held)

    # ---------------------------------------------------------------- folding

    async def _fold(self, share: Share, coming: Iterator[Happening], turn: Turn, now: datetime) -> None:
        held, state = share.held, share.held.state
        if state is None:
            turn.parked += share.parked()
            return
        try:
            for happening in coming:
                share.effects += fold(state, happening, self._terms.policy)
                share.folded.append(happening)
            encoded = encode_state(state, held.resting)
        except Exception as error:  # a rule failed on this patient: set aside this one, keep the ward going
            await self._set_aside(share, type(error).__name__, turn)
            return
        wake_at = wake_to_write(held.wake_at, state.next_wake_at, now)
        turn.states.append(StateRow(share.patient_id, share.partition, encoded, wake_at))
        size = len(encoded) + held.resting.spared
        self.patients.keep(share.patient_id, Held(state, size, wake_at, held.resting))

    async def _set_aside(self, share: Share, error: str, turn: Turn) -> None:
        """Keep what was folded before the failure, from stored bytes: the state in memory may be half changed."""
        await self._settled()
        state = _state(share.patient_id, (await self._store.load([share.patient_id]))[share.patient_id].state)
        share.effects = [effect for happening in share.folded for effect in fold(state, happening, self._terms.policy)]
        turn.states.append(StateRow(share.patient_id, share.partition, encode_state(state, Resting()), None))
        turn.parked_because[share.patient_id] = (share.partition, error)
        turn.parked += share.parked()
        self.patients.keep(share.patient_id, Held(None))

    def _ticks(self, share: Share, moments: Moments) -> Iterator[Happening]:
        state, until = share.held.state, moments.until[share.partition]
        before = None
        if state is not None and state.judged_under != self._terms.policy.version:
            yield ClockTicked(until)  # woken because the policy changed
        while state is not None and (due_at := state.next_wake_at) is not None and due_at <= until:
            if before is not None and due_at <= before:
                raise RuntimeError("a rule asks to be woken at a moment it was just woken at")
            before = due_at
            yield ClockTicked(due_at, late=moments.now - due_at > self._terms.late_after)

    # ---------------------------------------------------------------- telling

    def _tell(self, shares: Iterable[Share], turn: Turn, numbers: "_Numbers") -> None:
        for share in shares:
            for effect in share.effects:
                if isinstance(effect, HandOver):
                    turn.outbox.append(numbers.row(share.partition, *self._handed_over(effect)))
                    continue
                if isinstance(effect, TellScore):
                    turn.scores.append(score_row(effect))
                    message = self._message(effect.change, effect.change.computed_at)
                    turn.outbox.append(numbers.row(share.partition, *message))
                    continue
                turn.timeline.append(_line(effect))
                if isinstance(effect, RaiseAlert | WouldRaise):
                    turn.firings[_firing(share.partition, effect)] += 1
                if isinstance(effect, RaiseAlert):
                    message = self._message(effect.alert, effect.alert.changed_at)
                    turn.outbox.append(numbers.row(share.partition, *message))

    def _message(self, told: AnyCareAlert, at: datetime) -> tuple[str, Record]:
        headers = cloud_event_headers(told.event_id, told.type, "scoring", at.isoformat())
        value = told.model_dump_json(exclude_none=True).encode()
        return told.event_id, Record(self._terms.alerts_topic, told.patient_id.encode(), value, headers)

    def _handed_over(self, effect: HandOver) -> tuple[str, Record]:
        """A fact of our own for the receiver's partition; it goes out like an alert, in the order of the turns."""
        fact = handed_over(effect)
        headers = cloud_event_headers(fact.event_id, fact.type, fact.source, fact.recorded_at.isoformat())
        return fact.event_id, Record(self._terms.events_topic, fact.patient_id.encode(), encode_event(fact), headers)


class _Numbers:
    """Numbers the outbox rows of a turn, partition by partition, and says how far each partition went."""

    def __init__(self, claims: Mapping[int, Claim]) -> None:
        self._claims = claims
        self._last: dict[int, int] = {}

    def row(self, partition: int, event_id: str, record: Record) -> OutboxRow:
        seq = self._last.get(partition, self._claims[partition].outbox_seq) + 1
        self._last[partition] = seq
        return OutboxRow(partition, seq, event_id, record)

    def steps(self, reaches: Mapping[int, int]) -> list[Step]:
        return [
            Step(self._claims[one], reach, self._last.get(one, self._claims[one].outbox_seq))
            for one, reach in sorted(reaches.items())
        ]


def wake_to_write(written: datetime | None, wanted: datetime | None, now: datetime) -> datetime | None:
    """Nearly every reading puts a deadline off; the earlier moment that stands in the row will do, and spares an index.

    Woken too early a patient has nothing to fold, and the row is put right. A moment that is due already may stand only
    if the wanted one is due as well.
    """
    if written is None or wanted is None or wanted < written:
        return wanted
    return wanted if written <= now < wanted else written


def _state(patient_id: PatientId, stored: bytes | None) -> PatientState:
    return new_state(patient_id) if stored is None else decode_state(stored)


def _firing(partition: int, effect: RaiseAlert | WouldRaise) -> Firing:
    alert, shadow = effect.alert, isinstance(effect, WouldRaise)
    day = alert.changed_at.astimezone(UTC).date()
    return Firing(
        partition, day, alert.rule_id, alert.rule_version, alert.policy_version, alert.tier, shadow, alert.change
    )


def _line(effect: RaiseAlert | WouldRaise | Silence) -> TimelineRow:
    if isinstance(effect, RaiseAlert | WouldRaise):
        alert = effect.alert
        kind = "gap" if isinstance(effect, RaiseAlert) else "shadow"
        return TimelineRow(
            alert.patient_id, alert.changed_at, kind, alert.rule_id, alert.episode, alert.reason,
            alert.change, alert.revision, alert.gap_id, alert.event_id, alert.caused_by or "",
        )  # fmt: skip
    return TimelineRow(effect.patient_id, effect.at, "silence", effect.rule_id, effect.episode, effect.reason)
