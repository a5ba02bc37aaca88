"""The line to intake: one question, one answer, within a time; what intake says is read once, at this edge."""

import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from care_notifications.adapters.intake_errors import IntakeAwayError, IntakeRefusedError
from care_shared.errors import NotFoundError

# Reading a page must not keep a person waiting; a replay of many messages may.
LOOK_SECONDS, WORK_SECONDS = 10.0, 120.0
LARGEST_ANSWER = 8 * 1024 * 1024

Said = TypeVar("Said", bound=BaseModel)


class Heard(BaseModel):
    """Something intake says. A newer intake may say more than we read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Issue(Heard):
    """Why intake refuses, in its words; they never hold a value."""

    diagnostics: str = ""


class Refusal(Heard):
    """The outcome that intake's refusals come in."""

    issue: tuple[Issue, ...] = ()


class IntakeLine:
    """Asks intake in the name of this installation; who acts is said in each request."""

    def __init__(self, url: str, token: SecretStr) -> None:
        self._url = url
        self._token = token
        # Read once: the authorities of a whole system take longer to read than most answers of intake.
        self._trust = ssl.create_default_context()

    @property
    def is_connected(self) -> bool:
        """Whether this installation knows an intake."""
        return bool(self._url)

    async def look(self, path: str, form: type[Said]) -> Said:
        """What stands at this path. Raises NotFoundError, IntakeRefusedError, IntakeAwayError."""
        return await self._ask("GET", path, form, None, LOOK_SECONDS)

    async def ask(self, path: str, form: type[Said], body: Mapping[str, object], seconds: float = LOOK_SECONDS) -> Said:
        """What intake answers to this body; what a question names never stands in an address. Raises as look does."""
        return await self._ask("POST", path, form, body, seconds)

    async def _ask(
        self, method: str, path: str, form: type[Said], body: Mapping[str, object] | None, seconds: float
    ) -> Said:
        headers = {"authorization": f"Bearer {self._token.get_secret_value()}"}
        try:
            async with httpx2.AsyncClient(
                base_url=self._url, timeout=seconds, verify=self._trust, trust_env=False
            ) as client:
                answer = await client.request(method, path, json=body, headers=headers)
        except httpx2.HTTPError:
            raise IntakeAwayError("does not answer") from None
        return _read(answer, form)


def _read(answer: httpx2.Response, form: type[Said]) -> Said:
    match answer.status_code:
        case HTTPStatus.OK:
            pass
        case HTTPStatus.NOT_FOUND:
            raise NotFoundError("intake knows nothing of that name")
        case HTTPStatus.CONFLICT | HTTPStatus.UNPROCESSABLE_ENTITY:
            raise IntakeRefusedError(_reason(answer))
        case HTTPStatus.UNAUTHORIZED:
            raise IntakeAwayError("does not take our operator token")
        case _:
            raise IntakeAwayError("is not ready")
    if len(answer.content) > LARGEST_ANSWER:
        raise IntakeAwayError("says more than a page can show")
    try:
        return form.model_validate_json(answer.content)
    except ValidationError:
        raise IntakeAwayError("speaks another version than this worklist") from None


def _reason(answer: httpx2.Response) -> str:
    try:
        issues = Refusal.model_validate_json(answer.content).issue
    except ValidationError:
        issues = ()
    return issues[0].diagnostics if issues else "was refused"
