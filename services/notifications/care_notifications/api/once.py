"""The same request under the same key is done once and answered alike: whoever got no answer may ask again."""

import asyncio
import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Send

from care_notifications.adapters.postgres_answers import Answer, Asked, Mine, PostgresAnswers, Taken
from care_notifications.api.problems import BAD_HEADER, KEY_REUSED, STILL_RUNNING, ProblemError
from care_notifications.core.callers import Caller
from care_shared.contracts.envelope import derived_id

KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("content-type", "etag")
REPLAYED = "idempotency-replayed"
# What says nothing about the alert is not kept: the same key may be used again with a request that fits.
FORGOTTEN = frozenset({400, 401, 403, 405, 413, 415, 422, 428, 429})
PATIENCE, STEP = 3.0, 0.1


async def answered_once(app: ASGIApp, request: Request, body: bytes, answers: PostgresAnswers, send: Send) -> None:
    """Answer as the first time, or do it now and keep the answer."""
    asked = _asked(request, body)
    found = await _claimed(answers, asked)
    if isinstance(found, Answer):
        await _response(found, {REPLAYED: "true"})(request.scope, request.receive, send)
        return
    request.state.act_id = derived_id("api-act", asked.caller, asked.key, found.first_at.isoformat())
    heard = _Heard()
    try:
        await app(request.scope, _all_at_once(body), heard)
    except BaseException:
        await answers.leave(asked)
        raise
    answer = heard.answer()
    await _keep(answers, asked, answer)
    await _response(answer, {})(request.scope, request.receive, send)


async def _keep(answers: PostgresAnswers, asked: Asked, answer: Answer) -> None:
    if answer.status >= 500:
        await answers.leave(asked)
    elif answer.status in FORGOTTEN:
        await answers.give_up(asked)
    else:
        await answers.save(asked, answer)


def _asked(request: Request, body: bytes) -> Asked:
    key = request.headers["idempotency-key"]
    if not KEY.fullmatch(key):
        raise ProblemError(BAD_HEADER, "An Idempotency-Key is 1 to 255 printable letters of ASCII.")
    caller: Caller = request.state.caller
    parts = (request.method, request.url.path, request.url.query, request.headers.get("if-match", ""))
    digest = hashlib.sha256("\0".join(parts).encode() + b"\0" + body).digest()
    return Asked(caller.id, key, digest, request.state.now)


async def _claimed(answers: PostgresAnswers, asked: Asked) -> Mine | Answer:
    """Ours to do, or the answer of whoever does it; a request that still runs is waited for a little."""
    for _ in range(int(PATIENCE / STEP)):
        found = await answers.claim(asked)
        if found is Taken.OTHER:
            raise ProblemError(KEY_REUSED, "Use a new Idempotency-Key for another request.")
        if not isinstance(found, Taken):
            return found
        await asyncio.sleep(STEP)
    raise ProblemError(STILL_RUNNING, "Ask again with the same key.", headers={"retry-after": "1"})


def _all_at_once(body: bytes) -> Receive:
    async def receiving() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


def _response(answer: Answer, more: dict[str, str]) -> Response:
    return Response(answer.body, answer.status, answer.headers | more)


class _Heard:
    """Listens to the application in place of the caller. Acts have small answers."""

    def __init__(self) -> None:
        self._status = 500
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]}
            self._headers = {name: told[name] for name in (*KEPT_HEADERS, "retry-after", "allow") if name in told}
        else:
            self._body += message.get("body", b"")

    def answer(self) -> Answer:
        """What was said."""
        return Answer(self._status, self._headers, bytes(self._body))
