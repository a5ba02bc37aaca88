"""Bodies in our own JSON: strict about every field, and about whom they name."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from care_intake.core.identity import StatedIdentifier
from care_intake.core.strict_json import Json
from care_shared.errors import UnusableMessageError

MAX_RECORDS = 1_000


class OwnBody(BaseModel):
    """A body of ours refuses what it does not know: a typo must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NamedBy(OwnBody):
    """A number of the patient and who issued it."""

    authority: str = Field(max_length=256)
    type: str = Field(default="", max_length=32)
    value: str = Field(min_length=1, max_length=256)

    def stated(self) -> StatedIdentifier:
        """As identity reads it."""
        return StatedIdentifier(self.value.strip(), self.authority, type=self.type)


def records(value: Json, what: str) -> list[tuple[str, Json]]:
    """One record or a list of them, each with its place."""
    if isinstance(value, list):
        if not value:
            raise UnusableMessageError("body", "is an empty list")
        if len(value) > MAX_RECORDS:
            raise UnusableMessageError("body", f"has more than {MAX_RECORDS} records")
        return [(f"{what}[{number}]", one) for number, one in enumerate(value)]
    return [(what, value)]


def unusable(where: str, error: ValidationError) -> UnusableMessageError:
    """The first wrong field, without its value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    problems = {"missing": "is missing", "extra_forbidden": "is not a field of this record"}
    return UnusableMessageError(_path(where, first["loc"]), problems.get(first["type"], "is not valid here"))


def _path(where: str, location: Iterable[int | str]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{_named(part)}" for part in location]
    return where + "".join(parts)


def _named(part: str) -> str:
    # The name of an unknown field comes from outside and may itself be somebody's data.
    return part if part.isascii() and part.replace("_", "").isalnum() and len(part) <= 40 else "…"
