"""A vendor's side of HTTP: post FHIR and visit records to intake, and read the receipt or the refusal."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx2

from care_shared.errors import NotReadyError

ANSWER_SECONDS = 60.0
RECEIPT_HEADER = "x-carelead-receipt"
MOST_REMARKS = 3
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
    receipt = response.headers.get(RECEIPT_HEADER, "")
    try:
        body: object = json.loads(response.content or b"{}")
    except ValueError:
        return receipt, ""
    return receipt, "; ".join(_shortened(list(remarks(body))))


def remarks(body: object) -> Iterator[str]:
    """What an OperationOutcome, or the outcomes inside a Bundle of responses, say beyond «all is well»."""
    if not isinstance(body, dict):
        return
    for entry in body.get("entry", ()):
        yield from remarks(entry.get("response", {}).get("outcome"))
    for issue in body.get("issue", ()):
        if issue.get("expression") or issue.get("severity") != "information":
            yield str(issue.get("diagnostics", issue.get("code", "")))


def _shortened(said: list[str]) -> list[str]:
    rest = len(said) - MOST_REMARKS
    return said if rest <= 0 else [*said[:MOST_REMARKS], f"and {rest} more"]
