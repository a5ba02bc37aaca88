"""Which diagnoses a patient has, from problem lists, claims and stays; their groups are looked up when read."""

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct

from care_scoring.core.calendar import day_number
from care_scoring.core.codes.conditions import groups_of_plain, is_kept, plain_code
from care_shared.vocabulary import SensitivityLabel

HEART_FAILURE = "heart-failure"
DIABETES = "diabetes"
YEARS_KEPT = 3  # measures look at this year and the one before


class Condition(Struct, array_like=True, gc=False):
    """One code. `said`, `active` are the latest statement; `first` and `years` the earliest days; `listed` once true.

    Keyed by the plain code (`plain_code`). The stays at which it was found name it themselves (`Encounter.codes`).
    Merging two: the greater (`said`, `active`), the smaller `first`, per year the smaller day, the union of the rest.
    """

    said: datetime
    active: bool
    groups_once: tuple[str, ...] = ()  # how version 1 kept the groups; looked up now
    first: int = 0  # day number on which it was first diagnosed, as far as we know; 0 when unknown
    years: dict[int, int] = {}  # per calendar year the first day number on which it was diagnosed
    listed: bool = True  # on a problem list or claim, not only on a stay
    labels: tuple[SensitivityLabel, ...] = ()


def kept_code(system: str, code: str) -> str | None:
    """The key of a code, or None when no rule reads it; a SNOMED code is digits and an ICD code is not."""
    plain = plain_code(code)
    if ("snomed" in system.lower()) is not plain.isdigit() or not is_kept(plain):
        return None
    return plain


def groups_of(system: str, code: str) -> tuple[str, ...]:
    """The groups a code belongs to; most codes belong to none."""
    plain = kept_code(system, code)
    return tuple(sorted(groups_of_plain(plain))) if plain else ()


def has_group(conditions: dict[str, Condition], group: str) -> bool:
    """Whether an active diagnosis of this group is recorded."""
    # A loop, not `any`: gates of rules ask it for nearly every reading.
    for code, held in conditions.items():  # noqa: SIM110
        if held.active and group in groups_of_plain(code):
            return True
    return False


def groups_held(conditions: dict[str, Condition]) -> frozenset[str]:
    """Every group of which an active diagnosis is recorded."""
    return frozenset().union(*(groups_of_plain(code) for code, held in conditions.items() if held.active))


def was_diagnosed_before(conditions: dict[str, Condition], groups: Iterable[str], day: date) -> bool:
    """Whether one of the groups was diagnosed before `day`, in its year or the one before, or stood on a problem list.

    This is how FMC asks (1.4): what was found at the emergency visit itself does not count.
    """
    number, wanted = day_number(day), frozenset(groups)
    for code, held in conditions.items():
        if not wanted & groups_of_plain(code):
            continue
        if any(seen < number for year, seen in held.years.items() if year in {day.year, day.year - 1}):
            return True
        if held.active and held.listed and held.first < number:
            return True
    return False
