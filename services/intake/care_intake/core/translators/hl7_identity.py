"""A hospital says that two numbers are one person, or are not after all, or that a stay has another number (ADT)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import identifier_of, person_facts, person_key, said_at
from care_intake.core.identity import IssuedNumber, PatientKey, StatedTie, patient_key
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
from care_shared.errors import UnusableMessageError

# Merge (A18, A30, A34, A36, A39, A40), move or change of a person's number (A43, A46, A47): what MRG names is the same
# person as what PID names, and PID's number is the one to use.
MERGES = frozenset({"A18", "A30", "A34", "A36", "A39", "A40", "A43", "A46", "A47"})
LINKS = {"A24": True, "A37": False}
# Accounts and visits change their numbers or move between accounts. As long as the person stays the same, nothing is to
# be done: a stay's own later notices carry its number.
OF_STAYS = frozenset({"A35", "A41", "A42", "A44", "A45", "A49", "A50", "A51"})
EVENTS = MERGES | LINKS.keys() | OF_STAYS
_SAME_NUMBER = "names the number that survives, so nothing is to be merged"
_STAY_ONLY = "re-numbers or moves accounts or visits of one person; a stay is known by the number in its own notices"


def translate(message: Message, trigger: str, reception: Reception) -> Translated:
    """Who is whom, and what the hospital knows of the person. Raises UnusableMessageError naming the field."""
    if trigger in OF_STAYS:
        return Translated(ignored=(Ignored("MRG", _STAY_ONLY),))
    stated_at = reception.believed(said_at(message, reception))
    if trigger in LINKS:
        return _link(message, stated_at, reception, is_one=LINKS[trigger])
    return _merge(message, trigger, stated_at, reception)


def _link(message: Message, stated_at: datetime, reception: Reception, *, is_one: bool) -> Translated:
    first, second = _linked(message, reception)
    other = _like(first.primary, second)
    if other in first.identifiers:
        return Translated(ignored=(Ignored("PID(2)-3", "names the same number as PID-3"),))
    return Translated(ties=(StatedTie(first.primary, other, is_one, stated_at),))


def _merge(message: Message, trigger: str, stated_at: datetime, reception: Reception) -> Translated:
    key = person_key(message, reception)
    ties, ignored = list[StatedTie](), list[Ignored]()
    for place, (survivor, absorbed) in enumerate(_groups(message, reception), start=1):
        where = "MRG-1" if place == 1 else f"MRG({place})-1"
        others = [one for one in absorbed.identifiers if one not in survivor.identifiers]
        if not others:
            ignored.append(Ignored(where, _SAME_NUMBER))
        ties += [StatedTie(_like(one, survivor), one, is_one=True, stated_at=stated_at) for one in others]
    if trigger == "A36":
        ignored.append(Ignored("MRG-3", _STAY_ONLY))
    if not ties:
        return Translated(ignored=tuple(ignored))
    facts, unread = person_facts(message, key, reception, said_at(message, reception))
    return one_patient(key, facts, [*ignored, *unread]) + Translated(ties=tuple(ties))


def moves_to_somebody_else(message: Message, trigger: str, reception: Reception) -> bool:
    """Whether a notice about stays and accounts names two people. Raises UnusableMessageError as `translate` does."""
    segment = message.segment("MRG")
    if trigger not in OF_STAYS or segment is None or not segment.repetitions(1):
        return False
    named = person_key(message, reception).identifiers
    return all(one not in named for one in _prior(segment, reception).identifiers)


def _groups(message: Message, reception: Reception) -> Iterator[tuple[PatientKey, PatientKey]]:
    """Each PID with every MRG that follows it before the next PID: who survives, and who is absorbed."""
    survivor: PatientKey | None = None
    count = 0
    for segment in message:
        if segment.name == "PID":
            survivor = _named(segment, (3, 2), reception)
        elif segment.name == "MRG":
            count += 1
            if survivor is None:
                raise UnusableMessageError("PID", "is missing before MRG")
            yield survivor, _prior(segment, reception)
    if not count:
        raise UnusableMessageError("MRG", "is missing")


def _linked(message: Message, reception: Reception) -> tuple[PatientKey, PatientKey]:
    pids: Sequence[Segment] = message.segments("PID")
    if len(pids) < len(("one", "other")):
        raise UnusableMessageError("PID(2)", "is missing")
    return _named(pids[0], (3, 2), reception), _named(pids[1], (3, 2), reception)


def _prior(segment: Segment, reception: Reception) -> PatientKey:
    """The numbers that are given up: MRG-1, or what older senders write into MRG-4."""
    return _named(segment, (1, 4), reception)


def _named(segment: Segment, fields: tuple[int, int], reception: Reception) -> PatientKey:
    first, second = fields
    stated = [identifier_of(one) for one in segment.repetitions(first)]
    if not any(one.value for one in stated):
        stated = [identifier_of(one) for one in segment.repetitions(second)]
    return patient_key(stated, reception.feed, segment.location(first))


def _like(number: IssuedNumber, key: PatientKey) -> IssuedNumber:
    """The key's number of the same issuer and kind, which is the one that takes its place; else its best one."""
    alike = [one for one in key.identifiers if (one.authority, one.type) == (number.authority, number.type)]
    return next(iter(alike), key.primary)
