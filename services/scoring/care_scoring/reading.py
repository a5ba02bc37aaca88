"""What a batch of records holds: facts by patient, records nobody can use, and offsets that should have been there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from care_scoring.decoding import decode_fact
from care_scoring.ports import Claim, LogRecord, SkippedOffsets, Slice
from care_shared.business_days import known_zone
from care_shared.contracts.care_events import (
    AnyCareEvent,
    EmergencyArrived,
    EmergencyDeparted,
    EncounterUpdated,
    HospitalAdmitted,
    HospitalDischarged,
    PatientUpdated,
)
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import PatientId

# Where a fact names a clock on a wall. One that we do not know says nothing: the home's (or the policy's) counts.
ZONE_FIELDS: dict[type[AnyCareEvent], str] = {
    HospitalAdmitted: "facility_zone",
    HospitalDischarged: "facility_zone",
    EmergencyArrived: "facility_zone",
    EmergencyDeparted: "facility_zone",
    EncounterUpdated: "facility_zone",
    PatientUpdated: "home_zone",
}


@dataclass(frozen=True, slots=True)
class UnknownZone:
    """A fact names a time zone that this release does not know."""

    partition: int
    offset: int
    event_type: str
    field: str


@dataclass(slots=True)
class FactsOfPatient:
    """What one patient's records of one partition say, in the order of the log."""

    patient_id: PatientId
    partition: int
    records: list[LogRecord] = field(default_factory=list)
    facts: list[AnyCareEvent] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """One batch, sorted out."""

    patients: dict[PatientId, FactsOfPatient] = field(default_factory=dict)
    unusable: list[tuple[int, LogRecord, UnusableMessageError]] = field(default_factory=list)
    unknown_zones: list[UnknownZone] = field(default_factory=list)
    reaches: dict[int, int] = field(default_factory=dict)
    replayed: int = 0
    facts: int = 0
    skipped: list[SkippedOffsets] = field(default_factory=list)


def sort_out(slices: Sequence[Slice], claims: Mapping[int, Claim]) -> Reading:
    """Decode what is new in these slices; what was folded before is dropped by its offset."""
    reading = Reading()
    for one in slices:
        expected = reading.reaches.get(one.partition, claims[one.partition].next_offset)
        fresh = new_records(one.records, expected)
        reading.replayed += len(one.records) - len(fresh)
        if fresh:
            reading.skipped += gaps_in(one.partition, fresh, expected)
            reading.reaches[one.partition] = fresh[-1].offset + 1
            _decode(one.partition, fresh, reading)
    return reading


def new_records(records: Sequence[LogRecord], next_offset: int) -> Sequence[LogRecord]:
    """Those not folded yet."""
    if records and records[0].offset >= next_offset:
        return records
    return [record for record in records if record.offset >= next_offset]


def gaps_in(partition: int, records: Sequence[LogRecord], expected: int) -> list[SkippedOffsets]:
    """Where an offset is missing; with our topics and producers that means lost facts."""
    if records[0].offset == expected and records[-1].offset - expected + 1 == len(records):
        return []
    gaps = []
    for record in records:
        if record.offset > expected:
            gaps.append(SkippedOffsets(partition, expected, record.offset))
        expected = record.offset + 1
    return gaps


def _decode(partition: int, records: Sequence[LogRecord], reading: Reading) -> None:
    patients = reading.patients
    for record in records:
        try:
            fact = _fact_in(record)
        except UnusableMessageError as error:
            reading.unusable.append((partition, record, error))
            continue
        of_patient = patients.get(fact.patient_id)
        if of_patient is None:
            of_patient = patients[fact.patient_id] = FactsOfPatient(fact.patient_id, partition)
        of_patient.records.append(record)
        of_patient.facts.append(fact)
        reading.facts += 1
        named = ZONE_FIELDS.get(type(fact))
        if named and (zone := getattr(fact, named)) and known_zone(zone) is None:
            reading.unknown_zones.append(UnknownZone(partition, record.offset, fact.type, named))


def _fact_in(record: LogRecord) -> AnyCareEvent:
    if record.value is None:
        raise UnusableMessageError("value", "is missing")
    try:
        fact = decode_fact(record.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = first["loc"][1:] or first["loc"]  # behind the type of fact, which comes first
        # Only the contract's own field: deeper parts may be keys of a map (`items`), which the sender chose.
        field_name = str(where[0]) if where else "value"
        raise UnusableMessageError(field_name, "does not fit the contract") from error
    # Another key means another partition's patient: two writers of one state. Never fold that.
    if record.key != fact.patient_id.encode():
        raise UnusableMessageError("key", "is not the patient_id of the fact")
    return fact
