"""The programme as the page shows it: each measure with figures, weeks and words; groups with their doubt."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from care_notifications.adapters.postgres_measures import Sum, Sums
from care_notifications.core.measures.definitions import BY_MONTH, DEFINITIONS, Definition, Measure
from care_notifications.core.measures.rates import Group, Rate
from care_notifications.web.bars import NONE, Bars, Whisker, percent, shares, whisker

PLACES = {Measure.HOME_DAYS: 1}  # decimals; days at home differ in the first of them
LANGUAGES = {
    "": "Language not known", "en": "English", "es": "Spanish", "zh": "Chinese", "vi": "Vietnamese", "ru": "Russian",
    "ko": "Korean", "tl": "Tagalog", "ar": "Arabic", "ht": "Haitian Creole", "fr": "French", "pl": "Polish",
    "pt": "Portuguese", "bn": "Bengali", "it": "Italian", "yi": "Yiddish", "hi": "Hindi", "ur": "Urdu", "fa": "Persian",
}  # fmt: skip
DUAL = {"true": "Medicare and Medicaid", "false": "Not both", "": "Coverage not known"}


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One measure's card."""

    code: str
    words: Definition
    share: str
    part: int
    whole: int
    late: int
    open: int
    bars: Bars


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """One organisation: a share and a count for each measure, in their order."""

    name: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group of patients. `whisker` is None where nothing is shown."""

    name: str
    hidden: bool
    share: str
    part: int
    whole: int
    whisker: Whisker | None


def measure_views(sums: Sums, since: date, until: date) -> list[MeasureView]:
    """All measures, also those without a case: that there is none is said."""
    return [_measure(measure, sums, since, until) for measure in Measure]


def _measure(measure: Measure, sums: Sums, since: date, until: date) -> MeasureView:
    total = next((one for one in sums.totals if one.measure is measure), Sum(measure, None, Rate(0, 0), 0, 0))
    held = {one.key: one.rate for one in sums.turns if one.measure is measure}
    turns = first_days(since, until, held) if measure in BY_MONTH else mondays(since, until)
    words, places = DEFINITIONS[measure], PLACES.get(measure, 0)
    return MeasureView(
        code=measure.value,
        words=words,
        share=percent(total.rate.share, places),
        part=total.rate.part,
        whole=total.rate.whole,
        late=total.late,
        open=total.open,
        bars=shares(words.name, [(turn, held.get(turn, Rate(0, 0))) for turn in turns], places),
    )


def organization_rows(sums: Sums) -> list[OrganizationRow]:
    """By name; patients who are aligned to nobody come last."""
    names = sorted({str(one.key) for one in sums.organizations}, key=lambda name: (not name, name.casefold()))
    held = {(one.key, one.measure): one.rate for one in sums.organizations}
    return [
        OrganizationRow(
            name or "Aligned to nobody", tuple(_cell(held.get((name, measure)), measure) for measure in Measure)
        )
        for name in names
    ]


def _cell(rate: Rate | None, measure: Measure) -> tuple[str, str]:
    if rate is None or not rate.whole:
        return NONE, ""
    return percent(rate.share, PLACES.get(measure, 0)), f"{rate.part:,} of {rate.whole:,}"


def group_views(groups: Sequence[Group], names: dict[str, str]) -> list[GroupView]:
    """The largest first; those that are hidden without any number."""
    shown = sorted(groups, key=lambda one: (one.hidden, -one.rate.whole, one.name))
    return [
        GroupView(
            name=names.get(one.name, one.name),
            hidden=one.hidden,
            share="" if one.hidden else percent(one.rate.share),
            part=0 if one.hidden else one.rate.part,
            whole=0 if one.hidden else one.rate.whole,
            whisker=None if one.hidden else whisker(one.rate),
        )
        for one in shown
    ]


def mondays(since: date, until: date) -> list[date]:
    """The weeks that a period touches, by their Mondays."""
    first = since - timedelta(days=since.weekday())
    return [first + timedelta(weeks=count) for count in range(-(-(until - first).days // 7))]


def first_days(since: date, until: date, held: Container[object]) -> list[date]:
    """The months that a period touches, by their first days; one of which it has the end only, if it has a case."""
    found = [since.replace(day=1)]
    while (following := (found[-1] + timedelta(days=31)).replace(day=1)) < until:
        found.append(following)
    return found if found[0] == since or found[0] in held else found[1:]


def programme_rows(sums: Sums) -> list[tuple[object, ...]]:
    """The same for a file: in all, by week, by organisation."""
    parts = (("all", sums.totals), ("week or month", sums.turns), ("organisation", sums.organizations))
    return [
        (
            kind, DEFINITIONS[one.measure].name, "" if one.key is None else str(one.key), one.rate.part, one.rate.whole,
            "" if one.rate.share is None else round(one.rate.share, 4), one.late, one.open,
        )
        for kind, held in parts
        for one in held
    ]  # fmt: skip
