"""What every IntakeStore promises, tried on the one in memory and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import asyncpg
import pytest

from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.core.effects import Verdict
from care_intake.core.fhir_requests import claim_of
from care_intake.core.formats import Conditions
from care_intake.core.receipts import Judged
from care_intake.ports import IntakeStore, Kept
from care_shared.runtime.postgres import migrate, migrations_of
from tests.fakes.memory_intake_store import MemoryIntakeStore
from tests.intake_builders import adt, judge, observation, roster, table, visit


class ObservedStore(IntakeStore, Protocol):
    """An IntakeStore that tells the test what it holds."""

    async def published_ids(self) -> list[str]: ...
    async def patients_of_facts(self) -> set[str]: ...
    async def open_doubts(self) -> int: ...


class ObservedPostgres(PostgresIntakeStore):
    """The real store, read by the test through its own tables."""

    async def published_ids(self) -> list[str]:
        return [row[0] for row in await self._pool.fetch("SELECT event_id FROM outbox ORDER BY id")]

    async def patients_of_facts(self) -> set[str]:
        return {row[0] for row in await self._pool.fetch("SELECT DISTINCT patient_id FROM receipt_facts")}

    async def open_doubts(self) -> int:
        return int(await self._pool.fetchval("SELECT count(*) FROM identity_conflicts WHERE settled_at IS NULL"))


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.stack)])
def dsn(request: pytest.FixtureRequest) -> str:
    """Empty for the store in memory. Not asynchronous, because it asks for another fixture by name."""
    return "" if request.param == "memory" else str(request.getfixturevalue("postgres_dsn"))


@pytest.fixture
async def store(dsn: str) -> AsyncIterator[ObservedStore]:
    if not dsn:
        yield MemoryIntakeStore()
        return
    await migrate(dsn, "public", migrations_of("care_intake"))
    async with asyncpg.create_pool(dsn, min_size=1, max_size=6) as pool:
        yield ObservedPostgres(pool)


async def keep(store: IntakeStore, *group: Judged) -> list[Kept]:
    return await store.keep_all(group)


async def test_an_accepted_message_publishes_its_facts_in_order(store: ObservedStore) -> None:
    one = judge(adt("A01"))

    [kept] = await keep(store, one)

    assert kept.receipt.verdict is Verdict.ACCEPTED
    assert not kept.is_repeat
    assert await store.published_ids() == [event_id for said in one.translations for event_id in said.event_ids]


async def test_the_same_bytes_again_get_the_same_receipt_and_no_new_facts(store: ObservedStore) -> None:
    [first] = await keep(store, judge(adt("A01")))
    before = await store.published_ids()

    again = await keep(store, judge(adt("A01")), judge(adt("A01")))

    assert [one.receipt for one in again] == [first.receipt, first.receipt]
    assert all(one.is_repeat for one in again)
    assert await store.published_ids() == before


async def test_the_same_message_twice_in_one_group_is_kept_once(store: ObservedStore) -> None:
    kept = await keep(store, judge(adt("A01")), judge(adt("A01")), judge(adt("A01")))

    assert [one.is_repeat for one in kept] == [False, True, True]
    assert len(await store.published_ids()) == 2


@pytest.mark.parametrize("together", [True, False], ids=["in one group", "one after the other"])
async def test_the_same_number_with_other_content_is_a_conflict(store: ObservedStore, together: bool) -> None:
    one, other = judge(adt("A01", control_id="X")), judge(adt("A01", control_id="X", pv1={2: "E"}))

    kept = await keep(store, one, other) if together else [*await keep(store, one), *await keep(store, other)]

    assert [one.receipt.verdict for one in kept] == [Verdict.ACCEPTED, Verdict.CONFLICT]
    assert len(await store.published_ids()) == 2
    [again] = await keep(store, other)
    assert again.receipt.verdict is Verdict.CONFLICT


async def test_a_refused_message_may_be_mended_and_sent_again_under_its_number(store: ObservedStore) -> None:
    await keep(store, judge(adt("A01", control_id="X", pid3="")))

    [kept] = await keep(store, judge(adt("A01", control_id="X")))

    assert kept.receipt.verdict is Verdict.ACCEPTED


async def test_a_refused_message_is_kept_with_field_and_problem(store: ObservedStore) -> None:
    one = judge(adt("A01", pid3=""))
    [kept], [again] = await keep(store, one), await keep(store, one)

    assert (kept.receipt.verdict, kept.receipt.field) == (Verdict.QUARANTINED, "PID-3")
    assert again.receipt == kept.receipt
    assert again.is_repeat


async def test_a_test_message_publishes_nothing_and_makes_nobody_known(store: ObservedStore) -> None:
    [kept] = await keep(store, judge(adt("A01", processing="T")))

    assert kept.receipt.verdict is Verdict.TEST
    assert await store.published_ids() == []
    assert await store.patients_of_facts() == set()


async def test_formats_that_name_the_same_number_mean_the_same_patient(store: ObservedStore) -> None:
    await keep(store, judge(adt("A01")))
    await keep(store, judge(observation("29463-7", 80, "kg")), judge(visit("scheduled")))

    assert len(await store.patients_of_facts()) == 1


async def test_a_second_number_learnt_in_one_message_finds_the_patient_in_the_next(store: ObservedStore) -> None:
    both = "4711^^^1.2.3&1.2.3&ISO^MR~1EG4TE5MK73^^^CMS&2.16.840.1.113883.4.927&ISO^MC"
    await keep(store, judge(adt("A01", pid3=both)), judge(adt("A03", pid3=both.rpartition("~")[2])))

    assert len(await store.patients_of_facts()) == 1


async def test_numbers_of_two_patients_in_one_message_hold_its_facts_for_a_person(store: ObservedStore) -> None:
    ada, bea = "1^^^1.2.3&1.2.3&ISO^MR", "2^^^1.2.9&1.2.9&ISO^MR"
    await keep(store, judge(adt(control_id="A", pid3=ada)), judge(adt(control_id="B", pid3=bea)))
    before = await store.published_ids()

    [kept] = await keep(store, judge(adt(control_id="C", pid3=f"{ada}~{bea}")))

    assert kept.receipt.verdict is Verdict.HELD
    assert await store.published_ids() == before
    assert await store.open_doubts() == 1


async def test_a_list_holds_back_only_the_patient_in_doubt(store: ObservedStore) -> None:
    ada, bea = {"authority": "1.2.3", "value": "1"}, {"authority": "1.2.9", "value": "2"}
    first, second = visit("scheduled", patient=ada), visit("scheduled", patient=bea, visit_id="visit-2")
    await keep(store, judge([first, second]))
    doubtful = visit("scheduled", patient=[ada, bea], visit_id="visit-3")

    [kept] = await keep(store, judge([doubtful, visit("scheduled", patient=ada, visit_id="visit-4")]))

    assert kept.receipt.verdict is Verdict.HELD
    assert len(await store.published_ids()) == 3


async def test_the_same_message_through_two_intakes_at_once_is_kept_once(store: ObservedStore) -> None:
    messages = [judge(adt("A01", control_id=f"N{number}")) for number in range(20)]

    kept = await asyncio.gather(*(store.keep_all(messages) for _ in range(4)))

    assert len(await store.published_ids()) == 40
    assert all(one.receipt.verdict is Verdict.ACCEPTED for group in kept for one in group)
    assert sum(not one.is_repeat for group in kept for one in group) == 20


async def kinds(store: ObservedStore, *group: Judged) -> int:
    """How many facts these messages published."""
    before = len(await store.published_ids())
    await keep(store, *group)
    return len(await store.published_ids()) - before


async def test_a_roster_says_only_what_was_not_said_before(store: ObservedStore) -> None:
    assert await kinds(store, judge(roster("1,ANN", "2,BEA"))) == 6
    assert await kinds(store, judge(roster("1,ANN", "2,BEA"))) == 0
    assert await kinds(store, judge(roster("1,ANN", "2,BEA", as_of="2026-12-01"))) == 0
    assert await kinds(store, judge(roster("1,ANNE", "2,BEA", as_of="2026-12-02"))) == 1


async def test_a_roster_that_says_nothing_new_is_a_yes_with_the_reason(store: ObservedStore) -> None:
    await keep(store, judge(roster("1,ANN")))

    [kept] = await keep(store, judge(roster("1,ANN", as_of="2026-12-01")))

    assert kept.receipt.verdict is Verdict.ACCEPTED
    assert [one.reason for one in kept.receipt.ignored] == ["says nothing that was not said before"]


async def test_a_complete_roster_ends_whom_it_does_not_name(store: ObservedStore) -> None:
    rows = [f"{number},P" for number in range(10)]
    await keep(store, judge(roster(*rows)))

    assert await kinds(store, judge(roster(*rows[1:], as_of="2026-12-01"))) == 1


async def test_a_roster_that_ends_too_many_is_held_and_nothing_of_it_counts(store: ObservedStore) -> None:
    await keep(store, judge(roster("1,ANN", "2,BEA")))

    [kept] = await keep(store, judge(roster("1,ANNE", as_of="2026-12-01")))

    assert kept.receipt.verdict is Verdict.HELD
    assert await kinds(store, judge(roster("1,ANN", "2,BEA", as_of="2026-12-02"))) == 0


async def test_an_absence_reaches_each_patient_of_the_lead_and_those_who_come_later(store: ObservedStore) -> None:
    await keep(store, judge(roster("1,ANN", "2,BEA", "3,1.2.3,CY,ACO-1,LEAD,2026-01-01,,cm-9")))

    assert await kinds(store, judge(table("Lead,Covered by,From,To", "cm-1,cm-2,2026-12-20,2027-01-03"))) == 2
    assert await kinds(store, judge(roster("3,CY", complete=False, as_of="2026-12-21"))) == 2


async def test_a_patient_in_doubt_is_not_held_as_told(store: ObservedStore) -> None:
    heading = "MRN,Authority,MBI,Organization,Program,Effective Date"
    await keep(store, judge(adt(pid3="1^^^1.2.3&1.2.3&ISO^MR")))
    await keep(store, judge(adt(pid3="9^^^&2.16.840.1.113883.4.927&ISO^MC", control_id="M2")))
    doubtful = judge(roster("1,1.2.3,9,ACO-1,LEAD,2026-01-01", heading=heading))

    [kept] = await keep(store, doubtful)

    assert kept.receipt.verdict is Verdict.HELD
    # Once the numbers are settled, another roster says it again, because nobody heard it.
    assert await kinds(store, judge(roster("1,1.2.3,,ACO-1,LEAD,2026-01-01", heading=heading, as_of="2026-12-01"))) == 2


async def test_a_conditional_create_gives_the_receipt_of_the_record_that_is_there(store: ObservedStore) -> None:
    record = {"identifier": [{"system": "urn:s", "value": "r1"}]}
    unless = Conditions(unless=claim_of("Observation", "urn:s", "r1"))
    [first] = await keep(store, judge(observation("8867-4", 72, "/min", **record)))

    [other] = await keep(store, judge(observation("8867-4", 73, "/min", **record), conditions=unless))

    assert (other.receipt.receipt_id, other.is_repeat) == (first.receipt.receipt_id, True)
    assert len(await store.published_ids()) == 1


async def test_two_conditional_creates_of_one_group_are_one_record(store: ObservedStore) -> None:
    record = {"identifier": [{"system": "urn:s", "value": "r1"}]}
    unless = Conditions(unless=claim_of("Observation", "urn:s", "r1"))
    both = [judge(observation("8867-4", value, "/min", **record), conditions=unless) for value in (72, 73)]

    first, other = await keep(store, *both)

    assert (first.is_repeat, other.is_repeat) == (False, True)
    assert first.receipt.receipt_id == other.receipt.receipt_id
    assert len(await store.published_ids()) == 1


async def test_one_key_belongs_to_one_body(store: ObservedStore) -> None:
    once = Conditions(key="k1")
    [first] = await keep(store, judge(observation("8867-4", 72, "/min"), conditions=once))
    [again] = await keep(store, judge(observation("8867-4", 72, "/min"), conditions=once))
    [other] = await keep(store, judge(observation("8867-4", 73, "/min"), conditions=once))

    assert [one.receipt.verdict for one in (first, again, other)] == [
        Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.CONFLICT,
    ]  # fmt: skip
    assert len(await store.published_ids()) == 1


async def test_what_an_entry_was_refused_for_is_still_told_to_who_asks_again(store: ObservedStore) -> None:
    wrong = observation("8867-4", 72, "/min", status="done")
    entries = [{"resource": observation("8867-4", 72, "/min")}, {"resource": wrong}]
    message = judge({"resourceType": "Bundle", "type": "batch", "entry": entries})

    first, again = (await keep(store, message))[0], (await keep(store, message))[0]

    assert [one.is_refused for one in first.receipt.ignored] == [True]
    assert again.receipt.ignored == first.receipt.ignored
