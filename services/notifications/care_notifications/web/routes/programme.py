"""How the programme does, and for whom: the measures, by week and organisation, and by groups of patients."""

from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.adapters.postgres_api_audit import AuditLine
from care_notifications.core.callers import Right
from care_notifications.core.measures.definitions import CAVEAT, DEFINITIONS, Measure
from care_notifications.core.measures.rates import FEWEST, suppressed
from care_notifications.web.csv_file import csv_file, csv_text
from care_notifications.web.desk import desk_of
from care_notifications.web.gate import visit_of
from care_notifications.web.insight_views import (
    DUAL,
    LANGUAGES,
    group_views,
    measure_views,
    organization_rows,
    programme_rows,
)
from care_notifications.web.roles import entitled

WEEKS = {"13": "13 weeks", "26": "26 weeks", "52": "52 weeks"}
HEADS = ("By", "Measure", "Of", "Counted", "Out of", "Share", "Late", "Open")


async def show_programme(request: Request) -> Response:
    """Every measure with its weeks, and the organisations beside one another."""
    entitled(request, Right.SEE_OPERATIONS)
    desk, weeks = desk_of(request), weeks_of(request)
    since, until = period(request, weeks)
    sums = await desk.insight.measures.sums(since, until)
    return desk.page(
        request,
        "insight.html",
        weeks=weeks,
        choices=WEEKS,
        since=since,
        until=until - timedelta(days=1),
        measures=measure_views(sums, since, until),
        organizations=organization_rows(sums),
        behind=await desk.insight.counts.behind(visit_of(request).now),
        caveat=CAVEAT,
    )


async def export_programme(request: Request) -> Response:
    """The same figures as a file; that somebody took them is noted."""
    signed_in = entitled(request, Right.SEE_OPERATIONS)
    desk, now = desk_of(request), visit_of(request).now
    since, until = period(request, weeks_of(request))
    text = csv_text(HEADS, programme_rows(await desk.insight.measures.sums(since, until)))
    caller = f"session:{signed_in.username}"
    await desk.insight.audit.note(AuditLine(now, caller, signed_in.person, "export_programme", "", 200), changed=True)
    return csv_file(f"carelead-programme-{until - timedelta(days=1)}", text)


async def show_fairness(request: Request) -> Response:
    """One measure by language and by who pays, each with its interval; small groups stay hidden."""
    entitled(request, Right.SEE_OPERATIONS)
    desk, weeks = desk_of(request), weeks_of(request)
    since, until = period(request, weeks)
    try:
        measure = Measure(request.query_params.get("measure", Measure.CONTACT))
    except ValueError:
        raise HTTPException(404) from None
    languages = await desk.insight.measures.groups(measure, "language", since, until)
    coverage = await desk.insight.measures.groups(measure, "dual", since, until)
    return desk.page(
        request,
        "fairness.html",
        weeks=weeks,
        choices=WEEKS,
        measure=measure.value,
        names={one.value: DEFINITIONS[one].name for one in Measure},
        words=DEFINITIONS[measure],
        languages=group_views(suppressed(languages), LANGUAGES),
        coverage=group_views(suppressed(coverage), DUAL),
        fewest=FEWEST,
    )


def weeks_of(request: Request) -> str:
    """For how many weeks the figures are asked for. Raises a 404 for another number."""
    weeks = request.query_params.get("weeks", "13")
    if weeks not in WEEKS:
        raise HTTPException(404)
    return weeks


def period(request: Request, weeks: str) -> tuple[date, date]:
    """From a Monday through today, as the installation's clock says; the end itself is left out."""
    today = visit_of(request).now.astimezone(desk_of(request).insight.zone).date()
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(weeks=int(weeks) - 1), today + timedelta(days=1)


ROUTES = [
    Route("/insight", show_programme, methods=["GET"]),
    Route("/insight/programme.csv", export_programme, methods=["GET"]),
    Route("/insight/fairness", show_fairness, methods=["GET"]),
]
