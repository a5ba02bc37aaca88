"""What the patient page reads comes from the real topic, at a position of its own, once, whoever merges with whom."""

import asyncio
import contextlib
import itertools
from datetime import timedelta

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_notifications.adapters.kafka_alerts import AlertReader, slot_by_slot
from care_notifications.adapters.patient_facts import PatientFacts
from care_notifications.adapters.patient_rows import known_of
from care_notifications.core.picture.fold import picture_of
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_events import encode_event
from care_shared.errors import OwnershipLostError
from care_shared.settings import KafkaSettings
from tests.care_alerts import NOW
from tests.notifications_world import SteppedClock, world
from tests.patient_story import ROSA, known, labelled, on, story, told

pytestmark = pytest.mark.stack

FACTS = Slot("care.events.v1", 0)
ELSEWHERE = Slot("care.events.v1", 1)
READING = told("vital-sign-recorded", "2026-11-20 08:00", observation_id="w-1", code="29463-7", value=80.0)
NO_READING = told("vital-sign-retracted", "2026-11-20 09:00", observation_id="w-1", code="29463-7")
OLD, NEW = "patient-old", "patient-new"
# The old record's fact, the merge as either side hears it, a fact that came later under the old number.
BEFORE = told("contact-logged", "2026-11-01 09:00", OLD, contact_id="before", outcome="reached")
MERGED = told("patient-merged", "2026-11-02 09:00", NEW, absorbed_patient_id=OLD, revision=1)
ABSORBED = told("patient-absorbed", "2026-11-02 09:00", OLD, survivor_patient_id=NEW, revision=1)
AFTER = told("contact-logged", "2026-11-03 09:00", NEW, contact_id="after", outcome="reached", recorded_under=OLD)
ITS_OWN = told("contact-logged", "2026-11-04 09:00", NEW, contact_id="own", outcome="reached")
UNMERGED = told("patient-unmerged", "2026-11-05 09:00", NEW, separated_patient_id=OLD, revision=2)


class Ward:
    """The reader on a database."""

    def __init__(self, there):
        self.pool = there.pool
        self.facts = PatientFacts(there.pool, SteppedClock())
        self._next = {FACTS: 0, ELSEWHERE: 0}

    async def hear(self, *events, slot=FACTS):
        raws = [
            RawAlert(self._next[slot] + place, one.patient_id.encode(), encode_event(one))
            for place, one in enumerate(events)
        ]
        self._next[slot] = await self.facts.handle(slot, raws)
        return raws

    async def kept(self, patient=ROSA):
        rows = await self.pool.fetch("SELECT * FROM patient_facts WHERE patient_id = $1", patient)
        return [known_of(row) for row in rows]

    async def contacts(self, patient):
        rows = await self.pool.fetch("SELECT subject FROM patient_facts WHERE patient_id = $1 ORDER BY 1", patient)
        return [row["subject"].removeprefix("contact:") for row in rows]

    async def people(self):
        return {row["patient_id"]: row for row in await self.pool.fetch("SELECT * FROM known_patients")}


@pytest_asyncio.fixture
async def ward(postgres_dsn):
    async with world(postgres_dsn) as there:
        yield Ward(there)


async def test_what_comes_back_from_the_table_is_what_was_told(ward):
    await ward.hear(*story())

    kept = await ward.kept()

    assert {one.event.event_id: one.event for one in kept} == {one.event_id: one for one in story()}
    assert picture_of(kept) == picture_of(known(*story()))


async def test_the_hospital_of_the_newest_stay_is_known_unless_it_is_labelled(ward):
    stay = {"encounter_id": "stay-1", "encounter_class": "inpatient"}
    await ward.hear(
        told("hospital-discharged", "2026-11-05 15:00", **stay, disposition="home", facility="St. Mary's\nEast"),
        told("hospital-admitted", "2026-11-02 09:00", **stay, facility="Told late"),
        told("hospital-admitted", "2026-11-06 09:00", encounter_id="stay-2", facility="Quiet House", labels=["PSY"]),
    )
    assert (await ward.people())[ROSA]["facility"] == "St. Mary's East"


async def test_reading_all_of_it_again_changes_nothing(ward):
    raws = await ward.hear(*story(), READING)
    assert await ward.facts.handle(FACTS, raws) == len(raws)
    await ward.pool.execute("DELETE FROM positions")

    assert await ward.facts.handle(FACTS, raws) == len(raws)

    assert len(await ward.kept()) == len(story())
    assert await ward.pool.fetchval("SELECT count(*) FROM patient_readings") == 1


async def test_a_hole_is_refused_and_a_position_is_nobody_elses(ward):
    await ward.hear(READING)

    with pytest.raises(OwnershipLostError):
        await ward.facts.handle(FACTS, [RawAlert(7, b"p", encode_event(READING))])
    assert await ward.pool.fetchval("SELECT count(*) FROM positions WHERE topic = 'care.events.v1'") == 0


async def test_poison_and_what_no_table_can_hold_do_not_stop_the_others(ward):
    nul = told("contact-logged", "2026-11-01 09:00", contact_id="a\0b", outcome="reached")
    endless = told("contact-logged", "2026-11-01 09:00", contact_id="c" * 5000, outcome="reached")
    raws = [RawAlert(0, b"p", b'{"type": "hospital-discharged"}')]
    raws += [
        RawAlert(place, b"p", encode_event(one)) for place, one in enumerate((nul, endless, BEFORE, READING), start=1)
    ]

    assert await ward.facts.handle(FACTS, raws) == 5

    assert await ward.contacts(OLD) == ["before"]


async def test_numbers_of_others_are_not_kept_and_the_house_knows_a_person_by_name(ward):
    numbered = told("patient-updated", "2026-11-01 09:00", family_name="Juniper",
                    identifiers=[{"authority": "MRCY", "value": "MRN-777"}])  # fmt: skip

    await ward.hear(numbered, *story())

    assert await ward.pool.fetchval("SELECT count(*) FROM patient_facts WHERE body LIKE '%MRN-777%'") == 0
    rosa = (await ward.people())[ROSA]
    assert (rosa["display_name"], rosa["lead"], rosa["programmes"]) == (
        "Juniper, Rosa", "cm-anna", ["health-home", "lead"],
    )  # fmt: skip


async def test_a_programme_that_only_a_labelled_fact_names_stands_in_no_list(ward):
    secret = told("alignment-changed", "2026-11-01 09:00", organization="o", programme="opioid-treatment",
                  starts_on="2026-11-01", labels=["42CFRPart2"])  # fmt: skip

    await ward.hear(secret)

    assert (await ward.people())[ROSA]["programmes"] == []
    assert len(await ward.kept()) == 1


async def test_a_retraction_that_comes_first_is_kept_as_one(ward):
    await ward.hear(NO_READING, READING)

    rows = await ward.pool.fetch("SELECT retracted, value FROM patient_readings ORDER BY retracted")
    assert [tuple(row) for row in rows] == [(False, 80.0), (True, 0.0)]


MERGES = [(FACTS, MERGED), (ELSEWHERE, ABSORBED), (ELSEWHERE, BEFORE), (FACTS, AFTER), (FACTS, ITS_OWN)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(MERGES))))[::17])
async def test_two_records_are_one_person_in_whatever_order_that_is_told(ward, order):
    for place in order:
        slot, event = MERGES[place]
        await ward.hear(event, slot=slot)

    assert await ward.contacts(NEW) == ["after", "before", "own"]
    assert await ward.contacts(OLD) == []
    assert set(await ward.people()) == {NEW}


async def test_an_unmerge_gives_back_what_came_under_the_number(ward):
    await ward.hear(BEFORE, MERGED, AFTER, ITS_OWN, UNMERGED)

    assert await ward.contacts(NEW) == ["own"]
    assert await ward.contacts(OLD) == ["after", "before"]
    assert set(await ward.people()) == {NEW, OLD}


async def test_an_older_word_about_who_is_who_changes_nothing(ward):
    await ward.hear(BEFORE, UNMERGED, MERGED)

    assert await ward.contacts(OLD) == ["before"]


async def test_what_was_merged_into_the_merged_follows_to_the_last(ward):
    last = told("patient-merged", "2026-11-06 09:00", "patient-last", absorbed_patient_id=NEW, revision=3)

    await ward.hear(BEFORE, MERGED, ITS_OWN, last)

    assert await ward.contacts("patient-last") == ["before", "own"]
    assert set(await ward.people()) == {"patient-last"}


async def test_a_merge_beside_a_fact_that_is_being_kept_loses_nothing(ward):
    """Two processes, two partitions: whichever commits first."""
    for _ in range(5):
        await asyncio.gather(ward.hear(BEFORE, slot=ELSEWHERE), ward.hear(MERGED, slot=FACTS))
        assert await ward.contacts(NEW) == ["before"]
        for table in ("patient_facts", "patient_records", "known_patients"):
            await ward.pool.execute(f"DELETE FROM {table}")


async def test_what_passed_long_ago_is_forgotten_and_what_describes_the_person_stays(ward):
    await ward.hear(*story(), READING)

    gone = await ward.facts.forget(NOW - timedelta(days=1))

    kinds = {one.event.type for one in await ward.kept()}
    assert gone > 10
    assert {"patient-updated", "condition-recorded", "medication-ordered", "goal-stated"} <= kinds
    assert "hospital-discharged" not in kinds
    assert await ward.pool.fetchval("SELECT count(*) FROM patient_readings") == 0


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 40), max_size=5))
async def test_however_the_topic_is_cut_into_batches_the_same_is_kept(ward, cuts):
    await ward.pool.execute("DELETE FROM positions; DELETE FROM patient_facts")
    ward._next[FACTS] = 0
    facts, begin = story(), 0
    for end in [*sorted(cuts), len(facts)]:
        await ward.hear(*facts[begin:end])
        begin = max(begin, end)

    assert picture_of(await ward.kept()) == picture_of(known(*story()))


async def test_facts_are_read_from_kafka_in_a_group_of_their_own(ward, kafka_bootstrap, make_topic):
    topic = await make_topic("care.events.v1", partitions=1)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    for event in [*story(), labelled(), READING]:
        await producer.send_and_wait(topic, encode_event(event), key=event.patient_id.encode(), partition=0)
    await producer.stop()
    reader = AlertReader(KafkaSettings(bootstrap=kafka_bootstrap), (topic,), "patients", ward.facts, SteppedClock())
    task = asyncio.create_task(reader.run(slot_by_slot(ward.facts.handle)))

    async with asyncio.timeout(30):
        while await ward.facts.position(Slot(topic, 0)) < len(story()) + 2:  # noqa: ASYNC110  # a row rings no bell
            await asyncio.sleep(0.1)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert len(await ward.kept()) == len(story()) + 1
    assert next(one.event.labels for one in await ward.kept() if one.subject == "service:sud-1") == ("42CFRPart2",)
    assert on("2026-11-19 20:00") in {stay.ended_at for stay in picture_of(await ward.kept()).stays}
