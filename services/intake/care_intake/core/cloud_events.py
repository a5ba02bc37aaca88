"""A record from Kafka is a CloudEvent, binary or structured: who wrote it, and the message it carries."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from care_intake.core.formats import Format, sniff
from care_intake.core.strict_json import Json, load
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

STRUCTURED = "application/cloudevents+json"
MAX_BODY = 5 * 1024 * 1024
HL7_TYPES = frozenset({"application/hl7-v2", "application/hl7-v2+er7", "x-application/hl7-v2+er7"})
FHIR_TYPES = frozenset({"application/fhir+json"})
TABLE_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
JSON_TYPES = frozenset({"application/json", ""})
_REQUIRED = ("id", "source", "type")
_LONGEST = 1024

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """The message inside a CloudEvent: its bytes, their language, and the `source` its writer claims to be."""

    source: str
    body: bytes
    format: Format


def read(headers: Headers, value: bytes | None) -> InboundEvent:
    """The message of a record. Raises UnusableMessageError that names the attribute, never its value."""
    if value is None:
        raise UnusableMessageError("value", "is missing: a tombstone says nothing here")
    if len(value) > MAX_BODY:
        raise UnusableMessageError("value", f"is larger than {MAX_BODY} bytes")
    texts = _texts(headers)
    kind = _media_type(texts.get("content-type", ""))
    if kind == STRUCTURED:
        return _structured(value)
    if kind.startswith("application/cloudevents"):
        raise UnsupportedMessageError("content-type", f"is a form of CloudEvents other than {STRUCTURED}")
    attributes = {name.removeprefix("ce_"): text for name, text in texts.items() if name.startswith("ce_")}
    source = _source(attributes, "ce_")
    return InboundEvent(source, value, _format(kind, value, "content-type"))


def _structured(value: bytes) -> InboundEvent:
    event = load(value, "value")
    if not isinstance(event, dict):
        raise UnusableMessageError("value", "is not one CloudEvent")
    source = _source(event, "")
    kind = event.get("datacontenttype", "application/json")
    if not isinstance(kind, str):
        raise UnusableMessageError("datacontenttype", "is not text")
    body = _body(event, _media_type(kind))
    return InboundEvent(source, body, _format(_media_type(kind), body, "datacontenttype"))


def _body(event: Mapping[str, Json], kind: str) -> bytes:
    if ("data" in event) == ("data_base64" in event):
        raise UnusableMessageError("data", "or data_base64 must be there, and not both")
    if "data_base64" in event:
        return _decoded(event["data_base64"])
    data = event["data"]
    if kind in JSON_TYPES or kind.endswith("+json"):
        # JSON data stands in the event as it is; one spelling, so that a repeat is recognised.
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if not isinstance(data, str):
        raise UnusableMessageError("data", "is not text, though datacontenttype is no JSON")
    return data.encode()


def _decoded(data: Json) -> bytes:
    if not isinstance(data, str):
        raise UnusableMessageError("data_base64", "is not text")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise UnusableMessageError("data_base64", "is not base64") from None


def _source(attributes: Mapping[str, Json], prefix: str) -> str:
    if attributes.get("specversion") != "1.0":
        raise UnsupportedMessageError(f"{prefix}specversion", "is not 1.0, so this is no CloudEvent we know")
    for name in _REQUIRED:
        value = attributes.get(name)
        if not isinstance(value, str) or not value or len(value) > _LONGEST:
            raise UnusableMessageError(f"{prefix}{name}", "is missing, or no text of reasonable length")
    return str(attributes["source"])


def _texts(headers: Headers) -> dict[str, str]:
    """The headers that mean something here; two of one name could make two readers see two sources."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key != "content-type" and not key.startswith("ce_"):
            continue
        where = key if key in ("content-type", "ce_specversion", *(f"ce_{one}" for one in _REQUIRED)) else "headers"
        if key in found:
            raise UnusableMessageError(where, "is repeated")
        try:
            found[key] = value.decode("utf-8")
        except (UnicodeDecodeError, AttributeError):
            raise UnusableMessageError(where, "is not UTF-8") from None
    return found


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()


def _format(kind: str, body: bytes, where: str) -> Format:
    if kind in TABLE_TYPES:
        found = sniff(body)
        if found.is_table:
            return found
        raise UnsupportedMessageError(where, "is a table of a kind that we do not take")
    if kind in HL7_TYPES or kind.startswith("text/"):
        return Format.HL7
    if kind in FHIR_TYPES:
        return Format.FHIR
    if kind in JSON_TYPES:
        found = sniff(body)
        # What is no JSON at all is refused by the reader of visits, with its place.
        return Format.EVV if found is Format.HL7 else found
    raise UnsupportedMessageError(where, "is neither HL7 v2 nor FHIR nor JSON")
