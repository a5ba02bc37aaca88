"""Stored messages translated anew on a real database: the difference first, then its publication, once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from care_intake.adapters.corrections import Corrected, Corrections
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.adapters.replays import Asker
from care_intake.adapters.retranslation import Range, Retranslation
from care_intake.adapters.sources import Source, Sources
from care_intake.core.effects import Verdict
from care_intake.core.feed import Feed
from care_intake.core.local_codes import spelled_as_standard
from care_intake.core.receipts import Judged
from care_shared.contracts.care_events import decode_event
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.vocabulary import SourceId
from tests.intake_builders import GENERAL, NOW, adt, judge, oru

pytestmark = pytest.mark.stack

LATER = NOW + timedelta(hours=3)
ANN = Asker("ann", reason="class codes agreed")
ALL = Range(GENERAL.source, NOW - timedelta(days=1), LATER)
WEIGHT = "OBX|1|NM|WTX^Gewicht^L||80.5|kg|||||F"
MAPPED = Feed(
    GENERAL.source, GENERAL.zone,
    mappings=spelled_as_standard({"patient_class": {"ZZ": "emergency"}, "observation_code": {"WTX": "29463-7"}}),
)  # fmt: skip


@dataclass
class Room:
    """A database with messages that were translated under GENERAL."""

    pool: asyncpg.Pool

    async def keep(self, *group: Judged) -> list[str]:
        return [one.receipt.receipt_id for one in await PostgresIntakeStore(self.pool).keep_all(group)]

    def retranslation(self, feed: Feed = MAPPED) -> Retranslation:
        return Retranslation(self.pool, _only(feed), _only(GENERAL))

    async def correct(self, receipt_id: str, feed: Feed = MAPPED, before: Feed = GENERAL) -> Corrected:
        return await Corrections(self.pool, _only(feed), _only(before), lambda: LATER).correct(receipt_id, ANN)

    async def published(self) -> list[Any]:
        return [decode_event(row[0]) for row in await self.pool.fetch("SELECT value FROM outbox ORDER BY id")]

    async def count(self, table: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))


def _only(feed: Feed) -> Sources:
    return Sources([Source(feed, "", frozenset())])


@pytest.fixture
async def room(postgres_dsn: str) -> AsyncIterator[Room]:
    await migrate(postgres_dsn, "public", migrations_of("care_intake"))
    async with asyncpg.create_pool(postgres_dsn, min_size=1, max_size=4) as pool:
        yield Room(pool)


async def test_without_a_change_everything_is_as_it_was(room: Room) -> None:
    await room.keep(judge(adt("A01")), judge(oru(WEIGHT)))

    found = await room.retranslation(GENERAL).preview(ALL, 10)

    assert (found.messages, found.unchanged, found.uncompared, found.changes, found.receipts) == (2, 3, 0, {}, [])


async def test_the_difference_is_told_by_type_and_cause_and_nothing_is_written(room: Room) -> None:
    kept = await room.keep(judge(adt("A08", pv1={2: "ZZ"})), judge(oru(WEIGHT)), judge(adt("A01", control_id="M2")))

    found = await room.retranslation().preview(ALL, 10)

    assert found.changes == {
        ("changed", "encounter-updated", "encounter_class"): 1,
        ("new", "vital-sign-recorded", ""): 1,
        ("no longer said", "lab-resulted", ""): 1,
    }
    assert found.examples["changed", "encounter-updated", "encounter_class"] == [
        f"{kept[0]}  encounter_class: unknown → emergency"
    ]
    assert sorted(found.receipts) == sorted(kept[:2])
    assert len(await room.published()) == 5
    assert await room.count("receipt_replays") == 0


async def test_a_changed_fact_goes_out_under_a_new_id_and_wins_over_what_it_corrects(room: Room) -> None:
    [receipt] = await room.keep(judge(adt("A08", pv1={2: "ZZ"})))

    assert await room.correct(receipt) == Corrected(changed=1)

    *_, then, now = await room.published()
    assert (then.type, now.type) == ("encounter-updated", "encounter-updated")
    assert then.event_id != now.event_id
    assert (then.patient_id, then.encounter_id) == (now.patient_id, now.encounter_id)
    assert now.encounter_class == "emergency"
    assert now.stated_at == then.said_at + timedelta(seconds=1)
    assert now.recorded_at == LATER


async def test_a_reading_comes_and_the_laboratory_result_it_was_taken_for_goes(room: Room) -> None:
    [receipt] = await room.keep(judge(oru(WEIGHT)))

    assert await room.correct(receipt) == Corrected(new=1, withdrawn=1)

    lab, retracted, reading = await room.published()
    assert (lab.type, retracted.type, reading.type) == ("lab-resulted", "lab-retracted", "vital-sign-recorded")
    assert lab.observation_id == retracted.observation_id
    assert retracted.said_at > lab.said_at


async def test_doing_it_again_finds_nothing_also_when_the_outbox_forgot_what_was_said(room: Room) -> None:
    kept = await room.keep(judge(adt("A08", pv1={2: "ZZ"})), judge(oru(WEIGHT)))
    await room.pool.execute("DELETE FROM outbox")
    first = [await room.correct(receipt) for receipt in kept]
    again = [await room.correct(receipt) for receipt in kept]

    assert first == [Corrected(changed=1), Corrected(new=1, withdrawn=1)]
    assert again == [Corrected(), Corrected()]
    assert (await room.retranslation().preview(ALL, 10)).changes == {}
    rows = await room.pool.fetch("SELECT replayed_by, reason, what, new_facts, changed_facts, withdrawn_facts"
                                 " FROM receipt_replays ORDER BY id")  # fmt: skip
    assert [tuple(row) for row in rows] == [
        ("ann", "class codes agreed", "retranslation", 0, 1, 0),
        ("ann", "class codes agreed", "retranslation", 1, 0, 1),
    ]


async def test_a_mapping_that_is_taken_back_gives_new_ids_once_more(room: Room) -> None:
    kept = await room.keep(judge(adt("A08", pv1={2: "ZZ"})), judge(oru(WEIGHT)))
    for feed in (MAPPED, GENERAL, MAPPED):
        for receipt in kept:
            await room.correct(receipt, feed, MAPPED if feed is GENERAL else GENERAL)

    facts = await room.published()
    stays = [one for one in facts if one.type == "encounter-updated"]
    assert [one.encounter_class for one in stays] == ["unknown", "emergency", "unknown", "emergency"]
    assert [one.said_at for one in stays] == sorted({one.said_at for one in stays})
    assert len({one.event_id for one in facts}) == len(facts)
    labs = sorted((one for one in facts if one.type in ("lab-resulted", "lab-retracted")), key=lambda one: one.said_at)
    assert [one.type for one in labs] == ["lab-resulted", "lab-retracted", "lab-resulted", "lab-retracted"]


async def test_a_stay_is_not_taken_back_by_a_machine(room: Room) -> None:
    [receipt] = await room.keep(judge(adt("A01", pv1={2: "ZZ"})))

    done = await room.correct(receipt)

    assert (done.new, done.withdrawn, done.left) == (1, 0, 1)
    assert (await room.published())[-1].type == "emergency-arrived"


async def test_a_refused_message_is_taken_now_and_tests_and_conflicts_stay_as_they_are(room: Room) -> None:
    latin = adt("A01", pid={5: "MÜLLER^ADA"}).decode().encode("latin-1")
    kept = await room.keep(
        judge(latin),
        judge(adt("A08", control_id="T", processing="T", pv1={2: "ZZ"})),
        judge(adt("A08", control_id="C")),
        judge(adt("A08", control_id="C", pv1={2: "ZZ"})),
    )
    feed = Feed(GENERAL.source, GENERAL.zone, charset="8859/1", mappings=MAPPED.mappings)

    found = await room.retranslation(feed).preview(ALL, 10)
    assert found.verdicts == {(Verdict.QUARANTINED, Verdict.ACCEPTED): 1}
    assert found.receipts == kept[:1]
    done = [await room.correct(receipt, feed) for receipt in kept]

    assert done == [Corrected(new=2), Corrected(), Corrected(), Corrected()]
    verdicts = await room.pool.fetch("SELECT verdict FROM receipts ORDER BY verdict")
    assert [row[0] for row in verdicts] == ["accepted", "accepted", "conflict", "test"]


async def test_a_fact_said_before_digests_were_kept_is_compared_while_the_outbox_has_it(room: Room) -> None:
    await room.keep(judge(adt("A08", pv1={2: "ZZ"})))
    await room.pool.execute("UPDATE receipt_facts SET digest = NULL")

    known = await room.retranslation().preview(ALL, 10)
    await room.pool.execute("DELETE FROM outbox")
    unknown = await room.retranslation().preview(ALL, 10)

    assert (known.unchanged, known.changes.total(), known.uncompared) == (1, 1, 0)
    assert (unknown.unchanged, unknown.changes.total(), unknown.uncompared) == (0, 0, 2)


async def test_only_agreed_sources_and_known_receipts_are_translated(room: Room) -> None:
    [receipt] = await room.keep(judge(adt("A01")))
    other = Feed(SourceId("north"), ZoneInfo("America/Chicago"))

    with pytest.raises(ConfigurationError, match="general"):
        await room.retranslation(other).preview(ALL, 10)
    with pytest.raises(ConfigurationError, match="general"):
        await room.correct(receipt, other)
    with pytest.raises(NotFoundError):
        await room.correct("nothing")
