"""A change is made to the version of the alert that its maker has seen, or refused with what happened since."""

import re
from collections.abc import Iterable

from starlette.requests import Request

from care_notifications.api.problems import (
    BAD_HEADER,
    VERSION_NEEDED,
    Current,
    Kind,
    ProblemError,
    Since,
)
from care_notifications.core import acts
from care_notifications.core.state import AlertRecord

TAG = re.compile(r'"(\d{1,15})(\.[0-9a-f]{16})?"')
ANY = "*"


def known_version(request: Request, in_body: int | None, needed: bool) -> int | None:
    """The version the caller acts on, from If-Match or the body; None when any will do. Raises ProblemError."""
    header = request.headers.get("if-match")
    if header is not None and header.strip() != ANY:
        found = TAG.fullmatch(header.strip())
        if found is None or (in_body is not None and in_body != int(found[1])):
            raise ProblemError(BAD_HEADER, "If-Match takes one ETag of the alert, of the version in the body.")
        return int(found[1])
    if needed and in_body is None and header is None:
        raise ProblemError(VERSION_NEEDED, "Send If-Match with the alert's ETag, or `version` in the body.")
    return in_body


def refused(kind: Kind, detail: str, record: AlertRecord, since: Iterable[acts.Since]) -> ProblemError:
    """The problem that tells how the alert stands and who changed what since."""
    current = Current(version=record.version, state=record.state, tier=record.tier, owner=record.owner)
    told = [Since(version=one.version, what=one.what, at=one.at, by=one.by) for one in since]
    return ProblemError(kind, detail, current=current, since=told)
