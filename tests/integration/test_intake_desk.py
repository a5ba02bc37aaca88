"""The interface team's desk on a real database: what waits, reading it, and having it decided again."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from care_intake.adapters.desk import Choice, Desk
from care_intake.adapters.feeds import feeds
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.adapters.replays import Asker, Replays
from care_intake.adapters.sources import Source, Sources
from care_intake.adapters.trace import trace
from care_intake.core.effects import Verdict
from care_intake.core.feed import Feed
from care_intake.core.formats import Format
from care_intake.core.receipts import Judged
from care_intake.core.replays import Difference
from care_shared.contracts.care_events import decode_event
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.vocabulary import SourceId
from tests.intake_builders import GENERAL, NOW, adt, judge, observation, visit

pytestmark = pytest.mark.stack

LATER = NOW + timedelta(hours=3)
INSERT_REFUSED = """
INSERT INTO receipts
    (receipt_id, source, format, control_id, fingerprint, raw, received_at, verdict, field, problem, ignored, resource)
VALUES ($1, $2, $3, '', $4, $5, $6, $7, 'MSH-9', 'is not taken', '[]', $8)
"""
ANN = Asker("ann")
ADA, BEA = "1^^^1.2.3&1.2.3&ISO^MR", "2^^^OTHER^MR"


@dataclass
class Room:
    """A database with messages, and a desk that reads them three hours later."""

    pool: asyncpg.Pool
    desk: Desk
    store: PostgresIntakeStore

    def replays(self, *feeds: Feed) -> Replays:
        agreed = [Source(one, "", frozenset()) for one in feeds or (GENERAL,)]
        return Replays(self.pool, Sources(agreed), lambda: LATER)

    async def keep(self, *group: Judged) -> list[str]:
        return [one.receipt.receipt_id for one in await self.store.keep_all(group)]

    async def set_aside(self, one: Judged, verdict: Verdict = Verdict.QUARANTINED) -> str:
        """As an earlier release left it, which did not understand the message."""
        receipt_id = one.receipt_id
        await self.pool.execute(
            INSERT_REFUSED,
            receipt_id, one.source, one.message.format, bytes.fromhex(one.message.fingerprint), one.message.body,
            one.message.received_at, verdict, one.message.resource,
        )  # fmt: skip
        return receipt_id

    async def verdict(self, receipt_id: str) -> str:
        return str(await self.pool.fetchval("SELECT verdict FROM receipts WHERE receipt_id = $1", receipt_id))

    async def count(self, table: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))


@pytest.fixture
async def room(postgres_dsn: str) -> AsyncIterator[Room]:
    await migrate(postgres_dsn, "public", migrations_of("care_intake"))
    async with asyncpg.create_pool(postgres_dsn, min_size=1, max_size=6) as pool:
        yield Room(pool, Desk(pool, lambda: LATER), PostgresIntakeStore(pool))


async def test_what_waits_is_grouped_by_source_and_cause(room: Room) -> None:
    north = Feed(SourceId("north"), ZoneInfo("America/Chicago"))
    await room.keep(
        judge(adt("A01")),
        judge(adt("A01", control_id="1", pid3="")),
        judge(adt("A01", control_id="2", pid3="")),
        judge(adt("A01", control_id="1", pid3=""), north),
        judge(adt("A01", control_id="3", processing="X")),
    )

    found = await room.desk.causes()

    assert [(one.source, one.verdict, one.field, one.messages) for one in found] == [
        ("general", "quarantined", "PID-3", 2),
        ("general", "rejected", "MSH-11", 1),
        ("north", "quarantined", "PID-3", 1),
    ]
    assert [one.messages for one in await room.desk.causes("north")] == [1]
    assert await room.desk.cause(found[0].id) == found[0]
    assert (found[0].oldest, found[0].newest) == (NOW, NOW)
    with pytest.raises(NotFoundError):
        await room.desk.cause("00000000")


async def test_messages_are_chosen_by_cause_or_by_time_the_oldest_first(room: Room) -> None:
    first, second = await room.keep(
        judge(adt("A01", control_id="1", pid3="")), judge(adt("A01", control_id="2", processing="X"))
    )
    await room.pool.execute(
        "UPDATE receipts SET received_at = $2 WHERE receipt_id = $1", second, NOW - timedelta(days=1)
    )
    [cause, _] = sorted(await room.desk.causes(), key=lambda one: one.field, reverse=True)
    ever = Choice(datetime(1970, 1, 1, tzinfo=UTC), LATER)

    assert [one.receipt_id for one in await room.desk.chosen(ever, 10)] == [second, first]
    assert [one.receipt_id for one in await room.desk.chosen(ever, 1)] == [second]
    assert [one.receipt_id for one in await room.desk.chosen(Choice(NOW, LATER), 10)] == [first]
    by_cause = Choice(ever.since, LATER, cause=cause)
    assert [one.receipt_id for one in await room.desk.chosen(by_cause, 10)] == [first]


async def test_a_message_is_shown_masked_and_read_in_full_only_under_a_name(room: Room) -> None:
    message = adt("A01", pid3="", pid={5: "SMITH^JOHN"})
    [receipt] = await room.keep(judge(message))

    kept, structure = await room.desk.shown(receipt)

    assert (kept.verdict, kept.field) == (Verdict.QUARANTINED, "PID-3")
    assert "SMITH" not in structure
    assert await room.count("receipt_views") == 0
    assert await room.desk.unmasked(receipt, "ann") == message
    row = await room.pool.fetchrow("SELECT receipt_id, viewed_by, viewed_at FROM receipt_views")
    assert tuple(row) == (receipt, "ann", LATER)
    with pytest.raises(NotFoundError):
        await room.desk.unmasked("nothing", "ann")


async def test_a_message_that_is_understood_now_publishes_the_facts_it_would_have_had(room: Room) -> None:
    one = judge(adt("A03", control_id="C7"))
    receipt = await room.set_aside(one)

    done = await room.replays().replay(receipt, ANN)

    assert (done.before, done.receipt.verdict) == (Verdict.QUARANTINED, Verdict.ACCEPTED)
    assert done.difference == Difference(added=("patient-updated", "hospital-discharged"))
    rows = await room.pool.fetch("SELECT event_id, value FROM outbox ORDER BY id")
    assert [row["event_id"] for row in rows] == [event_id for said in one.translations for event_id in said.event_ids]
    # Nobody could know of it before: the deadline of a call begins with what people can know.
    assert {decode_event(row["value"]).recorded_at for row in rows} == {LATER}
    assert await room.verdict(receipt) == "accepted"
    audit = await room.pool.fetchrow(
        "SELECT replayed_by, replayed_at, old_verdict, new_verdict, new_facts FROM receipt_replays"
    )
    assert tuple(audit) == ("ann", LATER, "quarantined", "accepted", 2)
    assert "replayed" in [step.what for step in await trace(room.pool, "C7")]


async def test_replaying_again_says_nothing_twice(room: Room) -> None:
    receipt = await room.set_aside(judge(adt("A03")))
    await room.replays().replay(receipt, ANN)

    again = await room.replays().replay(receipt, ANN)

    assert again.difference == Difference(repeated=("patient-updated", "hospital-discharged"))
    assert await room.count("outbox") == 2
    assert await room.count("receipt_replays") == 2


async def test_two_people_who_replay_one_message_at_once_publish_it_once(room: Room) -> None:
    receipt = await room.set_aside(judge(adt("A03")))

    done = await asyncio.gather(*(room.replays().replay(receipt, ANN) for _ in range(4)))

    assert sorted(len(one.difference.added) for one in done) == [0, 0, 0, 2]
    assert await room.count("outbox") == 2


async def test_the_sender_who_resends_while_it_is_replayed_publishes_it_once(room: Room) -> None:
    one = judge(adt("A03"))
    receipt = await room.set_aside(one)

    await asyncio.gather(room.replays().replay(receipt, ANN), room.keep(one), room.replays().replay(receipt, ANN))

    assert await room.count("outbox") == 2
    assert await room.verdict(receipt) == "accepted"


async def test_a_dry_run_tells_the_difference_and_changes_nothing(room: Room) -> None:
    receipt = await room.set_aside(judge(adt("A03")))

    done = await room.replays().replay(receipt, Asker("ann", is_dry_run=True))

    assert done.difference.added == ("patient-updated", "hospital-discharged")
    assert await room.verdict(receipt) == "quarantined"
    for table in ("outbox", "receipt_facts", "identifiers", "claims", "receipt_replays"):
        assert await room.count(table) == 0, table


async def test_a_message_held_for_two_patients_goes_out_when_the_sources_file_tells_whose_numbers_they_are(
    room: Room,
) -> None:
    bea = ADA.replace("1^^^", "2^^^")
    await room.keep(judge(adt(control_id="A", pid3=ADA)), judge(adt(control_id="B", pid3=bea)))
    [receipt] = await room.keep(judge(adt(control_id="C", pid3=f"{ADA}~{bea}")))
    still = await room.replays().replay(receipt, ANN)
    assert (still.before, still.receipt.verdict) == (Verdict.HELD, Verdict.HELD)
    assert await room.count("identity_conflicts WHERE settled_at IS NULL") == 1

    # What was learnt by mistake is corrected by a person; then the message is clear.
    await room.pool.execute("DELETE FROM identifiers WHERE value = '2'")
    done = await room.replays().replay(receipt, ANN)

    assert done.receipt.verdict is Verdict.ACCEPTED
    assert await room.count("identity_conflicts WHERE settled_at IS NULL") == 0
    assert await room.count("outbox") == 6


async def test_a_number_that_belongs_to_another_message_stays_a_conflict(room: Room) -> None:
    _, other = await room.keep(judge(adt("A01", control_id="X")), judge(adt("A01", control_id="X", pv1={2: "E"})))

    done = await room.replays().replay(other, ANN)

    assert (done.before, done.receipt.verdict, done.difference) == (Verdict.CONFLICT, Verdict.CONFLICT, Difference())
    assert await room.count("outbox") == 2


async def test_a_yes_is_never_taken_back(room: Room) -> None:
    one = judge(adt("A01", pid3=""))
    receipt = await room.set_aside(one, Verdict.ACCEPTED)  # by an earlier release that was less strict

    done = await room.replays().replay(receipt, ANN)

    assert (done.before, done.receipt.verdict, done.is_applied) == (Verdict.ACCEPTED, Verdict.QUARANTINED, False)
    assert await room.verdict(receipt) == "accepted"


async def test_a_door_that_let_in_one_kind_only_still_does(room: Room) -> None:
    wrong = judge(observation("29463-7", 80, "kg"), form=Format.FHIR, resource="Patient")
    [receipt] = await room.keep(wrong)

    done = await room.replays().replay(receipt, ANN)

    assert (done.before, done.receipt.verdict) == (Verdict.REJECTED, Verdict.REJECTED)


async def test_a_source_that_is_not_agreed_any_more_cannot_be_replayed(room: Room) -> None:
    receipt = await room.set_aside(judge(visit("missed")))

    with pytest.raises(ConfigurationError, match="general"):
        await room.replays(Feed(SourceId("north"), ZoneInfo("America/Chicago"))).replay(receipt, ANN)
    with pytest.raises(NotFoundError):
        await room.replays().replay("nothing", ANN)


async def test_a_feed_is_measured_against_its_own_usual_hour(room: Room) -> None:
    now = NOW + timedelta(minutes=1)
    weeks_ago = {0: 3, 1: 6, 2: 2, 30: 1}  # messages in this hour, by weeks ago
    for week, count in weeks_ago.items():
        for number in range(count):
            message = adt(control_id=f"{week}-{number}", pid3="" if (week, number) == (0, 0) else ADA)
            one = judge(message)
            received = replace(one.message, received_at=NOW - timedelta(weeks=week))
            await room.keep(replace(one, message=received))
    sources = Sources([Source(one, "", frozenset()) for one in (GENERAL, Feed(SourceId("north"), GENERAL.zone))])

    general, north = await feeds(room.pool, sources, now)

    assert (general.last_message_at, general.last_day, general.refused_last_day) == (NOW, 3, 1)
    assert (general.last_hour, general.usual, general.pace) == (3, 2.0, 1.5)  # (6 + 2 + 0 + 0) / 4
    assert (north.last_message_at, north.last_day, north.error_share, north.usual, north.pace) == (
        None, 0, 0.0, None, None,
    )  # fmt: skip


async def test_the_command_lists_shows_and_replays(postgres_dsn: str) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("CREATE SCHEMA intake")
    await connection.close()
    await migrate(postgres_dsn, "intake", migrations_of("care_intake"))
    async with asyncpg.create_pool(postgres_dsn, server_settings={"search_path": "intake"}) as pool:
        local = Feed(SourceId("local"), ZoneInfo("America/New_York"))
        room = Room(pool, Desk(pool, lambda: LATER), PostgresIntakeStore(pool))
        mended = await room.set_aside(judge(adt("A03"), local))
        broken = await room.set_aside(judge(adt("A03", pid3="", pid={5: "SMITH^JOHN"}), local))
        [cause] = await room.desk.causes()

        async def carelead(*arguments: str) -> tuple[str, int]:
            process = await asyncio.create_subprocess_exec(
                Path(sys.executable).with_name("carelead"), "intake", *arguments, stdout=PIPE, stderr=STDOUT,
                env={**os.environ, "CARE_POSTGRES_DSN": postgres_dsn},
            )  # fmt: skip
            said, _ = await process.communicate()
            assert process.returncode is not None
            return said.decode(), process.returncode

        listed, _ = await carelead("list")
        dry, _ = await carelead("replay", "--cause", cause.id, "--dry-run", "--by", "ann")
        replayed, code = await carelead("replay", "--since", "2026-01-01", "--by", "ann")
        shown, _ = await carelead("show", broken)
        read, _ = await carelead("show", broken, "--unmask", "--by", "ann")
        unclear, usage = await carelead("replay")
        paces, _ = await carelead("feeds")
        data, _ = await carelead("feeds", "--json")
        found, _ = await carelead("list", "--number", "M1", "--since", "2026-01-01")
        asked, _ = await carelead("codes", "--source", "local")
        same, _ = await carelead("retranslate", "--source", "local")
        why, no_reason = await carelead("retranslate", "--source", "local", "--apply")
        fixed, _ = await carelead(
            "fix", broken, "--set", f"PID-3={ADA}", "--set", "MSH-10=M2", "--reason", "asked them", "--by", "ann"
        )
        lines, _ = await carelead("evidence", "--source", "local")
        waiting, _ = await carelead("list")

        assert f"{cause.id}  2 messages" in listed
        assert f"{mended}  quarantined → accepted  +hospital-discharged +patient-updated" in dry
        assert "2 messages; would be: 1 accepted, 1 quarantined" in dry
        assert f"{broken}  quarantined → quarantined    PID-3 is missing" in replayed
        assert "2 messages; are now: 1 accepted, 1 quarantined" in replayed
        assert code == 0
        assert "SMITH" not in shown + listed + replayed
        assert "quarantined: PID-3" in shown
        assert "SMITH^JOHN" in read
        assert paces.startswith("local ")
        assert '"last_good_at"' in data
        assert mended in found
        assert asked == "every code is understood\n"
        assert same.endswith("nothing differs\n")
        assert "accepted  +hospital-discharged +patient-updated" in fixed
        assert lines.count("\r\n") == 6  # heading, two facts of each of two messages, and the original
        assert waiting == "nothing waits\n"
        assert "SMITH" not in found + fixed + lines
        assert [(usage, unclear.count("\n")), (no_reason, why.count("\n"))] == [(2, 1), (2, 1)]
        assert await room.count("receipt_replays") == 2
        assert await room.count("receipt_views") == 1


async def test_an_ordinary_message_is_recognised_in_one_round_trip_and_waits_for_nobody(postgres_dsn: str) -> None:
    """Twenty connections at two thousand messages a second: what a merge needs to know must cost only a merge."""
    await migrate(postgres_dsn, "public", migrations_of("care_intake"))
    asked: list[str] = []

    async def listen(connection: asyncpg.Connection) -> None:
        connection.add_query_logger(lambda record: asked.append(record.query))

    async with asyncpg.create_pool(postgres_dsn, min_size=1, max_size=1, init=listen) as pool:
        store = PostgresIntakeStore(pool)
        await store.keep_all([judge(adt(control_id="A"))])
        asked.clear()

        await store.keep_all([judge(adt("A02", control_id="B")), judge(adt("A03", control_id="C"))])

    of_identity = [one for one in asked if "identifiers" in one or "patient_" in one.partition("FROM")[2]]
    assert len([one for one in of_identity if "INSERT INTO receipt_facts" not in one]) == 1
    assert not [one for one in asked if "pg_advisory_xact_lock" in one]
