"""What every IntakeStore promises, tried on the one in memory and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import asyncpg
import pytest

from care_intake.adapters.identity_desk import IdentityDesk
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.core.effects import Verdict
from care_intake.core.fhir_requests import claim_of
from care_intake.core.formats import Conditions
from care_intake.core.receipts import Judged
from care_intake.core.rulings import Decided, Ruling
from care_intake.ports import IntakeStore, Kept
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.vocabulary import PatientId
from tests.fakes.memory_intake_store import MemoryIntakeStore
from tests.intake_builders import NOW, adt, judge, observation, roster, table, visit

FACTS = """
SELECT outbox.event_id FROM outbox JOIN receipt_facts USING (event_id) ORDER BY outbox.id
"""
OF_IDENTITY = """
SELECT convert_from(value, 'utf8')::json->>'type' FROM outbox LEFT JOIN receipt_facts USING (event_id)
WHERE receipt_facts.event_id IS NULL ORDER BY id
"""
SURVIVORS = """
SELECT value, coalesce(survivor_id, patient_id) FROM identifiers LEFT JOIN patient_records ON record_id = patient_id
"""
OLDEST_DOUBT = "SELECT id FROM identity_conflicts WHERE settled_at IS NULL ORDER BY id LIMIT 1"


class ObservedStore(IntakeStore, Protocol):
    """An IntakeStore that tells the test what it holds."""

    async def published_ids(self) -> list[str]: ...
    async def patients_of_facts(self) -> set[str]: ...
    async def open_doubts(self) -> int: ...
    async def rule(self, ruling: Ruling) -> None: ...
    async def said_of_identity(self) -> list[str]: ...
    async def survivors(self) -> dict[str, str]: ...


class ObservedPostgres(PostgresIntakeStore):
    """The real store, read by the test through its own tables."""

    async def published_ids(self) -> list[str]:
        return [row[0] for row in await self._pool.fetch(FACTS)]

    async def patients_of_facts(self) -> set[str]:
        return {row[0] for row in await self._pool.fetch("SELECT DISTINCT patient_id FROM receipt_facts")}

    async def open_doubts(self) -> int:
        return int(await self._pool.fetchval("SELECT count(*) FROM identity_conflicts WHERE settled_at IS NULL"))

    async def rule(self, ruling: Ruling) -> None:
        doubt = await self._pool.fetchval(OLDEST_DOUBT)
        desk = IdentityDesk(self._pool)
        assert await desk.settle(doubt, ruling) is not None
        assert await desk.settle(doubt, ruling) is None, "settling again changes nothing"

    async def said_of_identity(self) -> list[str]:
        return [row[0] for row in await self._pool.fetch(OF_IDENTITY)]

    async def survivors(self) -> dict[str, str]:
        return {row[0]: row[1] for row in await self._pool.fetch(SURVIVORS)}


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


ADA, BEA, CAM = "1^^^1.2.3&1.2.3&ISO^MR", "2^^^1.2.9&1.2.9&ISO^MR", "3^^^1.2.3&1.2.3&ISO^MR"


def named(*numbers: str, control_id: str) -> Judged:
    return judge(adt(control_id=control_id, pid3="~".join(numbers)))


def merge(survivor: str, other: str, control_id: str, trigger: str = "A40", evn2: str = "20261121150000") -> Judged:
    more = f"PID|2||{other}" if trigger == "A37" else f"MRG|{other}"
    return judge(adt(trigger, control_id=control_id, pid3=survivor, more=more, evn2=evn2))


async def test_a_message_that_names_two_records_of_two_issuers_links_them(store: ObservedStore) -> None:
    await keep(store, named(ADA, control_id="A"), named(BEA, control_id="B"))

    [kept] = await keep(store, named(ADA, BEA, control_id="C"))

    assert kept.receipt.verdict is Verdict.ACCEPTED
    assert await store.said_of_identity() == ["patient-merged", "patient-absorbed"]
    survivors = await store.survivors()
    assert survivors["1"] == survivors["2"]


@pytest.mark.parametrize("together", [True, False], ids=["in one group", "one after the other"])
async def test_numbers_that_contradict_hold_the_facts_for_a_person(store: ObservedStore, together: bool) -> None:
    both = [named(ADA, control_id="A"), named(CAM, control_id="B"), named(ADA, CAM, control_id="C")]

    *_, kept = await keep(store, *both) if together else [(await keep(store, one))[0] for one in both]

    assert kept.receipt.verdict is Verdict.HELD
    assert "contradict one another, so a person must look" in kept.receipt.problem
    assert len(await store.published_ids()) == 4
    assert await store.open_doubts() == 1
    assert await store.said_of_identity() == []


async def test_a_list_holds_back_only_the_patient_in_doubt(store: ObservedStore) -> None:
    ada, cam = {"authority": "1.2.3", "value": "1"}, {"authority": "1.2.3", "value": "3"}
    first, second = visit("scheduled", patient=ada), visit("scheduled", patient=cam, visit_id="visit-2")
    await keep(store, judge([first, second]))
    doubtful = visit("scheduled", patient=[ada, cam], visit_id="visit-3")

    [kept] = await keep(store, judge([doubtful, visit("scheduled", patient=ada, visit_id="visit-4")]))

    assert kept.receipt.verdict is Verdict.HELD
    assert len(await store.published_ids()) == 3


async def test_a_number_typed_for_somebody_else_is_held(store: ObservedStore) -> None:
    await keep(store, judge(adt(control_id="A", pid3=ADA)))

    [kept] = await keep(store, judge(adt(control_id="B", pid3=ADA, pid={5: "OTHER^PERSON", 7: "19390801"})))

    assert kept.receipt.verdict is Verdict.HELD
    assert "another birth date and another family name" in kept.receipt.problem
    assert len(await store.published_ids()) == 2


@pytest.mark.parametrize("together", [True, False], ids=["in one group", "one after the other"])
async def test_a_merge_moves_later_facts_of_the_old_number_to_the_survivor(
    store: ObservedStore, together: bool
) -> None:
    said = [named(ADA, control_id="A"), named(CAM, control_id="B"), merge(ADA, CAM, "C"), named(CAM, control_id="D")]

    kept = await keep(store, *said) if together else [(await keep(store, one))[0] for one in said]

    assert [one.receipt.verdict for one in kept] == [Verdict.ACCEPTED] * 4
    survivors = await store.survivors()
    assert survivors["1"] == survivors["3"]
    assert await store.said_of_identity() == ["patient-merged", "patient-absorbed"]
    assert len(await store.published_ids()) == 7


async def test_an_unmerge_gives_each_number_its_own_record_again(store: ObservedStore) -> None:
    await keep(store, named(ADA, control_id="A"), merge(ADA, CAM, "B"), named(CAM, control_id="C"))

    await keep(store, merge(ADA, CAM, "D", "A37", "20261122110000"), named(CAM, control_id="E"))

    survivors = await store.survivors()
    assert survivors["1"] != survivors["3"]
    assert await store.said_of_identity() == [
        "patient-merged", "patient-absorbed", "patient-unmerged", "patient-separated",
    ]  # fmt: skip


async def test_a_merge_dispels_the_doubt_that_waited_for_it(store: ObservedStore) -> None:
    await keep(store, named(ADA, control_id="A"), named(CAM, control_id="B"), named(ADA, CAM, control_id="C"))

    await keep(store, merge(ADA, CAM, "D"))

    assert await store.open_doubts() == 0
    assert len(await store.published_ids()) == 7


async def test_repeated_and_reversed_merges_leave_one_person_and_the_last_survivor(store: ObservedStore) -> None:
    await keep(store, merge(ADA, CAM, "A"), merge(ADA, CAM, "B"))
    survivors = await store.survivors()
    assert survivors["1"] == survivors["3"]

    await keep(store, merge(CAM, ADA, "C", evn2="20261122110000"))

    assert await store.survivors() != survivors
    assert len(set((await store.survivors()).values())) == 1


def ruling(decided: Decided, record: str = "") -> Ruling:
    return Ruling(decided, "ann", "compared both charts", NOW, PatientId(record))


@pytest.mark.parametrize(
    ("decided", "facts", "persons"),
    [
        pytest.param(Decided.UNITED, 6, 1, id="accepted: all records are one person"),
        pytest.param(Decided.NAMED, 6, 2, id="accepted: the numbers are this record's"),
        pytest.param(Decided.GIVEN, 6, 2, id="rejected: the facts are this record's all the same"),
        pytest.param(Decided.KEPT, 4, 2, id="rejected: nobody hears of it"),
    ],
)
async def test_a_person_settles_a_doubt(store: ObservedStore, decided: Decided, facts: int, persons: int) -> None:
    await keep(store, named(ADA, control_id="A"), named(CAM, control_id="B"), named(ADA, CAM, control_id="C"))
    record = (await store.survivors())["3"] if decided in (Decided.NAMED, Decided.GIVEN) else ""

    await store.rule(ruling(decided, record))

    assert await store.open_doubts() == 0
    assert len(await store.published_ids()) == facts
    assert len(set((await store.survivors()).values())) == persons


async def test_a_number_that_a_person_accepts_dispels_the_other_doubts_about_it(store: ObservedStore) -> None:
    await keep(store, named(ADA, BEA, control_id="A"))
    await keep(store, named(CAM, BEA, control_id="B"), named(CAM, BEA, control_id="C"))
    assert await store.open_doubts() == 2

    await store.rule(ruling(Decided.UNITED))

    assert await store.open_doubts() == 0
    assert len(await store.published_ids()) == 6


async def test_a_name_and_birth_date_that_a_person_accepted_are_not_doubted_again(store: ObservedStore) -> None:
    married = {5: "OTHER^PERSON", 7: "19390801"}
    await keep(store, judge(adt(control_id="A", pid3=ADA)), judge(adt(control_id="B", pid3=ADA, pid=married)))

    await store.rule(ruling(Decided.UNITED))
    [kept] = await keep(store, judge(adt("A03", control_id="C", pid3=ADA, pid=married, evn2="20261122130000-0500")))

    assert kept.receipt.verdict is Verdict.ACCEPTED
    assert await store.open_doubts() == 0


async def test_a_parting_of_what_came_as_one_record_waits_for_a_person(store: ObservedStore) -> None:
    await keep(store, named(ADA, BEA, control_id="A"))

    [kept] = await keep(store, merge(ADA, BEA, "B", "A37"))

    assert kept.receipt.verdict is Verdict.HELD
    assert kept.receipt.problem == "asks to part what came as one record, so a person must look"


async def test_a_merge_that_changes_nothing_says_so_in_its_receipt(store: ObservedStore) -> None:
    await keep(store, named(ADA, BEA, control_id="A"))

    [kept] = await keep(store, merge(ADA, BEA, "B"))

    assert kept.receipt.verdict is Verdict.ACCEPTED
    assert [one.reason for one in kept.receipt.ignored] == ["names one record twice"]


async def test_two_intakes_that_learn_who_is_who_at_once_neither_block_nor_differ(store: ObservedStore) -> None:
    numbers = [f"{n}^^^1.2.{n % 5}&1.2.{n % 5}&ISO^MR" for n in range(20)]
    pairs = [(numbers[n], numbers[n + 1]) for n in range(19)]
    merges = [merge(one, other, f"M{n}") for n, (one, other) in enumerate(pairs)]
    messages = [named(one, control_id=f"N{n}") for n, one in enumerate(numbers)]

    await asyncio.gather(
        *(store.keep_all([one, other]) for one, other in zip(merges, messages, strict=False)),
        *(store.keep_all([one]) for one in reversed(messages)),
        *(store.keep_all([one]) for one in reversed(merges)),
    )

    assert len(set((await store.survivors()).values())) == 1


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
    born_otherwise = adt(pid3="9^^^&2.16.840.1.113883.4.927&ISO^MC", pid={7: "19010203"}, control_id="M2")
    await keep(store, judge(born_otherwise))
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
