"""A vendor's side of HTTP: post FHIR and visit records to intake, and read the receipt or the refusal."""

import json
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx2

from care_shared.errors import NotReadyError

ANSWER_SECONDS = 60.0
FHIR_JSON = "application/fhir+json"
PLAIN_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What intake said: the status, the receipt's id when there is one, and in words what it thinks."""

    status: int
    receipt: str
    text: str
    seconds: float

    @property
    def accepted(self) -> bool:
        """Whether intake has taken responsibility."""
        return 200 <= self.status < 300


class IntakeClient:
    """Intake's HTTP front door."""

    def __init__(self, base_url: str, token: str = "") -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx2.AsyncClient(base_url=base_url, headers=headers, timeout=ANSWER_SECONDS, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def post(self, path: str, body: bytes, content_type: str = FHIR_JSON) -> Answer:
        """Post one body and return the answer, whatever its status."""
        begun = time.perf_counter()
        try:
            response = await self._client.post(path, content=body, headers={"content-type": content_type})
        except httpx2.TransportError as error:
            raise NotReadyError("intake does not answer over HTTP; is CareLead running?") from error
        seconds = time.perf_counter() - begun
        return Answer(response.status_code, *_receipt_and_text(response), seconds)


def _receipt_and_text(response: httpx2.Response) -> tuple[str, str]:
    receipt = response.headers.get("x-receipt-id", "")
    try:
        body: object = json.loads(response.content or b"{}")
    except ValueError:
        return receipt, ""
    if not isinstance(body, dict):
        return receipt, ""
    found = body.get("receipt_id", receipt)
    return str(found), outcome_text(body)


def outcome_text(body: dict[str, object]) -> str:
    """The issues of an OperationOutcome as «place: what is wrong», or the problem text of another answer."""
    issues = body.get("issue")
    if isinstance(issues, list):
        return "; ".join(_issue_text(issue) for issue in issues if isinstance(issue, dict))
    return str(body.get("detail") or body.get("error") or body.get("problem") or "")


def _issue_text(issue: dict[str, object]) -> str:
    places = issue.get("expression") or issue.get("location")
    place = ", ".join(str(one) for one in places) if isinstance(places, list) else ""
    details = issue.get("details")
    said = (
        issue.get("diagnostics") or (details.get("text") if isinstance(details, dict) else "") or issue.get("code", "")
    )
    return f"{place}: {said}" if place else str(said)
