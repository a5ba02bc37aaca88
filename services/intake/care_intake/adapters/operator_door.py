"""The door for operators: whoever holds the token is answered in JSON, and no refusal repeats what came."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

from pydantic import BaseModel, SecretStr, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_intake.adapters.fhir_answers import refused
from care_intake.adapters.operator_token import refusal_of
from care_shared.errors import ConfigurationError, ConflictError, NotFoundError, NotReadyError, UnusableMessageError
from care_shared.runtime.postgres import TRANSIENT_ERRORS

MOST_BODY = 64 * 1024
NOTHING_KEPT = {"Cache-Control": "no-store"}

Answer = Callable[[Request], Awaitable[object]]
Form = TypeVar("Form", bound=BaseModel)


def guarded(token: SecretStr, method: str, path: str, answer: Answer) -> Route:
    """A route for whoever holds the token; without one nobody does."""

    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        if (refusal := refusal_of(request, token)) is not None:
            return refusal
        try:
            return JSONResponse(await answer(request), headers=NOTHING_KEPT)
        except NotFoundError as error:
            return refused(404, "not-found", "", str(error))
        except (ConflictError, ConfigurationError) as error:
            return refused(409, "conflict", "", str(error))
        except UnusableMessageError as error:
            return refused(422, "invalid", error.field, error.problem)
        except (NotReadyError, *TRANSIENT_ERRORS):
            return refused(503, "transient", "", "PostgreSQL does not answer", {"Retry-After": "5"})

    return Route(path, endpoint, methods=[method])


async def said_in(request: Request, form: type[Form]) -> Form:
    """What the body says. Raises UnusableMessageError that names the field, never its value."""
    body = await body_of(request, MOST_BODY)
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        place = ".".join(str(one) for one in error.errors()[0]["loc"] if one in form.model_fields)
        raise UnusableMessageError(place or "body", "is not what this address takes") from None


async def body_of(request: Request, most: int) -> bytes:
    """The body, read no further than `most` bytes. Raises UnusableMessageError when there is more."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise UnusableMessageError("body", f"is larger than {most} bytes")
    return bytes(body)
