"""A new feed, step by step: the agreement, its keys, a first message in the sandbox, what is missing, the entry."""

import hashlib
import re
import secrets
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.intake_errors import IntakeRefusedError
from care_notifications.adapters.intake_sandbox import Trial
from care_notifications.adapters.postgres_feed_drafts import PastTrial
from care_notifications.core.callers import Right
from care_notifications.core.feed_drafts import Draft, checklist, is_ready
from care_notifications.web.desk import Desk, desk_of, zone_of
from care_notifications.web.gate import visit_of
from care_notifications.web.interface_words import tabs
from care_notifications.web.onboarding_forms import FORMATS, KINDS, PLACES, ZONES, begun, changed, fingerprint
from care_notifications.web.onboarding_views import entry_text, telling, trial_view
from care_notifications.web.roles import entitled
from care_notifications.web.words import past

START = "/interfaces/onboarding"
TRY = START + "/try"
DRAFT_ID = re.compile(r"[0-9a-f-]{36}")
LARGEST_MESSAGE = 500_000
CHOICES = {"kinds": KINDS, "formats": FORMATS, "zones": ZONES}


async def show_drafts(request: Request) -> Response:
    """The feeds on their way, and where a new one begins."""
    return await _drafts_page(request)


async def begin(request: Request) -> Response:
    """A new feed, from its name and language."""
    signed_in, desk, visit = entitled(request, Right.WORK_ON_MESSAGES), desk_of(request), visit_of(request)
    draft = begun(visit.form)
    problems = {PLACES.get(one.field, one.field): one.problem for one in (await desk.sandbox.tried(draft)).problems}
    if problems:
        return await _drafts_page(request, draft, problems)
    return _to(await desk.drafts.begin(draft, signed_in.person, visit.now))


async def show_draft(request: Request) -> Response:
    """One feed: what is written down, and what is missing."""
    return await _draft_page(request)


async def change(request: Request) -> Response:
    """Write down the agreement; what is wrong with it is said beside its field."""
    draft_id, draft = await _draft(request)
    desk, visit = desk_of(request), visit_of(request)
    groups = await desk.sandbox.groups()
    new = changed(draft, visit.form, groups.get(visit.form.get("format", ""), groups.get(draft.format, ())))
    await desk.drafts.change(draft_id, new, visit.now)
    return _to(draft_id)


async def make_token(request: Request) -> Response:
    """A token for the sender, shown this once; of it only the digest is kept."""
    draft_id, draft = await _draft(request)
    token = secrets.token_hex(32)
    new = replace(draft, token_sha256=hashlib.sha256(token.encode()).hexdigest())
    await desk_of(request).drafts.change(draft_id, new, visit_of(request).now)
    return await _draft_page(request, token=token)


async def enter_certificate(request: Request) -> Response:
    """The fingerprint of the sender's certificate; empty takes it away."""
    draft_id, draft = await _draft(request)
    said = visit_of(request).form.get("certificate", "").strip()
    found = fingerprint(said) if said else ""
    if found is None:
        problem = "This is no SHA-256 fingerprint: 64 letters and digits, with or without colons."
        return await _draft_page(request, problems={"certificate": problem}, status=422)
    await desk_of(request).drafts.change(draft_id, replace(draft, certificate=found), visit_of(request).now)
    return _to(draft_id)


async def show_message(request: Request) -> Response:
    """Where a first message is pasted."""
    draft_id, draft = await _draft(request)
    return _message_page(request, draft_id, draft)


async def try_message(request: Request) -> Response:
    """Judge it under the agreement. Nothing of it is kept but its kind, the verdict, and the places of trouble."""
    signed_in, desk, visit = entitled(request, Right.WORK_ON_MESSAGES), desk_of(request), visit_of(request)
    draft_id = _checked(visit.form.get("draft", ""))
    draft = await desk.drafts.one(draft_id)
    message = visit.form.get("file", "").strip() or visit.form.get("message", "").strip()
    trial, problem = await _judged(desk, draft, message)
    if trial is None:
        return _message_page(request, draft_id, draft, message[:LARGEST_MESSAGE], problem)
    places = [f"{one.where} {one.reason}".strip() for one in trial.remarks]
    tried = PastTrial(trial.kind, trial.verdict, len(trial.facts), places, visit.now)
    await desk.drafts.note(draft_id, tried, signed_in.person)
    return _message_page(request, draft_id, draft, message, trial=trial_view(trial))


async def _judged(desk: Desk, draft: Draft, message: str) -> tuple[Trial | None, str]:
    """What intake makes of it, or why it was not asked."""
    if not message:
        return None, "Paste a message, or choose a file."
    if len(message.encode()) > LARGEST_MESSAGE:
        return None, "This is too large to try here: half a megabyte at most."
    try:
        trial = (await desk.sandbox.tried(draft, message)).trial
    except IntakeRefusedError as error:
        return None, f"Intake cannot read this: {error}."
    return trial, "Mend the agreement first: intake cannot use it yet."


async def download_entry(request: Request) -> Response:
    """The entry for intake's sources file."""
    _, draft = await _draft(request)
    verdict = await desk_of(request).sandbox.tried(draft)
    if not verdict.entry:
        raise HTTPException(404)
    headers = {"content-disposition": 'attachment; filename="source.yaml"'}
    return Response(entry_text(draft, verdict.entry), media_type="text/yaml; charset=utf-8", headers=headers)


async def drop(request: Request) -> Response:
    """Forget the draft; the sources file is as it was."""
    draft_id, _ = await _draft(request)
    await desk_of(request).drafts.drop(draft_id)
    return RedirectResponse(START, 303)


async def _drafts_page(
    request: Request, draft: Draft | None = None, problems: dict[str, str] | None = None
) -> Response:
    entitled(request, Right.WORK_ON_MESSAGES)
    desk, visit = desk_of(request), visit_of(request)
    shown = tabs(request, "onboarding")
    if not desk.sandbox.is_connected:
        return desk.page(request, "interfaces_none.html", tabs=shown)
    zone = zone_of(desk, visit)
    drafts = [(one, past(one.changed_at, visit.now, zone)) for one in await desk.drafts.all()]
    return desk.page(
        request, "interfaces_onboarding.html", 422 if problems else 200, tabs=shown, drafts=drafts,
        draft=draft or Draft("", zone=desk.home_zone), problems=problems or {}, **CHOICES,
    )  # fmt: skip


async def _draft_page(
    request: Request, problems: dict[str, str] | None = None, token: str = "", status: int = 200
) -> Response:
    draft_id, draft = await _draft(request)
    desk, visit = desk_of(request), visit_of(request)
    trials = await desk.drafts.trials(draft_id)
    verdict = await desk.sandbox.tried(draft)
    known = await desk.sandbox.evidence(draft, verdict, [one.tried for one in trials])
    # Once it stands in the sources file, «already agreed» is what one wants to hear.
    wrong = [] if known.is_agreed else verdict.problems
    said = {PLACES.get(one.field.partition(".")[0], "name"): one.problem for one in wrong}
    items = checklist(draft, known)
    zone = zone_of(desk, visit)
    return desk.page(
        request, "interfaces_feed.html", status, tabs=tabs(request, "onboarding"), draft_id=draft_id, draft=draft,
        problems=said | (problems or {}), doubts=verdict.doubts, groups=known.groups, token=token, items=items,
        ready=is_ready(items), telling=telling, entry=entry_text(draft, verdict.entry) if verdict.entry else "",
        trials=[(one, past(one.tried_at, visit.now, zone)) for one in trials[:10]], **CHOICES,
    )  # fmt: skip


def _message_page(request: Request, draft_id: str, draft: Draft, message: str = "", problem: str = "",
                  trial: object = None) -> Response:  # fmt: skip
    return desk_of(request).page(
        request, "interfaces_message.html", 422 if problem else 200, tabs=tabs(request, "onboarding"),
        draft_id=draft_id, draft=draft, message=message, problem=problem, trial=trial,
        language=FORMATS.get(draft.format, draft.format),
    )  # fmt: skip


async def _draft(request: Request) -> tuple[str, Draft]:
    entitled(request, Right.WORK_ON_MESSAGES)
    draft_id = _checked(request.path_params["draft"])
    return draft_id, await desk_of(request).drafts.one(draft_id)


def _checked(draft_id: str) -> str:
    if not DRAFT_ID.fullmatch(draft_id):
        raise HTTPException(404)
    return draft_id


def _to(draft_id: str) -> Response:
    return RedirectResponse(f"{START}/{draft_id}", 303)


ROUTES = [
    Route(START, show_drafts, methods=["GET"]),
    Route(START, begin, methods=["POST"]),
    Route(TRY, try_message, methods=["POST"]),
    Route(START + "/{draft}", show_draft, methods=["GET"]),
    Route(START + "/{draft}", change, methods=["POST"]),
    Route(START + "/{draft}/token", make_token, methods=["POST"]),
    Route(START + "/{draft}/certificate", enter_certificate, methods=["POST"]),
    Route(START + "/{draft}/message", show_message, methods=["GET"]),
    Route(START + "/{draft}/entry", download_entry, methods=["GET"]),
    Route(START + "/{draft}/drop", drop, methods=["POST"]),
]
