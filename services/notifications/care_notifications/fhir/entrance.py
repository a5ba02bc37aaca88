"""Who is at the FHIR door: a partner's system by its token, one of our own people by the session of the worklist."""

from dataclasses import dataclass

import asyncpg
from starlette.requests import Request

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_partners import PostgresPartners
from care_notifications.adapters.postgres_sessions import PostgresSessions
from care_notifications.adapters.postgres_tokens import PostgresTokens
from care_notifications.core.callers import CARE_ROLES, Right
from care_notifications.core.fhir.caller import Caller
from care_shared.runtime.clock import Clock
from care_shared.vocabulary import Role

ROLES = "SELECT roles FROM people WHERE person_id = $1"
LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Entrance:
    """Knows tokens and sessions."""

    pool: asyncpg.Pool
    partners: PostgresPartners
    programs: PostgresTokens
    sessions: PostgresSessions
    session_cookie: str
    clock: Clock

    async def who(self, request: Request) -> Caller | None:
        """The caller, or None for a stranger. A session reads only: a page of another site cannot make it write."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if token:
            usable = scheme.lower() == "bearer" and len(token) <= LONGEST_TOKEN
            return await self._bearer(token.strip()) if usable else None
        cookie = request.cookies.get(self.session_cookie, "")
        return await self._person(cookie) if cookie and request.method in ("GET", "HEAD") else None

    async def _bearer(self, token: str) -> Caller | None:
        partner = await self.partners.who(token, self.clock())
        if partner is not None:
            return partner
        # A program of our own people, with its token of the HTTP API.
        program = await self.programs.who(token, self.clock())
        if program is None or not program.may(Right.SEE_ALERTS):
            return None
        roles = tuple(sorted(program.roles))
        return Caller(program.id, person=program.person, roles=roles, may_have_labelled=program.sees_sensitive)

    async def _person(self, cookie: str) -> Caller | None:
        signed_in = await self.sessions.who(cookie, self.clock(), touch=False)
        if signed_in is None:
            return None
        async with transaction(self.pool) as connection:
            roles = await connection.fetchval(ROLES, signed_in.person)
        known = tuple(Role(role) for role in roles or ())
        # A session shows the whole house, so it is for those who care for patients: an agency has its own token, and
        # whoever looks after interfaces has no patients.
        if not CARE_ROLES.intersection(known):
            return None
        return Caller("session", person=signed_in.person, roles=known, may_have_labelled=True)
