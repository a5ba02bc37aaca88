"""The languages that senders speak to us, and how to tell them apart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256


class Format(StrEnum):
    """The language of one raw message."""

    HL7 = "hl7v2"
    FHIR = "fhir"
    EVV = "evv"
    FACTS = "facts"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the sender asks beside the message: under which key it may come once, and unless which record is there."""

    key: str = ""
    unless: str = ""


NO_CONDITIONS = Conditions()


@dataclass(frozen=True)
class RawMessage:
    """Bytes as they came, when they came, in which language; `resource` names what a FHIR door lets in."""

    body: bytes
    format: Format
    received_at: datetime
    resource: str = ""
    conditions: Conditions = NO_CONDITIONS

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes: the same bytes always give the same facts."""
        return sha256(self.body).hexdigest()


def sniff(body: bytes) -> Format:
    """The language of a file nobody labelled: HL7 v2 unless it looks like JSON; FHIR names its resource type."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")):
        return Format.HL7
    if b'"resourceType"' in body:
        return Format.FHIR
    return Format.FACTS if b'"fact"' in body else Format.EVV
