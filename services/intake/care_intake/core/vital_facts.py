"""Readings become facts: blood pressures as pairs or not at all, and readings from the future never judged."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from care_intake.core.translation import Ignored, Reception
from care_intake.core.units import Reading, pressure_pair
from care_shared.contracts.care_events import CareEvent, VitalSignRecorded
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import MeasurementSlot, ObservationId, ReadingQuality, SensitivityLabel, VitalSign

HALVES = (VitalSign.SYSTOLIC, VitalSign.DIASTOLIC)
# A wrong time zone explains some hours; nothing explains a reading of next week.
FARTHEST_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Measured:
    """One reading with what a fact says beside its value. `cuff` names what took both halves of a pressure."""

    where: str
    id: ObservationId
    reading: Reading
    at: datetime
    said_at: datetime | None
    cuff: str = ""
    slot: MeasurementSlot = MeasurementSlot.ANY
    device_id: str = ""
    automatic: bool = True
    is_unfit: bool = False
    labels: tuple[SensitivityLabel, ...] = ()


def vital_facts(readings: Sequence[Measured], reception: Reception) -> tuple[list[CareEvent], list[Ignored]]:
    """Facts for all readings, and what is left aside: half a blood pressure says nothing."""
    facts: list[CareEvent] = [_fact(one, reception, None) for one in readings if one.reading.code not in HALVES]
    ignored: list[Ignored] = []
    halves: dict[tuple[str, datetime], dict[VitalSign, list[Measured]]] = defaultdict(lambda: {c: [] for c in HALVES})
    for one in readings:
        if one.reading.code in HALVES:
            halves[one.cuff, one.at][one.reading.code].append(one)
    for sides in halves.values():
        uppers, lowers = (sides[code] for code in HALVES)
        pairs = list(zip(uppers, lowers, strict=False))
        for upper, lower in pairs:
            facts.extend(_pair(upper, lower, reception))
        lonely = uppers[len(pairs) :] + lowers[len(pairs) :]
        ignored.extend(Ignored(one.where, "is half of a blood pressure") for one in lonely)
    return facts, ignored


def _pair(upper: Measured, lower: Measured, reception: Reception) -> list[CareEvent]:
    panel = derived_id("panel", upper.id, lower.id)
    systolic, diastolic = pressure_pair(upper.reading, lower.reading)
    is_unfit = upper.is_unfit or lower.is_unfit
    return [
        _fact(replace(upper, reading=systolic, is_unfit=is_unfit), reception, panel),
        _fact(replace(lower, reading=diastolic, is_unfit=is_unfit), reception, panel),
    ]


def _fact(one: Measured, reception: Reception, panel: str | None) -> VitalSignRecorded:
    is_unfit = one.is_unfit or one.at > reception.received_at + FARTHEST_AHEAD
    return VitalSignRecorded(
        **reception.envelope(one.at, one.said_at, one.labels),
        observation_id=one.id,
        code=one.reading.code,
        value=one.reading.value,
        slot=one.slot,
        quality=ReadingQuality.ARTIFACT if is_unfit else one.reading.quality,
        device_id=one.device_id,
        automatic=one.automatic,
        panel=panel,
        beyond=one.reading.beyond,
    )
