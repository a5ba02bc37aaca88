"""The patient of a hospital message: PID gives the numbers to find them by and what the hospital knows of them."""

from collections.abc import Iterator
from datetime import date, datetime

from care_intake.core.hl7.message import FieldValue, Message, Segment
from care_intake.core.hl7.timestamps import Precision, StatedTime, parse_timestamp
from care_intake.core.identity import SOCIAL_SECURITY, PatientKey, StatedIdentifier, is_usable, patient_key
from care_intake.core.translation import Ignored, Reception
from care_shared.contracts.care_events import CareEvent, PatientDeceased, PatientUpdated
from care_shared.errors import UnusableMessageError

# HL7 table 0001, and the numbers of ISO 5218 (Britain).
_SEXES = {
    **dict.fromkeys(("M", "MALE", "1"), "male"),
    **dict.fromkeys(("F", "FEMALE", "2"), "female"),
    **dict.fromkeys(("O", "A"), "other"),
    **dict.fromkeys(("U", "N", "0", "9"), "unknown"),
}
# PD1-2, table 0220: alone; with family, a relative, a spouse. Who lives in an institution is neither.
_NUMBERED = (3, 2, 4)
_REACHED_BY = (13, 14, 40)
_LONGEST_ADDRESS = 254
_PERSONAL = "PRS"  # table 0201: the number of a person; all others tell where the phone stands or what it is
_LIVES_ALONE = {"A": True, "F": False, "R": False, "S": False}


def moment(message: Message, where: str, reception: Reception) -> datetime | None:
    """The time at `where`, in the feed's zone unless it says its offset; None when nothing is there."""
    stated = stated_time(message.text(where), where, reception)
    return stated.at if stated else None


def stated_time(text: str, where: str, reception: Reception) -> StatedTime | None:
    """A time with its precision; None when there is none."""
    # Zeros all along are how some databases write «no date».
    return parse_timestamp(text, where, reception.feed.zone) if text.strip("0") else None


def readable_time(text: str, where: str, reception: Reception) -> tuple[StatedTime | None, list[Ignored]]:
    """A time that is good to have; an unreadable one is left aside, and keeps nothing else from being heard."""
    try:
        return stated_time(text, where, reception), []
    except UnusableMessageError as error:
        return None, [Ignored(error.field, error.problem)]


def said_at(message: Message, reception: Reception) -> datetime | None:
    """When the hospital recorded what it says: EVN-2, else the time of the message, which may also know the hour."""
    recorded = stated_time(message.text("EVN-2"), "EVN-2", reception)
    if recorded is not None and not recorded.is_date_only:
        return recorded.at
    sent = stated_time(message.text("MSH-7"), "MSH-7", reception)
    if recorded is None:
        return sent.at if sent else None
    return sent.at if sent and sent.day == recorded.day else recorded.at


def person_key(message: Message, reception: Reception) -> PatientKey:
    """Whom the message is about. Raises UnusableMessageError when PID names nobody."""
    segment = message.segment("PID")
    if segment is None:
        raise UnusableMessageError("PID", "is missing")
    # Before 2.3.1 some senders fill PID-2 or PID-4 only.
    lists = ([identifier_of(one) for one in segment.repetitions(number)] for number in _NUMBERED)
    usable = next((stated for stated in lists if any(is_usable(one) for one in stated)), ())
    return patient_key(usable, reception.feed, "PID-3")


def identifier_of(value: FieldValue) -> StatedIdentifier:
    """A CX: value, assigning authority (name and universal id), type."""
    issuer, *universal = [*value.subcomponents(4), ""]
    kind = value.component(5)
    # A social security number without a type still gives itself away by its issuer.
    if {issuer.upper(), value.component(6).upper()} & SOCIAL_SECURITY:
        kind = "SS"
    return StatedIdentifier(value.component(1), issuer, universal[0], kind)


def person_facts(
    message: Message, key: PatientKey, reception: Reception, said: datetime | None
) -> tuple[list[CareEvent], list[Ignored]]:
    """What the hospital knows of the person, and whether the person has died."""
    segment = message.segment("PID")
    if segment is None:
        raise UnusableMessageError("PID", "is missing")
    born, ignored = _birth_date(segment, reception)
    name, line = _name(segment), _line(segment)
    facts: list[CareEvent] = [
        PatientUpdated(
            **reception.envelope(said or reception.received_at, said),
            identifiers=key.named,
            family_name=(name.component(1) or None) if name else None,
            given_name=(name.component(2) or None) if name else None,
            birth_date=born,
            sex=_SEXES.get(segment.text(8).upper()),
            phone=number_of(line) if line is not None else None,
            phone_is_private=True if line is not None and line.component(2) == _PERSONAL else None,
            email=_email(segment),
            language=segment.text(15) or None,
            lives_alone=_LIVES_ALONE.get(message.text("PD1-2").upper()),
        )
    ]
    died_at, late = _death(segment, reception, said)
    if died_at:
        facts.append(PatientDeceased(**reception.envelope(died_at, said)))
    return facts, [*ignored, *late]


def _name(segment: Segment) -> FieldValue | None:
    names = segment.repetitions(5)
    legal = [one for one in names if one.component(7) in ("L", "")]
    return next(iter(legal or names), None)


def _birth_date(segment: Segment, reception: Reception) -> tuple[date | None, list[Ignored]]:
    # A wrong birth date is no reason to keep a discharge from the care manager.
    stated, ignored = readable_time(segment.text(7), "PID-7", reception)
    if stated is None or stated.precision < Precision.DAY:
        return None, ignored
    return stated.day, []


def _death(segment: Segment, reception: Reception, said: datetime | None) -> tuple[datetime | None, list[Ignored]]:
    indicator = segment.text(30).upper()
    if indicator in ("N", "NO"):
        return None, []
    stated, ignored = readable_time(segment.text(29), "PID-29", reception)
    if stated is None and indicator in ("Y", "YES"):
        return said or reception.received_at, ignored
    return stated.at if stated else None, ignored


def _line(segment: Segment) -> FieldValue | None:
    """The number to call at home; of several the first that is not a fax, a pager or an address on the Internet."""
    return next((one for one in segment.repetitions(13) if number_of(one)), None)


def _email(segment: Segment) -> str | None:
    """The first address on the Internet among the ways to reach somebody (XTN)."""
    for number in _REACHED_BY:
        for one in segment.repetitions(number) if "@" in segment.raw(number) else ():
            # The fourth part; but some write it into the first or the second.
            address = next((part for part in one.components() if "@" in part), "")
            if address:
                return address[:_LONGEST_ADDRESS]
    return None


def number_of(value: FieldValue) -> str:
    """A number that a person answers, as it is dialled; of XTN's parts where it is not written whole."""
    if value.component(2) in ("NET", "WPN", "BPN") or value.component(3) in ("FX", "BP", "Internet", "X.400"):
        return ""
    whole = value.component(1) or value.component(12)
    if "@" in whole:
        return ""
    parts = _parts(value) if not whole else ()
    return (whole or "-".join(parts))[:64]


def _parts(value: FieldValue) -> Iterator[str]:
    yield from (part for part in (value.component(6), value.component(7)) if part)
