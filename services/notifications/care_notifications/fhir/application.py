"""The FHIR application: one route per interaction, its CapabilityStatement, and an OperationOutcome for every error."""

from collections.abc import Sequence
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_notifications.core.fhir.capability import Offered, capability_statement
from care_notifications.core.fhir.outcomes import Problem
from care_notifications.core.fhir.subscriptions import Topic, canonical
from care_notifications.fhir import reading, subscribing, tasking
from care_notifications.fhir.desk import FHIR_JSON, FhirDesk, Interaction, answer, refusal

INTERACTIONS: tuple[Interaction, ...] = (*subscribing.INTERACTIONS, *tasking.INTERACTIONS, *reading.INTERACTIONS)


def build_fhir(desk: FhirDesk) -> Starlette:
    """The application; it is mounted at `/fhir`."""
    routes = [
        Route(one.path, partial(answer, desk, one), methods=[one.method], name=f"{one.method} {one.path}")
        for one in INTERACTIONS
    ]
    return Starlette(
        routes=[Route("/metadata", partial(_metadata, desk, INTERACTIONS)), *routes],
        exception_handlers={HTTPException: _http_error, Exception: _bug},
    )


async def _metadata(desk: FhirDesk, interactions: Sequence[Interaction], _: Request) -> Response:
    offered = [Offered(one.kind, one.code, one.is_operation, one.searched_by) for one in interactions]
    topics = [canonical(topic, desk.names) for topic in Topic]
    return JSONResponse(capability_statement(offered, topics, desk.names), media_type=FHIR_JSON)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "not-found" if error.status_code == 404 else "not-supported"
    return refusal(Problem(error.status_code, code, "Nothing here answers to this."))


async def _bug(_: Request, _error: Exception) -> Response:
    return refusal(Problem(500, "exception", "Something went wrong here. Nothing was changed."))
