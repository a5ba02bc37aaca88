"""The page behind a one-time link: one question at a time, in large type, on any phone, without a script."""

import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.check_in_answers import Opened
from care_notifications.adapters.postgres_misses import TooManyTriesError
from care_notifications.core.check_ins.answering import crisis_texts, next_question, question_before
from care_notifications.core.check_ins.content import FALLBACK, HIGHEST, LOWEST, Kind, Question, Words
from care_notifications.web.desk import Desk, desk_of
from care_notifications.web.gate import visit_of

LONGEST_LANGUAGE = 8
NUMBER = re.compile(r"\b\d{3}\b")  # of the help that a text names: 988, 911
Look = Callable[[str, str, datetime], Awaitable[Opened | None]]


async def show(request: Request) -> Response:
    """The question whose turn it is, an earlier one to change, or the end."""
    opened = await _opened(request)
    if isinstance(opened, Response):
        return opened
    following = next_question(opened.sheet, opened.answers)
    question = opened.sheet.question(request.query_params.get("q", "")) or following
    if question is None or (question.id not in opened.answers and question is not following):
        question = following
    is_begun = bool(opened.answers) or request.query_params.get("begin") == "1"
    if opened.is_done or opened.sheet.kind is Kind.LEAFLET or question is None:
        return page_of(request, opened, "end")
    return page_of(request, opened, "question" if is_begun else "begin", question)


async def answer(request: Request) -> Response:
    """Keep one answer, then show the next question."""
    desk, visit, token = desk_of(request), visit_of(request), request.path_params["token"]
    name, said = visit.form.get("question", ""), visit.form.get("answer", "")
    before = await _opened(request)
    if isinstance(before, Response):
        return before
    opened = await desk.shelf.answers.answer(token, name, said, visit.now)
    if opened is None:
        return gone(request, desk)
    question = before.sheet.question(name)
    if opened.answers == before.answers and not opened.is_done and question and not question.takes_text(said):
        return page_of(request, opened, "question", question, status=422)
    return RedirectResponse(f"/c/{token}", 303)


async def ask_to_stop(request: Request) -> Response:
    """Are you sure? A preview of the link must not stop anything."""
    opened = await looked_up(request, desk_of(request).shelf.answers.open_to_stop)
    return opened if isinstance(opened, Response) else page_of(request, opened, "stop")


async def stop(request: Request) -> Response:
    """No more check-ins for whoever holds the link."""
    opened = await looked_up(request, desk_of(request).shelf.answers.stop)
    return opened if isinstance(opened, Response) else page_of(request, opened, "stopped")


async def _opened(request: Request) -> Opened | Response:
    return await looked_up(request, desk_of(request).shelf.answers.open)


async def looked_up(request: Request, look: Look) -> Opened | Response:
    """The check-in, or the page that says why there is none; guesses are counted, whatever was asked."""
    desk, visit, token = desk_of(request), visit_of(request), request.path_params["token"]
    source = request.client.host if request.client else ""
    try:
        opened = await look(token[:64], source, visit.now)
    except TooManyTriesError:
        return _bare(request, desk, 429, _words(request, desk).busy)
    return gone(request, desk) if opened is None else opened


def gone(request: Request, desk: Desk) -> Response:
    """The page that says kindly why there is nothing here."""
    return _bare(request, desk, 404, _words(request, desk).gone)


def _bare(request: Request, desk: Desk, status: int, sentence: str) -> Response:
    words = _words(request, desk)
    text = desk.templates.get_template("check_in_gone.html").render(
        words=words, sentence=sentence, call=desk.shelf.phone
    )
    return HTMLResponse(text, status)


def _words(request: Request, desk: Desk) -> Words:
    """Without a check-in nobody knows the language: the browser's first one, else English."""
    wanted = request.headers.get("accept-language", "")[:LONGEST_LANGUAGE].partition(",")[0]
    return desk.shelf.catalogue.words.get(desk.shelf.catalogue.language_for(wanted)) or _english(desk)


def _english(desk: Desk) -> Words:
    return desk.shelf.catalogue.words[FALLBACK]


def page_of(
    request: Request, opened: Opened, part: str, question: Question | None = None, status: int = 200, **more: object
) -> Response:
    """One part of a check-in, in its language."""
    desk, visit, sheet = desk_of(request), visit_of(request), opened.sheet
    cookie, crisis = visit.cookie or secrets.token_urlsafe(32), crisis_texts(sheet, opened.answers)
    text = desk.templates.get_template("check_in.html").render(
        words=desk.shelf.catalogue.words.get(opened.language) or _english(desk),
        sheet=sheet, part=part, question=question, answers=opened.answers, problem=status == 422,
        number=sheet.questions.index(question) + 1 if question else 0, count=len(sheet.questions),
        before=question_before(sheet, question) if question else None, scale=range(LOWEST, HIGHEST + 1),
        crisis=crisis, numbers=dict.fromkeys(NUMBER.findall(" ".join(crisis))),
        path=f"/c/{request.path_params['token']}", form_token=desk.door.form_token(cookie),
        call=desk.shelf.phone, for_patient=opened.for_patient, **more,
    )  # fmt: skip
    response = HTMLResponse(text, status)
    response.set_cookie(
        desk.door.visitor_cookie, cookie, path="/", secure=desk.door.secure, httponly=True, samesite="lax"
    )
    return response


ROUTES = [
    Route("/c/{token}", show, methods=["GET"]),
    Route("/c/{token}", answer, methods=["POST"]),
    Route("/c/{token}/stop", ask_to_stop, methods=["GET"]),
    Route("/c/{token}/stop", stop, methods=["POST"]),
]
