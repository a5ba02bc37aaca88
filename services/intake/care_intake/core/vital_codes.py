"""Which vital sign a code or a word means: LOINC and its neighbours, device codes, and what hospitals call it."""

import re

from care_shared.vocabulary import MeasurementSlot, VitalSign

BLOOD_PRESSURE_PANELS = frozenset({"85354-9", "55284-4", "35094-2", "96607-7", "150020"})
GLUCOSE_BY_LABORATORY = frozenset({"2339-0", "2345-7", "1558-6", "14749-6", "15074-8"})

_BY_LOINC = {
    **dict.fromkeys(("29463-7", "3141-9", "3142-7", "8335-2"), VitalSign.BODY_WEIGHT),
    **dict.fromkeys(("8480-6", "8459-0", "8460-8", "8461-6", "76534-7"), VitalSign.SYSTOLIC),
    **dict.fromkeys(("8462-4", "8453-3", "8454-1", "8455-8", "76535-4"), VitalSign.DIASTOLIC),
    **dict.fromkeys(("8867-4", "8889-8", "8893-0", "68999-2"), VitalSign.HEART_RATE),
    **dict.fromkeys(("59408-5", "2708-6"), VitalSign.OXYGEN_SATURATION),
    "9279-1": VitalSign.RESPIRATORY_RATE,
    **dict.fromkeys(("8310-5", "8331-1", "8328-7", "8332-9", "8333-7"), VitalSign.BODY_TEMPERATURE),
    **dict.fromkeys(
        ("2339-0", "41653-7", "2345-7", "99504-3", "1558-6", "14749-6", "15074-8", "32016-8"), VitalSign.GLUCOSE
    ),
    "3151-8": VitalSign.INHALED_OXYGEN_FLOW,
    "3150-6": VitalSign.INHALED_OXYGEN,
    **dict.fromkeys(("19935-6", "33452-4"), VitalSign.PEAK_FLOW),
    **dict.fromkeys(("8302-2", "3137-7", "3138-5", "8308-9"), VitalSign.BODY_HEIGHT),
}
# IEEE 11073-10101, as home devices send them.
_BY_DEVICE_CODE = {
    "188736": VitalSign.BODY_WEIGHT, "150021": VitalSign.SYSTOLIC, "150022": VitalSign.DIASTOLIC,
    "149530": VitalSign.HEART_RATE, "147842": VitalSign.HEART_RATE, "150456": VitalSign.OXYGEN_SATURATION,
    "151562": VitalSign.RESPIRATORY_RATE, "150364": VitalSign.BODY_TEMPERATURE,
    "160184": VitalSign.GLUCOSE, "152584": VitalSign.PEAK_FLOW, "188740": VitalSign.BODY_HEIGHT,
}  # fmt: skip
_BY_WORD = {
    **dict.fromkeys(("weight", "wt", "body weight", "patient weight", "wgt"), VitalSign.BODY_WEIGHT),
    **dict.fromkeys(
        ("systolic", "sbp", "bp systolic", "systolic bp", "systolic blood pressure", "bp sys", "sys bp", "nibp sys"),
        VitalSign.SYSTOLIC,
    ),
    **dict.fromkeys(
        ("diastolic", "dbp", "bp diastolic", "diastolic bp", "diastolic blood pressure", "bp dia", "dia bp"),
        VitalSign.DIASTOLIC,
    ),
    **dict.fromkeys(("heart rate", "heartrate", "hr", "pulse", "pulse rate"), VitalSign.HEART_RATE),
    **dict.fromkeys(
        ("spo2", "sao2", "o2 sat", "o2sat", "oxygen saturation", "pulse ox", "pulse oximetry", "sat"),
        VitalSign.OXYGEN_SATURATION,
    ),
    **dict.fromkeys(("resp", "rr", "respiratory rate", "respirations", "resp rate"), VitalSign.RESPIRATORY_RATE),
    **dict.fromkeys(("temp", "temperature", "body temperature", "body temp"), VitalSign.BODY_TEMPERATURE),
    **dict.fromkeys(
        ("glucose", "blood glucose", "bg", "glu", "blood sugar", "fingerstick glucose", "poc glucose"),
        VitalSign.GLUCOSE,
    ),
    **dict.fromkeys(
        ("o2 flow", "oxygen flow", "o2 flow rate", "oxygen flow rate", "inhaled oxygen flow rate",
         "supplemental oxygen"),
        VitalSign.INHALED_OXYGEN_FLOW,
    ),
    **dict.fromkeys(("fio2", "inhaled oxygen", "inhaled oxygen concentration", "oxygen concentration"),
                    VitalSign.INHALED_OXYGEN),
    **dict.fromkeys(("peak flow", "pef", "pefr", "peak expiratory flow", "peak expiratory flow rate"),
                    VitalSign.PEAK_FLOW),
    **dict.fromkeys(("height", "ht", "body height", "patient height"), VitalSign.BODY_HEIGHT),
}  # fmt: skip
_PANEL_WORDS = frozenset({"bp", "blood pressure", "nibp", "blood pressure panel"})
_FASTING_CODES = frozenset({"1558-6"})
# FHIR and HL7 event timing: before or after which meal, at which part of the day.
_SLOTS = {
    **dict.fromkeys(("ACM", "WAKE"), MeasurementSlot.FASTING),
    **dict.fromkeys(("AC", "ACD", "ACV"), MeasurementSlot.PRE_MEAL),
    **dict.fromkeys(("PC", "PCM", "PCD", "PCV"), MeasurementSlot.POST_MEAL),
    "HS": MeasurementSlot.BEDTIME,
    "MORN": MeasurementSlot.MORNING,
    "EVE": MeasurementSlot.EVENING,
}
# What device portals and meters write beside a glucose reading.
_SLOT_WORDS = {
    **dict.fromkeys(("fasting", "before breakfast", "pre breakfast", "on waking", "wake", "waking"),
                    MeasurementSlot.FASTING),
    **dict.fromkeys(
        ("before meal", "pre meal", "premeal", "preprandial", "before lunch", "before dinner", "pre lunch",
         "pre dinner", "before a meal"),
        MeasurementSlot.PRE_MEAL,
    ),
    **dict.fromkeys(
        ("after meal", "post meal", "postmeal", "postprandial", "2 hours postprandial", "after breakfast",
         "after lunch", "after dinner", "post breakfast", "post lunch", "post dinner", "after a meal",
         "1 hour postprandial", "with meal", "with food"),
        MeasurementSlot.POST_MEAL,
    ),
    **dict.fromkeys(("bedtime", "before sleeping", "before bed", "night"), MeasurementSlot.BEDTIME),
    **dict.fromkeys(("morning", "am"), MeasurementSlot.MORNING),
    **dict.fromkeys(("evening", "pm"), MeasurementSlot.EVENING),
}  # fmt: skip
_UNFIT = frozenset({
    "control solution", "control", "control test", "check solution", "motion artifact", "motion", "artifact",
    "movement", "poor signal", "low perfusion", "cuff error", "body movement", "error", "test reading", "calibration",
})  # fmt: skip
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def vital_of(code: str, text: str = "", *, is_loinc: bool = False) -> VitalSign | None:
    """The vital sign of a code; local codes may also be known by their words, LOINC codes never are."""
    known = _BY_LOINC.get(code) or _BY_DEVICE_CODE.get(code)
    if known is not None or is_loinc:
        return known
    return _BY_WORD.get(_word(code)) or _BY_WORD.get(_word(text))


def is_pressure_panel(code: str, text: str = "", *, is_loinc: bool = False) -> bool:
    """A blood pressure whose two halves come as parts or as «120/80»."""
    if code in BLOOD_PRESSURE_PANELS:
        return True
    return not is_loinc and (_word(code) in _PANEL_WORDS or _word(text) in _PANEL_WORDS)


def slot_of(code: str, timing: str = "") -> MeasurementSlot:
    """The part of the day a reading belongs to, when the sender says so."""
    if code in _FASTING_CODES:
        return MeasurementSlot.FASTING
    return _SLOTS.get(timing.upper(), MeasurementSlot.ANY)


def slot_by_word(words: str) -> MeasurementSlot:
    """The part of the day in a portal's words, or in the codes of event timing."""
    return _SLOT_WORDS.get(_word(words)) or _SLOTS.get(words.strip().upper(), MeasurementSlot.ANY)


def is_unfit(flag: str) -> bool:
    """Whether a device says itself that the value is not the patient's: control solution, motion, a poor signal."""
    return any(_word(part) in _UNFIT for part in re.split(r"[,;|]", flag))


def _word(text: str) -> str:
    return _NOT_WORD.sub(" ", text.lower()).strip()
