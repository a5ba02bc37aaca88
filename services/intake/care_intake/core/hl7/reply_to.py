"""Whom an answer goes to and how it is wanted, read from whatever can be read of a message, even an unusable one."""

import re
from dataclasses import dataclass

from care_intake.core.hl7.charsets import codec_of, decoded
from care_intake.core.hl7.encoding import DEFAULT_ENCODING, Encoding, encoding_of
from care_intake.core.hl7.header import is_supported_version
from care_intake.core.hl7.message import NULL
from care_intake.core.hl7.parser import UTF8_MARK, declared_charset, header_line
from care_shared.errors import UnusableMessageError

_MAX_HEADER = 8_192
_MAX_NAME = 227  # MSH-3 to MSH-6 since 2.3.1
_MAX_CONTROL_ID = 199
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_TRIGGER = re.compile("[A-Z][A-Z0-9]{2}")
_ANSWERS = frozenset({"ACK", "MCF"})  # a general or a delayed acknowledgement (table 0076)
_FALLBACK_VERSION = "2.5.1"


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """What an acknowledgement takes over; names and control id still carry the sender's escapes, one char per byte."""

    encoding: Encoding = DEFAULT_ENCODING
    application: str = ""
    facility: str = ""
    our_application: str = ""
    our_facility: str = ""
    control_id: str = ""
    trigger: str = ""
    processing_id: str = "P"
    version: str = _FALLBACK_VERSION
    accept_type: str = ""
    application_type: str = ""
    charset: str = ""
    is_answer: bool = False

    @property
    def is_enhanced(self) -> bool:
        """MSH-15 or MSH-16 says something, so the sender knows both kinds of acknowledgement."""
        return bool(self.accept_type or self.application_type)


def reply_to(raw: bytes) -> ReplyTo:
    """The address of the answer; an unreadable header gives an anonymous one, never an error."""
    header = header_line(raw[:_MAX_HEADER].removeprefix(UTF8_MARK).lstrip(b"\r\n"))
    if not header.startswith("MSH"):
        return ReplyTo()
    charset = declared_charset(header)
    try:
        encoding = encoding_of(header[:10])
    except UnusableMessageError:
        return ReplyTo()
    if not _is_written_in(header, charset):
        charset, header = "", _NOT_ASCII.sub("?", header)
    return _from_fields(header.split(encoding.field), encoding, charset)


def _from_fields(fields: list[str], encoding: Encoding, charset: str) -> ReplyTo:
    def field(number: int, longest: int = _MAX_NAME) -> str:
        return _kept(fields[number - 1], longest, encoding.escape) if number <= len(fields) else ""

    def code(number: int, component: int = 1) -> str:
        parts = field(number).partition(encoding.repetition)[0].split(encoding.component)
        return parts[component - 1].strip().upper() if component <= len(parts) else ""

    trigger, processing_id, version = code(9, 2), code(11), code(12)
    return ReplyTo(
        encoding=encoding,
        application=field(3),
        facility=field(4),
        our_application=field(5),
        our_facility=field(6),
        control_id=field(10, _MAX_CONTROL_ID),
        trigger=trigger if _TRIGGER.fullmatch(trigger) else "",
        processing_id=processing_id if processing_id in {"P", "T", "D"} else "P",
        version=version if is_supported_version(version) else _FALLBACK_VERSION,
        accept_type=code(15).replace(NULL, ""),
        application_type=code(16).replace(NULL, ""),
        charset=charset,
        is_answer=code(9) in _ANSWERS,
    )


def _is_written_in(header: str, charset: str) -> bool:
    try:
        decoded(header.encode("latin-1"), codec_of(charset))
    except UnusableMessageError:
        return False
    return True


def _kept(raw: str, longest: int, escape: str) -> str:
    """The field as sent, so that the sender recognises it, but without control characters and not endless."""
    text = raw if raw.isprintable() else _CONTROL.sub("", raw)
    if len(text) <= longest:
        return text
    text = text[:longest]
    # Never end inside an escape sequence: the next separator would be swallowed by it.
    return text[: text.rindex(escape)] if escape and text.count(escape) % 2 else text
