"""When to try again after an outreach that reached nobody: another part of the day, then another day."""

from datetime import datetime, time, timedelta

from care_shared.vocabulary import ContactOutcome

# Whoever did not answer in the morning is tried in the late afternoon, and the other way round.
MORNING, LATE = time(9), time(16, 30)
AFTERNOON_FROM = 13
AGAIN = frozenset({ContactOutcome.NO_ANSWER, ContactOutcome.LEFT_MESSAGE})
FIRST_WAIT = timedelta(hours=2)


def next_attempt(outcome: ContactOutcome, tries: int, here: datetime) -> datetime | None:
    """In the patient's own time, `here` being now; None when another try would not help."""
    if outcome not in AGAIN:
        return None
    if (
        tries == 1
        and outcome is ContactOutcome.NO_ANSWER
        and (here + FIRST_WAIT).time() < LATE
        and here.hour >= MORNING.hour
    ):
        return (here + FIRST_WAIT).replace(minute=0, second=0, microsecond=0)
    if here.hour < AFTERNOON_FROM:
        return datetime.combine(here.date(), LATE, here.tzinfo)
    tomorrow = here.date() + timedelta(days=1)
    at = MORNING if tries % 2 else LATE
    return datetime.combine(tomorrow, at, here.tzinfo)
