"""Nobody gets past the gate of the API without a session or a token, and every request that does leaves a line."""

import hmac
import re
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from care_notifications.adapters.postgres_answers import PostgresAnswers
from care_notifications.adapters.postgres_api_audit import AuditLine, PostgresApiAudit
from care_notifications.adapters.postgres_sessions import PostgresSessions
from care_notifications.adapters.postgres_tokens import PREFIX, PostgresTokens
from care_notifications.api.bodies import read_body
from care_notifications.api.once import answered_once
from care_notifications.api.problems import (
    FAILED,
    FOREIGN_REQUEST,
    NOT_READY,
    NOT_SIGNED_IN,
    TOO_MANY_REQUESTS,
    ProblemError,
)
from care_notifications.core.callers import Caller
from care_notifications.core.callers import Scope as TokenScope
from care_notifications.web.gate import SAFE_METHODS, Door
from care_notifications.web.rates import Buckets
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

SESSION_PER_MINUTE = 1200
GUESSES_PER_MINUTE = 30
RETRY_SECONDS = "5"
OWN_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
NOBODYS = "The token is unknown, has ended, or its person does not work here any more."


@dataclass(frozen=True, slots=True)
class Guard:
    """What the gate works with."""

    door: Door
    sessions: PostgresSessions
    tokens: PostgresTokens
    answers: PostgresAnswers
    audit: PostgresApiAudit
    clock: Clock


class ApiGate:
    """The outermost layer of the API."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard
        self._buckets = Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or say in a problem why not."""
        if scope["type"] != "http":
            return
        sending = _Sending(send)
        try:
            await self._let_in(scope, receive, sending)
        except ProblemError as problem:
            await problem.response()(scope, receive, sending)
        except NotReadyError:
            await sending.instead(not_ready(), scope, receive)
        except Exception as error:  # the last line of defence before a caller
            log.exception("api.failed", error=type(error).__name__)
            await sending.instead(failed(), scope, receive)

    async def _let_in(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        request = Request(scope, receive)
        caller = await self._who(request)
        self._not_too_often(caller.id, caller.per_minute)
        unsafe = request.method not in SAFE_METHODS
        body = await read_body(request) if unsafe else b""
        request.state.caller, request.state.now = caller, self._guard.clock()
        try:
            if unsafe and "idempotency-key" in request.headers:
                await answered_once(self._app, request, body, self._guard.answers, sending)
            else:
                await self._app(scope, _once(body, receive) if unsafe else receive, sending)
        except ProblemError as problem:
            sending.status = problem.kind.status
            raise
        finally:
            await self._note(scope, caller, sending, unsafe)

    async def _who(self, request: Request) -> Caller:
        offered = request.headers.get("authorization")
        if offered is not None:
            return await self._by_token(request, offered)
        return await self._by_session(request)

    async def _by_token(self, request: Request, offered: str) -> Caller:
        scheme, _, token = offered.partition(" ")
        now = self._guard.clock()
        caller = None
        if scheme.lower() == "bearer" and token.startswith(PREFIX):
            caller = await self._guard.tokens.who(token.strip(), now)
        if caller is None:
            source = request.client.host if request.client else ""
            self._not_too_often(f"guess:{source}", GUESSES_PER_MINUTE)
            challenge = {"www-authenticate": 'Bearer realm="carelead", error="invalid_token"'}
            raise ProblemError(NOT_SIGNED_IN, NOBODYS, headers=challenge)
        return caller

    async def _by_session(self, request: Request) -> Caller:
        guard = self._guard
        cookie = request.cookies.get(guard.door.session_cookie, "")
        signed_in = await guard.sessions.who(cookie, guard.clock(), touch=True) if cookie else None
        if signed_in is None:
            challenge = {"www-authenticate": 'Bearer realm="carelead"'}
            raise ProblemError(NOT_SIGNED_IN, "Send a token, or sign in first.", headers=challenge)
        if request.method not in SAFE_METHODS:
            self._refuse_foreign(request, cookie)
        return Caller(
            id=f"session:{signed_in.username}",
            person=signed_in.person,
            display_name=signed_in.display_name,
            roles=frozenset(signed_in.roles),
            scopes=frozenset(TokenScope),
            token=False,
            per_minute=SESSION_PER_MINUTE,
        )

    def _refuse_foreign(self, request: Request, cookie: str) -> None:
        """A browser sends its cookie along with any site's request; the token of our own pages it does not."""
        token = self._guard.door.form_token(cookie).encode()
        offered = request.headers.get("x-form-token", "").encode()
        if request.headers.get("origin") not in self._guard.door.origins or not hmac.compare_digest(offered, token):
            raise ProblemError(FOREIGN_REQUEST, "Send our Origin and the token of GET /me as X-Form-Token.")

    def _not_too_often(self, key: str, per_minute: int) -> None:
        wait = self._buckets.wait(key, per_minute, self._guard.clock())
        if wait:
            headers = {"retry-after": str(int(wait) + 1)}
            raise ProblemError(TOO_MANY_REQUESTS, f"At most {per_minute} a minute.", headers=headers)

    async def _note(self, scope: Scope, caller: Caller, sending: "_Sending", changed: bool) -> None:
        """What was done is done: a line that cannot be written now is told to operations, not to the caller."""
        route = scope.get("route")
        subject = next((one for one in scope.get("path_params", {}).values() if OWN_ID.fullmatch(str(one))), "")
        line = AuditLine(
            self._guard.clock(), caller.id, caller.person, getattr(route, "name", "") or "none", subject, sending.status
        )
        try:
            await self._guard.audit.note(line, changed)
        except NotReadyError:
            log.warning("api.audit-line-lost", kind=line.operation, status=line.status)


def failed() -> ProblemError:
    """A bug of ours."""
    return ProblemError(FAILED, "It is known here, and what was asked may or may not have been done.")


def not_ready() -> ProblemError:
    """PostgreSQL is away; nothing was kept, come again."""
    return ProblemError(NOT_READY, "Try again in a moment.", headers={"retry-after": RETRY_SECONDS})


def _once(body: bytes, receive: Receive) -> Receive:
    """The body that was read already, and after it whatever else comes."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return left.pop() if left else await receive()

    return receiving


class _Sending:
    """Says of each answer for whom it is, and knows how it ended."""

    def __init__(self, send: Send) -> None:
        self.status = 500
        self.started = False
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.started = message["status"], True
            headers = MutableHeaders(scope=message)
            headers["vary"] = "authorization, cookie"
        await self._send(message)

    async def instead(self, problem: ProblemError, scope: Scope, receive: Receive) -> None:
        """Say this, unless another answer has begun."""
        if not self.started:
            await problem.response()(scope, receive, self)
