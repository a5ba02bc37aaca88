"""A change is made to the version of the alert that its maker has seen, or refused with what happened since."""

import re

from starlette.requests import Request

from care_notifications.adapters.postgres_versions import Difference
from care_notifications.api.problems import (
    BAD_HEADER,
    VERSION_NEEDED,
    Current,
    Kind,
    ProblemError,
    Since,
)

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


def refused(kind: Kind, detail: str, difference: Difference) -> ProblemError:
    """The problem that tells how the alert stands and who changed what since."""
    current = Current(**{name: difference.current[name] for name in Current.model_fields})
    since = [Since(**{name: row[name] for name in Since.model_fields}) for row in difference.since]
    return ProblemError(kind, detail, current=current, since=since)
