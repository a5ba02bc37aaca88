"""Whether what a page shows may be old: its source has waited unread for longer than people may be left unaware."""

from datetime import timedelta

STALE_AFTER = timedelta(minutes=2)


def is_stale(behind: timedelta) -> bool:
    """Whether to say so."""
    return behind > STALE_AFTER
