"""Merges and partings as scoring sees them: beliefs are joined, handed over and given back, in any order of arrival."""

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import datetime, time

from care_scoring.core.effects import HandOver
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.evolve import evolve
from care_scoring.core.state.forgetting import forget_old
from care_scoring.core.state.kin import Kin
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.union import BELIEFS, united
from care_shared.contracts.care_events import (
    AnyCareEvent,
    CareEvent,
    PatientAbsorbed,
    PatientMerged,
    PatientSeparated,
    PatientStateHandedOver,
    PatientUnmerged,
)
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import PatientId

_KINDS: tuple[type[CareEvent], ...] = (
    PatientMerged,
    PatientUnmerged,
    PatientAbsorbed,
    PatientSeparated,
    PatientStateHandedOver,
)
WHO_IS_WHO = frozenset(_KINDS)


def note_kin(state: PatientState, event: AnyCareEvent, now: datetime) -> tuple[bool, list[HandOver]]:
    """Take in a fact about who is who, or any fact of a patient with kin: whether it is news, and what to pass on."""
    kin = state.kin
    if kin is None:
        kin = state.kin = Kin(own=_beliefs(state))
    hand = _Hand(state, kin, event, now)
    match event:
        case PatientMerged():
            return hand.joined(event.absorbed_patient_id, event.revision, is_part=True)
        case PatientUnmerged():
            return hand.joined(event.separated_patient_id, event.revision, is_part=False)
        case PatientAbsorbed():
            return hand.answers(event.survivor_patient_id, event.revision)
        case PatientSeparated():
            return hand.answers(state.patient_id, event.revision)
        case PatientStateHandedOver():
            return hand.received(event.record_patient_id, _unpacked(event))
        case _:
            return hand.fact(event.recorded_under or state.patient_id)


class _Hand:
    """One fact at work on one patient."""

    def __init__(self, state: PatientState, kin: Kin, event: AnyCareEvent, now: datetime) -> None:
        self._state = state
        self._kin = kin
        self._event = event
        self._now = now

    def joined(self, record: PatientId, revision: int, *, is_part: bool) -> tuple[bool, list[HandOver]]:
        """A record became part of this one, or is no part of it any more: then it gets back what is its own."""
        if (revision, is_part) <= self._kin.absorbed.get(record, (0, False)):
            return False, []
        self._kin.absorbed[record] = (revision, is_part)
        given = [] if is_part else self._give_back(record)
        self._rebuild()
        return True, given

    def answers(self, survivor: PatientId, revision: int) -> tuple[bool, list[HandOver]]:
        """Another record answers for this one now, or it does so itself again."""
        if (revision, survivor) <= (self._kin.answers or (0, "")):
            return False, []
        self._kin.answers = (revision, survivor)
        return True, self._pass_on()

    def received(self, record: PatientId, beliefs: PatientState) -> tuple[bool, list[HandOver]]:
        """Beliefs of a record that is part of this one, or this record's own, come back."""
        if record == self._state.patient_id:
            own = decode_state(self._kin.own)
            together = united(own, beliefs)
            if together == own:
                return False, []
            self._kin.own = encode_state(together)
            self._rebuild()
            return True, self._pass_on()
        if self._kin.gave_up(record):
            return False, []  # it overtook the parting; the record has them itself
        held = self._kin.parts.get(record)
        part = decode_state(held) if held else None
        together = united(part, beliefs) if part else beliefs
        if together == part:
            return False, []  # said twice: nobody is asked again
        self._kin.parts[record] = encode_state(together)
        self._rebuild()
        return self._kin.holds(record), []

    def fact(self, record: PatientId) -> tuple[bool, list[HandOver]]:
        """A fact that came under a number of that record."""
        if record == self._state.patient_id:
            before, self._kin.own = self._kin.own, self._with_the_fact(self._kin.own, record)
            is_news = evolve(self._state, self._event)
            return is_news, self._pass_on() if self._kin.own != before else []
        self._kin.parts[record] = self._with_the_fact(self._kin.parts.get(record), record)
        if self._kin.gave_up(record):
            return False, self._give_back(record)
        return self._kin.holds(record) and evolve(self._state, self._event), []

    def _with_the_fact(self, held: bytes | None, record: PatientId) -> bytes:
        # Also a fact that is no news leaves a trace: evidence follows every statement, the losing ones too.
        part = decode_state(held) if held else PatientState(record)
        evolve(part, self._event)
        forget_old(part, datetime.combine(self._now.date(), time(), self._now.tzinfo))
        return encode_state(part)

    def _pass_on(self) -> list[HandOver]:
        """An absorbed record keeps nothing to itself, however late it learns it."""
        survivor = self._kin.survivor_of(self._state.patient_id)
        if survivor == self._state.patient_id:
            return []
        return [self._hand_over(survivor, self._state.patient_id, self._kin.own)]

    def _give_back(self, record: PatientId) -> list[HandOver]:
        part = self._kin.parts.pop(record, None)
        return [self._hand_over(record, record, part)] if part else []

    def _hand_over(self, receiver: PatientId, record: PatientId, beliefs: bytes) -> HandOver:
        return HandOver(self._state.patient_id, receiver, record, beliefs, self._now, self._event.event_id)

    def _rebuild(self) -> None:
        """The picture is what came under the patient's own numbers and under those of every part."""
        whole = decode_state(self._kin.own)
        for record in sorted(self._kin.parts):
            if self._kin.holds(record):
                whole = united(whole, decode_state(self._kin.parts[record]))
        for name in BELIEFS:
            setattr(self._state, name, getattr(whole, name))


def _beliefs(state: PatientState) -> bytes:
    """The picture without what was told and asked."""
    return encode_state(PatientState(state.patient_id, **{name: getattr(state, name) for name in BELIEFS}))


def _unpacked(event: PatientStateHandedOver) -> PatientState:
    try:
        return decode_state(b64decode(event.beliefs, validate=True))
    except NotBase64 as error:
        raise UnusableMessageError("beliefs", "are not base64") from error
