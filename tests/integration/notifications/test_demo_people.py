"""The people of the demo can all be reached: its audit has nothing to find."""

import pytest

from care_cli.running.directory import DESK, SUPERVISOR, care_managers, enter_people
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_directory import DirectorySource, read_directory
from care_notifications.core.lead import supervisor_of
from care_notifications.settings import NotificationsSettings
from tests.care_alerts import NOW

pytestmark = pytest.mark.stack


async def test_everybody_on_a_ladder_of_the_demo_has_an_address_and_a_supervisor(there):
    await there.pool.execute("UPDATE people SET active = false")
    own = NotificationsSettings()
    source = DirectorySource(DESK.person_id, frozenset({"console", "email", "webhook"}), own.default_zone, own.terms)

    passwords = await enter_people(there.dsn, "http://127.0.0.1:9/hook", "whsec_" + "c2VjcmV0" * 4)
    report = await PostgresAuditor(there.pool, source).look_at_ladders(NOW)

    assert not report.appeared
    assert own.default_owner == DESK.person_id
    async with there.pool.acquire() as connection:
        directory = await read_directory(connection, source)
    assert {supervisor_of(one.person_id, directory) for one in care_managers()} == {SUPERVISOR.person_id}
    assert "lead" not in passwords, "a desk is nobody who signs in"
