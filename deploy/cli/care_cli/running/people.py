"""What the commands about people work on: the directory of notifications, as its settings name it."""

import contextlib
from collections.abc import AsyncIterator

from care_cli.running.pools import pool_of
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_chores import PostgresChores
from care_notifications.adapters.postgres_directory import DirectorySource
from care_notifications.adapters.postgres_staff import PostgresStaff
from care_notifications.core.state import Channel
from care_notifications.settings import NotificationsSettings
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
    async with pool_of("notifications") as pool:
        yield Office(PostgresStaff(pool, source), PostgresAuditor(pool, source), PostgresChores(pool))
