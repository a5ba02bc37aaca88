"""What one look at Kafka brings is kept as if each message had come alone, on real PostgreSQL."""

import random
from datetime import timedelta

import pytest

from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_directory import NamedPerson, ensure_directory
from care_notifications.core.agreements import Agreement
from care_notifications.core.state import Channel
from care_notifications.handler import handle
from care_notifications.ports import Slot
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, PersonId, Role, SensitivityLabel, Tier
from tests.care_alerts import AGREEMENT, ANNA, BEN, BOTH, HARBOR, NOW, care_alert
from tests.conftest import fresh_database
from tests.notifications_world import raws, world

pytestmark = pytest.mark.stack

SLOTS = [Slot("care.alerts.v1", number) for number in range(3)]
TEAMS = (
    CareTeam(lead_care_manager=ANNA, agency=HARBOR),
    CareTeam(backup=BEN),
    CareTeam(lead_care_manager=BEN),
    CareTeam(lead_care_manager="north"),
)
# Everything that a message leaves behind; serial numbers only as the order they give.
LEFT_BEHIND = {
    "alerts": "SELECT * FROM alerts ORDER BY gap_id",
    "history": "SELECT * FROM alert_changes ORDER BY gap_id, revision",
    "notices": "SELECT *, NULL AS ordinal FROM deliveries ORDER BY delivery_id",
    "order in lanes": "SELECT lane, array_agg(delivery_id ORDER BY ordinal) FROM deliveries GROUP BY lane ORDER BY 1",
    "silences": "SELECT * FROM suppressions ORDER BY gap_id, revision, recipient, channel, reason",
    "leads": "SELECT patient_id, since, person_id, backup, named, reason FROM lead_history ORDER BY entry",
    "agencies": "SELECT * FROM serving_agencies ORDER BY patient_id",
    "issues": "SELECT * FROM issues ORDER BY gap_id",
    "tasks": "SELECT * FROM partner_tasks ORDER BY task_id",
    "said": "SELECT topic, event_id, value FROM outbox ORDER BY topic, event_id",
    "read": "SELECT * FROM positions ORDER BY topic, partition",
    "changed": "SELECT DISTINCT gap_id FROM feed ORDER BY gap_id",
}


def history(dice):
    """Sixty messages about fifteen gaps of five patients, for three slots."""
    revisions = {}
    for _ in range(60):
        number = dice.randrange(15)
        revision = revisions[number] = revisions.get(number, 0) + dice.choice([1, 1, 1, 0])
        told = {
            "change": dice.choice(list(AlertChange)) if revision > 1 else AlertChange.OPENED,
            "patient_id": f"patient-{number % 5}",
            "tier": dice.choice(list(Tier)),
            "care_team": dice.choice(TEAMS),
            "audience": dice.choice([(Role.CARE_MANAGER,), BOTH]),
            "labels": dice.choice([(), (), (), (SensitivityLabel.PART_2,)]),
            "card_id": dice.choice(["", "card"]),
            "rule_id": dice.choice(["VISIT-MISSED", "ARRIVAL", "HF-WEIGHT"]),
            "reason": dice.choice(["admitted", "gained"]),
            "due_at": dice.choice([None, NOW + timedelta(hours=dice.randrange(1, 90))]),
        }
        yield SLOTS[number % 5 % 3], care_alert(f"gap-{number}", max(revision, 1), **told)


async def prepared(there):
    """A team, somebody who wants no digests, and an agency with whom FHIR is agreed."""
    await ensure_directory(there.pool, [NamedPerson(PersonId(f"cm-{n}"), f"Manager {n}") for n in range(3)])
    await there.pool.execute("INSERT INTO teams (team_id, display_name) VALUES ('north', 'North')")
    await there.pool.execute("UPDATE people SET team_id = 'north' WHERE person_id LIKE 'cm-_'")
    await there.pool.execute("INSERT INTO opt_outs VALUES ($1, 'email', 'digest', $2, 'test')", BEN, NOW)
    fhir = Agreement("harbor-fhir", HARBOR, AGREEMENT.begin, channels=frozenset({Channel.FHIR}))
    await put_agreements(there.pool, [fhir], "test", NOW)


async def left_behind(empty, polls):
    """What stands in a database of its own after these looks."""
    async with empty() as dsn, world(dsn) as there:
        await prepared(there)
        for poll in polls:
            await handle(poll, there.alerts, NOW)
        return {name: [tuple(row) for row in await there.pool.fetch(sql)] for name, sql in LEFT_BEHIND.items()}


def together(messages):
    """One look with all of them."""
    return {slot: raws([alert for place, alert in messages if place == slot]) for slot in SLOTS}


def one_by_one(poll):
    """The same records in the same order, each in a look of its own."""
    return [{slot: [raw]} for slot, batch in poll.items() for raw in batch]


@pytest.fixture
def empty(stack, migrated):
    """Makes a database with our tables and nothing in them, each time it is called."""
    return lambda: fresh_database(stack.postgres_dsn, migrated)


@pytest.mark.parametrize("seed", range(6))
async def test_one_look_leaves_behind_what_its_messages_leave_behind_one_by_one(empty, seed):
    poll = together(list(history(random.Random(seed))))

    alone = await left_behind(empty, one_by_one(poll))
    at_once = await left_behind(empty, [poll])

    for name, rows in alone.items():
        assert at_once[name] == rows, name
    assert len({row[0] for row in alone["notices"]}) > 20, "somebody was told"
