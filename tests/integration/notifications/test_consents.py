"""Consents come as facts, in any order, and the directory at hand is never older than the last change."""

from datetime import timedelta

import pytest

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_around import consents_of
from care_notifications.adapters.postgres_consents import keep_consents
from care_notifications.adapters.postgres_directory import DirectoryAtHand, read_directory
from care_notifications.core.consents import Consent
from care_shared.contracts.care_events import ConsentChanged, PatientMerged
from care_shared.vocabulary import EventId, PatientId, SourceId
from tests.care_alerts import ANNA, HARBOR, NOW, care_alert
from tests.notifications_world import SOURCE, world

pytestmark = pytest.mark.stack


def answer(minutes, *, permitted, recipient=HARBOR):
    at = NOW + timedelta(minutes=minutes)
    return ConsentChanged(
        event_id=EventId(f"answer-{minutes}-{permitted}"), patient_id=PatientId("patient-1"), occurred_at=at,
        recorded_at=at, source=SourceId("hospital"), scope="42CFRPart2", permitted=permitted, recipient=recipient,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "permitted"),
    [
        pytest.param([answer(0, permitted=True)], True, id="a yes"),
        pytest.param([answer(0, permitted=True), answer(1, permitted=False)], False, id="revoked"),
        pytest.param([answer(1, permitted=False), answer(0, permitted=True)], False, id="the older yes comes late"),
        pytest.param([answer(0, permitted=True), answer(0, permitted=False)], False, id="both in one instant"),
        pytest.param([answer(0, permitted=False), answer(0, permitted=True)], False, id="the other way round"),
    ],
)
async def test_the_newest_answer_counts(postgres_dsn, answers, permitted):
    async with world(postgres_dsn) as there, transaction(there.pool) as connection:
        for one in answers:
            await keep_consents(connection, [one])
        await keep_consents(connection, answers)

        found = await consents_of(connection, [PatientId("patient-1"), PatientId("patient-2")])

        assert found == {"patient-1": (Consent("42CFRPart2", HARBOR, permitted),)}


async def test_after_a_merge_what_was_said_about_either_record_holds(postgres_dsn):
    async with world(postgres_dsn) as there, transaction(there.pool) as connection:
        await keep_consents(connection, [answer(0, permitted=True)])
        merged = PatientMerged(
            event_id=EventId("merge"), patient_id=PatientId("survivor"), absorbed_patient_id=PatientId("patient-1"),
            occurred_at=NOW, recorded_at=NOW, source=SourceId("hospital"),
        )  # fmt: skip
        await keep_consents(connection, [merged, merged])

        found = await consents_of(connection, [PatientId("survivor")])

        assert found == {"survivor": (Consent("42CFRPart2", HARBOR, True),)}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE people SET active = false WHERE person_id = 'cm-anna'",
        "INSERT INTO people (person_id, display_name) VALUES ('new', 'New')",
        "INSERT INTO teams (team_id, display_name) VALUES ('team', 'Team')",
        "INSERT INTO leaves (leave_id, person_id, from_at, recorded_by, recorded_at)"
        " VALUES ('l', 'cm-anna', now(), 'x', now())",
        "UPDATE endpoints SET enabled = false",
        "DELETE FROM endpoints",
    ],
)
async def test_the_directory_at_hand_sees_each_change_at_once(postgres_dsn, change):
    async with world(postgres_dsn) as there, transaction(there.pool) as connection:
        at_hand = DirectoryAtHand()
        before = await at_hand.read(connection, SOURCE)
        unchanged = await at_hand.read(connection, SOURCE)
        assert unchanged.people is before.people, "nothing changed, nothing is read"

        await connection.execute(change)

        after = await at_hand.read(connection, SOURCE)
        assert after == await read_directory(connection, SOURCE)
        assert after != before


async def test_how_much_work_people_have_is_counted_anew(postgres_dsn):
    async with world(postgres_dsn) as there:
        await there.pool.execute("INSERT INTO teams (team_id, display_name) VALUES ('team', 'Team')")
        await there.pool.execute("UPDATE people SET team_id = 'team' WHERE person_id = $1", ANNA)
        at_hand = DirectoryAtHand()
        async with transaction(there.pool) as connection:
            await at_hand.read(connection, SOURCE)
        await there.hear(care_alert())

        async with transaction(there.pool) as connection:
            assert (await at_hand.read(connection, SOURCE)).load == {ANNA: 1}
