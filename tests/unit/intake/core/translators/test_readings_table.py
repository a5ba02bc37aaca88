"""Readings as a device portal exports them to CSV."""

from datetime import UTC, datetime

import pytest

from care_shared.contracts.care_events import VitalSignRecorded, VitalSignRetracted
from care_shared.vocabulary import Beyond, MeasurementSlot, ReadingQuality, VitalSign
from tests.intake_builders import facts, left_aside, refused, table

HEADING = "Patient ID,Measurement Type,Value,Unit,Reading Time,Device Serial,Meal,Manual Entry,Flag"
AT = "2026-11-20 07:25"


def readings(*rows: str, heading: str = HEADING) -> bytes:
    return table(heading, *rows)


def one(row: str) -> VitalSignRecorded:
    [fact] = facts(readings(row))
    assert isinstance(fact, VitalSignRecorded)
    return fact


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        pytest.param(f"7,Weight,176.37,lbs,{AT},SN1,,,", VitalSign.BODY_WEIGHT, 80.0, id="176.37 lbs are 80 kg"),
        pytest.param(f"7,29463-7,80,kg,{AT},SN1,,,", VitalSign.BODY_WEIGHT, 80, id="by LOINC"),
        pytest.param(f"7,Blood Glucose,8.2,mmol/L,{AT},SN1,,,", VitalSign.GLUCOSE, 147.7, id="8.2 mmol/L"),
        pytest.param(f"7,Temperature,101.0,deg F,{AT},SN1,,,", VitalSign.BODY_TEMPERATURE, 38.33, id="101.0 deg F"),
        pytest.param(f"7,SpO2,0.94,1,{AT},SN1,,,", VitalSign.OXYGEN_SATURATION, 94, id="0.94 of unit 1 is 94 %"),
        pytest.param(f"7,Pulse,72,bpm,{AT},SN1,,,", VitalSign.HEART_RATE, 72, id="bpm"),
        pytest.param(f"7,Peak Flow,420,L/min,{AT},SN1,,,", VitalSign.PEAK_FLOW, 420, id="peak flow"),
        pytest.param(f"7,O2 flow,2,LPM,{AT},SN1,,,", VitalSign.INHALED_OXYGEN_FLOW, 2, id="oxygen flow"),
        pytest.param(f"7,Height,66,in,{AT},SN1,,,", VitalSign.BODY_HEIGHT, 167.6, id="height"),
    ],
)
def test_what_a_row_measures(row: str, code: VitalSign, value: float) -> None:
    fact = one(row)

    assert (fact.code, fact.value, fact.quality) == (code, value, ReadingQuality.VALID)
    assert fact.occurred_at == datetime(2026, 11, 20, 12, 25, tzinfo=UTC)


def test_glucose_8_2_without_a_unit_is_suspect_and_never_critical_low() -> None:
    fact = one(f"7,Glucose,8.2,,{AT},SN1,,,")

    assert (fact.value, fact.quality) == (8.2, ReadingQuality.UNIT_SUSPECT)


@pytest.mark.parametrize(("text", "value", "beyond"), [("HI", 600, Beyond.HIGH), ("LO", 20, Beyond.LOW)])
def test_hi_and_lo_are_kept_as_codes(text: str, value: float, beyond: Beyond) -> None:
    fact = one(f"7,Glucose,{text},mg/dL,{AT},SN1,,,")

    assert (fact.value, fact.beyond, fact.quality) == (value, beyond, ReadingQuality.VALID)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([f"7,BP,120/80,mmHg,{AT},SN1,,,"], id="in one row"),
        pytest.param([f"7,Systolic,120,mmHg,{AT},SN1,,,", f"7,Diastolic,80,mmHg,{AT},SN1,,,"], id="in two rows"),
        pytest.param(
            [f"7,Diastolic,80,mmHg,{AT},SN1,,,", f"7,Pulse,72,bpm,{AT},SN1,,,", f"7,Systolic,120,mmHg,{AT},SN1,,,"],
            id="with another row between",
        ),
    ],
)
def test_a_blood_pressure_is_read_whole(rows: list[str]) -> None:
    found = [one.model_dump() for one in facts(readings(*rows)) if one.model_dump()["panel"]]

    assert sorted(one["value"] for one in found) == [80, 120]
    assert len({one["panel"] for one in found}) == 1


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([f"7,Systolic,120,mmHg,{AT},SN1,,,"], id="the upper half alone is discarded"),
        pytest.param([f"7,Systolic,120,mmHg,{AT},SN1,,,", f"7,Diastolic,80,mmHg,{AT},SN2,,,"], id="of two cuffs"),
        pytest.param([f"7,Systolic,120,mmHg,{AT},SN1,,,", f"8,Diastolic,80,mmHg,{AT},SN1,,,"], id="of two people"),
        pytest.param(
            [
                f"7,Systolic,120,mmHg,{AT},SN1,,,",
                f"7,Diastolic,?,mmHg,{AT},SN1,,,",
                f"9,Weight,80,kg,{AT},SN3,,,",
            ],
            id="beside a half of no number",
        ),
    ],
)
def test_half_a_blood_pressure_is_discarded_with_the_reason(rows: list[str]) -> None:
    found = left_aside(readings(*rows))

    assert "is half of a blood pressure" in {one.reason for one in found}


def test_a_table_of_which_nothing_can_be_used_is_quarantined_by_its_first_refused_cell() -> None:
    error = refused(readings(f"7,Systolic,120,mmHg,{AT},SN1,,,", f"7,Diastolic,?,mmHg,{AT},SN1,,,"))

    assert error.field == "row 3 value"


def test_sbp_must_be_more_than_five_above_dbp() -> None:
    assert {one.model_dump()["quality"] for one in facts(readings(f"7,BP,84/80,mmHg,{AT},SN1,,,"))} == {"artifact"}


@pytest.mark.parametrize("flag", ["Control Solution", "motion artifact", "low battery; poor signal"])
def test_what_the_device_disowns_is_kept_and_never_judged(flag: str) -> None:
    fact = one(f"7,Glucose,110,mg/dL,{AT},SN1,,,{flag}")

    assert (fact.value, fact.quality) == (110, ReadingQuality.ARTIFACT)


def test_a_flag_on_a_pressure_spoils_both_halves() -> None:
    found = facts(readings(f"7,BP,120/80,mmHg,{AT},SN1,,,body movement"))

    assert [one.model_dump()["quality"] for one in found] == ["artifact", "artifact"]


@pytest.mark.parametrize(
    ("word", "automatic"),
    [("", True), ("N", True), ("Y", False), ("manual", False), ("Bluetooth", True), ("self-reported", False)],
)
def test_who_entered_it(word: str, automatic: bool) -> None:
    assert one(f"7,Weight,80,kg,{AT},SN1,,{word},").automatic is automatic


def test_the_meal_gives_the_slot() -> None:
    assert one(f"7,Glucose,110,mg/dL,{AT},SN1,Before Meal,,").slot is MeasurementSlot.PRE_MEAL
    assert one(f"7,Glucose,110,mg/dL,{AT},SN1,Fasting,,").slot is MeasurementSlot.FASTING


def test_device_and_moment_make_a_reading_the_same_in_the_next_file() -> None:
    first, again = one(f"7,Weight,80,kg,{AT},SN1,,,"), one(f"7,Weight,80.0,kg,{AT},SN1,,,")
    other = one(f"7,Weight,80,kg,{AT},SN2,,,")

    assert first.observation_id == again.observation_id
    assert first.observation_id != other.observation_id


def test_a_deleted_reading_is_taken_back_under_its_own_id() -> None:
    heading = "Patient ID,Vital,Value,Unit,Reading Time,Status"
    [said] = facts(readings(f"7,Weight,80,kg,{AT},", heading=heading))
    [gone] = facts(readings(f"7,Weight,,,{AT},Deleted", heading=heading))

    assert isinstance(gone, VitalSignRetracted)
    assert gone.observation_id == said.model_dump()["observation_id"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        pytest.param(f"7,Weight,SECRET-7,kg,{AT},SN1,,,", "row 2 value", id="no number"),
        pytest.param(f"7,BP,120,mmHg,{AT},SN1,,,", "row 2 value", id="one number is no blood pressure"),
        pytest.param(f",Weight,80,kg,{AT},SN1,,,", "row 2 patient_mrn", id="nobody's weight"),
        pytest.param("7,Weight,80,kg,,SN1,,,", "row 2 measured_at", id="no time"),
        pytest.param(f"7,Weight,80,kg,{AT},SN1,,perhaps,", "row 2 manual", id="perhaps by hand"),
    ],
)
def test_a_bad_row_names_its_column_and_no_value(row: str, field: str) -> None:
    error = refused(readings(row))

    assert error.field == field
    assert "SECRET-7" not in str(error)


def test_a_vital_that_no_rule_uses_is_left_aside() -> None:
    assert {one.where for one in left_aside(readings(f"7,Steps,4000,,{AT},SN1,,,"))} == {"row 2 vital"}
