"""Alerts as diagnostic tests: how often each rule told, and how often that was worth somebody's time."""

import re
from datetime import date, datetime, time, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.adapters.rule_precision import ACTED_WITHIN, person_days
from care_notifications.core.callers import Right
from care_notifications.web.desk import desk_of
from care_notifications.web.gate import visit_of
from care_notifications.web.roles import entitled
from care_notifications.web.routes.programme import WEEKS, period, weeks_of
from care_notifications.web.rule_views import rule_rows, rule_view
from care_notifications.web.words import past

RULE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


async def show_rules(request: Request) -> Response:
    """Every rule that told somebody in the period."""
    entitled(request, Right.SEE_OPERATIONS)
    desk, weeks = desk_of(request), weeks_of(request)
    since, until = period(request, weeks)
    now = visit_of(request).now
    at, found = await desk.insight.rules.rules(_instant(request, since), now)
    days = await person_days(desk.insight.pool, since, until)
    return desk.page(
        request,
        "rules.html",
        weeks=weeks,
        choices=WEEKS,
        rules=rule_rows(found, days),
        days=days,
        counted=past(at, now, desk.insight.zone),
        acted_within=ACTED_WITHIN.days,
    )


async def show_rule(request: Request) -> Response:
    """One rule: by version, by week, and why it was not useful."""
    entitled(request, Right.SEE_OPERATIONS)
    rule_id = request.path_params["rule_id"]
    if not RULE_ID.fullmatch(rule_id):
        raise HTTPException(404)
    desk, weeks = desk_of(request), weeks_of(request)
    since, until = period(request, weeks)
    now = visit_of(request).now
    at, story = await desk.insight.rules.story(rule_id, _instant(request, since), now)
    days = await person_days(desk.insight.pool, since, until)
    return desk.page(
        request,
        "rule.html",
        weeks=weeks,
        choices=WEEKS,
        rule=rule_view(rule_id, story, days, since, until - timedelta(days=1)),
        days=days,
        counted=past(at, now, desk.insight.zone),
        acted_within=ACTED_WITHIN.days,
    )


def _instant(request: Request, day: date) -> datetime:
    return datetime.combine(day, time(), desk_of(request).insight.zone)


ROUTES = [
    Route("/insight/rules", show_rules, methods=["GET"]),
    Route("/insight/rules/{rule_id}", show_rule, methods=["GET"]),
]
