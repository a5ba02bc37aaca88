"""What the commands about people work on: the directory of notifications, as its settings name it."""

import contextlib
from collections.abc import AsyncIterator

from care_cli.running.target import postgres_target
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_chores import PostgresChores
from care_notifications.adapters.postgres_directory import DirectorySource
from care_notifications.adapters.postgres_staff import PostgresStaff
from care_notifications.core.state import Channel
from care_notifications.settings import NotificationsSettings
from care_shared.runtime.postgres import open_pool
from care_shared.settings import PostgresSettings
from care_shared.vocabulary import PersonId


class Office:
    """People, the auditor and the chores of one installation."""

    def __init__(self, people: PostgresStaff, auditor: PostgresAuditor, chores: PostgresChores) -> None:
        self.people = people
        self.auditor = auditor
        self.chores = chores


@contextlib.asynccontextmanager
async def office() -> AsyncIterator[Office]:
    """Open while the block runs."""
    own = NotificationsSettings()
    source = DirectorySource(PersonId(own.default_owner), frozenset(Channel), own.default_zone, own.terms)
    pool = await open_pool(PostgresSettings.model_validate({"dsn": postgres_target(), "pool_size": 2}), "notifications")
    try:
        yield Office(PostgresStaff(pool, source), PostgresAuditor(pool, source), PostgresChores(pool))
    finally:
        await pool.close()
