"""What a person does with an alert is kept and published in one transaction: one door for all of it."""

from datetime import datetime

import asyncpg

from care_notifications.adapters.activity import event_row, outbox_row
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, record_of, transaction
from care_notifications.adapters.postgres_directory import DirectoryAtHand, DirectorySource
from care_notifications.adapters.postgres_follow_up import outcome_rows
from care_notifications.adapters.postgres_issues import tell_partners
from care_notifications.adapters.postgres_moves import Move, keep_move
from care_notifications.adapters.postgres_telling import Telling, tell
from care_notifications.adapters.postgres_versions import changes_since
from care_notifications.core.acts import (
    KIND_OF,
    Answer,
    Ask,
    Done,
    HandOver,
    Refusal,
    Refused,
    Resolve,
    Reused,
    Stale,
    details_of,
)
from care_notifications.core.alert_life import Stage, act
from care_notifications.core.holding import Contact, codes_of
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.state import AlertRecord, Directory, is_over
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import ContactLogged
from care_shared.contracts.envelope import derived_id
from care_shared.errors import NotFoundError
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ActivityKind, EventId, GapId, PersonId, SourceId

LOCK_ALERT = "SELECT * FROM alerts WHERE gap_id = $1 FOR UPDATE"
ACT_BEFORE = "SELECT gap_id, kind, done_by FROM acts WHERE act_id = $1"
SAVE_ACT = """
INSERT INTO acts (act_id, gap_id, patient_id, kind, done_at, done_by, outcome, channel, party, purpose)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING true
"""
SOURCE = SourceId("worklist")


class PostgresActs:
    """Write access for pages and integrators."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring, source: DirectorySource, policy: NoticePolicy = SHIPPED) -> None:
        """`ring` is called after each commit that changed something."""
        self._pool = pool
        self._ring = ring
        self._source = source
        self._policy = policy
        self._directory = DirectoryAtHand()

    async def act(self, ask: Ask, now: datetime) -> Answer:
        """Do what this person asks, once. Two at the same time: one after the other, each seeing what is then.

        Raises NotFoundError when there is no such alert.
        """
        async with transaction(self._pool) as connection:
            answer = await self.act_within(connection, ask, now)
        if isinstance(answer, Done) and not answer.repeated:
            self._ring()
        return answer

    async def act_within(self, connection: Connection, ask: Ask, now: datetime) -> Answer:
        """The same in a transaction of the caller's, who rings. Raises NotFoundError."""
        row = await locked(connection, ask.gap_id)
        answer = await self.judge(connection, row, ask, now)
        if isinstance(answer, Done) and not answer.repeated:
            await self._keep(connection, row, answer.record, ask, now)
        return answer

    async def judge(self, connection: Connection, row: asyncpg.Record, ask: Ask, now: datetime) -> Answer:
        """What would come of it; nothing is kept. The caller holds the alert's row."""
        before = record_of(row)
        known = await connection.fetchrow(ACT_BEFORE, ask.action_id)
        if known is not None:
            same = tuple(known) == (ask.gap_id, KIND_OF[type(ask.action)], ask.actor)
            return Done(before, repeated=True) if same else Reused(before)
        if ask.expected_version not in (None, before.version):
            return Stale(before, await changes_since(connection, ask.gap_id, ask.expected_version))
        stage = Stage(await self._people(connection, ask), now)
        after = act(before, ask.action, ask.actor, stage, row["rule_id"])
        return Refused(after, before) if isinstance(after, Refusal) else Done(after)

    async def _keep(
        self, connection: Connection, row: asyncpg.Record, after: AlertRecord, ask: Ask, now: datetime
    ) -> None:
        before, alert = record_of(row), CareAlert.model_validate_json(row["body"])
        kind, details = KIND_OF[type(ask.action)], details_of(ask.action)
        await keep_move(connection, Move(before, after, kind, ask.actor, ask.action_id, details), now)
        if isinstance(ask.action, Resolve):
            await enqueue(connection, outcome_rows(alert, ask, ask.action.outcome, now))
        if _concerns_others(before, after):
            directory = await self._people(connection, ask)
            await tell(connection, alert, after, Telling(directory, self._policy, now))
            await tell_partners(connection, (alert, after), directory.agreements, now)

    async def _people(self, connection: Connection, ask: Ask) -> Directory:
        """Only a hand-over looks for somebody among colleagues, by how much they have."""
        return await self._directory.read(connection, self._source, isinstance(ask.action, HandOver))

    async def log_contact(self, gap_id: GapId, contact: Contact, person: PersonId, now: datetime) -> bool:
        """Publish the contact as a fact; whether it closes the gap is for scoring to say. False for a repeat."""
        async with transaction(self._pool) as connection:
            saved = await log_within(connection, gap_id, contact, person, now)
        if saved:
            self._ring()
        return saved


async def log_within(connection: Connection, gap_id: GapId, contact: Contact, person: PersonId, now: datetime) -> bool:
    """Keep and publish a contact in a transaction of the caller's, who rings. Raises NotFoundError."""
    alert = record_of(await locked(connection, gap_id))
    saved = await connection.fetchval(
        SAVE_ACT, contact.contact_id, gap_id, alert.patient_id, ActivityKind.CONTACT_LOGGED, now, person,
        contact.outcome, contact.channel, contact.party, contact.purpose,
    )  # fmt: skip
    if not saved:
        return False
    fact = _fact(alert, contact, person, now)
    activity = _activity(alert, ActivityKind.CONTACT_LOGGED, (contact.contact_id, person, now), codes_of(contact))
    await enqueue(connection, [event_row(fact, fact.type), outbox_row(activity)])
    await connection.execute(NOTE_CHANGE, gap_id, now)
    return True


def _concerns_others(before: AlertRecord, after: AlertRecord) -> bool:
    """Whether somebody has to hear of this: a new owner, another round, or partners that it is over."""
    return (before.owner, before.round, is_over(before.state)) != (after.owner, after.round, is_over(after.state))


async def locked(connection: Connection, gap_id: GapId) -> asyncpg.Record:
    """The alert's row, held until the transaction ends. Raises NotFoundError."""
    row = await connection.fetchrow(LOCK_ALERT, gap_id)
    if row is None:
        raise NotFoundError("no such alert")
    return row


def _fact(alert: AlertRecord, contact: Contact, person: PersonId, now: datetime) -> ContactLogged:
    return ContactLogged(
        event_id=EventId(derived_id("contact-logged", contact.contact_id)),
        patient_id=alert.patient_id,
        occurred_at=now,
        recorded_at=now,
        source=SOURCE,
        contact_id=contact.contact_id,
        outcome=contact.outcome,
        channel=contact.channel,
        party=contact.party,
        purpose=contact.purpose,
        by=person,
    )


def _activity(
    alert: AlertRecord, kind: ActivityKind, act: tuple[str, PersonId, datetime], detail: dict[str, str]
) -> AlertActivity:
    act_id, person, now = act
    return AlertActivity(
        event_id=EventId(derived_id("activity", act_id, kind)),
        gap_id=alert.gap_id,
        patient_id=alert.patient_id,
        kind=kind,
        occurred_at=now,
        by=person,
        detail=detail,
    )
