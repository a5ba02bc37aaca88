"""What was added up about rules is kept for five minutes: figures of weeks do not change by the minute."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.rule_precision import RulePrecision, RuleStory, rule_precision, rule_story

KEPT_FOR = timedelta(minutes=5)
MOST = 200  # rules and periods that are kept at once


@dataclass(slots=True)
class RuleFigures:
    """Each answer comes with when it was added up."""

    pool: asyncpg.Pool
    _rules: dict[datetime, tuple[datetime, list[RulePrecision]]] = field(default_factory=dict)
    _stories: dict[tuple[str, datetime], tuple[datetime, RuleStory]] = field(default_factory=dict)

    async def rules(self, since: datetime, now: datetime) -> tuple[datetime, list[RulePrecision]]:
        """Every rule that alerted somebody since then."""
        held = self._rules.get(since)
        if held is None or not _is_fresh(held[0], now):
            held = now, await rule_precision(self.pool, since, now)
            if len(self._rules) >= MOST:
                self._rules.clear()
            self._rules[since] = held
        return held

    async def story(self, rule_id: str, since: datetime, now: datetime) -> tuple[datetime, RuleStory]:
        """One rule since then."""
        held = self._stories.get((rule_id, since))
        if held is None or not _is_fresh(held[0], now):
            held = now, await rule_story(self.pool, rule_id, since, now)
            if len(self._stories) >= MOST:
                self._stories.clear()
            self._stories[rule_id, since] = held
        return held


def _is_fresh(at: datetime, now: datetime) -> bool:
    return now - KEPT_FOR < at <= now
