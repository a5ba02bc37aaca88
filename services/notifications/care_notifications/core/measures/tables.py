"""What the measures take for granted: which stays and places count, which visits, within how many days by condition."""

from care_shared.vocabulary import Disposition, EncounterClass

# Twins of scoring's default policy, which services may not import from one another; a test holds them together.
QUALIFYING_STAYS = frozenset(
    {
        EncounterClass.INPATIENT,
        EncounterClass.OBSERVATION,
        EncounterClass.PSYCHIATRIC,
        EncounterClass.REHABILITATION,
        EncounterClass.LONG_TERM_ACUTE,
        EncounterClass.SKILLED_NURSING,
        EncounterClass.UNKNOWN,
    }
)
HOME = frozenset(
    {Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE, Disposition.UNKNOWN}
)  # fmt: skip
SUPERSEDING_STAYS = QUALIFYING_STAYS - {EncounterClass.OBSERVATION, EncounterClass.UNKNOWN}
ACUTE_EVENTS = frozenset(
    {EncounterClass.EMERGENCY, EncounterClass.OBSERVATION, EncounterClass.INPATIENT, EncounterClass.UNKNOWN}
)
COUNTED_FOR_READMISSION = frozenset(
    {EncounterClass.INPATIENT, EncounterClass.PSYCHIATRIC, EncounterClass.UNKNOWN, EncounterClass.OBSERVATION}
)
NOT_AN_INDEX = frozenset({Disposition.OTHER_HOSPITAL, Disposition.EXPIRED})
NOT_A_FOLLOW_UP = frozenset(
    {
        *("audiology", "cardiac rehab", "dental", "dentist", "imaging", "infusion", "laboratory", "massage"),
        *("nutrition", "occupational therapy", "optometry", "pharmacy", "physical therapy", "physiotherapy"),
        *("radiology", "sleep study", "speech therapy", "transport", "vaccination"),
    }
)
VISIT_CODES = ("9920", "9921", "9934", "9935", "99495", "99496", "G0463", "G0438", "G0439", "T1015")
CORE_SERVICES = frozenset(
    {
        "comprehensive-care-management",
        "care-coordination",
        "health-promotion",
        "comprehensive-transitional-care",
        "individual-and-family-support",
        "referral-to-community-and-social-supports",
    }
)
PREGNANCY = ("O", "Z33", "Z34", "Z3A")
_DIABETES = ("08", "09", "10", "11", "13")
# By plain ICD-10-CM prefix; where a diagnosis belongs to two, the shorter window holds.
WINDOWS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (7, ("I21", "I22", "I200")),
    (14, ("I16",)),
    (14, ("I50", "I110", "I130", "I132", "I0981")),
    (14, ("J45",)),
    (14, tuple(f"E{kind}{rest}" for kind in _DIABETES for rest in ("0", "1", "641"))),
    (30, ("J41", "J42", "J43", "J44")),
    (30, ("I10", "I11", "I12", "I13", "I15")),
    (42, ("I201", "I202", "I208", "I209", "I251")),
)


def window_of(code: str) -> int | None:
    """Within how many days after an acute event of this diagnosis the patient is to be seen; None: not asked for."""
    return next((days for days, prefixes in WINDOWS if code and code.startswith(prefixes)), None)


def is_follow_up(specialty: str) -> bool:
    """Whether a visit with this specialty is one with a clinician who follows up."""
    plain = " ".join(specialty.casefold().replace("-", " ").replace("_", " ").split())
    return not any(word in plain for word in NOT_A_FOLLOW_UP)
