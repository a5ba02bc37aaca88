"""A rule as its governance page shows it: told, taken, acted on, overridden, and what people thought of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from care_notifications.adapters.rule_precision import RulePrecision, RuleStory
from care_notifications.core.follow_up import NotUseful
from care_notifications.core.measures.rates import Rate
from care_notifications.web.bars import NONE, Bars, percent, weekly_counts
from care_notifications.web.follow_up_words import WHY_NOT_USEFUL
from care_notifications.web.insight_views import mondays
from care_notifications.web.rule_words import rule_words


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule or one version of it."""

    name: str
    title: str  # empty for a version
    told: int
    acknowledged: str
    acted: int
    overridden: str
    precision: str
    interval: str
    undecided: int
    useful: int
    not_useful: int
    per_hundred_days: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule's page."""

    rule_id: str
    title: str
    clears: str
    total: RuleRow
    versions: tuple[RuleRow, ...]
    weeks: Bars
    useful: int
    reasons: tuple[tuple[str, int], ...]


def rule_rows(rules: Sequence[RulePrecision], days: int) -> list[RuleRow]:
    """All rules, those that told most first."""
    told_most = sorted(rules, key=lambda one: (-one.told, one.rule_id))
    return [replace(_row(one.rule_id, one, days), title=rule_words(one.rule_id).title) for one in told_most]


def rule_view(rule_id: str, story: RuleStory, days: int, since: date, until: date) -> RuleView:
    """One rule; `days` is how many days patients were looked after, added up."""
    known = rule_words(rule_id)
    held = {week: one.told for week, one in story.weeks}
    return RuleView(
        rule_id=rule_id,
        title=known.title,
        clears=known.clears,
        total=_row(rule_id, _added(rule_id, [one for _, one in story.versions]), days),
        versions=tuple(_row(str(version), one, days) for version, one in story.versions),
        weeks=weekly_counts("Alerts", [(week, held.get(week, 0)) for week in mondays(since, until)]),
        useful=sum(count for useful, _, count in story.ratings if useful),
        reasons=tuple((_why_not(reason), count) for useful, reason, count in story.ratings if not useful),
    )


def _added(rule_id: str, parts: Sequence[RulePrecision]) -> RulePrecision:
    def total(name: str) -> int:
        return sum(int(getattr(one, name)) for one in parts)

    return RulePrecision(
        rule_id, total("told"), total("acknowledged"), total("acted"), total("overridden"), total("useful"),
        total("not_useful"), total("undecided"),
    )  # fmt: skip


def _row(name: str, one: RulePrecision, days: int) -> RuleRow:
    interval = Rate(one.acted, one.told - one.undecided).interval if one.told > one.undecided else None
    return RuleRow(
        name=name,
        title="",
        told=one.told,
        acknowledged=percent(one.acknowledged / one.told if one.told else None),
        acted=one.acted,
        overridden=percent(one.overridden / one.told if one.told else None),
        precision=percent(one.precision),
        interval=f"{percent(interval[0])} to {percent(interval[1])}" if interval else "",
        undecided=one.undecided,
        useful=one.useful,
        not_useful=one.not_useful,
        per_hundred_days=f"{one.told * 100 / days:.2f}" if days else NONE,
    )


def _why_not(reason: str) -> str:
    return WHY_NOT_USEFUL[NotUseful(reason)] if reason in set(NotUseful) else "No reason given"
