"""A body is plain JSON of bounded size that means one thing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from care_notifications.api.bodies import LARGEST_BODY, read_body
from care_notifications.api.problems import ProblemError


def request(body: bytes, *headers: tuple[str, str]) -> Request:
    sent = headers or (("content-type", "application/json"),)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent],
    }
    left = [{"type": "http.request", "body": body[i : i + 1000], "more_body": True} for i in range(0, len(body), 1000)]
    left.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, object]:
        return left.pop(0)

    return Request(scope, receive)


async def status(body: bytes, *headers: tuple[str, str]) -> int:
    try:
        await read_body(request(body, *headers))
    except ProblemError as problem:
        return problem.kind.status
    return 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", 200, id="nothing is fine"),
        pytest.param(b'{"version": 3}', 200, id="an object"),
        pytest.param(b'{"version": 3', 400, id="half an object"),
        pytest.param(b'{"version": 3, "version": 4}', 400, id="a field twice"),
        pytest.param(b'{"a": {"version": 3, "version": 4}}', 400, id="an inner field twice"),
        pytest.param(b'{"version": NaN}', 400, id="not a number"),
        pytest.param(b'{"version": -Infinity}', 400, id="infinity"),
        pytest.param(b'{"version": \xff}', 400, id="not UTF-8"),
        pytest.param("{}".encode("utf-16"), 400, id="UTF-16"),
        pytest.param(b"[" * 17 + b"]" * 17, 400, id="too deep"),
        pytest.param(b"[" * 16 + b"]" * 16, 200, id="as deep as may be"),
        pytest.param(b"[" * 8000 + b"]" * 8000, 400, id="deep enough to hurt"),
        pytest.param(b'"' + b"x" * (LARGEST_BODY - 2) + b'"', 200, id="as large as may be"),
        pytest.param(b'"' + b"x" * (LARGEST_BODY - 1) + b'"', 413, id="one byte too many"),
    ],
)
async def test_what_a_body_may_be(body: bytes, expected: int) -> None:
    assert await status(body) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("content-type", "application/json; charset=UTF-8")], 200),
        ([("content-type", "application/json; charset=latin-1")], 415),
        ([("content-type", "text/plain")], 415),
        ([("content-type", "application/x-www-form-urlencoded")], 415),
        ([("x-nothing", "here")], 415),
        ([("content-type", "application/json"), ("content-encoding", "gzip")], 415),
        ([("content-type", "application/json"), ("content-encoding", "identity")], 200),
    ],
)
async def test_only_plain_json_is_taken(headers: list[tuple[str, str]], expected: int) -> None:
    assert await status(b"{}", *headers) == expected


@given(st.binary(max_size=300))
async def test_any_bytes_are_json_or_a_problem(body: bytes) -> None:
    found = await status(body)

    assert found in (200, 400)
    if found == 200 and body:
        json.loads(body)
