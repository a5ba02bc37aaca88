"""A reading in whatever unit it came becomes one number in the unit our rules know, or is marked unfit to judge."""

import re
from dataclasses import dataclass

from care_shared.vocabulary import Beyond, ReadingQuality, VitalSign

MIN_PULSE_PRESSURE = 5.0

# Plausible human values (clinical.md 3.1); outside is kept and shown, and never judged.
PLAUSIBLE: dict[VitalSign, tuple[float, float]] = {
    VitalSign.BODY_WEIGHT: (25, 350),
    VitalSign.SYSTOLIC: (50, 280),
    VitalSign.DIASTOLIC: (25, 180),
    VitalSign.HEART_RATE: (25, 250),
    VitalSign.OXYGEN_SATURATION: (50, 100),
    VitalSign.RESPIRATORY_RATE: (4, 60),
    VitalSign.BODY_TEMPERATURE: (30, 43),
    VitalSign.GLUCOSE: (20, 600),
    VitalSign.INHALED_OXYGEN_FLOW: (0, 15),
    VitalSign.INHALED_OXYGEN: (21, 100),
    VitalSign.PEAK_FLOW: (50, 900),  # [D]: the scale of an adult's meter
    VitalSign.BODY_HEIGHT: (100, 230),  # [D]
}


@dataclass(frozen=True, slots=True)
class Measure:
    """canonical = (value + shift) * factor, rounded to what the conversion can mean."""

    factor: float = 1.0
    shift: float = 0.0
    decimals: int | None = None
    largest: float = float("inf")

    def of(self, value: float) -> float:
        """The value in the canonical unit."""
        converted = (value + self.shift) * self.factor
        return converted if self.decimals is None else round(converted, self.decimals)


SAME = Measure()
_PRESSURE = {
    **dict.fromkeys(("mm[hg]", "mmhg", "mm(hg)", "mm/hg", "torr"), SAME),
    "kpa": Measure(7.50062, decimals=1),
}
_RATE = dict.fromkeys(
    ("/min", "1/min", "{beats}/min", "beats/min", "beat/min", "bpm", "beats/minute", "beatsperminute", "permin",
     "{breaths}/min", "breaths/min", "breath/min", "breaths/minute", "brpm", "br/min", "resp/min", "min-1", "/minute",
     "1/minute", "perminute", "count/min", "{pulse}/min", "pulse/min", "/m", "beatspermin", "breathsperminute"),
    SAME,
)  # fmt: skip

_POUND = Measure(0.45359237, decimals=2)
_FLOW = ("l/min", "lpm", "l/m", "liters/min", "litres/min", "liter/min", "l/minute", "lmin")

_ACCEPTED: dict[VitalSign, dict[str, Measure]] = {
    VitalSign.BODY_WEIGHT: {
        **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), SAME),
        **dict.fromkeys(("[lb_av]", "lb", "lbs", "lb_av", "pound", "pounds", "[lb_us]"), _POUND),
        **dict.fromkeys(("g", "gram", "grams", "gm"), Measure(0.001, decimals=3)),
        **dict.fromkeys(("[stone_av]", "st", "stone", "stones"), Measure(6.35029318, decimals=2)),
        **dict.fromkeys(("[oz_av]", "oz", "ounce", "ounces"), Measure(0.028349523125, decimals=2)),
    },
    VitalSign.SYSTOLIC: _PRESSURE,
    VitalSign.DIASTOLIC: _PRESSURE,
    VitalSign.HEART_RATE: _RATE,
    VitalSign.RESPIRATORY_RATE: _RATE,
    VitalSign.OXYGEN_SATURATION: {
        **dict.fromkeys(("%", "percent", "percentage", "pct", "%o2", "%sat", "%spo2", "%{hemoglobinsaturation}"), SAME),
        # A fraction: 94 of unit 1 would be 9400 %.
        **dict.fromkeys(("1", "{fraction}", "ratio"), Measure(100, decimals=1, largest=1.0)),
    },
    VitalSign.BODY_TEMPERATURE: {
        **dict.fromkeys(("cel", "c", "degc", "°c", "celsius", "deg.c", "degreesc", "degreescelsius"), SAME),
        **dict.fromkeys(("k", "kelvin"), Measure(shift=-273.15, decimals=2)),
        **dict.fromkeys(
            ("[degf]", "f", "degf", "°f", "fahrenheit", "deg.f", "degreesf", "degreefahrenheit", "degreesfahrenheit"),
            Measure(5 / 9, shift=-32, decimals=2),
        ),
    },
    VitalSign.GLUCOSE: {
        **dict.fromkeys(("mg/dl", "mgdl", "mg/100ml", "mgperdl", "mg%"), SAME),
        **dict.fromkeys(("mmol/l", "mm/l", "mmoll", "mmolperl"), Measure(18.0182, decimals=1)),
        "g/l": Measure(100, decimals=1),
    },
    VitalSign.INHALED_OXYGEN_FLOW: {
        **dict.fromkeys(_FLOW, SAME),
        **dict.fromkeys(("ml/min", "cc/min"), Measure(0.001, decimals=3)),
    },
    VitalSign.INHALED_OXYGEN: {
        **dict.fromkeys(("%", "percent", "pct", "%o2", "%fio2"), SAME),
        **dict.fromkeys(("1", "{fraction}", "ratio"), Measure(100, decimals=1, largest=1.0)),
    },
    VitalSign.PEAK_FLOW: {
        **dict.fromkeys(_FLOW, SAME),
        **dict.fromkeys(("l/s", "l/sec"), Measure(60, decimals=1)),
    },
    VitalSign.BODY_HEIGHT: {
        **dict.fromkeys(("cm", "cms", "centimeter", "centimeters", "centimetre", "centimetres"), SAME),
        **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), Measure(100, decimals=1)),
        "mm": Measure(0.1, decimals=1),
        **dict.fromkeys(("[in_i]", "in", "inch", "inches", "[in_us]"), Measure(2.54, decimals=1)),
        **dict.fromkeys(("[ft_i]", "ft", "foot", "feet", "[ft_us]"), Measure(30.48, decimals=1)),
    },
}

# Without a unit only a value that one unit alone can explain is believed; a weight never is (80 kg or 80 lb).
_UNITLESS: dict[VitalSign, tuple[tuple[float, float, Measure], ...]] = {
    VitalSign.BODY_WEIGHT: (),
    VitalSign.SYSTOLIC: ((0, 1000, SAME),),
    VitalSign.DIASTOLIC: ((0, 1000, SAME),),
    VitalSign.HEART_RATE: ((0, 1000, SAME),),
    VitalSign.RESPIRATORY_RATE: ((0, 1000, SAME),),
    VitalSign.OXYGEN_SATURATION: ((0, 1, Measure(100, decimals=1)), (1, 1000, SAME)),
    VitalSign.BODY_TEMPERATURE: ((30, 43, SAME), (86, 110, Measure(5 / 9, shift=-32, decimals=2))),
    VitalSign.GLUCOSE: ((40, 1000, SAME),),
    VitalSign.INHALED_OXYGEN_FLOW: ((0, 15, SAME),),
    VitalSign.INHALED_OXYGEN: ((0.21, 1, Measure(100, decimals=1)), (21, 100, SAME)),
    VitalSign.PEAK_FLOW: ((50, 1000, SAME),),
    VitalSign.BODY_HEIGHT: ((1, 2.5, Measure(100, decimals=1)), (100, 230, SAME)),
}
# What a glucose meter shows instead of a number; the reading then stands at the end of what it can tell.
_BEYOND = {
    **dict.fromkeys(("HI", "HIGH", ">600"), Beyond.HIGH),
    **dict.fromkeys(("LO", "LOW", "<20"), Beyond.LOW),
}

_NUMBER = re.compile(r"[+-]?(\d{1,15})(\.\d{0,15})?([eE][+-]?\d{1,2})?", re.ASCII)
_BLANKS = re.compile(r"[\s_]+")
_LIMIT = re.compile(r"([<>]=?)(\d{1,4}(?:\.\d{1,4})?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """One vital sign in its canonical unit, and whether it may be judged."""

    code: VitalSign
    value: float
    quality: ReadingQuality
    beyond: Beyond = Beyond.NOT


def beyond_of(code: VitalSign, text: str, unit: str = "") -> Reading | None:
    """A meter's «HI», «LO» or «>500», as grave as a number can be; of other vitals it would only be a remark."""
    if code is not VitalSign.GLUCOSE:
        return None
    bare = _BLANKS.sub("", text).upper()
    low, high = PLAUSIBLE[code]
    found = _BEYOND.get(bare)
    if found is not None:
        return Reading(code, high if found is Beyond.HIGH else low, ReadingQuality.VALID, found)
    limit = _LIMIT.fullmatch(bare)
    reading = reading_of(code, float(limit[2]), unit) if limit else None
    if limit is None or reading is None or reading.quality is ReadingQuality.UNIT_SUSPECT:
        return None
    side = Beyond.HIGH if limit[1].startswith(">") else Beyond.LOW
    return Reading(code, min(max(reading.value, low), high), ReadingQuality.VALID, side)


def number_of(text: str) -> float | None:
    """A plain decimal number; anything else, not-a-number and infinity included, is None."""
    return float(text) if _NUMBER.fullmatch(text.strip()) else None


def reading_of(code: VitalSign, value: float, unit: str) -> Reading:
    """The reading in canonical terms. What cannot be converted keeps its number and is marked."""
    measure = _measure_of(code, value, unit)
    if measure is None or value > measure.largest:
        return Reading(code, value, ReadingQuality.UNIT_SUSPECT)
    canonical = measure.of(value)
    low, high = PLAUSIBLE[code]
    quality = ReadingQuality.VALID if low <= canonical <= high else ReadingQuality.ARTIFACT
    return Reading(code, canonical, quality)


def pressure_pair(systolic: Reading, diastolic: Reading) -> tuple[Reading, Reading]:
    """Both halves of a blood pressure stand or fall together, and the upper must be above the lower."""
    worst = next((one.quality for one in (systolic, diastolic) if one.quality is not ReadingQuality.VALID), None)
    if worst is None and systolic.value <= diastolic.value + MIN_PULSE_PRESSURE:
        worst = ReadingQuality.ARTIFACT
    if worst is None:
        return systolic, diastolic
    return Reading(systolic.code, systolic.value, worst), Reading(diastolic.code, diastolic.value, worst)


def standard_unit(unit: str) -> str:
    """The first spelling of a unit that some vital sign can be converted from; empty when none can."""
    for accepted in _ACCEPTED.values():
        measure = accepted.get(_bare(unit)) or accepted.get(unit.strip().lower())
        if measure is not None:
            return next(name for name, one in accepted.items() if one is measure)
    return ""


def _bare(unit: str) -> str:
    return _BLANKS.sub("", unit).lower().rstrip(".") if unit != "[lb_av]" else unit


def _measure_of(code: VitalSign, value: float, unit: str) -> Measure | None:
    name = _bare(unit)
    if not name:
        return next((measure for low, high, measure in _UNITLESS[code] if low <= value <= high), None)
    accepted = _ACCEPTED[code]
    return accepted.get(name) or accepted.get(unit.strip().lower())
