"""What we rely on in Faust 0.15.3, each promise by name: an upgrade that breaks one fails here and not at night."""

import inspect
from collections.abc import AsyncIterator, Collection, Mapping
from importlib.metadata import version
from types import SimpleNamespace

import faust
import pytest
import pytest_asyncio
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer as StockConsumer
from faust.transport.consumer import Fetcher
from faust.types import TP

from care_scoring.adapters.batch_faust import (
    BatchApp,
    BatchConsumer,
    BatchTransport,
    Ownership,
    Reading,
    build_batch_app,
)
from care_scoring.inbox import Inbox
from care_scoring.ports import Slice
from care_shared.settings import KafkaSettings

TOPIC = "care.events.v1"
FIRST, SECOND = TP(TOPIC, 0), TP(TOPIC, 1)


class Owner:
    """Stands for the rounds: what was asked of it, and what it answers."""

    def __init__(self) -> None:
        self.folded: dict[int, int] = {0: 40, 1: 7}
        self.taken: list[Collection[int]] = []
        self.given_up = 0

    async def take_over(self, partitions: Collection[int]) -> Mapping[int, int]:
        self.taken.append(partitions)
        return {one: self.folded[one] for one in partitions}

    async def give_up(self) -> Mapping[int, int]:
        self.given_up += 1
        return self.folded

    def positions(self) -> Mapping[int, int]:
        return self.folded


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest_asyncio.fixture
async def app(owner: Owner) -> AsyncIterator[BatchApp]:
    """An app that never meets a broker."""
    reading = Reading(TOPIC, "care-scoring", Inbox(1000), poll_records=500, session_seconds=30.0)
    made = build_batch_app(KafkaSettings(bootstrap="127.0.0.1:9"), reading)
    made.ownership = Ownership(owner.take_over, owner.give_up, owner.positions)
    yield made
    thread_loop = made.batches._thread.thread_loop
    if not thread_loop.is_closed():
        thread_loop.close()


@pytest.fixture
def consumer(app: BatchApp, monkeypatch: pytest.MonkeyPatch) -> BatchConsumer:
    """Our consumer with two partitions assigned, and nobody behind it."""
    found = app.batches
    monkeypatch.setattr(found, "assignment", lambda: {FIRST, SECOND})
    return found


def records(*offsets: int) -> list[SimpleNamespace]:
    return [SimpleNamespace(offset=offset, key=b"k", value=b"{}") for offset in offsets]


def test_the_versions_are_the_ones_these_promises_were_read_from() -> None:
    assert (version("faust-streaming"), version("mode-streaming")) == ("0.15.3", "0.7.1")


async def test_the_app_reads_through_our_transport(app: BatchApp) -> None:
    assert isinstance(app.transport, BatchTransport)
    assert isinstance(app.consumer, BatchConsumer)


async def test_no_web_page_no_table_no_leader_no_topic_made_on_the_fly(app: BatchApp) -> None:
    conf = app.conf
    assert not conf.web_enabled
    assert not conf.topic_allow_declare
    assert conf.topic_disable_leader
    assert conf.table_standby_replicas == 0, "else Faust uses an assignor of its own"
    assert not conf.stream_wait_empty
    assert conf.processing_guarantee == faust.Settings.processing_guarantee.default


async def test_the_fetcher_reads_what_getmany_yields(consumer: BatchConsumer) -> None:
    assert "_drain_messages" in inspect.getsource(Fetcher)
    assert "getmany = self.getmany" in inspect.getsource(StockConsumer._drain_messages)


async def test_one_poll_comes_as_one_message_with_all_its_slices(
    consumer: BatchConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled = {FIRST: records(40, 41), SECOND: records(7)}

    async def next_records(_: float) -> tuple[dict[TP, list[SimpleNamespace]], None]:
        return polled, None

    monkeypatch.setattr(consumer, "_wait_next_records", next_records)
    messages = [message async for _, message in consumer.getmany(timeout=1.0)]

    assert len(messages) == 1
    slices = messages[0].value
    assert [(one.partition, [record.offset for record in one.records]) for one in slices] == [(0, [40, 41]), (1, [7])]
    assert messages[0].offset == 41


async def test_the_raw_codec_hands_our_slices_over_untouched(app: BatchApp) -> None:
    topic = next(iter(app.agents.values())).channel
    slices = (Slice(0, 1, records(1)),)

    assert app.serializers.loads_value(topic.value_type, slices, serializer=topic.value_serializer) is slices


async def test_on_assignment_faust_seeks_to_what_seek_to_committed_returns(
    consumer: BatchConsumer, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought = {}

    async def seek(tp: TP, offset: int) -> None:
        sought[tp] = offset

    monkeypatch.setattr(consumer, "_seek", seek)
    await consumer.perform_seek()

    assert sought == {FIRST: 40, SECOND: 7}, "the database's positions"
    assert consumer._read_offset[FIRST] == 40, "from where Faust believes to have read"
    assert "perform_seek" in inspect.getsource(Recovery._resume_streams), "called before the flow is resumed"
    assert sorted(owner.taken[0]) == [0, 1]


async def test_what_is_committed_to_kafka_is_the_databases_position(
    consumer: BatchConsumer, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[TP, int]] = []

    async def call_thread(_: object, offsets: dict[TP, int]) -> bool:
        told.append(dict(offsets))
        return True

    monkeypatch.setattr(consumer._thread, "call_thread", call_thread)
    await consumer.commit()
    await consumer.commit()
    owner.folded = {0: 41, 1: 7}
    await consumer.commit()

    assert told == [{FIRST: 40, SECOND: 7}, {FIRST: 41}], "to the end, and only news"


async def test_an_acknowledgement_commits_nothing(consumer: BatchConsumer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def next_records(_: float) -> tuple[dict[TP, list[SimpleNamespace]], None]:
        return {FIRST: records(40)}, None

    monkeypatch.setattr(consumer, "_wait_next_records", next_records)
    [message] = [message async for _, message in consumer.getmany(timeout=1.0)]
    consumer.track_message(message)
    assert consumer.ack(message)

    assert not consumer._acked
    assert message not in consumer.unacked


async def test_before_partitions_go_faust_calls_the_hook_in_which_we_let_go(app: BatchApp, owner: Owner) -> None:
    assert "_consumer_wait_empty" in inspect.getsource(faust.App._on_partitions_revoked)
    assert "_consumer_wait_empty" in inspect.getsource(faust.App._stop_consumer)
    owner.folded = {}
    await app._consumer_wait_empty(app.batches, app.log)

    assert owner.given_up == 1


async def test_an_agent_that_fails_stops_the_app_instead_of_going_on_behind_the_lost_batch(
    app: BatchApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes: list[BaseException] = []

    async def crash(reason: BaseException) -> None:
        crashes.append(reason)

    monkeypatch.setattr(app, "crash", crash)
    agent = next(iter(app.agents.values()))
    assert agent._on_error == app._on_agent_error
    await agent._on_error(agent, RuntimeError())

    assert len(crashes) == 1
