"""What was set aside, by its cause: why, how many, what to do; and having all of a cause read again."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.adapters.intake_desk import Cause
from care_notifications.adapters.intake_errors import IntakeRefusedError
from care_notifications.adapters.intake_messages import Message, ReplayedMany, Sought
from care_notifications.core.callers import Right
from care_notifications.web.cause_views import cause_view, cause_views
from care_notifications.web.desk import desk_of, zone_of
from care_notifications.web.gate import visit_of
from care_notifications.web.interface_acts import act_in, facts_in_words, moment_in, note, outcomes
from care_notifications.web.interface_words import tabs
from care_notifications.web.message_views import message_rows
from care_notifications.web.roles import only_for
from care_shared.errors import NotFoundError

CAUSE_ID = re.compile(r"[a-f0-9]{8}")
SOURCE = re.compile(r"[A-Za-z0-9._-]{1,100}")


async def show_causes(request: Request) -> Response:
    """Everything that waits, of all feeds or of one."""
    desk, visit = desk_of(request), visit_of(request)
    source = request.query_params.get("source", "")
    if source and not SOURCE.fullmatch(source):
        raise HTTPException(404)
    causes = [one for one in await desk.intake.causes() if source in ("", one.source)]
    return desk.page(
        request, "interface_set_aside.html", tabs=tabs(request, "set-aside"), source=source,
        causes=cause_views(causes, visit.now, zone_of(desk, visit)), total=sum(one.messages for one in causes),
    )  # fmt: skip


async def show_cause(request: Request) -> Response:
    """One cause: its newest messages, what to do, and what a replay would come to."""
    return await _page(request, await _cause(request))


async def replay(request: Request) -> Response:
    """Read all of it again, or see what would come of it; as many as one request takes, then on from there."""
    desk, cause, act = desk_of(request), await _cause(request), act_in(request)
    if act is None:
        return await _page(request, cause, problem="Say why; it stays on record beside your name.")
    visit = visit_of(request)
    try:
        since, until = (moment_in(visit.form.get(name, ""), zone_of(desk, visit)) for name in ("since", "until"))
    except ValueError:
        raise HTTPException(422) from None
    some = Sought(after=visit.form.get("after", "")[:64], since=since, until=until)
    try:
        done = await desk.intake.messages.replay_cause(cause.id, act, some)
    except IntakeRefusedError as error:
        return await _page(request, cause, problem=f"Not possible: {error}.")
    if not act.is_trial:
        await note(request, "replay_cause", cause.id)
    return await _page(request, cause, done=done, is_trial=act.is_trial)


async def _page(
    request: Request, cause: Cause, problem: str = "", done: ReplayedMany | None = None, *, is_trial: bool = False
) -> Response:
    desk, visit = desk_of(request), visit_of(request)
    zone = zone_of(desk, visit)
    messages = await _messages(request, cause)
    return desk.page(
        request, "interface_cause.html", tabs=tabs(request, "set-aside"), cause=cause_view(cause, visit.now, zone),
        rows=message_rows(messages, visit.now, zone), problem=problem, form=visit.form, done=done, is_trial=is_trial,
        zone=str(zone),
        outcomes=outcomes(done.done) if done else [],
        facts=facts_in_words([kind for one in done.done for kind in one.added if one.is_applied]) if done else "",
    )  # fmt: skip


async def _messages(request: Request, cause: Cause) -> tuple[Message, ...]:
    """Those that wait for it still; after a replay that may be none."""
    try:
        return (await desk_of(request).intake.messages.search(Sought(cause=cause.id))).messages
    except NotFoundError:
        return ()


async def _cause(request: Request) -> Cause:
    wanted = request.path_params["cause"]
    if not CAUSE_ID.fullmatch(wanted):
        raise HTTPException(404)
    found = next((one for one in await desk_of(request).intake.causes() if one.id == wanted), None)
    if found is None:
        raise NotFoundError("nothing waits for a cause of that id")
    return found


PAGES = [
    Route("/interfaces/set-aside", show_causes, methods=["GET"]),
    Route("/interfaces/set-aside/{cause}", show_cause, methods=["GET"]),
    Route("/interfaces/set-aside/{cause}/replay", replay, methods=["POST"]),
]
ROUTES = only_for(Right.WORK_ON_MESSAGES, PAGES)
