"""What a FHIR sender gets back: an OperationOutcome that names elements, and never a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from starlette.responses import JSONResponse, Response

from care_intake.adapters.http_conditions import DRY_RUN_HEADER, Preference
from care_intake.core.dry_run import Forecast, wrapped
from care_intake.core.effects import Verdict
from care_intake.core.fhir_requests import OTHER_ID
from care_intake.core.strict_json import load
from care_intake.core.translation import Ignored
from care_intake.ports import Kept
from care_shared.errors import UnusableMessageError

RECEIPT_HEADER = "X-CareLead-Receipt"
FHIR_JSON = "application/fhir+json"
_MAX_ISSUES = 1_000

_STATUS = {
    Verdict.QUARANTINED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Verdict.REJECTED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Verdict.CONFLICT: HTTPStatus.CONFLICT,
}
_ISSUE_CODES = {Verdict.QUARANTINED: "invalid", Verdict.REJECTED: "not-supported", Verdict.CONFLICT: "duplicate"}


def issue(severity: str, code: str, where: str, text: str) -> dict[str, object]:
    """One OperationOutcome.issue."""
    found: dict[str, object] = {"severity": severity, "code": code, "diagnostics": f"{where} {text}".strip()}
    return found | ({"expression": [where]} if where else {})


def outcome(issues: list[dict[str, object]]) -> dict[str, object]:
    """An OperationOutcome; without any issue it says that all is well."""
    return {
        "resourceType": "OperationOutcome",
        "issue": issues or [issue("information", "informational", "", "All was taken")],
    }


def refused(status: int, code: str, where: str, text: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A refusal before anything was kept."""
    body = outcome([issue("error", code, where, text)])
    return JSONResponse(body, status, headers, media_type=FHIR_JSON)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sender asked for: the status of a yes, the form of the answer; `body` is what FHIR senders sent."""

    created: int
    preference: Preference = Preference.OUTCOME
    body: bytes = b""


def answered(kept: Kept, asked: Asked) -> Response:
    """The answer to a kept message; a transaction or batch gets one response per entry."""
    receipt = kept.receipt
    headers = {RECEIPT_HEADER: receipt.receipt_id}
    if not receipt.verdict.is_yes:
        body = outcome([issue("error", _ISSUE_CODES[receipt.verdict], receipt.field, receipt.problem)])
        is_address = receipt.problem == OTHER_ID and not receipt.field.startswith("Bundle")
        status = HTTPStatus.BAD_REQUEST if is_address else _STATUS[receipt.verdict]
        return JSONResponse(body, status, headers, media_type=FHIR_JSON)
    remarks = list(receipt.ignored)
    if receipt.problem and Ignored(receipt.field, receipt.problem) not in remarks:
        remarks.insert(0, Ignored(receipt.field, receipt.problem))
    status = HTTPStatus.OK if kept.is_repeat or receipt.verdict is not Verdict.ACCEPTED else HTTPStatus(asked.created)
    sent = _sent(asked.body)
    if sent.get("type") in ("transaction", "batch"):
        bundle = _responses(remarks, sent, asked.preference)
        return JSONResponse(bundle, HTTPStatus.OK, headers, media_type=FHIR_JSON)
    if asked.preference is Preference.MINIMAL:
        return Response(b"", status, headers)
    if asked.preference is Preference.REPRESENTATION and sent:
        return Response(asked.body, status, headers, FHIR_JSON)
    return JSONResponse(outcome(_notes(remarks)), status, headers, media_type=FHIR_JSON)


def foreseen(forecast: Forecast) -> JSONResponse:
    """The answer to a dry run: always 200, with what would have been said (FHIR $validate)."""
    if forecast.refusal is not None:
        code = _ISSUE_CODES[forecast.verdict]
        found = [issue("error", code, forecast.refusal.where, forecast.refusal.reason)]
    else:
        facts = ", ".join(f"{kind} {count}" for kind, count in forecast.facts.items()) or "no fact"
        words = f"would be {forecast.verdict.value}: {facts}; patients: {forecast.patients}"
        found = [issue("information", "informational", "", words), *_notes(forecast.remarks)]
    return JSONResponse(outcome(found), HTTPStatus.OK, {DRY_RUN_HEADER: "true"}, media_type=FHIR_JSON)


def unwrapped(body: bytes) -> bytes:
    """The resource of a Parameters body as bytes of its own; any other body as it is."""
    try:
        inner = wrapped(load(body))
    except UnusableMessageError:
        return body
    return body if inner is None else orjson.dumps(inner)


def _sent(body: bytes) -> dict[str, object]:
    """The accepted body again, for the form of its answer."""
    value = orjson.loads(body.removeprefix(b"\xef\xbb\xbf")) if body else {}
    return value if isinstance(value, dict) else {}


def _responses(remarks: Iterable[Ignored], sent: dict[str, object], preference: Preference) -> dict[str, object]:
    of_entry: dict[int, list[Ignored]] = {}
    for one in remarks:
        number = _entry_number(one.where)
        if number is not None:
            of_entry.setdefault(number, []).append(one)
    entries = sent.get("entry")
    count = len(entries) if isinstance(entries, list) else 0
    responses = [_response(of_entry.get(number, []), preference) for number in range(count)]
    return {"resourceType": "Bundle", "type": f"{sent['type']}-response", "entry": responses}


def _response(remarks: list[Ignored], preference: Preference) -> dict[str, object]:
    if not remarks:
        return {"response": {"status": "201 Created"}}
    is_refused = any(one.is_refused for one in remarks)
    status = "422 Unprocessable Entity" if is_refused else "200 OK"
    if preference is Preference.MINIMAL and not is_refused:
        return {"response": {"status": status}}
    return {"response": {"status": status, "outcome": outcome(_notes(remarks))}}


def _notes(remarks: Iterable[Ignored]) -> list[dict[str, object]]:
    # What the sender should mend comes first, so that no limit hides it.
    ordered = sorted(remarks, key=lambda one: not one.is_refused)
    return [_note(one) for one in ordered][:_MAX_ISSUES]


def _note(one: Ignored) -> dict[str, object]:
    severity, code = ("error", "invalid") if one.is_refused else ("information", "informational")
    return issue(severity, code, one.where, one.reason)


def _entry_number(where: str) -> int | None:
    head, bracket, rest = where.partition("[")
    if head != "Bundle.entry" or not bracket:
        return None
    number = rest.partition("]")[0]
    return int(number) if number.isdigit() else None
