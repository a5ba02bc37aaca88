"""Which class of long-term medicines is covered worst, and on which day its proportion crosses the line by itself."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor

from care_scoring.core.codes.medicines import MedicineClass
from care_scoring.core.patient_scores.picture import Labels, Picture
from care_scoring.core.scores.outreach_priority import USUAL
from care_scoring.core.state.medicines import Fill, Supply, covered_days, proportion_covered, supplies_of
from care_scoring.core.state.registers import all_labels

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
    last: Fill
    changes_on: date
    labels: Labels = ()


def lowest_covered(picture: Picture) -> Covered | None:
    """The class that is covered worst; None when no class has fills enough."""
    fills = [fill for fill in picture.state.fills.values() if not fill.void and fill.at <= picture.now]
    by_class = ([fill for fill in fills if fill.classes & kinds] for kinds in MEASURED) if fills else ()
    found = [one for of_class in by_class if (one := _covered(picture, of_class)) is not None]
    if not found:
        return None
    worst = min(found, key=lambda one: (2.0 if one.proportion is None else one.proportion, one.last.event))
    changes_on = min(one.changes_on for one in found)
    return Covered(worst.proportion, worst.last, changes_on, all_labels(fill.labels for fill in fills))


def _covered(picture: Picture, fills: list[Fill]) -> Covered | None:
    today = picture.today
    oldest = today - timedelta(days=PERIOD_DAYS)
    kept: list[list[Supply]] = []
    for drug in sorted({fill.drug for fill in fills}):
        supplies = supplies_of((fill for fill in fills if fill.drug == drug), picture.home)
        kept.append([supply for supply in supplies if supply[0] >= oldest])
    proportion = proportion_covered(kept, today)
    if proportion is None:
        return None
    first = min(day for of_drug in kept for day, _ in of_drug)
    last = max(fills, key=lambda fill: (fill.at, fill.event))
    enough_on = first + timedelta(days=FEWEST_DAYS)
    if today < enough_on:
        return Covered(None, last, enough_on)
    leaves_window_on = first + timedelta(days=PERIOD_DAYS + 1)
    return Covered(proportion, last, min(leaves_window_on, _crossing(kept, first, today)))


def _crossing(supplies: list[list[Supply]], first: date, today: date) -> date:
    """Covered days are known ahead: until the supply ends the proportion rises, after that it falls."""
    days = {day for of_drug in supplies for day in covered_days(of_drug, date.max)}
    held, elapsed = sum(1 for day in days if day <= today), (today - first).days + 1
    if held / elapsed >= ADHERENT:
        return max(first + timedelta(days=floor(len(days) / ADHERENT)), today + ONE_DAY)
    needed = ceil((ADHERENT * elapsed - held) / (1 - ADHERENT))
    return today + timedelta(days=max(needed, 1)) if needed <= len(days) - held else date.max
