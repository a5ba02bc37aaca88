"""What rosters said last, who is away, and codes to ask about: kept in the transaction of the message that said so."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import asyncpg

from care_intake.core.effects import Accept, Hold
from care_intake.core.identity import IssuedNumber, PatientKey
from care_intake.core.receipts import Judged
from care_intake.core.roster_settling import Settled, settled, settled_absences
from care_intake.core.roster_terms import HeldMember, LeadAbsence, RosterDiff, StatedRoster
from care_intake.core.rosters import roster_diff
from care_intake.core.translation import Translated
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PersonId, SourceId

# Two rosters of one source wait for one another; other messages never wait for a roster.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('carelead.intake.roster'), hashtext($1))"
HELD = "SELECT member_id, numbers, said, as_of, stated_at FROM roster_members WHERE source = $1"
OF_LEADS = "SELECT member_id, numbers, said, as_of, stated_at FROM roster_members WHERE lead = ANY($1::text[])"
KEEP = """
INSERT INTO roster_members (source, member_id, numbers, said, lead, as_of, stated_at, receipt_id)
SELECT $1, member_id, numbers, said, lead, $6, $7, $8
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS stated (member_id, numbers, said, lead)
ON CONFLICT (source, member_id) DO UPDATE SET numbers = excluded.numbers, said = excluded.said, lead = excluded.lead,
    as_of = excluded.as_of, stated_at = excluded.stated_at, receipt_id = excluded.receipt_id
"""
AWAY = "SELECT lead, stand_in, starts_on, ends_on FROM lead_absences WHERE NOT cancelled AND ends_on >= $1"
KEEP_AWAY = """
INSERT INTO lead_absences (lead, stand_in, starts_on, ends_on, cancelled, receipt_id)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (lead, stand_in, starts_on) DO UPDATE SET ends_on = excluded.ends_on,
    cancelled = excluded.cancelled, receipt_id = excluded.receipt_id
"""
ASK = """
INSERT INTO unmapped_codes (source, kind, code, times, first_seen, last_seen, last_receipt_id)
VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT (source, kind, code) DO UPDATE SET
    times = unmapped_codes.times + excluded.times, last_seen = greatest(unmapped_codes.last_seen, excluded.last_seen),
    last_receipt_id = excluded.last_receipt_id
"""


class RosterBook:
    """Rosters within one transaction."""

    def __init__(self, connection: Connection, *, may_end_many: bool = False) -> None:
        """`may_end_many` when a person said that a roster that ends many is whole."""
        self._connection = connection
        self._may_end_many = may_end_many
        self._settled: dict[str, Settled] = {}

    async def settle(self, group: Sequence[Judged]) -> list[Judged]:
        """The same messages; a roster among them now says only what was not said before, or is held."""
        return [await self._one(one) if _waits(one) else one for one in group]

    async def preview(self, one: Judged) -> RosterDiff | None:
        """What a roster would change; None when the message holds none."""
        stated = one.decision.effect.said.roster if isinstance(one.decision.effect, Accept) else None
        if stated is None:
            return None
        return await asyncio.to_thread(roster_diff, await self._held(one.source), stated)

    async def keep(self, written: Iterable[Judged], doubtful: Iterable[PatientKey]) -> None:
        """Hold what was said now. Whose patient is in doubt heard nothing, and hears it when that is settled."""
        asked: dict[tuple[str, str, str], list[Judged]] = defaultdict(list)
        left_out = {number for key in doubtful for number in key.identifiers}
        for one in written:
            effect = one.decision.effect
            if not isinstance(effect, Accept) or effect.is_test:
                continue
            found = self._settled.get(one.receipt_id)
            if found is not None:
                members = [each for each in found.members if not left_out & set(each.numbers)]
                await self._keep_members(one, members)
            for absence in effect.said.absences:
                await self._connection.execute(
                    KEEP_AWAY, absence.lead_care_manager, absence.stand_in, absence.starts_on, absence.ends_on,
                    absence.cancelled, one.receipt_id,
                )  # fmt: skip
            for code in effect.said.unmapped:
                asked[str(one.source), code.kind, code.code].append(one)
        # In one order, so that two intakes that ask for the same codes never wait for each other.
        for (source, kind, code_text), ones in sorted(asked.items(), key=lambda item: item[0]):
            last = ones[-1]
            await self._connection.execute(
                ASK, source, kind, code_text, len(ones), last.message.received_at, last.receipt_id
            )

    async def _one(self, one: Judged) -> Judged:
        effect = one.decision.effect
        assert isinstance(effect, Accept), "only what was accepted waits to be settled"
        if effect.said.roster is None:
            return _said(one, await self._absent(effect.said))
        await self._connection.execute(LOCK, one.source)
        stated = effect.said.roster
        # Thousands of rows are compared apart, because hospitals wait for their answers meanwhile.
        diff = await asyncio.to_thread(roster_diff, await self._held(one.source), stated)
        away = await self._away(stated)
        found = settled(effect.said, stated, diff, away, may_end_many=self._may_end_many)
        if found.held_for is not None:
            return replace(one, decision=replace(one.decision, effect=Hold(found.held_for)))
        self._settled[one.receipt_id] = found
        return _said(one, found.said)

    async def _absent(self, said: Translated) -> Translated:
        leads = [str(one.lead_care_manager) for one in said.absences]
        members = [_member(row) for row in await self._connection.fetch(OF_LEADS, leads)]
        return settled_absences(said, members)

    async def _held(self, source: SourceId) -> list[HeldMember]:
        rows = await self._connection.fetch(HELD, source)
        return await asyncio.to_thread(lambda: [_member(row) for row in rows])

    async def _away(self, stated: StatedRoster) -> list[LeadAbsence]:
        rows = await self._connection.fetch(AWAY, stated.as_of)
        return [
            LeadAbsence("", PersonId(row["lead"]), PersonId(row["stand_in"]), row["starts_on"], row["ends_on"])
            for row in rows
        ]

    async def _keep_members(self, one: Judged, members: Sequence[HeldMember]) -> None:
        if not members:
            return
        await self._connection.execute(
            KEEP,
            one.source,
            [each.member_id for each in members],
            [json.dumps([list(number) for number in each.numbers]) for each in members],
            [json.dumps(each.said, default=dict) for each in members],
            [str(each.lead or "") for each in members],
            members[0].as_of,
            members[0].stated_at,
            one.receipt_id,
        )


def _waits(one: Judged) -> bool:
    effect = one.decision.effect
    return isinstance(effect, Accept) and (effect.said.roster is not None or bool(effect.said.absences))


def _said(one: Judged, said: Translated) -> Judged:
    return replace(one, decision=replace(one.decision, effect=Accept(said)))


def _member(row: asyncpg.Record) -> HeldMember:
    as_of: date = row["as_of"]
    numbers = tuple(IssuedNumber(*number) for number in json.loads(row["numbers"]))
    return HeldMember(row["member_id"], numbers, as_of, row["stated_at"], json.loads(row["said"]))
