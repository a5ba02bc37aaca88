"""What a backtest told, as `carelead backtest --json` prints it: two policies side by side, by rule and day."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from care_shared.contracts.envelope import UtcDatetime
from care_shared.vocabulary import Tier

Word = Annotated[str, Field(min_length=1, max_length=128)]
Number = Annotated[int, Field(ge=0, le=10_000_000)]
MOST_COUNTS = 50_000
LONGEST = 3 * 366  # days between the first and the last: each of them is drawn


class _Part(BaseModel):
    """Of the file only what is drawn is kept: no gap, and whatever else stands in it."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RuleChange(_Part):
    """How one rule would tell otherwise."""

    rule_id: Word
    before: Number
    after: Number
    gained: Number = 0
    lost: Number = 0
    earlier: Number = 0
    later: Number = 0
    tier: Number = 0


class DayCount(_Part):
    """How often a rule told on one day in one tier, under the one policy and the other."""

    rule_id: Word
    day: date
    tier: Tier
    before: Number
    after: Number


class BacktestRun(_Part):
    """One run. `unread`: readings that no asked rule looks at."""

    baseline: Word
    candidate: Word
    since: UtcDatetime
    until: UtcDatetime
    facts: Number
    unread: Number = 0
    patients: Number
    asked: Annotated[tuple[Word, ...], Field(max_length=500)]
    before: Number
    after: Number
    rules: Annotated[tuple[RuleChange, ...], Field(max_length=500)]
    counts: Annotated[tuple[DayCount, ...], Field(max_length=MOST_COUNTS)]

    @field_validator("counts")
    @classmethod
    def _days_are_near_one_another(cls, counts: tuple[DayCount, ...]) -> tuple[DayCount, ...]:
        days = [one.day for one in counts]
        if days and (max(days) - min(days)).days > LONGEST:
            raise ValueError("span more than three years")
        return counts

    def per_day(self, rule_id: str = "") -> list[tuple[date, int, int]]:
        """Each day with what would be told before and after; of one rule or of all. Days between are there, too."""
        return _by_day(one for one in self.counts if rule_id in ("", one.rule_id))

    def per_tier(self) -> list[tuple[Tier, int, int]]:
        """The same by tier."""
        before: Counter[Tier] = Counter()
        after: Counter[Tier] = Counter()
        for one in self.counts:
            before[one.tier] += one.before
            after[one.tier] += one.after
        return [(tier, before[tier], after[tier]) for tier in Tier if before[tier] or after[tier]]


def _by_day(counts: Iterable[DayCount]) -> list[tuple[date, int, int]]:
    before: Counter[date] = Counter()
    after: Counter[date] = Counter()
    for one in counts:
        before[one.day] += one.before
        after[one.day] += one.after
    days = sorted(before.keys() | after.keys())
    if not days:
        return []
    span = range(days[0].toordinal(), days[-1].toordinal() + 1)
    return [(day, before[day], after[day]) for day in map(date.fromordinal, span)]
