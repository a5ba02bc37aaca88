"""Whatever the order of arrival: the same people, the same facts, and nobody joined whom no message joined."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_intake.core.receipts import Judged
from tests.fakes.memory_intake_store import MemoryIntakeStore
from tests.intake_builders import adt, judge

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Two hospitals and Medicare; a person has one number of each, but hospital A registered some of them twice.
NUMBERINGS = ("A", "B", "M")


@dataclass(frozen=True)
class Person:
    """The true person behind the numbers."""

    index: int
    registrations: int  # at hospital A

    @property
    def numbers(self) -> list[str]:
        first = [f"A{self.index}{number}" for number in range(self.registrations)]
        return [*first, f"B{self.index}", f"M{self.index}"]

    def sets(self) -> st.SearchStrategy[list[str]]:
        """Numbers that one message may name: at most one of each issuer."""
        of_a = st.sampled_from([[], *([one] for one in self.numbers[: self.registrations])])
        rest = st.lists(st.sampled_from(self.numbers[self.registrations :]), unique=True)
        return st.builds(lambda one, more: one + more, of_a, rest).filter(bool)


def written(number: str) -> str:
    return f"{number}^^^9.9.{NUMBERINGS.index(number[0])}&9.9.{NUMBERINGS.index(number[0])}&ISO^MR"


def message(numbers: Sequence[str], serial: int, person: int) -> Judged:
    pid3 = "~".join(map(written, numbers))
    pid = {5: f"NAME{person}^X", 7: f"19{40 + person}0101"}
    return judge(adt(control_id=f"N{serial}", pid3=pid3, pid=pid))


def statement(trigger: str, one: str, other: str, hour: int, serial: int) -> Judged:
    more = f"PID|2||{written(other)}" if trigger == "A37" else f"MRG|{written(other)}"
    evn2 = f"20261120{hour:02}0000-0500"
    return judge(adt(trigger, control_id=f"S{serial}", pid3=written(one), pid={5: "", 7: ""}, more=more, evn2=evn2))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Person], list[Judged]]:
    """True persons, messages about them, every double registration merged, and wrong merges that were undone."""
    persons = [Person(index, draw(st.integers(1, 3))) for index in range(draw(st.integers(1, 3)))]
    said: list[Judged] = []
    for person in persons:
        for numbers in draw(st.lists(person.sets(), min_size=1, max_size=5)):
            said.append(message(numbers, len(said), person.index))
        doubles = person.numbers[: person.registrations]
        for one, other in pairwise(doubles):
            pair = draw(st.permutations([one, other]))
            said.append(statement("A40", pair[0], pair[1], draw(st.integers(0, 9)), len(said)))
            if draw(st.booleans()):  # and reversed later
                said.append(statement("A40", pair[1], pair[0], draw(st.integers(10, 12)), len(said)))
    for one, other in pairwise(persons):
        if draw(st.booleans()):
            wrong = (draw(st.sampled_from(one.numbers)), draw(st.sampled_from(other.numbers)))
            said.append(statement("A40", *wrong, 13, len(said)))
            said.append(statement("A37", *wrong, 14, len(said)))
    return persons, said


def kept(messages: Sequence[Judged]) -> MemoryIntakeStore:
    store = MemoryIntakeStore()
    asyncio.run(_keep(store, messages))
    return store


async def _keep(store: MemoryIntakeStore, messages: Sequence[Judged]) -> None:
    for one in messages:
        await store.keep_all([one])


def people(store: MemoryIntakeStore) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for number, record in store.book.numbers.items():
        found.setdefault(store.book.survivor_of(record), set()).add(number.value)
    return {frozenset(one) for one in found.values()}


def owners(store: MemoryIntakeStore) -> dict[str, frozenset[str]]:
    """Each fact, and the numbers of the person whose it is in the end."""
    by_survivor: dict[str, set[str]] = {}
    for number, record in store.book.numbers.items():
        by_survivor.setdefault(store.book.survivor_of(record), set()).add(number.value)
    return {
        fact.event_id: frozenset(by_survivor[store.book.survivor_of(fact.recorded_under or fact.patient_id)])
        for fact in store.published
    }


@relaxed
@given(world=worlds(), data=st.data())
def test_any_order_gives_the_same_people_and_the_same_facts(
    world: tuple[list[Person], list[Judged]], data: st.DataObject
) -> None:
    _, said = world
    expected = kept(said)
    other = kept(data.draw(st.permutations(said + data.draw(st.lists(st.sampled_from(said), max_size=3)))))

    assert people(other) == people(expected)
    assert owners(other) == owners(expected)
    assert sorted(fact.event_id for fact in other.published) == sorted(fact.event_id for fact in expected.published)


@relaxed
@given(world=worlds(), data=st.data())
def test_no_order_joins_two_true_persons(world: tuple[list[Person], list[Judged]], data: st.DataObject) -> None:
    """Not even with a wrong merge among the messages, once its undoing has arrived."""
    persons, said = world

    found = people(kept(data.draw(st.permutations(said))))

    assert all(any(numbers <= set(person.numbers) for person in persons) for numbers in found)


@relaxed
@given(world=worlds(), data=st.data())
def test_what_scoring_hears_of_who_is_who_ends_at_what_intake_believes(
    world: tuple[list[Person], list[Judged]], data: st.DataObject
) -> None:
    store = kept(data.draw(st.permutations(world[1])))
    heard: dict[str, tuple[int, str]] = {}
    for fact in store.identity_facts:
        body = fact.model_dump()
        if body["type"] in ("patient-absorbed", "patient-separated"):
            survivor = body.get("survivor_patient_id") or body["patient_id"]
            heard[body["patient_id"]] = max(heard.get(body["patient_id"], (0, "")), (body["revision"], survivor))

    records = set(store.book.numbers.values())
    assert {one: heard.get(one, (0, one))[1] for one in records} == {
        one: store.book.survivor_of(one) for one in records
    }
