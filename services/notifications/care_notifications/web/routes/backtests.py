"""What another policy would have told: a file of `carelead backtest --json` becomes a drawing for others to see."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.core.callers import Right
from care_notifications.web.bars import pairs_by_day
from care_notifications.web.desk import desk_of
from care_notifications.web.gate import visit_of
from care_notifications.web.roles import entitled
from care_notifications.web.rule_words import rule_words
from care_notifications.web.words import past
from care_shared.errors import UnusableMessageError

RUN_ID = re.compile(r"[0-9a-f-]{36}")


async def list_backtests(request: Request) -> Response:
    """Those that are kept, and the form for another one."""
    entitled(request, Right.SEE_OPERATIONS)
    return await _listed(request)


async def keep_backtest(request: Request) -> Response:
    """Keep what the file says, or say why it cannot be."""
    signed_in = entitled(request, Right.SEE_OPERATIONS)
    text, now = visit_of(request).form.get("file", ""), visit_of(request).now
    try:
        run_id = await desk_of(request).insight.backtests.keep(text, signed_in.person, now)
    except UnusableMessageError as error:
        problem = "Choose a file first." if not text.strip() else f"This is no backtest we can draw. {error}."
        return await _listed(request, problem, 422)
    return RedirectResponse(f"/insight/backtests/{run_id}", 303)


async def show_backtest(request: Request) -> Response:
    """One run: by rule, by day, by tier; of one rule when asked for."""
    entitled(request, Right.SEE_OPERATIONS)
    desk, run_id = desk_of(request), request.path_params["run_id"]
    if not RUN_ID.fullmatch(run_id):
        raise HTTPException(404)
    run = await desk.insight.backtests.run(run_id)
    rule = request.query_params.get("rule", "")
    if rule and rule not in {one.rule_id for one in run.rules}:
        raise HTTPException(404)
    return desk.page(
        request,
        "backtest.html",
        run=run,
        run_id=run_id,
        rule=rule,
        titles={one.rule_id: rule_words(one.rule_id).title for one in run.rules},
        most=max((max(one.before, one.after) for one in run.rules), default=0) or 1,
        days=pairs_by_day(rule or "All rules", run.per_day(rule)),
        tiers=run.per_tier(),
    )


async def _listed(request: Request, problem: str = "", status: int = 200) -> Response:
    desk, visit = desk_of(request), visit_of(request)
    runs = [(row, past(row["kept_at"], visit.now, desk.insight.zone)) for row in await desk.insight.backtests.newest()]
    return desk.page(request, "backtests.html", status, runs=runs, problem=problem)


ROUTES = [
    Route("/insight/backtests", list_backtests, methods=["GET"]),
    Route("/insight/backtests", keep_backtest, methods=["POST"]),
    Route("/insight/backtests/{run_id}", show_backtest, methods=["GET"]),
]
