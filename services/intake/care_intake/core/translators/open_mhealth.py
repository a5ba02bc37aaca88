"""Readings of apps and device clouds as Open mHealth data points: one, or a list of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from care_intake.core.identity import PatientKey, StatedIdentifier, patient_key
from care_intake.core.iso_times import instant
from care_intake.core.observation_ids import observation_id
from care_intake.core.own_json import records
from care_intake.core.strict_json import Json
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
from care_intake.core.units import Reading, beyond_of, number_of, reading_of
from care_intake.core.vital_codes import slot_by_word
from care_intake.core.vital_facts import Measured, vital_facts
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import MeasurementSlot, VitalSign

MEASURES = {
    "blood_glucose": VitalSign.GLUCOSE, "systolic_blood_pressure": VitalSign.SYSTOLIC,
    "diastolic_blood_pressure": VitalSign.DIASTOLIC, "body_temperature": VitalSign.BODY_TEMPERATURE,
    "body_weight": VitalSign.BODY_WEIGHT, "heart_rate": VitalSign.HEART_RATE,
    "oxygen_saturation": VitalSign.OXYGEN_SATURATION, "respiratory_rate": VitalSign.RESPIRATORY_RATE,
    "body_height": VitalSign.BODY_HEIGHT, "supplemental_oxygen_flow_rate": VitalSign.INHALED_OXYGEN_FLOW,
}  # fmt: skip
# The mean of some readings is a reading; the lowest or highest of a day is not.
_MEANS = frozenset({"", "average", "mean", "median"})
_SPANS = {"sec": 1, "s": 1, "min": 60, "h": 3600, "d": 86_400, "wk": 604_800}
_MAX_TEXT = 256


class Point(NamedTuple):
    """One data point: its body, who and what made it, and where it stands."""

    where: str
    header: dict[str, Json]
    body: dict[str, Json]
    inside: str


@dataclass(frozen=True, slots=True)
class _Made:
    """What a header says of how the readings of a point came about."""

    patient: PatientKey
    at: datetime
    said_at: datetime | None
    device: str
    automatic: bool
    slot: MeasurementSlot


def translate(value: Json, reception: Reception) -> Translated:
    """The facts of one data point or a list of them."""
    listed = value
    if isinstance(value, dict) and isinstance(value.get("data_points"), list):
        listed = value["data_points"]
    return sum((_point(one, where, reception) for where, one in records(listed, "data_point")), Translated())


def _point(value: Json, where: str, reception: Reception) -> Translated:
    point = _opened(value, where)
    measures = [name for name in MEASURES if isinstance(point.body.get(name), dict)]
    if not measures:
        return Translated(ignored=(Ignored(point.inside, "is none of the measures that rules use"),))
    if _text(point.body.get("descriptive_statistic")).lower() not in _MEANS:
        return Translated(ignored=(Ignored(f"{point.inside}.descriptive_statistic", "is no reading of its own"),))
    made = _made(point, reception)
    readings = [_measured(name, point, made) for name in measures]
    facts, lonely = vital_facts(readings, reception)
    noted = lonely
    if reception.feed.stands_for_nobody and not _user(point):
        noted = [*lonely, Ignored(f"{where}.header.user_id", "is missing; a door would refuse the reading")]
    return one_patient(made.patient, facts, noted)


def _opened(value: Json, where: str) -> Point:
    """With a header, or as the body alone, which the schemas allow and which then names nobody."""
    if not isinstance(value, dict):
        raise UnusableMessageError(where, "is not an object")
    header, body = value.get("header"), value.get("body")
    if isinstance(body, dict):
        return Point(where, header if isinstance(header, dict) else {}, body, f"{where}.body")
    return Point(where, header if isinstance(header, dict) else {}, value, where)


def _made(point: Point, reception: Reception) -> _Made:
    header = point.header
    source = header.get("acquisition_provenance")
    provenance = source if isinstance(source, dict) else {}
    modality = _text(header.get("modality")) or _text(provenance.get("modality"))
    said_at = instant(
        _text(header.get("source_creation_date_time"))
        or _text(header.get("creation_date_time"))
        or _text(provenance.get("source_creation_date_time")),
        f"{point.where}.header.source_creation_date_time",
        reception.feed.zone,
    )
    return _Made(
        _patient(point, reception), _measured_at(point, reception), said_at, _device(header, provenance),
        modality.lower() not in ("self-reported", "self reported"), _slot(point.body),
    )  # fmt: skip


def _user(point: Point) -> str:
    named = point.header.get("user_id")
    return str(named).strip() if isinstance(named, str | int) and not isinstance(named, bool) else ""


def _patient(point: Point, reception: Reception) -> PatientKey:
    """Who: the header's user, under the number that the device cloud gave, or a patient's number as we write it."""
    where = f"{point.where}.header.user_id"
    named = point.header.get("patient")
    if isinstance(named, dict):
        stated = StatedIdentifier(
            _text(named.get("value")), _text(named.get("authority")), type=_text(named.get("type"))
        )
        return patient_key([stated], reception.feed, f"{point.where}.header.patient")
    user = _user(point) or reception.feed.stands_for_nobody
    return patient_key([StatedIdentifier(user)], reception.feed, where)


def _measured_at(point: Point, reception: Reception) -> datetime:
    """The moment, or the end of the interval in which it was measured."""
    where = f"{point.inside}.effective_time_frame"
    frame = point.body.get("effective_time_frame")
    if not isinstance(frame, dict):
        raise UnusableMessageError(where, "is missing")
    zone = reception.feed.zone
    at = instant(_text(frame.get("date_time")), f"{where}.date_time", zone)
    if at is not None:
        return at
    interval = frame.get("time_interval")
    if not isinstance(interval, dict):
        raise UnusableMessageError(where, "holds neither date_time nor time_interval")
    end = instant(_text(interval.get("end_date_time")), f"{where}.time_interval.end_date_time", zone)
    if end is not None:
        return end
    start = instant(_text(interval.get("start_date_time")), f"{where}.time_interval.start_date_time", zone)
    if start is None:
        raise UnusableMessageError(f"{where}.time_interval", "names no moment")
    return start + _span(interval.get("duration"))


def _span(duration: Json) -> timedelta:
    """A length of time; what is no unit of ours adds nothing, because the beginning is still right."""
    if not isinstance(duration, dict):
        return timedelta()
    value, unit = duration.get("value"), _SPANS.get(_text(duration.get("unit")))
    if unit is None or isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1_000_000:
        return timedelta()
    return timedelta(seconds=float(value) * unit)


def _measured(name: str, point: Point, made: _Made) -> Measured:
    code = MEASURES[name]
    quantity = point.body[name]
    assert isinstance(quantity, dict), "only objects are taken as measures"
    return Measured(
        point.inside,
        observation_id(made.patient, "", code.value, made.at, made.device),
        _reading(code, quantity, f"{point.inside}.{name}"),
        made.at,
        made.said_at,
        cuff=point.where,
        slot=made.slot,
        device_id=made.device,
        automatic=made.automatic,
    )


def _reading(code: VitalSign, quantity: dict[str, Json], where: str) -> Reading:
    value, unit = quantity.get("value"), _text(quantity.get("unit"))
    if isinstance(value, str):
        beyond = beyond_of(code, value)
        if beyond is not None:
            return beyond
        value = number_of(value)
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableMessageError(f"{where}.value", "is missing or no number")
    return reading_of(code, float(value), unit)


def _device(header: dict[str, Json], provenance: dict[str, Json]) -> str:
    """The thing that measured: a datasheet names it, else the source does."""
    return next((name for name in _device_names(header, provenance) if name), "")[:_MAX_TEXT]


def _device_names(header: dict[str, Json], provenance: dict[str, Json]) -> Iterator[str]:
    sheets = header.get("external_datasheets")
    for sheet in sheets if isinstance(sheets, list) else []:
        if isinstance(sheet, dict) and re.search(r"serial|device|model", _text(sheet.get("datasheet_type"))):
            yield _text(sheet.get("datasheet_reference"))
    yield _text(provenance.get("source_name"))


def _slot(body: dict[str, Json]) -> MeasurementSlot:
    """Sleep tells more than a meal: before sleeping is bedtime even when it is after dinner."""
    for name in ("temporal_relationship_to_sleep", "temporal_relationship_to_meal"):
        found = slot_by_word(_text(body.get(name)))
        if found is not MeasurementSlot.ANY:
            return found
    return MeasurementSlot.ANY


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""
