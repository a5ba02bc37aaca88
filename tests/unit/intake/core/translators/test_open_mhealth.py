"""Readings of apps and device clouds as Open mHealth data points."""

from datetime import UTC, datetime
from typing import Any

import pytest

from care_intake.core.formats import Format
from care_shared.contracts.care_events import VitalSignRecorded
from care_shared.vocabulary import Beyond, MeasurementSlot, ReadingQuality, VitalSign
from tests.intake_builders import Json, facts, judge, left_aside, refused

AT = "2026-11-20T07:25:00-05:00"
MOMENT = datetime(2026, 11, 20, 12, 25, tzinfo=UTC)


def point(body: Json, at: str = AT, **header: Any) -> Json:
    """One data point of user 4711."""
    frame = {"effective_time_frame": {"date_time": at}} if at else {}
    return {"header": {"id": "p1", "user_id": "4711"} | header, "body": frame | body}


def one(body: Json, **header: Any) -> VitalSignRecorded:
    [fact] = facts(point(body, **header))
    assert isinstance(fact, VitalSignRecorded)
    return fact


@pytest.mark.parametrize(
    ("name", "value", "unit", "code", "expected"),
    [
        ("blood_glucose", 8.2, "mmol/L", VitalSign.GLUCOSE, 147.7),
        ("blood_glucose", 95, "mg/dL", VitalSign.GLUCOSE, 95),
        ("body_temperature", 97, "F", VitalSign.BODY_TEMPERATURE, 36.11),
        ("body_temperature", 310.15, "K", VitalSign.BODY_TEMPERATURE, 37.0),
        ("body_weight", 176.37, "lb", VitalSign.BODY_WEIGHT, 80.0),
        ("body_weight", 80000, "g", VitalSign.BODY_WEIGHT, 80.0),
        ("heart_rate", 72, "beats/min", VitalSign.HEART_RATE, 72),
        ("oxygen_saturation", 95, "%", VitalSign.OXYGEN_SATURATION, 95),
        ("respiratory_rate", 12, "breaths/min", VitalSign.RESPIRATORY_RATE, 12),
    ],
)  # fmt: skip
def test_every_measure_in_every_unit_of_its_schema(
    name: str, value: float, unit: str, code: VitalSign, expected: float
) -> None:
    fact = one({name: {"value": value, "unit": unit}})

    assert (fact.code, fact.value, fact.quality) == (code, expected, ReadingQuality.VALID)
    assert fact.occurred_at == MOMENT


def test_both_halves_of_a_pressure_come_as_a_pair() -> None:
    body = {
        "systolic_blood_pressure": {"value": 115, "unit": "mmHg"},
        "diastolic_blood_pressure": {"value": 60, "unit": "mmHg"},
    }
    found = facts(point(body))

    assert [one.model_dump()["value"] for one in found] == [115, 60]
    assert len({one.model_dump()["panel"] for one in found}) == 1


def test_half_a_pressure_says_nothing() -> None:
    found = left_aside(point({"systolic_blood_pressure": {"value": 115, "unit": "mmHg"}}))

    assert {one.reason for one in found} == {"is half of a blood pressure"}


def test_an_unknown_unit_is_kept_and_never_judged() -> None:
    assert one({"body_weight": {"value": 50, "unit": "km"}}).quality is ReadingQuality.UNIT_SUSPECT


def test_a_meter_that_shows_lo_is_kept_as_its_code() -> None:
    fact = one({"blood_glucose": {"value": "LO", "unit": "mg/dL"}})

    assert (fact.value, fact.beyond, fact.quality) == (20, Beyond.LOW, ReadingQuality.VALID)


@pytest.mark.parametrize(
    ("more", "slot"),
    [
        pytest.param({"temporal_relationship_to_meal": "fasting"}, MeasurementSlot.FASTING, id="fasting"),
        pytest.param({"temporal_relationship_to_meal": "before lunch"}, MeasurementSlot.PRE_MEAL, id="before lunch"),
        pytest.param({"temporal_relationship_to_meal": "2 hours postprandial"}, MeasurementSlot.POST_MEAL, id="after"),
        pytest.param({"temporal_relationship_to_sleep": "before sleeping"}, MeasurementSlot.BEDTIME, id="bedtime"),
        pytest.param(
            {"temporal_relationship_to_meal": "after dinner", "temporal_relationship_to_sleep": "before sleeping"},
            MeasurementSlot.BEDTIME, id="sleep tells more than a meal",
        ),
        pytest.param({"temporal_relationship_to_meal": "not fasting"}, MeasurementSlot.ANY, id="not fasting is any"),
    ],
)  # fmt: skip
def test_the_part_of_the_day_follows_from_meals_and_sleep(more: Json, slot: MeasurementSlot) -> None:
    assert one({"blood_glucose": {"value": 95, "unit": "mg/dL"}} | more).slot is slot


@pytest.mark.parametrize(
    ("interval", "moment"),
    [
        pytest.param({"start_date_time": AT, "end_date_time": "2026-11-20T07:30:00-05:00"},
                     datetime(2026, 11, 20, 12, 30, tzinfo=UTC), id="its end"),
        pytest.param({"start_date_time": AT, "duration": {"value": 10, "unit": "min"}},
                     datetime(2026, 11, 20, 12, 35, tzinfo=UTC), id="its beginning and length"),
        pytest.param({"start_date_time": AT, "duration": {"value": 10, "unit": "moons"}}, MOMENT,
                     id="a length of no unit adds nothing"),
    ],
)  # fmt: skip
def test_the_moment_of_an_interval(interval: Json, moment: datetime) -> None:
    body = {"heart_rate": {"value": 72, "unit": "beats/min"}, "effective_time_frame": {"time_interval": interval}}
    [fact] = facts(point(body, at=""))

    assert fact.occurred_at == moment


def test_who_typed_it_and_what_measured_it() -> None:
    sheets = [{"datasheet_type": "manufacturer", "datasheet_reference": "ACME"},
              {"datasheet_type": "device_serial", "datasheet_reference": "SN-7"}]  # fmt: skip
    heart = {"heart_rate": {"value": 72, "unit": "beats/min"}}

    sensed = one(heart, external_datasheets=sheets, acquisition_provenance={"source_name": "Hub", "modality": "sensed"})
    typed = one(heart, acquisition_provenance={"source_name": "App", "modality": "self-reported"})
    assert (sensed.device_id, sensed.automatic) == ("SN-7", True)
    assert (typed.device_id, typed.automatic) == ("App", False)


def test_the_same_reading_sent_again_under_another_number_is_the_same_reading() -> None:
    heart = {"heart_rate": {"value": 72, "unit": "beats/min"}}
    source = {"source_name": "Hub"}

    first, again = (
        one(heart, id="p1", acquisition_provenance=source),
        one(heart, id="p2", acquisition_provenance=source),
    )
    later = facts(point(heart, at="2026-11-20T07:26:00-05:00", acquisition_provenance=source))[0]
    assert first.observation_id == again.observation_id
    assert first.observation_id != later.model_dump()["observation_id"]


def test_a_patient_may_be_named_by_any_number() -> None:
    heart = {"heart_rate": {"value": 72, "unit": "beats/min"}}
    [by_user] = facts(point(heart))
    [by_number] = facts(point(heart, patient={"authority": "1.2.3", "value": "4711"}))

    assert by_user.patient_id != by_number.patient_id


def test_a_list_and_a_wrapped_list_are_many() -> None:
    points = [point({"heart_rate": {"value": rate, "unit": "beats/min"}}) for rate in (70, 71)]

    assert len(facts(points)) == len(facts({"data_points": points})) == 2


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param({"heart_rate": {"value": 72, "unit": "beats/min"}, "effective_time_frame": {"date_time": AT}},
                     "data_point.header.user_id", id="a body alone names nobody"),
        pytest.param(point({"heart_rate": {"value": 72, "unit": "beats/min"}}, at=""),
                     "data_point.body.effective_time_frame", id="no time"),
        pytest.param(point({"heart_rate": {"unit": "beats/min"}}), "data_point.body.heart_rate.value", id="no value"),
        pytest.param(point({"heart_rate": {"value": True}}), "data_point.body.heart_rate.value", id="yes is no number"),
        pytest.param([point({"heart_rate": {"value": 72}}), point({"heart_rate": {"value": "SECRET"}})],
                     "data_point[1].body.heart_rate.value", id="in a list, by place"),
        pytest.param(point({"heart_rate": {"value": 72}}, at="2026"),
                     "data_point.body.effective_time_frame.date_time", id="a year is no time"),
        pytest.param(point({"heart_rate": {"value": 1}, "effective_time_frame": {"time_interval": {
            "date": "2013-02-05", "part_of_day": "morning"}}}, at=""),
            "data_point.body.effective_time_frame.time_interval", id="a part of a day is no moment"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_named_and_no_value(value: Any, field: str) -> None:
    error = refused(value)

    assert error.field == field
    assert "SECRET" not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"step_count": {"value": 7, "unit": "steps"}}, id="steps"),
        pytest.param(
            {"heart_rate": {"value": 50, "unit": "beats/min"}, "descriptive_statistic": "minimum"}, id="a minimum"
        ),
    ],
)
def test_what_is_no_reading_is_left_aside_with_the_reason(body: Json) -> None:
    assert all(one.reason for one in left_aside(point(body)))


def test_the_door_decides_the_language() -> None:
    assert judge(point({"heart_rate": {"value": 72}})).message.format is Format.OPEN_MHEALTH
