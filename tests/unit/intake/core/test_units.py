"""A reading in any unit becomes the number our rules know, or is marked unfit to judge (clinical.md 3.1)."""

import pytest

from care_intake.core.units import Reading, beyond_of, number_of, pressure_pair, reading_of
from care_shared.vocabulary import Beyond, ReadingQuality, VitalSign

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
        pytest.param(VitalSign.BODY_WEIGHT, 12.6, "st", 80.01, VALID, id="12.6 stone are 80.01 kg"),
        pytest.param(VitalSign.BODY_WEIGHT, 2822, "oz", 80.0, VALID, id="ounces"),
        pytest.param(VitalSign.BODY_WEIGHT, 80, "KG", 80, VALID, id="KG in capitals"),
        pytest.param(VitalSign.BODY_WEIGHT, 176.37, "lb", 80.0, VALID, id="lb"),
        pytest.param(VitalSign.BODY_WEIGHT, 176.37, "pounds", 80.0, VALID, id="pounds"),
        pytest.param(VitalSign.BODY_WEIGHT, 50, "km", 50, SUSPECT, id="km are no weight"),
        pytest.param(VitalSign.SYSTOLIC, 120, "mm Hg", 120, VALID, id="mm Hg with a blank"),
        pytest.param(VitalSign.SYSTOLIC, 120, "mm[Hg]", 120, VALID, id="mm[Hg]"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 101.0, "degF", 38.33, VALID, id="degF"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 101.0, "°F", 38.33, VALID, id="the sign of degrees"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 100.9, "F", 38.28, VALID, id="38.3 C are 100.9 F"),
        pytest.param(VitalSign.BODY_TEMPERATURE, 311.45, "K", 38.3, VALID, id="kelvin"),
        pytest.param(VitalSign.GLUCOSE, 147, "MG/DL", 147, VALID, id="MG/DL in capitals"),
        pytest.param(VitalSign.OXYGEN_SATURATION, 0.94, "fraction", 0.94, SUSPECT, id="a unit nobody agreed on"),
        pytest.param(VitalSign.HEART_RATE, 72, "/min", 72, VALID, id="per minute"),
        pytest.param(VitalSign.HEART_RATE, 72, "count/min", 72, VALID, id="as phones count"),
        pytest.param(VitalSign.INHALED_OXYGEN_FLOW, 2, "L/min", 2, VALID, id="two litres of oxygen"),
        pytest.param(VitalSign.INHALED_OXYGEN_FLOW, 2, "LPM", 2, VALID, id="LPM"),
        pytest.param(VitalSign.INHALED_OXYGEN_FLOW, 40, "L/min", 40, ARTIFACT, id="no home gives 40 litres"),
        pytest.param(VitalSign.INHALED_OXYGEN, 28, "%", 28, VALID, id="28 % oxygen"),
        pytest.param(VitalSign.INHALED_OXYGEN, 0.28, "1", 28.0, VALID, id="a fraction of oxygen"),
        pytest.param(VitalSign.INHALED_OXYGEN, 15, "%", 15, ARTIFACT, id="air has 21 %"),
        pytest.param(VitalSign.PEAK_FLOW, 7, "L/s", 420.0, VALID, id="peak flow in litres a second"),
        pytest.param(VitalSign.PEAK_FLOW, 420, "L/min", 420, VALID, id="peak flow"),
        pytest.param(VitalSign.BODY_HEIGHT, 66, "in", 167.6, VALID, id="66 inches are 167.6 cm"),
        pytest.param(VitalSign.BODY_HEIGHT, 1.68, "m", 168.0, VALID, id="metres"),
        pytest.param(VitalSign.BODY_HEIGHT, 66, "", 66, SUSPECT, id="66 without a unit may be inches"),
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


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        pytest.param("HI", Reading(VitalSign.GLUCOSE, 600, VALID, Beyond.HIGH), id="HI is beyond 600"),
        pytest.param(" lo ", Reading(VitalSign.GLUCOSE, 20, VALID, Beyond.LOW), id="LO is below 20"),
        pytest.param(">600", Reading(VitalSign.GLUCOSE, 600, VALID, Beyond.HIGH), id="as a comparison"),
        pytest.param("120", None, id="a number is no such code"),
        pytest.param("ERR", None, id="an error is none either"),
    ],
)
def test_what_a_meter_shows_instead_of_a_number_is_kept_as_its_code(text: str, reading: Reading | None) -> None:
    assert beyond_of(VitalSign.GLUCOSE, text) == reading
    assert beyond_of(VitalSign.OXYGEN_SATURATION, text) is None
