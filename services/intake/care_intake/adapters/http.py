"""The doors for those who speak HTTP: FHIR, home visits, HL7 in a request, and facts our own people state."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_intake.adapters.conformance import capability_statement
from care_intake.adapters.doors import DOORS, Door
from care_intake.adapters.fhir_answers import (
    FHIR_JSON,
    RECEIPT_HEADER,
    Asked,
    answered,
    foreseen,
    refused,
    unwrapped,
)
from care_intake.adapters.hl7_door import acknowledgement
from care_intake.adapters.http_conditions import Wishes, wishes_of
from care_intake.adapters.operations import Operations, conformance_routes, operations_routes
from care_intake.adapters.previews import previewed
from care_intake.adapters.sandbox import sandbox_routes
from care_intake.adapters.sources import Sources
from care_intake.core.dry_run import forecast
from care_intake.core.feed import Feed
from care_intake.core.formats import Format
from care_intake.core.hl7.batches import is_batch, messages_of
from care_intake.core.hl7.reply_to import reply_to
from care_intake.core.rate import Bucket, knock
from care_intake.handler import Intake
from care_intake.ports import Kept
from care_shared.errors import NotReadyError, UnusableMessageError
from care_shared.runtime.clock import Clock, utc_now
from care_shared.runtime.logs import get_log
from care_shared.vocabulary import SourceId

log = get_log(__name__)

MAX_BODY = 5 * 1024 * 1024
RETRY_SECONDS = "5"
JSON_TYPES = frozenset({"application/json", "application/fhir+json"})
TABLE_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
HL7_TYPES = frozenset({"application/hl7-v2", "application/hl7-v2+er7", "x-application/hl7-v2+er7", "text/plain"})

Endpoint = Callable[[Request], Awaitable[Response]]


class Porter:
    """Lets a source in as often as was agreed; a source without an agreed pace always."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._buckets: dict[SourceId, Bucket] = {}

    def refusal(self, source: SourceId) -> Response | None:
        """None: come in."""
        rate = self._sources.rate_of(source)
        if rate is None:
            return None
        answer = knock(self._buckets.get(source), rate, self._clock())
        self._buckets[source] = answer.bucket
        if not answer.wait_seconds:
            return None
        later = {"Retry-After": str(answer.wait_seconds)}
        return refused(429, "throttled", "", "More requests than agreed; come again later", later)


def http_app(
    intake: Intake, sources: Sources, operations: Operations | None = None, clock: Clock = utc_now
) -> Starlette:
    """All doors; every one asks who is there, except the descriptions of the doors themselves."""

    async def metadata(_: Request) -> Response:
        return JSONResponse(capability_statement(DOORS), media_type=FHIR_JSON)

    porter = Porter(sources, clock)
    routes = [Route(door.path, _endpoint(door, intake, sources, porter), methods=[door.method]) for door in DOORS]
    routes.append(Route("/fhir/metadata", metadata, methods=["GET"]))
    routes += conformance_routes()
    if operations is not None:
        routes += [*operations_routes(operations), *sandbox_routes(operations, sources, clock)]
    return Starlette(routes=routes, exception_handlers={HTTPException: _not_here, Exception: _failed})


def _endpoint(door: Door, intake: Intake, sources: Sources, porter: Porter) -> Endpoint:
    async def write(request: Request) -> Response:
        feed = _feed_of(request, sources)
        if feed is None:
            challenge = {"WWW-Authenticate": "Bearer"}
            return refused(401, "login", "", "A bearer token of an agreed source is needed", challenge)
        refusal = porter.refusal(feed.source) or _refused_by_header(request, _types(door.format))
        if refusal is not None:
            return refusal
        try:
            wishes = wishes_of(request, door)
        except UnusableMessageError as error:
            return refused(400, "invalid", error.field, error.problem)
        body = await _body(request)
        most = sources.frame_bytes(feed) if door.format is Format.HL7 and not is_batch(body or b"") else MAX_BODY
        if body is None or len(body) > most:
            return _too_large(most)
        asking = _Asking(door, feed, request.path_params.get("identity", ""), wishes, body)
        try:
            return await _take(asking, intake)
        except NotReadyError:
            later = {"Retry-After": RETRY_SECONDS}
            return refused(503, "transient", "", "The message could not be stored; send it again later", later)

    return write


@dataclass(frozen=True, slots=True)
class _Asking:
    """A request that may come in, read to its end."""

    door: Door
    feed: Feed
    identity: str
    wishes: Wishes
    body: bytes

    @property
    def resource(self) -> str:
        """What the address lets in."""
        return f"{self.door.resource}/{self.identity}" if self.identity else self.door.resource


async def _take(asking: _Asking, intake: Intake) -> Response:
    """Raises NotReadyError."""
    door, feed, body = asking.door, asking.feed, asking.body
    if asking.wishes.is_dry and door.format.is_table:
        return previewed(*await intake.preview(body, door.format, feed))
    if asking.wishes.is_dry:
        judged = await intake.judge(unwrapped(body) if door.is_dry else body, door.format, feed, asking.resource)
        return foreseen(forecast(judged.decision))
    if door.format is Format.HL7 and is_batch(body):
        return await _batch(body, intake, feed)
    kept = await intake.receive(body, door.format, feed, asking.resource, asking.wishes.conditions)
    return _answer(asking, kept)


async def _batch(body: bytes, intake: Intake, feed: Feed) -> Response:
    """Each message of a batch is kept and answered on its own, in order; an interrupted batch is sent again whole."""
    answers: list[bytes] = []
    receipts: list[Kept] = []
    for message in messages_of(body):
        kept = await intake.receive(message, Format.HL7, feed)
        receipts.append(kept)
        answers += acknowledgement(reply_to(message), kept)
    status = 200 if all(one.receipt.verdict.is_yes for one in receipts) else 422
    headers = {RECEIPT_HEADER: receipts[0].receipt.receipt_id}
    return Response(b"\r".join(answers), status, headers, "application/hl7-v2")


def _feed_of(request: Request, sources: Sources) -> Feed | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return sources.by_token(token.strip()) if scheme.lower() == "bearer" and token.strip() else None


def _types(form: Format) -> frozenset[str]:
    if form.is_table:
        return TABLE_TYPES
    return HL7_TYPES if form is Format.HL7 else JSON_TYPES


def _refused_by_header(request: Request, types: frozenset[str]) -> Response | None:
    if "if-match" in request.headers:
        return refused(412, "conflict", "If-Match", "cannot be checked: no versions are kept here")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return refused(415, "not-supported", "Content-Encoding", "is not taken; send the body as it is")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in types:
        return refused(415, "not-supported", "Content-Type", f"must be {' or '.join(sorted(types))}")
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length[:20]) > MAX_BODY:
        return _too_large(MAX_BODY)
    return None


def _too_large(allowed: int) -> Response:
    return refused(413, "too-long", "body", f"is larger than {allowed} bytes", {"Connection": "close"})


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is too large: the rest is never read."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _answer(asking: _Asking, kept: Kept) -> Response:
    door, body = asking.door, asking.body
    match door.format:
        case Format.HL7:
            answers = acknowledgement(reply_to(body), kept)
            status = 200 if kept.receipt.verdict.is_yes else 422
            headers = {RECEIPT_HEADER: kept.receipt.receipt_id}
            return Response(b"\r".join(answers), status, headers, "application/hl7-v2")
        case Format.FHIR:
            return answered(kept, Asked(door.created, asking.wishes.preference, body))
        case _:
            return answered(kept, Asked(door.created, asking.wishes.preference))


async def _not_here(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: "There is nothing at this address", 405: "Only POST and PUT are taken here, as /fhir/metadata says"}
    code = "not-found" if error.status_code == 404 else "not-supported"
    headers = dict(error.headers) if error.headers else None
    return refused(error.status_code, code, "", known.get(error.status_code, "is refused"), headers)


async def _failed(_: Request, error: Exception) -> Response:
    if not isinstance(error, ClientDisconnect):
        log.error("request.failed", exc_info=error)
    return refused(500, "exception", "", "The message could not be handled; we have been told")
