"""Every fact about a patient travels in the same envelope: who, what, when it happened, when we learnt of it."""

from datetime import UTC, datetime
from hashlib import sha1
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from care_shared.vocabulary import EventId, PatientId, SensitivityLabel, SourceId

# One namespace for every id we derive; changing it would change every id ever given.
CARELEAD_NAMESPACE = UUID("8a6f1c1e-6c55-5d0a-9d38-6a3fd0a0c7b1")
_NAMESPACE = CARELEAD_NAMESPACE.bytes

LONGEST = 256
NonEmpty = Annotated[str, Field(min_length=1, max_length=LONGEST)]
# Facts about nobody would all be folded into one state, as if they were about one person.
SomePatientId = Annotated[PatientId, Field(min_length=1, max_length=LONGEST)]
# Rules reckon years back and ahead, and states count seconds in 32 bits: what lies beyond would make them fail.
FIRST_YEAR, LAST_YEAR = 1850, 2100


def _shortened(text: object) -> object:
    return f"{text[: LONGEST - 1]}…" if isinstance(text, str) and len(text) > LONGEST else text


# What we say in our own words holds names that others chose: it is cut rather than refused, and somebody is told.
Sentence = Annotated[NonEmpty, BeforeValidator(_shortened)]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies beyond the calendar") from None


def _within_years(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("lies beyond the calendar")
    return moment


# A deadline reckoned from the last fact we believe may lie beyond the years in which we believe facts.
ReckonedDatetime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
UtcDatetime = Annotated[AwareDatetime, AfterValidator(_within_years), AfterValidator(_in_utc)]


def derived_id(*parts: str) -> str:
    """The same parts always give the same id (uuid5), so a replay never invents a new one."""
    # uuid5 by hand, four times as fast: ids are made several times for every message and every gap.
    digest = sha1(_NAMESPACE + "\x1f".join(parts).encode(), usedforsecurity=False).digest()
    number = bytearray(digest[:16])
    number[6] = (number[6] & 0x0F) | 0x50
    number[8] = (number[8] & 0x3F) | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Contract(BaseModel):
    """Frozen. Readers ignore fields they do not know, so that release N reads what release N+1 writes."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="iso8601")


class CareEvent(Contract):
    """Our envelope around one fact about one patient.

    `occurred_at` is when it happened, `recorded_at` when we learnt of it, `stated_at` when the source said so (it
    orders corrections that overtake one another on the way). All are aware and kept in UTC. `recorded_under` is the
    record that the source's number names, when that record is merged into `patient_id`; a later un-merge needs it.
    """

    event_id: EventId
    patient_id: SomePatientId
    recorded_under: SomePatientId | None = None
    occurred_at: UtcDatetime
    recorded_at: UtcDatetime
    stated_at: UtcDatetime | None = None
    source: SourceId
    labels: tuple[SensitivityLabel, ...] = ()

    @property
    def said_at(self) -> datetime:
        """The instant that orders two statements about the same thing."""
        return self.stated_at or self.recorded_at
