"""A backtest reads the topic of facts partition by partition, beside scoring, from beginning to end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from care_cli.running.event_history import Readers, read_topic
from care_scoring.core.backtest import Backtest
from care_scoring.core.policy import load_policy
from care_scoring.decoding import decode_fact
from care_shared.settings import KafkaSettings
from care_shared.vocabulary import PatientId
from tests.builders import POLICY, contacted, discharged, when
from tests.conftest import fresh_database
from tests.scoring_world import scoring_world
from tests.stack import TestStack

pytestmark = pytest.mark.stack
LATER = load_policy('version: "later"\nthresholds: {discharge_contact: {business_days: 3}}')


async def test_every_partition_is_replayed_with_its_deadlines(stack: TestStack, tmp_path: Path) -> None:
    people = [PatientId(f"patient-{number}") for number in range(30)]
    facts = [event.model_copy(update={"patient_id": one}) for one in people for event in (discharged(0), contacted(4))]
    partitions_over = 0
    found = Backtest(POLICY, LATER)

    def over() -> None:
        nonlocal partitions_over
        partitions_over += 1
        found.finish(when(10))

    async with (
        fresh_database(stack.postgres_dsn) as dsn,
        scoring_world(stack.kafka_bootstrap, dsn, "backtest.", tmp_path / "log") as world,
    ):
        await world.publish((fact.patient_id.encode(), fact.model_dump_json().encode()) for fact in facts)
        readers = Readers(lambda value: found.take(decode_fact(value)), over)
        kafka = KafkaSettings(bootstrap=stack.kafka_bootstrap)
        await read_topic(kafka, world.events, datetime(1970, 1, 1, tzinfo=UTC), readers)
        await read_topic(kafka, world.events, datetime.now(UTC) + timedelta(hours=1), readers)  # noqa: TID251

    result = found.result(when(-1), when(10))
    assert partitions_over == 6, "three partitions, and again three of which nothing is that new"
    assert (result.facts, result.patients) == (60, 30)
    assert [one.kind for one in result.changes] == ["later"] * 30
