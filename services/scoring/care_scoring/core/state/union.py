"""Two pictures of one person become one: each field by the rule of its register, so that order makes no difference."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from care_scoring.core.state.conditions import YEARS_KEPT, Condition
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.encounters import Encounter, Foretold
from care_scoring.core.state.labs import Lab
from care_scoring.core.state.medicines import Fills, note_fill
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.person import Person
from care_scoring.core.state.plans import Recommendation
from care_scoring.core.state.referrals import Appointment, Referral
from care_scoring.core.state.series_union import united_series
from care_scoring.core.state.statements import Statement
from care_scoring.core.state.visits import Visit
from care_scoring.core.state.vitals import PRESSURES, Series
from care_shared.vocabulary import VitalSign

# Fields have many types, and each rule is for the fields it is named for: a table can say that, a type cannot.
Joined = Callable[[Any, Any], Any]
Noun = TypeVar("Noun", bound=Struct)


def greater(one: Any, other: Any) -> Any:
    """The statement that wins: the later one, or the greater of two at once. Either may be missing."""
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)


def lesser(one: Any, other: Any) -> Any:
    """What was said or known first. Either may be missing."""
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def first_number(one: int, other: int) -> int:
    """The lesser of two moments, of which 0 means none."""
    return min(one, other) if one and other else one or other


def all_of(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    """Everything that either of them holds, in order."""
    return tuple(sorted({*one, *other}))


def by_key(rule: Joined) -> Joined:
    """What only one of them knows is taken as it is; what both know by `rule`."""

    def joined(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> dict[Any, Any]:
        both = {key: rule(one[key], other[key]) for key in one if key in other}
        return {**one, **other, **both}

    return joined


def fields(kind: type[Noun], rules: Mapping[str, Joined]) -> Joined:
    """A noun, field by field."""

    def joined(one: Noun, other: Noun) -> Noun:
        return kind(**{name: rule(getattr(one, name), getattr(other, name)) for name, rule in rules.items()})

    return joined


def _winning(one: Contact, other: Contact) -> Contact:
    return one if one.beats(other) else other


def where_told(rule: Joined) -> Joined:
    """What only one of them was told is taken as it is; what both were told by `rule`."""

    def joined(one: Any, other: Any) -> Any:
        return rule(one, other) if one is not None and other is not None else one or other

    return joined


def told(one: Statement | None, other: Statement | None) -> Statement | None:
    """Of two statements about one thing the one that holds, with the labels of both. Either may be missing."""
    if one is None or other is None:
        return one if other is None else other
    return one.joined(other)


def _diagnosed(one: Condition, other: Condition) -> Condition:
    """The latest word, the earliest days, and everything that was true once (see `Condition`)."""
    said, active = max((one.said, one.active), (other.said, other.active))
    years = by_key(min)(one.years, other.years)
    return Condition(
        said=said,
        active=active,
        groups_once=all_of(one.groups_once, other.groups_once),
        first=first_number(one.first, other.first),
        years={year: day for year, day in years.items() if year > max(years) - YEARS_KEPT},
        listed=one.listed or other.listed,
        labels=all_of(one.labels, other.labels),
    )


def _dispensed(one: Mapping[str, Fills], other: Mapping[str, Fills]) -> dict[str, Fills]:
    """Every handing out of both, as if all had been told to the same patient."""
    book = {drug: Fills(fills.rows, dict(fills.events)) for drug, fills in one.items()}
    for drug, fills in other.items():
        for row in fills.every():
            note_fill(book, drug, row, fills.events.get(row[3], b""))
    return book


def _measured(one: Mapping[VitalSign, Series], other: Mapping[VitalSign, Series]) -> dict[VitalSign, Series]:
    both = {code: united_series(one[code], other[code], keep_past=code in PRESSURES) for code in one if code in other}
    return {**one, **other, **both}


PERSON: dict[str, Joined] = {
    **dict.fromkeys(
        (
            "family_name", "given_name", "birth_date", "phone", "home_zone", "lives_alone", "homebound", "care_team",
            "sex", "language", "email",
        ),
        greater,
    ),
    **dict.fromkeys(("home_status", "high_needs", "hospice_word"), told),
    "deceased": lesser,
    "hospice": lesser,
    "alignments": by_key(greater),
}  # fmt: skip
FORETOLD: dict[str, Joined] = {"announced_at": lesser, "planned_return": greater}
ENCOUNTER: dict[str, Joined] = {
    **dict.fromkeys(
        (
            "encounter_class", "facility", "facility_zone", "disposition", "admission_type", "admitted", "discharged",
            "admission_cancelled", "discharge_cancelled", "departed", "emergency", "observed", "service", "diagnoses",
            "procedures", "source",
        ),
        greater,
    ),
    "discharge_known_at": lesser,
    "admission_known_at": lesser,
    "foretold": where_told(fields(Foretold, FORETOLD)),
    "labels": all_of,
}  # fmt: skip
VISIT: dict[str, Joined] = {
    "plan": greater,
    "outcome": greater,
    "proven": first_number,
    "began": first_number,
    "labels": all_of,
}
LAB: dict[str, Joined] = {"result": told, "acknowledged": told}
REFERRAL: dict[str, Joined] = {"ordered": told, "closed": told, "report": told}
APPOINTMENT: dict[str, Joined] = {"stand": told, "booking": told, "first_booked": lesser}
RECOMMENDATION: dict[str, Joined] = {"recommended": told, "ended": told}
BOOKS = (
    "coverages", "orders", "reconciliations", "pending_results", "assessments", "symptoms", "surveys",
    "documents", "services", "consents", "stand_ins", "caregivers", "care_plans", "goals", "care_tasks", "flags",
    "leaves",
)  # fmt: skip
# Every belief of a patient has its rule here, and a new one must be given one.
BELIEFS: dict[str, Joined] = {
    "person": fields(Person, PERSON),
    "encounters": by_key(fields(Encounter, ENCOUNTER)),
    "contacts": by_key(_winning),
    "visits": by_key(fields(Visit, VISIT)),
    "vitals": _measured,
    "fills": _dispensed,
    "conditions": by_key(_diagnosed),
    "labs": by_key(fields(Lab, LAB)),
    "referrals": by_key(fields(Referral, REFERRAL)),
    "appointments": by_key(fields(Appointment, APPOINTMENT)),
    "recommendations": by_key(fields(Recommendation, RECOMMENDATION)),
    "reached": by_key(greater),
    **dict.fromkeys(BOOKS, by_key(told)),
    "visiting_agency": greater,
    "silent_feeds": by_key(greater),
}
# What is not a belief: whose picture it is, what was told and asked, and who is whom.
NOT_BELIEFS = frozenset({"patient_id", "as_of", "gaps", "silences", "wakes", "judged_under", "kin", "told_scores"})
# Nouns with tables of their own.
NOUNS: dict[type[Struct], Mapping[str, Joined]] = {
    Person: PERSON,
    Encounter: ENCOUNTER,
    Foretold: FORETOLD,
    Visit: VISIT,
    Lab: LAB,
    Referral: REFERRAL,
    Appointment: APPOINTMENT,
    Recommendation: RECOMMENDATION,
}


def united(one: PatientState, other: PatientState) -> PatientState:
    """What both know together, in the name of the first; neither is changed."""
    joined = {name: rule(getattr(one, name), getattr(other, name)) for name, rule in BELIEFS.items()}
    return PatientState(one.patient_id, **joined)
