"""A reading in any unit becomes the number our rules know, or is marked unfit to judge (clinical.md 3.1)."""

import pytest

from care_intake.core.units import Reading, number_of, pressure_pair, reading_of
from care_shared.vocabulary import ReadingQuality, VitalSign

VALID, ARTIFACT, SUSPECT = ReadingQuality.VALID, ReadingQuality.ARTIFACT, ReadingQuality.UNIT_SUSPECT


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected", "quality"),
    [
        pytest.param(VitalSign.BODY_WEIGHT, 176.37, "[lb_av]", 80.0, VALID, id="176.37 pounds are 80.0 kg"),
        pytest.param(VitalSign.BODY_WEIGHT, 176.37, "lbs", 80.0, VALID, id="hospitals write lbs"),
        pytest.param(VitalSign.BODY_WEIGHT, 80000, "g", 80.0, VALID, id="grams"),
        pytest.param(VitalSign.BODY_WEIGHT, 80, "", 80, SUSPECT, id="80 without a unit may be kg or pounds"),
        pytest.param(VitalSign.BODY_WEIGHT, 20.1, "kg", 20.1, ARTIFACT, id="no adult weighs 20 kg"),
        pytest.param(VitalSign.GLUCOSE, 8.2, "mmol/L", 147.7, VALID, id="8.2 mmol/L are 147.7 mg/dL"),
        pytest.param(VitalSign.GLUCOSE, 8.2, "", 8.2, SUSPECT, id="glucose 8.2 without a unit is never critical low"),
        pytest.param(VitalSign.GLUCOSE, 147, "", 147, VALID, id="glucose 147 without a unit can only be mg/dL"),
        pytest.param(VitalSign.GLUCOSE, 147, "furlongs", 147, SUSPECT, id="an unknown unit is suspect"),
        pytest.param(VitalSign.GLUCOSE, 700, "mg/dL", 700, ARTIFACT, id="glucose 700 is beyond a meter"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 101.0, "[degF]", 38.33, VALID, id="101 F are 38.33 C"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 101.0, "deg F", 38.33, VALID, id="hospitals write deg F"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 38.3, "Cel", 38.3, VALID, id="38.3 C stay 38.3 C"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 101.0, "", 38.33, VALID, id="101 without a unit can only be F"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 60.0, "", 60.0, SUSPECT, id="60 without a unit is neither"),
        pytest.param(VitalSign.OXYGEN_SATURATION, 0.94, "1", 94.0, VALID, id="0.94 of unit 1 is 94 %"),
        pytest.param(VitalSign.OXYGEN_SATURATION, 94, "%", 94, VALID, id="94 % stays 94 %"),
        pytest.param(VitalSign.OXYGEN_SATURATION, 94, "1", 94, SUSPECT, id="94 of unit 1 would be 9400 %"),
        pytest.param(VitalSign.OXYGEN_SATURATION, -3, "%", -3, ARTIFACT, id="a negative saturation"),
        pytest.param(VitalSign.SYSTOLIC, 16, "kPa", 120.0, VALID, id="16 kPa are 120 mm[Hg]"),
        pytest.param(VitalSign.HEART_RATE, 72, "beats/min", 72, VALID, id="beats per minute"),
        pytest.param(VitalSign.HEART_RATE, 72, "{beats}/min", 72, VALID, id="UCUM beats per minute"),
        pytest.param(VitalSign.HEART_RATE, 72, "bpm", 72, VALID, id="bpm"),
        pytest.param(VitalSign.RESPIRATORY_RATE, 3, "/min", 3, ARTIFACT, id="three breaths a minute"),
    ],
)
def test_a_reading_becomes_canonical(
    code: VitalSign, value: float, unit: str, expected: float, quality: ReadingQuality
) -> None:
    assert reading_of(code, value, unit) == Reading(code, expected, quality)


@pytest.mark.parametrize(
    ("systolic", "diastolic", "quality"),
    [
        pytest.param(120, 80, VALID, id="an ordinary pressure"),
        pytest.param(84, 80, ARTIFACT, id="the upper must be five above the lower"),
        pytest.param(300, 80, ARTIFACT, id="one impossible half spoils both"),
        pytest.param(120, 20, ARTIFACT, id="either half"),
    ],
)
def test_both_halves_of_a_pressure_stand_or_fall_together(
    systolic: float, diastolic: float, quality: ReadingQuality
) -> None:
    pair = pressure_pair(
        reading_of(VitalSign.SYSTOLIC, systolic, "mmHg"), reading_of(VitalSign.DIASTOLIC, diastolic, "mmHg")
    )

    assert {one.quality for one in pair} == {quality}
    assert [one.value for one in pair] == [systolic, diastolic]


@pytest.mark.parametrize(
    ("text", "number"),
    [("80", 80.0), (" 80.5 ", 80.5), ("-3", -3.0), ("1e2", 100.0), ("+4", 4.0), ("nan", None), ("inf", None),
     ("1e400", None), ("1_000", None), ("٣", None), ("HI", None), ("", None), ("120/80", None), (">300", None)],
)  # fmt: skip
def test_only_plain_numbers_are_numbers(text: str, number: float | None) -> None:
    assert number_of(text) == number
