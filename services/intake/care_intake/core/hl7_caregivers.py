"""Who cares for the patient at home, when a next-of-kin segment says that somebody does."""

from datetime import datetime

from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import number_of, readable_time
from care_intake.core.identity import PatientKey
from care_intake.core.translation import Ignored, Reception
from care_shared.contracts.care_events import CaregiverNamed
from care_shared.contracts.envelope import derived_id

# NK1-3, table 0063, and NK1-7, table 0131: the code, and the words of sites with tables of their own.
_CODES = frozenset({"CGV", "CAREGIVER", "CARER", "PCG"})
_WORDS = ("caregiver", "care giver", "carer")
_NOT_WORDS = ("not caregiver", "no caregiver", "non caregiver")
_LONGEST = 256


def caregiver_facts(
    message: Message, key: PatientKey, reception: Reception, said: datetime | None
) -> tuple[list[CaregiverNamed], list[Ignored]]:
    """One fact per caregiver; a next of kin who is not said to give care is none."""
    facts: list[CaregiverNamed] = []
    ignored: list[Ignored] = []
    for segment in message.segments("NK1"):
        if not _gives_care(segment):
            continue
        name, phone = _name(segment), _phone(segment)
        if not name and not phone:
            ignored.append(Ignored(segment.location(2), "names nobody, and no number to call"))
            continue
        ended, late = readable_time(segment.text(9), segment.location(9), reception)
        ignored += late
        facts.append(
            CaregiverNamed(
                **reception.envelope(said or reception.received_at, said),
                caregiver_id=derived_id("caregiver", *key.primary, (segment.text(33) or name or phone).upper()),
                relationship=(segment.text(3, 2) or segment.text(3))[:_LONGEST], name=name or None,
                phone=phone or None, active=ended is None or ended.at > reception.received_at,
            )
        )  # fmt: skip
    return facts, ignored


def _gives_care(segment: Segment) -> bool:
    said = [segment.text(field, component) for field in (3, 7) for component in (1, 2)]
    if any(one.upper() in _CODES for one in said):
        return True
    words = " ".join(said).lower().replace("-", " ")
    return any(one in words for one in _WORDS) and not any(one in words for one in _NOT_WORDS)


def _name(segment: Segment) -> str:
    value = segment.field(2)
    return " ".join(filter(None, (value.component(2), value.component(1))))[:_LONGEST]


def _phone(segment: Segment) -> str:
    numbers = (number_of(value) for field in (5, 40, 6) for value in segment.repetitions(field))
    return next(filter(None, numbers), "")
