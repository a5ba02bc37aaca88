"""The only place where CareLead looks at a clock or rolls dice."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the one clock everything else is given


def random_id() -> str:
    """An id that names nothing but itself, for things people make (sessions, contacts, receipts)."""
    return str(uuid.uuid4())  # noqa: TID251  # the one source of random ids
