"""What a partner sends is read with care: bounded, JSON, of the right kind; versions as FHIR writes them."""

import json
import re
from typing import NoReturn

from starlette.requests import Request

from care_notifications.core.fhir.outcomes import Problem

LARGEST = 256 * 1024
JSON_TYPES = ("application/fhir+json", "application/json", "application/json-patch+json", "")
_VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')


async def json_body(request: Request, kind: str) -> dict[str, object]:
    """The resource that was sent. Raises Problem."""
    value = await json_value(request)
    if not isinstance(value, dict) or value.get("resourceType") != kind:
        raise Problem(400, "structure", f"The body must be a {kind}.", kind)
    return value


async def json_value(request: Request) -> object:
    """The JSON that was sent, whatever it is. Raises Problem."""
    sort = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sort not in JSON_TYPES:
        raise Problem(415, "not-supported", "Only application/fhir+json is spoken here.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Problem(413, "too-long", f"The body is larger than {LARGEST} bytes.")
    try:
        found: object = json.loads(bytes(body), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Problem(400, "structure", "The body is not JSON.") from None
    if b"\\u0000" in body or _holds_broken_text(found):
        raise Problem(400, "value", "A text holds a NUL or half a character.")
    return found


def version_asked(request: Request) -> int | None:
    """The version in If-Match; None when there is none. Raises Problem."""
    text = request.headers.get("if-match")
    if text is None:
        return None
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        raise Problem(400, "invalid", 'A version is written W/"3".', "If-Match")
    return int(found[1])


def _holds_broken_text(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _no_number(_: str) -> NoReturn:
    raise ValueError("no number")
