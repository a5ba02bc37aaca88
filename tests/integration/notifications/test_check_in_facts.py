"""What check-ins know of patients comes from the real topic, at the position of the database, in any order, once."""

import asyncio
import contextlib

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from care_notifications.adapters.check_in_patients import CheckInPatients
from care_notifications.adapters.kafka_alerts import AlertReader, slot_by_slot
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_events import encode_event
from care_shared.errors import OwnershipLostError
from care_shared.settings import KafkaSettings
from tests.check_in_stories import CATALOGUE, PATIENT, fact, happened, living, local
from tests.notifications_world import SteppedClock, nobody_rings, world

pytestmark = pytest.mark.stack

HOME_AT = local("2026-11-20 15:00")
HISTORY = [
    *living({"conditions": ["I50.9"], "language": "es", "caregiver": "+15550199", "programme": "Health Home"}),
    happened("goes to hospital", local("2026-11-17 10:00")),
    happened("comes home", HOME_AT),
]
READING = fact("vital-sign-recorded", HOME_AT, observation_id="o-1", code="29463-7", value=80.0)


@pytest_asyncio.fixture
async def there(postgres_dsn):
    async with world(postgres_dsn) as made:
        made.patients = CheckInPatients(made.pool, CATALOGUE.schedule, nobody_rings, SteppedClock())
        yield made


def raws(*events):
    return [RawAlert(place, one.patient_id.encode(), encode_event(one)) for place, one in enumerate(events)]


async def test_a_patient_is_known_by_what_check_ins_need_and_by_nothing_else(there):
    named = fact("patient-updated", HOME_AT, given_name="Rosa", family_name="Juniper", birth_date="1948-03-02")

    await there.patients.handle(Slot("care.events.v1", 0), raws(*HISTORY, READING, named))

    profile = await there.patients.profile(PATIENT)
    assert (profile.language, profile.has("heart-failure")) == ("es", True)
    assert profile.programmes_on(HOME_AT.date()) == {"health-home"}
    assert not profile.is_away(HOME_AT)
    kept = await there.pool.fetchval("SELECT body::text FROM check_in_patients")
    assert "Rosa" not in kept
    assert "Juniper" not in kept
    assert "1948" not in kept


async def test_the_same_records_again_are_passed_over_and_a_hole_is_refused(there):
    slot, batch = Slot("care.events.v1", 0), raws(*HISTORY)

    assert await there.patients.handle(slot, batch) == len(HISTORY)
    assert await there.patients.handle(slot, batch) == len(HISTORY)
    with pytest.raises(OwnershipLostError):
        await there.patients.handle(slot, [RawAlert(len(HISTORY) + 3, b"p", encode_event(READING))])


async def test_a_record_that_nobody_can_read_does_not_stop_the_others(there):
    poison = RawAlert(0, b"p", b'{"type": "hospital-discharged", "patient_id": 7}')
    rest = [RawAlert(one.offset + 1, one.key, one.value) for one in raws(*HISTORY)]

    await there.patients.handle(Slot("care.events.v1", 0), [poison, *rest])

    assert (await there.patients.profile(PATIENT)).language == "es"


async def test_facts_are_read_from_kafka_beside_the_alerts_with_a_position_of_their_own(
    there, kafka_bootstrap, make_topic
):
    topic = await make_topic("care.events.v1", partitions=1)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    for event in [*HISTORY, READING]:
        await producer.send_and_wait(topic, encode_event(event), key=event.patient_id.encode(), partition=0)
    await producer.stop()
    reader = AlertReader(
        KafkaSettings(bootstrap=kafka_bootstrap), (topic,), "check-ins", there.patients, SteppedClock()
    )
    task = asyncio.create_task(reader.run(slot_by_slot(there.patients.handle)))

    async with asyncio.timeout(30):
        while await there.patients.position(Slot(topic, 0)) <= len(HISTORY):  # noqa: ASYNC110  # a row rings no bell
            await asyncio.sleep(0.1)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert (await there.patients.profile(PATIENT)).has("heart-failure")


async def test_a_merged_record_hands_its_household_over_and_is_written_to_no_more(there):
    from care_shared.vocabulary import PatientId

    other = PatientId("patient-2")
    first = [one.model_copy(update={"patient_id": other}) for one in HISTORY]
    merged = fact("patient-merged", HOME_AT, absorbed_patient_id=other)
    absorbed = fact("patient-absorbed", HOME_AT, patient=other, survivor_patient_id=PATIENT)

    await there.patients.handle(Slot("care.events.v1", 0), raws(*first, absorbed, merged))

    assert (await there.patients.profile(PATIENT)).has("heart-failure")
    assert (await there.patients.profile(other)).absorbed


async def test_the_report_tells_what_left_and_why_something_did_not(postgres_dsn):
    from care_notifications.adapters.check_in_report import check_in_lines
    from tests.check_in_world import MORNING, check_in_world

    async with check_in_world(postgres_dsn) as home:
        await home.comes_home({"conditions": ["I50.9"]})
        await home.round(MORNING)

        lines = {one.check_in: (one.state, one.why) for one in await check_in_lines(home.there.pool, PATIENT, 50)}

    assert lines["medicines"] == ("sent", "sms")
    assert lines["after-hospital"] == ("not yet", "they were written to often enough today; waiting")
