"""What a FHIR sender gets back: an OperationOutcome that names elements, and never a value."""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.responses import JSONResponse

from care_intake.core.effects import Verdict
from care_intake.core.translation import Ignored
from care_intake.ports import Kept

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


def answered(kept: Kept, created: int, entries: int | None = None, bundle_type: str = "") -> JSONResponse:
    """The answer to a kept message; a transaction or batch gets one response per entry."""
    receipt = kept.receipt
    headers = {RECEIPT_HEADER: receipt.receipt_id}
    if not receipt.verdict.is_yes:
        body = outcome([issue("error", _ISSUE_CODES[receipt.verdict], receipt.field, receipt.problem)])
        return JSONResponse(body, _STATUS[receipt.verdict], headers, media_type=FHIR_JSON)
    status = HTTPStatus.OK if kept.is_repeat or receipt.verdict is not Verdict.ACCEPTED else created
    remarks = list(receipt.ignored)
    if receipt.problem and Ignored(receipt.field, receipt.problem) not in remarks:
        remarks.insert(0, Ignored(receipt.field, receipt.problem))
    if entries is not None and bundle_type in ("transaction", "batch"):
        bundle = _responses(remarks, entries, bundle_type)
        return JSONResponse(bundle, HTTPStatus.OK, headers, media_type=FHIR_JSON)
    return JSONResponse(outcome(_notes(remarks)), status, headers, media_type=FHIR_JSON)


def _responses(remarks: Iterable[Ignored], entries: int, bundle_type: str) -> dict[str, object]:
    of_entry: dict[int, list[Ignored]] = {}
    for one in remarks:
        number = _entry_number(one.where)
        if number is not None:
            of_entry.setdefault(number, []).append(one)
    responses = [_response(of_entry.get(number, [])) for number in range(entries)]
    return {"resourceType": "Bundle", "type": f"{bundle_type}-response", "entry": responses}


def _response(remarks: list[Ignored]) -> dict[str, object]:
    if not remarks:
        return {"response": {"status": "201 Created"}}
    return {"response": {"status": "200 OK", "outcome": outcome(_notes(remarks))}}


def _notes(remarks: Iterable[Ignored]) -> list[dict[str, object]]:
    # What the sender should mend comes first, so that no limit hides it.
    ordered = sorted(remarks, key=lambda one: not one.is_refusal)
    return [_note(one) for one in ordered][:_MAX_ISSUES]


def _note(one: Ignored) -> dict[str, object]:
    if one.is_refusal:
        return issue("warning", "invalid", one.where, one.reason)
    return issue("information", "informational", one.where, one.reason)


def _entry_number(where: str) -> int | None:
    head, bracket, rest = where.partition("[")
    if head != "Bundle.entry" or not bracket:
        return None
    number = rest.partition("]")[0]
    return int(number) if number.isdigit() else None
