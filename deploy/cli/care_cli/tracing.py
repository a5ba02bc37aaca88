"""Follows one id from service to service: each tells its own steps, and the ids in them lead on to the next."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from care_cli.running.pools import pool_of
from care_intake.adapters.trace import trace as intake_trace
from care_notifications.adapters.trace import trace as notifications_trace
from care_scoring.adapters.trace import folded as scoring_folded
from care_scoring.adapters.trace import standing as scoring_standing
from care_scoring.adapters.trace import trace as scoring_trace
from care_shared.runtime.trace import TraceStep
from care_shared.topics import CARE_EVENTS

# One message may hold hundreds of facts; the way of the first ones tells the story.
MOST_FACTS = 20


@dataclass(frozen=True, slots=True)
class Way:
    """The steps, oldest first, and how the rules stand for the patient whom the facts are about."""

    steps: list[TraceStep]
    standing: list[TraceStep]


async def follow(admin_dsn: str, wanted: str) -> Way:
    """Every step of every service that the id leads to."""
    async with _pools(admin_dsn) as (of_intake, of_scoring, of_notifications):
        received = await intake_trace(of_intake, wanted)
        judged = await scoring_trace(of_scoring, wanted)
        if not received:
            # Begun at the end: an alert leads back to the fact that caused it.
            for cause in _distinct(judged, "caused_by")[:1]:
                received = await intake_trace(of_intake, cause)
        for fact in _distinct(received, "event_id")[:MOST_FACTS]:
            judged += [step for step in await scoring_trace(of_scoring, fact) if step not in judged]
        folded = await _folded(of_scoring, received)
        told: list[TraceStep] = []
        for gap in _distinct(judged, "gap_id") or [wanted]:
            told += [step for step in await notifications_trace(of_notifications, gap) if step not in told]
        patient = (_distinct(received, "patient_id") or [wanted])[0]
        standing = await scoring_standing(of_scoring, patient)
    # The reasons for silence that led here are history; what stands now is told once, by itself.
    steps = [*received, *folded, *(step for step in judged if step.what != "silent"), *told]
    return Way(sorted(steps, key=lambda step: step.at), standing)


async def _folded(of_scoring: asyncpg.Pool, received: list[TraceStep]) -> list[TraceStep]:
    found: list[TraceStep] = []
    for place in _places(received):
        found += [step for step in await scoring_folded(of_scoring, *place) if step not in found]
    return found


async def silences_of(admin_dsn: str, receipt: str, rule: str) -> list[str]:
    """Why rules of that name raised nothing for the patient whom the receipt's message was about."""
    async with _pools(admin_dsn) as (of_intake, of_scoring, _):
        received = await intake_trace(of_intake, receipt)
        patients = _distinct(received, "patient_id")[:1]
        steps = [step for patient in patients for step in await scoring_trace(of_scoring, patient)]
    return [step.ids["reason"] for step in steps if step.what == "silent" and rule in step.ids["rule_id"]]


def _distinct(steps: list[TraceStep], name: str) -> list[str]:
    return list(dict.fromkeys(step.ids[name] for step in steps if step.ids.get(name)))


def _places(steps: list[TraceStep]) -> list[tuple[int, int]]:
    """Where on care.events.v1 the facts stand, as intake's outbox remembers."""
    found = {
        (int(step.ids["partition"]), int(step.ids["offset"]))
        for step in steps
        if step.ids.get("topic") == CARE_EVENTS.name and step.ids.get("offset")
    }
    return sorted(found)[:MOST_FACTS]


@contextlib.asynccontextmanager
async def _pools(admin_dsn: str) -> AsyncIterator[tuple[asyncpg.Pool, asyncpg.Pool, asyncpg.Pool]]:
    async with contextlib.AsyncExitStack() as open_pools:
        one, two, three = [
            await open_pools.enter_async_context(pool_of(schema, admin_dsn, 1))
            for schema in ("intake", "scoring", "notifications")
        ]
        yield one, two, three
