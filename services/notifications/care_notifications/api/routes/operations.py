"""Who works here, who has how much to do, what was sent; and who the caller is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import asyncpg
from fastapi import APIRouter, Request
from fastapi import Query as Params
from pydantic import Field
from starlette.responses import JSONResponse, Response

from care_notifications.adapters.postgres_sent import SentFilters
from care_notifications.api.cursors import decode_cursor, digest_of, encode_cursor
from care_notifications.api.desk import NAME, ApiDeskHere, Looker, Overseer, caller_of, shown
from care_notifications.api.models import (
    DeliveryListed,
    DeliveryPageShown,
    LoadShown,
    LoadsShown,
    MeShown,
    PeopleShown,
    PersonNamed,
    PersonShown,
)
from care_notifications.api.problems import described
from care_notifications.api.routes.alerts import PageQuery
from care_notifications.core.callers import Right
from care_notifications.core.state import Channel
from care_shared.vocabulary import Role, Tier

router = APIRouter(tags=["operations"])
PROBLEMS = described(401, 403, 429, 500, 503)

SENT_KINDS = (datetime, str)
DeliveryState = Literal["waiting", "held", "folded", "delivered", "suppressed", "failed"]


class SentQuery(PageQuery):
    """Which notices."""

    state: DeliveryState | None = None
    channel: Channel | None = None
    recipient: str | None = Field(default=None, pattern=NAME)
    alert: str | None = Field(default=None, pattern=NAME)


@router.get("/me", response_model=MeShown, responses=described(401, 429, 500, 503))
async def show_me(request: Request, desk: ApiDeskHere) -> Response:
    """Who asks, and what they may do here."""
    caller, door = caller_of(request), desk.guard.door
    cookie = request.cookies.get(door.session_cookie, "")
    answer = MeShown(
        person=PersonNamed(person_id=caller.person, display_name=caller.display_name),
        roles=tuple(sorted(caller.roles)),
        scopes=tuple(sorted(caller.scopes)),
        rights=tuple(right for right in Right if caller.may(right)),
        requests_per_minute=caller.per_minute,
        form_token=None if caller.token else door.form_token(cookie),
    )
    return shown(request, answer)


@router.get("/people", response_model=PeopleShown, responses=PROBLEMS)
async def list_people(request: Request, desk: ApiDeskHere, _: Looker) -> Response:
    """Everybody that work can be handed to, and who cannot take it now."""
    people = tuple(
        PersonShown(
            person_id=row["person_id"],
            display_name=row["display_name"],
            roles=tuple(Role(role) for role in row["roles"]),
            active=row["active"],
            team_id=row["team_id"],
            on_leave=row["on_leave"],
        )
        for row in await desk.people.all(request.state.now)
    )
    return shown(request, PeopleShown(people=people))


@router.get("/load", response_model=LoadsShown, responses=PROBLEMS)
async def show_load(request: Request, desk: ApiDeskHere, caller: Overseer) -> Response:
    """How much each person has to do, the heaviest load first."""
    now = request.state.now
    of_owner: dict[str, list[asyncpg.Record]] = {}
    for row in await desk.people.load(now, caller.sees_sensitive):
        of_owner.setdefault(row["owner"], []).append(row)
    loads = [_load(person, of_owner.get(person["person_id"], [])) for person in await desk.people.all(now)]
    loads.sort(key=lambda one: (-one.open, one.person_id))
    return shown(request, LoadsShown(loads=tuple(loads)))


def _load(person: asyncpg.Record, rows: Sequence[asyncpg.Record]) -> LoadShown:
    return LoadShown(
        person_id=person["person_id"],
        display_name=person["display_name"],
        team_id=person["team_id"],
        open=sum(row["open"] for row in rows),
        by_tier={Tier(row["tier"]): row["open"] for row in rows},
        overdue=sum(row["overdue"] for row in rows),
    )


@router.get("/deliveries", response_model=DeliveryPageShown, responses=PROBLEMS | described(422))
async def list_deliveries(
    request: Request, desk: ApiDeskHere, caller: Overseer, asked: Annotated[SentQuery, Params()]
) -> Response:
    """Notices, the newest first."""
    filters = SentFilters(asked.state, asked.channel, asked.recipient, asked.alert, caller.sees_sensitive)
    listing = digest_of("deliveries", filters)
    after = None if asked.cursor is None else decode_cursor(asked.cursor, listing, SENT_KINDS)
    rows, place = await desk.sent.page(filters, after, asked.limit)
    deliveries = tuple(DeliveryListed(**{name: row[name] for name in DeliveryListed.model_fields}) for row in rows)
    following = None if place is None else encode_cursor(listing, place)
    return shown(request, DeliveryPageShown(deliveries=deliveries, next_cursor=following))


@router.get("/openapi.json", response_model=dict, responses=described(401, 429, 500, 503))
async def show_description(request: Request) -> Response:
    """This description."""
    return JSONResponse(request.app.openapi())
