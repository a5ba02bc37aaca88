"""What the address and the conditions of a FHIR request ask for, beside its body: which record, and unless what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from care_intake.core.fhir.models import Entry
from care_intake.core.strict_json import Json
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

OTHER_ID: Final = "is not the id of this address"
MESSAGE: Final = "Bundle/$process-message"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a door lets in: any kind, one kind, or one record of a kind."""

    kind: str = ""
    identity: str = ""

    @property
    def is_message(self) -> bool:
        """Whether only a message may come in."""
        return self.identity == "$process-message"

    def refuse_other_id(self, value: dict[str, object], where: str) -> None:
        """An update must say in its body whom it updates (FHIR R4, 3.1.0.4)."""
        if self.identity and value.get("id") != self.identity:
            raise UnusableMessageError(f"{where}.id", OTHER_ID)


def asked_of(expected: str) -> Wanted:
    """`Patient` or `Patient/1`, as the receipt keeps it."""
    kind, _, identity = expected.partition("/")
    return Wanted(kind, identity)


def is_id(text: str) -> bool:
    """Whether it may be the id of a record."""
    return _ID.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Whether it may be an Idempotency-Key: visible characters, not too many."""
    return _KEY.fullmatch(text) is not None


def condition_of(kind: str, query: str) -> str:
    """The one record that a conditional create means, as a claim. Raises UnusableMessageError for another search."""
    name, _, text = query.lstrip("?").partition("=")
    system, bar, value = unquote(text).partition("|")
    if name != "identifier" or "&" in text or not value or not bar or not _KEY.fullmatch(kind):
        raise UnusableMessageError("If-None-Exist", "is not one identifier=system|value")
    return claim_of(kind, system, value)


def claim_of(kind: str, system: str, value: str) -> str:
    """Under which claim the record with this identifier is known."""
    return f"{kind}?identifier={system}|{value}"[:1024]


def names_in(value: Json) -> tuple[str, ...]:
    """The records of a body by their identifiers, as a later conditional create may ask for them."""
    if not isinstance(value, dict):
        return ()
    if value.get("resourceType") != "Bundle":
        return tuple(dict.fromkeys(_names(value)))
    entries = value.get("entry")
    resources = [one.get("resource") for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    return tuple(dict.fromkeys(name for one in resources for name in _names(one)))


def _names(resource: Json) -> Iterator[str]:
    if not isinstance(resource, dict):
        return
    kind, stated = resource.get("resourceType"), resource.get("identifier")
    for one in stated if isinstance(stated, list) else [stated]:
        value = one.get("value") if isinstance(one, dict) else None
        system = one.get("system", "") if isinstance(one, dict) else ""
        if isinstance(kind, str) and isinstance(value, str) and isinstance(system, str) and value:
            yield claim_of(kind, system, value)


def refuse_request(entry: Entry, where: str) -> None:
    """Entries of a transaction or batch create or update; nothing can be read or deleted here."""
    request = entry.request
    if request is None:
        return
    if request.method not in ("POST", "PUT"):
        named = request.method if request.method in ("GET", "DELETE", "PATCH", "HEAD") else "of that method"
        raise UnsupportedMessageError(f"{where}.request.method", f"cannot be {named}")
    if request.ifMatch:
        raise UnsupportedMessageError(f"{where}.request.ifMatch", "cannot be checked: no versions are kept")
    kind, _, rest = request.url.partition("?")[0].strip("/").partition("/")
    resource = entry.resource or {}
    if kind and resource and kind != resource.get("resourceType"):
        raise UnusableMessageError(f"{where}.request.url", "is not the address of this resource")
    if request.method == "PUT" and rest and rest != resource.get("id"):
        raise UnusableMessageError(f"{where}.resource.id", OTHER_ID)
    if request.ifNoneExist:
        condition_of(kind or str(resource.get("resourceType")), request.ifNoneExist)
