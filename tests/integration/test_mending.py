"""A refused message is mended in a copy, its codes are asked for, and a surveyor gets proof; on a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import asyncpg
import pytest

from care_intake.adapters.desk import Choice, Desk
from care_intake.adapters.evidence import evidence
from care_intake.adapters.fixes import Fixed, Fixes
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.adapters.replays import Asker, Replays
from care_intake.adapters.retranslation import Range
from care_intake.adapters.sources import Source, Sources
from care_intake.adapters.trace import trace
from care_intake.adapters.unread_codes import codes_of_source
from care_intake.core.effects import Verdict
from care_intake.core.feed import Feed
from care_intake.core.fixes import edited
from care_intake.core.formats import Format
from care_intake.core.receipts import Judged
from care_shared.contracts.care_events import decode_event
from care_shared.errors import ConfigurationError, ConflictError, NotFoundError, UnusableMessageError
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.vocabulary import SourceId
from tests.intake_builders import GENERAL, NOW, adt, judge, observation

pytestmark = pytest.mark.stack

LATER = NOW + timedelta(hours=3)
ALL = Range(GENERAL.source, NOW - timedelta(days=1), LATER)
SOURCES = Sources([Source(GENERAL, "", frozenset())])
ANN = Asker("ann", reason="the hospital confirmed the number")
NUMBER = {"PID-3": "4711^^^1.2.3&1.2.3&ISO^MR"}


@dataclass
class Room:
    """A database with messages of a broken feed."""

    pool: asyncpg.Pool

    async def keep(self, *group: Judged) -> list[str]:
        return [one.receipt.receipt_id for one in await PostgresIntakeStore(self.pool).keep_all(group)]

    async def fix(self, receipt_id: str, changes: dict[str, str], asker: Asker = ANN) -> Fixed:
        def edit(body: bytes, form: Format, feed: Feed) -> bytes:
            return edited(body, form, changes, feed.charset)

        return await Fixes(self.pool, SOURCES, lambda: LATER).fix(receipt_id, edit, ", ".join(changes), asker)

    async def count(self, table: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))


@pytest.fixture
async def room(postgres_dsn: str) -> AsyncIterator[Room]:
    await migrate(postgres_dsn, "public", migrations_of("care_intake"))
    async with asyncpg.create_pool(postgres_dsn, min_size=1, max_size=4) as pool:
        yield Room(pool)


async def test_a_mended_copy_goes_out_and_the_original_waits_no_more(room: Room) -> None:
    [receipt] = await room.keep(judge(adt("A03", pid3="")))

    done = await room.fix(receipt, NUMBER)

    assert (done.receipt.verdict, done.facts) == (Verdict.ACCEPTED, ("hospital-discharged", "patient-updated"))
    row = await room.pool.fetchrow("SELECT verdict, mended_by, raw FROM receipts WHERE receipt_id = $1", receipt)
    assert tuple(row) == ("quarantined", done.receipt.receipt_id, adt("A03", pid3=""))
    assert await Desk(room.pool, lambda: LATER).causes() == []
    audit = await room.pool.fetchrow("SELECT receipt_id, fixed_by, fixed_at, reason, places FROM receipt_fixes")
    assert tuple(audit) == (receipt, "ann", LATER, ANN.reason, "PID-3")
    facts = [decode_event(one[0]) for one in await room.pool.fetch("SELECT value FROM outbox")]
    assert {one.recorded_at for one in facts} == {LATER}
    with pytest.raises(ConflictError, match="not mended yet"):
        await room.fix(receipt, NUMBER)
    with pytest.raises(ConflictError, match=done.receipt.receipt_id):
        await Replays(room.pool, SOURCES, lambda: LATER).replay(receipt, ANN)


async def test_a_copy_that_is_refused_as_well_leaves_everything_as_it_was(room: Room) -> None:
    [receipt] = await room.keep(judge(adt("A03", pid3="")))

    refused = await room.fix(receipt, {"PV1-36": "01"})
    dry = await room.fix(receipt, NUMBER, Asker("ann", is_dry_run=True))

    assert (refused.is_kept, refused.receipt.field) == (False, "PID-3")
    assert dry.facts == ("hospital-discharged", "patient-updated")
    assert (await room.count("receipts"), await room.count("outbox"), await room.count("receipt_fixes")) == (1, 0, 0)


async def test_only_a_refused_message_of_an_agreed_source_can_be_mended(room: Room) -> None:
    taken, refused = await room.keep(judge(adt("A01")), judge(adt("A03", control_id="M2", pid3="")))

    with pytest.raises(ConflictError, match="only a message that was refused"):
        await room.fix(taken, NUMBER)
    with pytest.raises(ConflictError, match="the same as the original"):
        await room.fix(refused, {"PID-5.1": "SIM"})
    with pytest.raises(UnusableMessageError, match="ZZ9-1"):
        await room.fix(refused, {"ZZ9-1": "x"})
    with pytest.raises(NotFoundError):
        await room.fix("nothing", NUMBER)
    await room.pool.execute("UPDATE receipts SET source = 'north' WHERE receipt_id = $1", refused)
    with pytest.raises(ConfigurationError):
        await room.fix(refused, NUMBER)


async def test_a_number_that_another_message_has_by_now_is_not_taken_from_it(room: Room) -> None:
    [receipt] = await room.keep(judge(adt("A03", pid3="")))
    await room.keep(judge(adt("A03", pv1={36: "06"})))

    done = await room.fix(receipt, NUMBER)

    assert (done.is_kept, done.receipt.verdict) == (False, Verdict.CONFLICT)
    assert await room.count("receipts") == 2


async def test_a_fhir_resource_is_mended_by_its_path(room: Room) -> None:
    [receipt] = await room.keep(judge(observation("29463-7", 80, "kg", effectiveDateTime="soon")))

    done = await room.fix(receipt, {"Observation.effectiveDateTime": "2026-11-20T08:00:00-05:00"})

    assert done.facts == ("vital-sign-recorded",)


async def test_a_trace_leads_from_the_original_to_its_copy_and_from_the_patient_to_both(room: Room) -> None:
    [receipt] = await room.keep(judge(adt("A03", pid3="")))
    copy = (await room.fix(receipt, NUMBER)).receipt.receipt_id
    patient = await room.pool.fetchval("SELECT patient_id FROM receipt_facts LIMIT 1")

    for wanted in (receipt, copy, "M1", patient):
        steps = await trace(room.pool, wanted)
        assert [one.what for one in steps if one.what in ("received", "mended")] == ["received", "mended", "received"]
    assert [one.ids["copy"] for one in steps if one.what == "mended"] == [copy]
    assert [one.ids.get("fixed_from") for one in steps if one.what == "received"] == [None, receipt]


async def test_messages_are_found_by_their_number_and_by_patient(room: Room) -> None:
    first, other = await room.keep(judge(adt("A01")), judge(adt("A01", control_id="M2", pid3="9^^^1.2.3&1.2.3&ISO^MR")))
    desk = Desk(room.pool, lambda: LATER)
    patient = await room.pool.fetchval("SELECT patient_id FROM receipt_facts WHERE receipt_id = $1 LIMIT 1", other)
    every = tuple(Verdict)

    by_number = Choice(ALL.since, ALL.until, verdicts=every, control_id="M1")
    by_patient = Choice(ALL.since, ALL.until, verdicts=every, patient_id=patient)
    assert [one.receipt_id for one in await desk.chosen(by_number, 10)] == [first]
    assert [one.receipt_id for one in await desk.chosen(by_patient, 10)] == [other]


async def test_codes_are_asked_for_with_their_count_and_the_last_message(room: Room) -> None:
    kept = await room.keep(
        *(judge(adt("A01", control_id=f"M{number}", pv1={2: "ZZ", 4: "Q9"})) for number in range(2)),
        judge(adt("A01", control_id="M3", pv1={2: "YY"})),
    )

    agreed = replace(GENERAL, mappings={"patient_class": {"XX": "I", "ZZ": "I"}, "payer": {"P": "other"}})
    found = (await codes_of_source(room.pool, SOURCES, ALL, 100)).asked
    mapped = await codes_of_source(room.pool, Sources([Source(agreed, "", frozenset())]), ALL, 100)

    assert [(one.code.kind, one.code.where, one.code.code, one.messages) for one in found] == [
        ("admission_type", "PV1-4", "Q9", 2),
        ("patient_class", "PV1-2", "ZZ", 2),
        ("patient_class", "PV1-2", "YY", 1),
    ]
    assert found[2].last_receipt_id == kept[2]
    assert [one.code.code for one in mapped.asked] == ["Q9", "YY"]
    assert mapped.unused == [("patient_class", "XX"), ("payer", "P")]
    with pytest.raises(ConfigurationError):
        await codes_of_source(room.pool, SOURCES, Range(SourceId("north"), NOW, LATER), 100)


async def test_a_surveyor_gets_a_line_per_event_and_no_name(room: Room) -> None:
    await room.keep(judge(adt("A01", control_id="=1+1", pid={5: "SMITH^JOHN"})), judge(adt("A03", pid3="")))

    lines = [line async for line in evidence(room.pool, ALL)]

    assert len(lines) == 4  # heading, two events of the admission, one refused message
    assert lines[0].startswith("received_at,kept_at,source,format,message_number,verdict,receipt_id,patient_id")
    assert ",'=1+1,accepted," in lines[1]
    assert "SMITH" not in "".join(lines)
