"""One suite for scoring's store, in memory and in PostgreSQL: a fake that drifts is caught here."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import pytest
import pytest_asyncio
from pydantic import SecretStr

from care_scoring.adapters.postgres import PostgresStore, request_release
from care_scoring.adapters.relay import PostgresOutbox
from care_scoring.adapters.score_history import score_history
from care_scoring.ports import (
    Claim,
    DuePatient,
    Firing,
    Outbox,
    OutboxRow,
    ParkedFact,
    ParkedPatient,
    ParkingLot,
    ScoreRow,
    SkippedOffsets,
    StateRow,
    StateStore,
    Step,
    StoredPatient,
    TimelineRow,
    Turn,
)
from care_shared.errors import OwnershipLostError
from care_shared.runtime.kafka import Published, Record
from care_shared.runtime.postgres import open_pool
from care_shared.settings import PostgresSettings
from care_shared.vocabulary import PatientId
from tests.conftest import fresh_database
from tests.fakes.memory_store import MemoryStore
from tests.scoring_world import migrate_scoring
from tests.stack import TestStack

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADA, BEN = PatientId("ada"), PatientId("ben")


Past = tuple[str, str, int, int | None, tuple[str, ...], dict[str, object]]


class AskForRelease(Protocol):
    async def __call__(self, patient_id: PatientId) -> None: ...


class Storage:
    """The ports of one storage, and an operator who may ask for a release."""

    def __init__(
        self,
        store: StateStore,
        parking: ParkingLot,
        outbox: Outbox,
        ask_for_release: AskForRelease,
        fired: Callable[[], Awaitable[dict[tuple[str, bool], int]]],
        scores: Callable[[PatientId, str], Awaitable[list[Past]]],
    ) -> None:
        self.store = store
        self.parking = parking
        self.outbox = outbox
        self.ask_for_release = ask_for_release
        self.fired = fired
        self.scores = scores


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.stack)])
def server(request: pytest.FixtureRequest) -> str | None:
    """The address of a server, or None for the memory; asked for outside of any event loop."""
    if request.param == "memory":
        return None
    stack: TestStack = request.getfixturevalue("stack")
    return stack.postgres_dsn


async def _kept(memory: MemoryStore, patient_id: PatientId, score: str) -> list[Past]:
    """The history of scores in memory, as PostgreSQL tells it."""
    rows = [one for one in memory.scores if one.patient_id == patient_id and score in ("", one.score)]
    return [
        (one.score, one.subject, one.revision, one.value, tuple(one.labels.split()), json.loads(one.inputs))
        for one in rows
    ]


@pytest_asyncio.fixture
async def storage(server: str | None) -> AsyncIterator[Storage]:
    if server is None:
        memory = MemoryStore()

        async def ask(patient_id: PatientId) -> None:
            memory.to_release.append(patient_id)

        async def fired() -> dict[tuple[str, bool], int]:
            counted: Counter[tuple[str, bool]] = Counter()
            for one, times in memory.firings.items():
                counted[one.rule_id, one.shadow] += times * (one.change in {"opened", "reopened"})
            return dict(counted)

        yield Storage(memory, memory, memory, ask, fired, lambda one, score: _kept(memory, one, score))
        return
    async with fresh_database(server) as dsn:
        await migrate_scoring(dsn)
        pool = await open_pool(PostgresSettings(dsn=SecretStr(dsn)), "scoring")

        async def request_it(patient_id: PatientId) -> None:
            async with pool.acquire() as connection:
                await request_release(connection, [patient_id])

        async def counted_there() -> dict[tuple[str, bool], int]:
            async with pool.acquire() as connection:
                rows = await connection.fetch(
                    "SELECT rule_id, shadow, sum(fired)::int FROM rule_firings GROUP BY rule_id, shadow"
                )
            return {(row[0], row[1]): row[2] for row in rows}

        async def kept_there(patient_id: PatientId, score: str) -> list[Past]:
            found = await score_history(pool, patient_id, score)
            return [(one.score, one.subject, one.revision, one.value, one.labels, dict(one.inputs)) for one in found]

        postgres = PostgresStore(pool)
        outbox = PostgresOutbox(pool, keep_batches=100)
        yield Storage(postgres, postgres, outbox, request_it, counted_there, kept_there)
        await pool.close()


def row(
    patient_id: PatientId, state: bytes = b"state", wake_at: datetime | None = None, partition: int = 3
) -> StateRow:
    return StateRow(patient_id, partition, state, wake_at)


def step(claim: Claim, to: int, seq: int | None = None) -> Step:
    return Step(claim, to, claim.outbox_seq if seq is None else seq)


def after(one: Step) -> Claim:
    """Where the partition is once the step is durable."""
    return replace(one.claim, turn=one.claim.turn + 1, next_offset=one.next_offset, outbox_seq=one.outbox_seq)


def decided(seq: int, event_id: str, partition: int = 3) -> OutboxRow:
    record = Record("care.alerts.v1", b"ada", b"{}", (("ce_id", event_id.encode()),))
    return OutboxRow(partition, seq, event_id, record)


async def claimed(storage: Storage, partition: int = 3) -> Claim:
    return (await storage.store.claim({partition: 0}))[0]


async def test_what_rules_fired_is_counted_with_the_turn_and_once(storage: Storage) -> None:
    claim = await claimed(storage)
    opened = Firing(3, date(2027, 3, 3), "TCM-CONTACT", 1, "p", "P2", shadow=False, change="opened")
    hidden, closed = opened._replace(shadow=True), opened._replace(change="closed")
    first = Turn(steps=[step(claim, to=1)], firings=Counter({opened: 2, hidden: 1, closed: 1}))
    for turn in (first, first, Turn(steps=[step(after(first.steps[0]), to=2)], firings=Counter({opened: 3}))):
        await storage.store.commit(turn)

    assert await storage.fired() == {("TCM-CONTACT", False): 5, ("TCM-CONTACT", True): 1}


async def test_the_history_of_scores_is_kept_with_the_turn_and_once(storage: Storage) -> None:
    claim = await claimed(storage)
    first = ScoreRow(ADA, "lace", "stay-1", 1, "2010.1", None, "", NOW, "e-1", "fact-1", "ETH", '{"missing":["acute"]}')
    second = first._replace(revision=2, value=14, band="high", event_id="e-2")
    other = first._replace(score="outreach-priority", subject="", value=40, event_id="e-3", labels="")
    turn = Turn(steps=[step(claim, to=1)], scores=[first, second, other])
    for one in (turn, turn):
        await storage.store.commit(one)

    assert await storage.scores(ADA, "") == [
        ("lace", "stay-1", 1, None, ("ETH",), {"missing": ["acute"]}),
        ("lace", "stay-1", 2, 14, ("ETH",), {"missing": ["acute"]}),
        ("outreach-priority", "", 1, 40, (), {"missing": ["acute"]}),
    ]
    assert [one[2] for one in await storage.scores(ADA, "lace")] == [1, 2]
    assert await storage.scores(BEN, "") == []


async def test_a_new_partition_begins_where_its_log_begins(storage: Storage) -> None:
    assert await storage.store.claim({3: 40}) == [Claim(3, epoch=1, turn=0, next_offset=40, outbox_seq=0)]


async def test_a_later_claim_raises_the_epoch_and_keeps_the_position(storage: Storage) -> None:
    first = await claimed(storage)
    await storage.store.commit(Turn(steps=[step(first, to=7, seq=2)]))

    assert await storage.store.claim({3: 5}) == [Claim(3, epoch=2, turn=1, next_offset=7, outbox_seq=2)]


async def test_a_turn_writes_states_and_position_together(storage: Storage) -> None:
    claim = await claimed(storage)
    story = TimelineRow(ADA, NOW, "silence", "TCM-CONTACT", "stay-1", "contact_made")

    await storage.store.commit(Turn(steps=[step(claim, to=2)], states=[row(ADA), row(BEN)], timeline=[story]))

    assert await storage.store.load([ADA, PatientId("cleo")]) == {
        ADA: StoredPatient(b"state"),
        PatientId("cleo"): StoredPatient(None),
    }
    assert (await storage.store.claim({3: 0}))[0].next_offset == 2


async def test_a_later_state_replaces_the_earlier_one(storage: Storage) -> None:
    claim = await claimed(storage)
    await storage.store.commit(Turn(steps=[step(claim, to=1)], states=[row(ADA, b"one")]))
    claim = replace(claim, turn=1, next_offset=1)
    await storage.store.commit(Turn(steps=[step(claim, to=2)], states=[row(ADA, b"two")]))

    assert (await storage.store.load([ADA]))[ADA].state == b"two"


async def test_a_former_owner_can_write_nothing(storage: Storage) -> None:
    """The worker that was frozen and comes back."""
    before = await claimed(storage)
    await claimed(storage)

    with pytest.raises(OwnershipLostError):
        await storage.store.commit(Turn(steps=[step(before, to=1)], states=[row(ADA)], outbox=[decided(1, "e-1")]))

    assert (await storage.store.load([ADA]))[ADA].state is None
    assert await storage.outbox.pending([3], 10) == []


async def test_a_turn_committed_twice_counts_once(storage: Storage) -> None:
    """The connection was lost during COMMIT, and we ask again."""
    claim = await claimed(storage)
    turn = Turn(steps=[step(claim, to=1, seq=1)], states=[row(ADA)], outbox=[decided(1, "e-1")])

    await storage.store.commit(turn)
    await storage.store.commit(turn)

    assert [one.event_id for one in await storage.outbox.pending([3], 10)] == ["e-1"]
    assert await storage.store.claim({3: 0}) == [Claim(3, epoch=2, turn=1, next_offset=1, outbox_seq=1)]


async def test_a_deadline_turn_committed_twice_counts_once(storage: Storage) -> None:
    """A deadline moves no offset; the turn number tells."""
    claim = await claimed(storage)
    turn = Turn(steps=[step(claim, to=0, seq=1)], states=[row(ADA)], outbox=[decided(1, "e-1")])

    await storage.store.commit(turn)
    await storage.store.commit(turn)

    assert (await storage.store.claim({3: 0}))[0].turn == 1


async def test_a_turn_that_was_overtaken_is_refused(storage: Storage) -> None:
    claim = await claimed(storage)
    for to in (1, 2):
        await storage.store.commit(Turn(steps=[step(replace(claim, turn=to - 1, next_offset=to - 1), to=to)]))

    with pytest.raises(OwnershipLostError):
        await storage.store.commit(Turn(steps=[step(claim, to=1)]))


async def test_one_lost_partition_spoils_the_turn_of_all(storage: Storage) -> None:
    kept, lost = await claimed(storage, 3), await claimed(storage, 4)
    await claimed(storage, 4)

    with pytest.raises(OwnershipLostError):
        await storage.store.commit(Turn(steps=[step(kept, to=1), step(lost, to=1)], states=[row(ADA)]))

    assert (await storage.store.load([ADA]))[ADA].state is None


async def test_due_patients_come_earliest_first_and_only_ours(storage: Storage) -> None:
    claim = await claimed(storage)
    minute = timedelta(minutes=1)
    rows = [
        row(PatientId("later"), wake_at=NOW - minute),
        row(PatientId("earlier"), wake_at=NOW - 2 * minute),
        row(PatientId("not yet"), wake_at=NOW + minute),
        row(PatientId("never")),
        row(PatientId("elsewhere"), wake_at=NOW - minute, partition=9),
    ]
    await storage.store.commit(Turn(steps=[step(claim, to=1)], states=rows))

    assert await storage.store.due([3], NOW, limit=10) == [
        DuePatient(PatientId("earlier"), 3, NOW - 2 * minute),
        DuePatient(PatientId("later"), 3, NOW - minute),
    ]
    assert len(await storage.store.due([3], NOW, limit=1)) == 1


async def test_a_parked_patient_waits_without_a_clock_until_released(storage: Storage) -> None:
    claim = await claimed(storage)
    facts = [ParkedFact(ADA, 3, 5, b"five"), ParkedFact(ADA, 3, 6, b"six")]
    await storage.store.commit(
        Turn(
            steps=[step(claim, to=7)],
            states=[row(ADA, wake_at=NOW)],
            parked=facts,
            parked_because={ADA: (3, "KeyError")},
        )
    )

    assert (await storage.store.load([ADA]))[ADA] == StoredPatient(b"state", parked=True)
    assert await storage.store.due([3], NOW, limit=10) == []
    assert await storage.parking.parked_facts(ADA) == facts
    assert await storage.parking.release_requests([3]) == []

    await storage.ask_for_release(ADA)
    assert await storage.parking.release_requests([3]) == [ParkedPatient(ADA, 3)]
    assert await storage.parking.release_requests([9]) == []

    claim = replace(claim, turn=1, next_offset=7)
    await storage.store.commit(Turn(steps=[step(claim, to=7)], states=[row(ADA, b"folded")], released=[ADA]))
    assert (await storage.store.load([ADA]))[ADA] == StoredPatient(b"folded")
    assert await storage.parking.parked_facts(ADA) == []
    assert await storage.parking.release_requests([3]) == []


async def test_a_patient_who_fails_again_is_parked_again_and_not_asked_for(storage: Storage) -> None:
    claim = await claimed(storage)
    fact = ParkedFact(ADA, 3, 5, b"five")
    parking = Turn(steps=[step(claim, to=6)], parked=[fact], parked_because={ADA: (3, "KeyError")})
    await storage.store.commit(parking)
    await storage.ask_for_release(ADA)

    again = replace(claim, turn=1, next_offset=6)
    await storage.store.commit(
        Turn(steps=[step(again, to=6)], released=[ADA], parked=[fact], parked_because={ADA: (3, "KeyError")})
    )

    assert await storage.parking.parked_facts(ADA) == [fact]
    assert await storage.parking.release_requests([3]) == []


async def test_skipped_offsets_are_written_down(storage: Storage) -> None:
    claim = await claimed(storage)
    await storage.store.commit(Turn(steps=[step(claim, to=9)], skipped=[SkippedOffsets(3, 0, 8)]))

    assert (await storage.store.claim({3: 0}))[0].next_offset == 9


async def test_the_outbox_is_read_in_order_and_published_once(storage: Storage) -> None:
    claim, other = await claimed(storage, 3), await claimed(storage, 4)
    rows = [decided(1, "a-1"), decided(2, "a-2"), decided(1, "b-1", partition=4)]
    await storage.store.commit(Turn(steps=[step(claim, to=1, seq=2), step(other, to=1, seq=1)], outbox=rows))

    assert await storage.outbox.pending([3, 4], 10) == rows
    assert await storage.outbox.pending([4], 10) == rows[2:]

    await storage.outbox.published(rows[:2], [Published(0, 17), Published(0, 18)])
    assert await storage.outbox.pending([3, 4], 10) == rows[2:]


async def test_published_rows_are_forgotten_after_a_while(storage: Storage) -> None:
    claim = await claimed(storage)
    rows = [decided(1, "a-1"), decided(2, "a-2")]
    await storage.store.commit(Turn(steps=[step(claim, to=1, seq=2)], outbox=rows))
    await storage.outbox.published(rows[:1], [Published(0, 17)])

    far_future = datetime(2200, 1, 1, tzinfo=UTC)
    assert await storage.outbox.prune([3], far_future) == 1
    assert await storage.outbox.pending([3], 10) == rows[1:]
