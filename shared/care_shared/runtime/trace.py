"""One step on the way of one event, as each service tells it, so that the whole way can be shown in order."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TraceStep:
    """What a service did, when, and the ids that lead on. Codes and ids only."""

    service: str
    what: str
    at: datetime
    ids: dict[str, str]
