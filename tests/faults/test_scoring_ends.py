"""A worker that is told to end does so within its time, also without a broker: nobody has to kill it."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from care_local.addresses import wait_for_port
from care_local.children import start_child
from care_local.kafka import KafkaPlace, start_kafka, wait_for_group_coordinator
from tests.load_panel import LoadPanel, as_records
from tests.scoring_world import Scoring, scoring_world, until
from tests.stack import FOLDER_PREFIX

pytestmark = [pytest.mark.stack, pytest.mark.faults]

START = datetime(2026, 10, 10, tzinfo=UTC)
# The run-book tells operators to give it 45 seconds.
WITHIN = 45.0


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.timeout(300)
async def test_a_worker_whose_broker_went_away_ends_in_good_order_when_it_is_told_to(
    folder: Path, postgres_dsn: str, topic_prefix: str
) -> None:
    kafka = await start_kafka(KafkaPlace(folder / "kafka", folder / "logs"))
    broker = kafka.child
    try:
        async with scoring_world(kafka.bootstrap, postgres_dsn, topic_prefix, folder / "scoring.log", 4) as world:
            world.extra.update({"CARE_SCORING_BATCH_RECORDS": "20", "CARE_SCORING_INBOX_RECORDS": "40"})
            await world.publish(as_records(LoadPanel(500).facts(30_000, START, START + timedelta(days=20))))
            async with Scoring(world) as worker:

                async def at_work() -> bool:
                    return sum((await world.positions()).values()) > 0

                await until(at_work, "the worker is at work")
                await broker.stop()
                try:
                    await asyncio.sleep(1.0)  # it notices, and looks for another one
                    worker.process.terminate()
                    assert await worker.ended(WITHIN) == 0
                finally:
                    broker = start_child(broker.spec)
                    await wait_for_port(int(kafka.bootstrap.rpartition(":")[2]), broker, 60)
                    await wait_for_group_coordinator(kafka.bootstrap, 60, broker)
    finally:
        await broker.stop()
