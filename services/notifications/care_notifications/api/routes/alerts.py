"""Alerts: lists by any filter, counts, one alert whole, and the alerts of one patient."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Params
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from care_notifications.adapters.postgres_listing import COUNT_LIMIT, ORDERS, Filters, Sort, Tally, sorts_for
from care_notifications.api.cursors import LONGEST, decode_cursor, digest_of, encode_cursor
from care_notifications.api.desk import NAME, AlertId, ApiDesk, ApiDeskHere, Looker, PatientKey, shown
from care_notifications.api.models import AlertPageShown, AlertStoryShown, Count, CountsShown
from care_notifications.api.problems import described, invalid_field
from care_notifications.api.views import alert_shown, story_shown
from care_notifications.core.callers import Caller
from care_notifications.core.check_ins.profile import plain_programme
from care_notifications.core.state import AlertState
from care_shared.contracts.envelope import UtcDatetime
from care_shared.errors import NotFoundError
from care_shared.vocabulary import GapId, PatientId, PersonId, Tier

router = APIRouter(tags=["alerts"])

PROBLEMS = described(401, 403, 422, 429, 500, 503)


class Query(BaseModel):
    """A parameter that nobody knows is refused: a misspelt filter would show what it was to hide."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FilterQuery(Query):
    """Which alerts. Filters of different names narrow; several states or tiers widen."""

    state: list[AlertState] = Field(default=[], max_length=10, description="none: all that are not over")
    tier: list[Tier] = Field(default=[], max_length=10)
    owner: str | None = Field(default=None, pattern=NAME, description="a `person_id`")
    team: str | None = Field(default=None, pattern=NAME, description="a `team_id`: alerts of its members")
    rule: str | None = Field(default=None, pattern=NAME, description="a `rule_id`")
    patient: str | None = Field(default=None, pattern=NAME, description="our own id of the patient")
    programme: str | None = Field(
        default=None, pattern=NAME, description="a programme the patient was in when the alert last changed"
    )
    due_before: UtcDatetime | None = None
    opened_since: UtcDatetime | None = None

    def filters(self, caller: Caller) -> Filters:
        """What is asked for, narrowed to what this caller may see."""
        return Filters(
            states=tuple(dict.fromkeys(self.state)),
            tiers=tuple(dict.fromkeys(self.tier)),
            owner=None if self.owner is None else PersonId(self.owner),
            team=self.team,
            rule=self.rule,
            patient=None if self.patient is None else PatientId(self.patient),
            programme=None if self.programme is None else plain_programme(self.programme),
            due_before=self.due_before,
            opened_since=self.opened_since,
            sensitive=caller.sees_sensitive,
        )


class PageQuery(Query):
    """Which page of a list."""

    limit: int = Field(default=50, ge=1, le=200, description="how many on one page")
    cursor: str | None = Field(default=None, max_length=LONGEST, description="`next_cursor` of the page before")


class ListQuery(FilterQuery, PageQuery):
    """Which alerts, in which order."""

    sort: Sort | None = Field(
        default=None,
        description="`urgency` (tier, then deadline) unless said otherwise; with states that are over `changed` (the "
        "last first) or `id` only; `id` never changes for an alert: read by it to see each alert exactly once, "
        "whatever happens meanwhile",
    )

    def order(self) -> Sort:
        """The sort asked for, or the one that suits the states. Raises ProblemError."""
        possible = sorts_for(self.state)
        chosen = self.sort or (Sort.URGENCY if Sort.URGENCY in possible else Sort.CHANGED)
        if chosen not in possible:
            raise invalid_field("query.sort", "alerts that are over are sorted by changed or id")
        return chosen


@router.get("/alerts", response_model=AlertPageShown, responses=PROBLEMS)
async def list_alerts(
    request: Request, desk: ApiDeskHere, caller: Looker, asked: Annotated[ListQuery, Params()]
) -> Response:
    """Alerts by any of the filters, page by page."""
    return shown(request, await _page(desk, asked.filters(caller), asked.order(), asked))


@router.get("/alerts/counts", response_model=CountsShown, responses=PROBLEMS)
async def count_alerts(
    request: Request, desk: ApiDeskHere, caller: Looker, asked: Annotated[FilterQuery, Params()]
) -> Response:
    """How many alerts fit the filters; counting stops at 1,000."""
    return shown(request, _counts(await desk.listing.count(asked.filters(caller))))


@router.get("/alerts/{alert_id}", response_model=AlertStoryShown, responses=PROBLEMS | described(404))
async def show_alert(request: Request, desk: ApiDeskHere, caller: Looker, alert_id: AlertId) -> Response:
    """One alert whole. Its ETag is what If-Match of an act takes."""
    story = await desk.worklist.story(GapId(alert_id))
    refuse_hidden(caller, bool(story.listed.alert.labels))
    return shown(request, story_shown(story), story.listed.record.version)


@router.get("/patients/{patient_id}/alerts", response_model=AlertPageShown, responses=PROBLEMS)
async def list_alerts_of_patient(
    request: Request, desk: ApiDeskHere, caller: Looker, patient_id: PatientKey, asked: Annotated[PageQuery, Params()]
) -> Response:
    """All alerts of one patient, those that are over too, the last changed first."""
    filters = Filters(states=tuple(AlertState), patient=PatientId(patient_id), sensitive=caller.sees_sensitive)
    return shown(request, await _page(desk, filters, Sort.CHANGED, asked))


def refuse_hidden(caller: Caller, labelled: bool) -> None:
    """Whoever may not see an alert is told what he would be told if it did not exist."""
    if labelled and not caller.sees_sensitive:
        raise NotFoundError("no such alert")


async def _page(desk: ApiDesk, filters: Filters, sort: Sort, asked: PageQuery) -> AlertPageShown:
    listing = digest_of(sort, filters)
    after = None if asked.cursor is None else decode_cursor(asked.cursor, listing, ORDERS[sort].kinds)
    found = await desk.listing.page(filters, sort, after, asked.limit)
    return AlertPageShown(
        alerts=tuple(alert_shown(one) for one in found.alerts),
        next_cursor=None if found.next_place is None else encode_cursor(listing, found.next_place),
    )


def _counts(tally: Tally) -> CountsShown:
    return CountsShown(
        all=_count(tally.all),
        by_state={state: _count(found) for state, found in tally.by_state.items()},
        by_tier={tier: _count(found) for tier, found in tally.by_tier.items()},
    )


def _count(found: int) -> Count:
    return Count(count=min(found, COUNT_LIMIT), more=found > COUNT_LIMIT)
