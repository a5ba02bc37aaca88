"""A body is read whole, within bounds, and must be plain JSON that means one thing only."""

import json
from typing import Any, Never

from starlette.requests import ClientDisconnect, Request

from care_notifications.api.problems import NOT_JSON, TOO_LARGE, WRONG_MEDIA_TYPE, ProblemError

LARGEST_BODY = 16 * 1024
DEEPEST = 16


async def read_body(request: Request) -> bytes:
    """The bytes of a request of ours; b"" when there are none. Raises ProblemError."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise ProblemError(TOO_LARGE, f"A request has at most {LARGEST_BODY} bytes.")
    except ClientDisconnect as gone:
        raise ProblemError(NOT_JSON, "The body ended too soon.") from gone
    if body:
        _check_kind(request)
        _check_json(bytes(body))
    return bytes(body)


def _check_kind(request: Request) -> None:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    plain = request.headers.get("content-encoding", "identity").strip().lower() == "identity"
    if media_type.strip().lower() != "application/json" or charset not in ("", "charset=utf-8") or not plain:
        raise ProblemError(WRONG_MEDIA_TYPE, "Send application/json in UTF-8, not compressed.")


def _check_json(body: bytes) -> None:
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ProblemError(NOT_JSON, "The body is not JSON, or names a field twice.") from error
    if _depth(found) > DEEPEST:
        raise ProblemError(NOT_JSON, "The body is nested too deeply.")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found


def _no_constant(_: str) -> Never:
    raise ValueError("not a number of JSON")


def _depth(found: Any) -> int:
    depth, level = 0, [found]
    while level:
        depth += 1
        if depth > DEEPEST:
            return depth
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
    return depth
