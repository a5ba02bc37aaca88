"""How somebody wants to be written to: in which language, at which time of day, which way; their word is a fact."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from care_notifications.core.check_ins.answering import SOURCE, Asked
from care_notifications.core.check_ins.doubts import Way
from care_notifications.core.check_ins.listen import EMAILS, TEXTS
from care_notifications.core.check_ins.profile import Profile
from care_shared.contracts.care_events import ConsentChanged, PatientUpdated
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId


class PartOfDay(StrEnum):
    """When, at home."""

    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


# Within the hours of the schedule; "any" names the whole day, as a fact that says nothing changes nothing.
HOURS = {
    PartOfDay.ANY: (time(0), time(23, 59)),
    PartOfDay.MORNING: (time(9), time(12)),
    PartOfDay.AFTERNOON: (time(12), time(17)),
    PartOfDay.EVENING: (time(17), time(19)),
}
SCOPES = {Way.TEXT: TEXTS, Way.EMAIL: EMAILS}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody chose; a way only where there is a choice of two."""

    language: str
    part: PartOfDay
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds now, and between which ways there is a choice. `part` is None when other hours were asked for."""

    language: str
    part: PartOfDay | None
    way: Way | None
    ways: tuple[Way, ...]


def standing(profile: Profile, language: str) -> Standing:
    """As the profile says; a choice of ways needs a phone and a mailbox."""
    both = (Way.TEXT, Way.EMAIL) if profile.phone and profile.email else ()
    open_ways = [way for way in both if not profile.refused.get(SCOPES[way])]
    hours = (profile.reach_from, profile.reach_until)
    part = next((part for part, known in HOURS.items() if known == hours), None)
    if hours == (None, None):
        part = PartOfDay.ANY
    return Standing(language, part, open_ways[0] if open_ways else None, both)


def facts_of_wishes(asked: Asked, wishes: Wishes, now: datetime) -> tuple[PatientUpdated | ConsentChanged, ...]:
    """Language and hours are the patient's; the way not chosen is refused, the one chosen is allowed again."""
    begin, end = HOURS[wishes.part]
    said = PatientUpdated(
        event_id=_id(asked, "person", now), patient_id=asked.patient_id, occurred_at=now, recorded_at=now,
        source=SOURCE, language=wishes.language, reach_from=begin, reach_until=end,
    )  # fmt: skip
    if wishes.way is None:
        return (said,)
    ways = tuple(
        ConsentChanged(
            event_id=_id(asked, scope, now), patient_id=asked.patient_id, occurred_at=now, recorded_at=now,
            source=SOURCE, scope=scope, permitted=way is wishes.way,
        )
        for way, scope in SCOPES.items()
    )  # fmt: skip
    return (said, *ways)


def _id(asked: Asked, part: str, now: datetime) -> EventId:
    return EventId(derived_id("check-in-wish", asked.check_in_id, part, now.isoformat()))
