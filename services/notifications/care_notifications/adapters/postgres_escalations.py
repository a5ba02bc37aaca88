"""Steps that are due are rows; each is taken once, by whoever finds it, in one transaction with what it leads to."""

from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import Ring, record_of, transaction
from care_notifications.adapters.postgres_around import around_of
from care_notifications.adapters.postgres_directory import DirectorySource, read_directory
from care_notifications.adapters.postgres_moves import Move, keep_move
from care_notifications.adapters.postgres_telling import Telling, load_told, save_effects
from care_notifications.core.acts import Details
from care_notifications.core.alert_life import Stage
from care_notifications.core.escalation import Step, next_step
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.reaching import reach
from care_notifications.core.situation import Situation
from care_notifications.core.state import AlertRecord
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.postgres import Connection

# An alert that a person holds in this instant is left to them: their act decides whether there is still a step.
DUE = """
SELECT * FROM alerts WHERE NOT is_over AND next_escalation_at <= $1
ORDER BY next_escalation_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
SAVE_STEP = """
INSERT INTO escalation_steps (gap_id, round, step, rung, target, recipients, passed_over, due_at, done_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
BY = "escalation"


class PostgresEscalations:
    """The ladders of this installation."""

    def __init__(self, pool: asyncpg.Pool, source: DirectorySource, ring: Ring, policy: NoticePolicy = SHIPPED) -> None:
        """`ring` is called after each commit in which somebody was reached for."""
        self._pool = pool
        self._source = source
        self._ring = ring
        self._policy = policy

    async def take_due(self, now: datetime, most: int) -> list[Step]:
        """Take the step of every alert whose time is up, at most so many; what was taken."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(DUE, now, most)
            if not rows:
                return []
            telling = Telling(await read_directory(connection, self._source), self._policy, now)
            steps = [step for row in rows if (step := await _take(connection, row, telling)) is not None]
        self._ring()
        return steps


async def _take(connection: Connection, row: asyncpg.Record, telling: Telling) -> Step | None:
    before, alert = record_of(row), CareAlert.model_validate_json(row["body"])
    step = next_step(before, Stage(telling.directory, telling.now), alert.rule_id)
    if step is None:
        return None
    after = step.record
    await connection.execute(
        SAVE_STEP, after.gap_id, after.round, after.climb.step, after.climb.rung, step.target, step.recipients,
        step.passed_over, step.due_at, telling.now,
    )  # fmt: skip
    act_id = derived_id("step", after.gap_id, str(after.round), str(after.climb.step))
    await keep_move(connection, Move(before, after, step.kind, BY, act_id, Details(reason=step.target)), telling.now)
    await _reach(connection, alert, after, step, telling)
    return step


async def _reach(connection: Connection, alert: CareAlert, record: AlertRecord, step: Step, telling: Telling) -> None:
    around = await around_of(connection, alert, telling.policy)
    told = await load_told(connection, record.gap_id)
    situation = Situation(alert, record, told, telling.directory, telling.now, around)
    await save_effects(connection, alert, reach(situation, step.recipients), telling.now)
