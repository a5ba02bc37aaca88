"""The doors for those who speak HTTP: FHIR, home visits, HL7 in a request, and facts our own people state."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_intake.adapters.conformance import capability_statement
from care_intake.adapters.fhir_answers import RECEIPT_HEADER, answered, refused
from care_intake.adapters.hl7_door import acknowledgement
from care_intake.adapters.operations import Operations, conformance_routes, operations_routes
from care_intake.adapters.previews import previewed
from care_intake.adapters.sources import Sources
from care_intake.core.feed import Feed
from care_intake.core.formats import Format
from care_intake.core.hl7.batches import is_batch, messages_of
from care_intake.core.hl7.reply_to import reply_to
from care_intake.handler import Intake
from care_intake.ports import Kept
from care_shared.errors import NotReadyError
from care_shared.runtime.logs import get_log

log = get_log(__name__)

MAX_BODY = 5 * 1024 * 1024
DRY_RUN = "dry_run"
RETRY_SECONDS = "5"
JSON_TYPES = frozenset({"application/json", "application/fhir+json"})
TABLE_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
HL7_TYPES = frozenset({"application/hl7-v2", "application/hl7-v2+er7", "x-application/hl7-v2+er7", "text/plain"})

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """One route: its path, what it takes, and which resource it lets in."""

    path: str
    format: Format
    resource: str = ""
    created: int = 201


DOORS = (
    Door("/fhir/$process-message", Format.FHIR, "Bundle", 200),
    Door("/fhir", Format.FHIR, "Bundle", 200),
    Door("/fhir/Observation", Format.FHIR, "Observation"),
    Door("/fhir/Appointment", Format.FHIR, "Appointment"),
    Door("/fhir/Encounter", Format.FHIR, "Encounter"),
    Door("/fhir/Patient", Format.FHIR, "Patient"),
    Door("/fhir/Condition", Format.FHIR, "Condition"),
    Door("/evv/visits", Format.EVV),
    Door("/evv/visits.csv", Format.EVV_TABLE),
    Door("/rosters", Format.ROSTER),
    Door("/rosters/absences", Format.ABSENCES),
    Door("/devices/open-mhealth", Format.OPEN_MHEALTH),
    Door("/devices/readings.csv", Format.READINGS_TABLE),
    Door("/facts", Format.FACTS),
    Door("/hl7", Format.HL7),
)


def http_app(intake: Intake, sources: Sources, operations: Operations | None = None) -> Starlette:
    """All doors; every one asks who is there, except the descriptions of the doors themselves."""

    async def metadata(_: Request) -> Response:
        return JSONResponse(capability_statement(door.resource for door in DOORS if door.resource))

    routes = [Route(door.path, _endpoint(door, intake, sources), methods=["POST"]) for door in DOORS]
    routes.append(Route("/fhir/metadata", metadata, methods=["GET"]))
    routes += conformance_routes()
    routes += operations_routes(operations) if operations is not None else []
    return Starlette(routes=routes, exception_handlers={HTTPException: _not_here, Exception: _failed})


def _endpoint(door: Door, intake: Intake, sources: Sources) -> Endpoint:
    async def post(request: Request) -> Response:
        feed = _feed_of(request, sources)
        if feed is None:
            challenge = {"WWW-Authenticate": "Bearer"}
            return refused(401, "login", "", "A bearer token of an agreed source is needed", challenge)
        refusal = _refused_by_query(request, door) or _refused_by_header(request, _types(door.format))
        if refusal is not None:
            return refusal
        body = await _body(request)
        if body is None:
            return _too_large(MAX_BODY)
        if door.format is Format.HL7 and not is_batch(body) and len(body) > sources.frame_bytes(feed):
            return _too_large(sources.frame_bytes(feed))
        try:
            if DRY_RUN in request.query_params:
                return previewed(*await intake.preview(body, door.format, feed))
            if door.format is Format.HL7 and is_batch(body):
                return await _batch(body, intake, feed)
            kept = await intake.receive(body, door.format, feed, door.resource)
        except NotReadyError:
            wait = {"Retry-After": RETRY_SECONDS}
            return refused(503, "transient", "", "The message could not be stored; send it again later", wait)
        return _answer(door, body, kept)

    return post


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


def _refused_by_query(request: Request, door: Door) -> Response | None:
    """A dry run that a door does not know must not become a real one."""
    wish = request.query_params.get(DRY_RUN)
    if wish is None or (wish == "true" and door.format.is_table):
        return None
    return refused(400, "not-supported", DRY_RUN, "must be true, and is taken by the doors for tables only")


def _refused_by_header(request: Request, types: frozenset[str]) -> Response | None:
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


def _answer(door: Door, body: bytes, kept: Kept) -> Response:
    match door.format:
        case Format.HL7:
            answers = acknowledgement(reply_to(body), kept)
            status = 200 if kept.receipt.verdict.is_yes else 422
            headers = {RECEIPT_HEADER: kept.receipt.receipt_id}
            return Response(b"\r".join(answers), status, headers, "application/hl7-v2")
        case Format.FHIR if door.resource == "Bundle" and kept.receipt.verdict.is_yes:
            bundle = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
            return answered(kept, door.created, len(bundle.get("entry", ())), bundle.get("type", ""))
        case _:
            return answered(kept, door.created)


async def _not_here(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: "There is nothing at this address", 405: "Only POST is taken here"}
    code = "not-found" if error.status_code == 404 else "not-supported"
    headers = dict(error.headers) if error.headers else None
    return refused(error.status_code, code, "", known.get(error.status_code, "is refused"), headers)


async def _failed(_: Request, error: Exception) -> Response:
    if not isinstance(error, ClientDisconnect):
        log.error("request.failed", exc_info=error)
    return refused(500, "exception", "", "The message could not be handled; we have been told")
