"""The headers by which an HTTP sender says under which conditions a message counts, and which answer is wanted."""

from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request

from care_intake.adapters.doors import Door
from care_intake.core.fhir_requests import condition_of, is_key
from care_intake.core.formats import Conditions, Format
from care_shared.errors import UnusableMessageError

DRY_RUN_HEADER = "X-CareLead-Dry-Run"
DRY_RUN_QUERY = "dry_run"  # the same wish, for people who try a table with a browser or curl
# The draft of the IETF asks for a quoted string; most senders write it bare.
_QUOTE = '"'


class Preference(StrEnum):
    """What the sender wants back (`Prefer: return=…`)."""

    MINIMAL = "minimal"
    OUTCOME = "OperationOutcome"
    REPRESENTATION = "representation"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Everything the headers ask for."""

    conditions: Conditions
    preference: Preference
    is_dry: bool


def wishes_of(request: Request, door: Door) -> Wishes:
    """What the headers say. Raises UnusableMessageError that names the header, never its value."""
    headers = request.headers
    key = headers.get("idempotency-key", "").strip().removeprefix(_QUOTE).removesuffix(_QUOTE)
    if "idempotency-key" in headers and not is_key(key):
        raise UnusableMessageError("Idempotency-Key", "is not 1 to 200 visible characters")
    unless = ""
    if "if-none-exist" in headers:
        if door.format is not Format.FHIR or door.method != "POST" or not door.resource or "Bundle" in door.resource:
            raise UnusableMessageError("If-None-Exist", "goes with the creation of one resource only")
        unless = condition_of(door.resource, headers["if-none-exist"].strip())
    return Wishes(
        Conditions(key, unless), _preference(headers.get("prefer", "")), door.is_dry or _wants_dry_run(request)
    )


def _wants_dry_run(request: Request) -> bool:
    """Raises UnusableMessageError: a dry run that is spelled wrongly must not become a real one."""
    wish = request.query_params.get(DRY_RUN_QUERY)
    if wish not in (None, "true"):
        raise UnusableMessageError(DRY_RUN_QUERY, "must be true, or left out")
    return wish is not None or request.headers.get(DRY_RUN_HEADER, "").lower() in ("true", "1", "yes")


def _preference(header: str) -> Preference:
    """An unknown preference is no reason to refuse (RFC 7240)."""
    for part in header.replace(";", ",").split(","):
        name, _, wanted = part.strip().partition("=")
        if name.strip().lower() == "return":
            found = [one for one in Preference if one.lower() == wanted.strip().strip(_QUOTE).lower()]
            return next(iter(found), Preference.OUTCOME)
    return Preference.OUTCOME
