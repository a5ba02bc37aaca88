"""The OpenAPI document is what the code says, says it whole, and promises a problem for every error."""

import json

import pytest

from care_notifications.api.application import build_routes
from care_notifications.api.openapi_document import DOCUMENT, text

FOUND = build_routes().openapi()
OPERATIONS = [(path, method) for path, methods in FOUND["paths"].items() for method in methods]


def test_the_committed_document_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text("utf-8") == text(), "run: make contracts"


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_error_of_every_operation_is_a_problem(path: str, method: str) -> None:
    answers = FOUND["paths"][path][method]["responses"]

    errors = {status: answer for status, answer in answers.items() if int(status) >= 400}
    assert {"401", "429", "500", "503"} <= set(errors)
    for answer in errors.values():
        assert set(answer["content"]) == {"application/problem+json"}


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_operation_is_described_in_a_sentence(path: str, method: str) -> None:
    assert FOUND["paths"][path][method]["description"].endswith(".")


@pytest.mark.parametrize(("path", "method"), [one for one in OPERATIONS if one[1] == "post"])
def test_every_change_takes_a_key_and_a_version(path: str, method: str) -> None:
    parameters = {one["name"].lower() for one in FOUND["paths"][path][method]["parameters"]}

    assert {"idempotency-key", "if-match"} <= parameters


def test_every_reference_leads_somewhere() -> None:
    names = set(FOUND["components"]["schemas"])
    referred = {part.split('"')[0] for part in json.dumps(FOUND).split("#/components/schemas/")[1:]}

    assert referred <= names
    assert "HTTPValidationError" not in names, "FastAPI's own errors echo what came in"
