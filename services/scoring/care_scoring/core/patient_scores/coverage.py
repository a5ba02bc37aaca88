"""Which class of long-term medicines is covered worst, and on which day its proportion crosses the line by itself."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil, floor

from care_scoring.core.codes.medicines import MedicineClass, classes_of
from care_scoring.core.patient_scores.picture import Labels, Picture
from care_scoring.core.scores.outreach_priority import USUAL
from care_scoring.core.state.medicines import DaySupply, Fills, covered_days, proportion_covered
from care_scoring.core.state.registers import all_labels
from care_shared.vocabulary import EventId

# The classes that PQA measures by days covered, and the anticoagulants, whose gaps are dangerous [D].
MEASURED: tuple[frozenset[MedicineClass], ...] = (
    frozenset({MedicineClass.STATIN}),
    frozenset({MedicineClass.RAS_ANTAGONIST}),
    frozenset({MedicineClass.OTHER_GLUCOSE_LOWERING, MedicineClass.SULFONYLUREA}),
    frozenset({MedicineClass.ANTICOAGULANT}),
)
ADHERENT = USUAL.actionability.pdc_below
PERIOD_DAYS = 365
FEWEST_DAYS = 91  # from the first fill to today (6.2)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Covered:
    """The proportion today (None while it is too early to say), the last fill, and when to look again."""

    proportion: float | None
    last_at: datetime
    last_event: EventId | None  # known for some weeks
    changes_on: date
    labels: Labels = ()


def lowest_covered(picture: Picture) -> Covered | None:
    """The class that is covered worst; None when no class has fills enough."""
    fills = picture.state.fills
    by_class = ([of_drug for drug, of_drug in sorted(fills.items()) if classes_of(drug) & kinds] for kinds in MEASURED)
    found = [one for of_class in by_class if (one := _covered(picture, of_class)) is not None] if fills else []
    if not found:
        return None
    worst = min(found, key=lambda one: (2.0 if one.proportion is None else one.proportion, one.last_at))
    changes_on = min(one.changes_on for one in found)
    return replace(worst, changes_on=changes_on, labels=all_labels(of_drug.labels for of_drug in fills.values()))


def _covered(picture: Picture, of_class: list[Fills]) -> Covered | None:
    today = picture.today
    oldest = today - timedelta(days=PERIOD_DAYS)
    kept = [
        [supply for supply in of_drug.supplies(picture.home) if oldest <= supply[0] <= today] for of_drug in of_class
    ]
    proportion = proportion_covered(kept, today)
    if proportion is None:
        return None
    first = min(day for of_drug in kept for day, _ in of_drug)
    last_at, last_event = _last_fill(of_class, picture.now)
    enough_on = first + timedelta(days=FEWEST_DAYS)
    if today < enough_on:
        return Covered(None, last_at, last_event, enough_on)
    leaves_window_on = first + timedelta(days=PERIOD_DAYS + 1)
    return Covered(proportion, last_at, last_event, min(leaves_window_on, _crossing(kept, first, today)))


def _last_fill(of_class: list[Fills], now: datetime) -> tuple[datetime, EventId | None]:
    at, of_drug = max(
        ((supply.at, of_drug) for of_drug in of_class for supply in of_drug.standing() if supply.at <= now),
        key=lambda found: found[0],
    )
    return at, of_drug.event_at(at)


def _crossing(supplies: list[list[DaySupply]], first: date, today: date) -> date:
    """Covered days are known ahead: until the supply ends the proportion rises, after that it falls."""
    days = {day for of_drug in supplies for day in covered_days(of_drug, date.max)}
    held, elapsed = sum(1 for day in days if day <= today), (today - first).days + 1
    if held / elapsed >= ADHERENT:
        return max(first + timedelta(days=floor(len(days) / ADHERENT)), today + ONE_DAY)
    # Rounded, as 0.8 is no exact number: what is enough to the day would seem to lack one more.
    needed = ceil(round((ADHERENT * elapsed - held) / (1 - ADHERENT), 9))
    return today + timedelta(days=max(needed, 1)) if needed <= len(days) - held else date.max
