"""Vital signs in words: what they are called, in which unit people read them, how their numbers are written."""

from care_shared.vocabulary import CANONICAL_UNIT, VitalSign

NAMES = {
    VitalSign.BODY_WEIGHT: "Weight",
    VitalSign.SYSTOLIC: "Systolic pressure",
    VitalSign.DIASTOLIC: "Diastolic pressure",
    VitalSign.HEART_RATE: "Heart rate",
    VitalSign.OXYGEN_SATURATION: "Oxygen saturation",
    VitalSign.RESPIRATORY_RATE: "Breathing rate",
    VitalSign.BODY_TEMPERATURE: "Temperature",
    VitalSign.GLUCOSE: "Glucose",
    VitalSign.INHALED_OXYGEN_FLOW: "Oxygen flow",
    VitalSign.INHALED_OXYGEN: "Inhaled oxygen",
    VitalSign.PEAK_FLOW: "Peak flow",
    VitalSign.BODY_HEIGHT: "Height",
}


def name_of(code: str) -> str:
    """What people call it; the code itself when it is none of ours."""
    try:
        return NAMES[VitalSign(code)]
    except ValueError:
        return code


def readable_unit(unit: str) -> str:
    """UCUM as people write it."""
    return unit.replace("mm[Hg]", "mmHg").replace("Cel", "°C")


def unit_of(code: VitalSign) -> str:
    """The unit in which values are kept."""
    return readable_unit(CANONICAL_UNIT[code])


def number(value: float) -> str:
    """At most one decimal."""
    return f"{value:.1f}".removesuffix(".0")
