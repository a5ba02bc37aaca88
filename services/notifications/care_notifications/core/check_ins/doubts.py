"""What stands against writing to somebody, and which way is left: asked when planned, and again when it leaves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care_notifications.core.check_ins.content import Catalogue
from care_notifications.core.check_ins.listen import CAREGIVER_CHECK_INS, CHECK_INS, EMAILS, OUTREACH, TEXTS
from care_notifications.core.check_ins.profile import Profile
from care_notifications.core.check_ins.reasons import NotSent
from care_shared.vocabulary import ContactParty


class Way(StrEnum):
    """How a check-in leaves."""

    TEXT = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Lines:
    """What the installation can do, and what it knows of lines that one profile cannot know."""

    ways: frozenset[Way]
    shared_phone: bool = False
    shared_email: bool = False
    unreviewed_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Which way, to which address, in which language."""

    way: Way
    address: str
    language: str


def standing_doubt(profile: Profile, party: ContactParty, now: datetime) -> NotSent | None:
    """Why nothing of this kind goes to this patient's home now, if so."""
    if profile.deceased or profile.absorbed:
        return NotSent.DECEASED if profile.deceased else NotSent.MERGED
    if profile.hospice or profile.went_to_hospice(now):
        return NotSent.HOSPICE
    own = CAREGIVER_CHECK_INS if party is ContactParty.CAREGIVER else CHECK_INS
    if profile.refused.get(own) or profile.refused.get(OUTREACH):
        return NotSent.OPTED_OUT
    if profile.is_away(now):
        return NotSent.INPATIENT
    return None


def route_of(
    profile: Profile, party: ContactParty, catalogue: Catalogue, check_in: str, lines: Lines
) -> Route | NotSent:
    """The way to this party; a private topic only over a line that is known to be theirs alone."""
    language = catalogue.language_for(profile.language)
    sheet = catalogue.sheet(check_in, language)
    if not (sheet.reviewed.clinical or lines.unreviewed_allowed):
        return NotSent.NOT_REVIEWED
    ways = _caregivers(profile, lines) if party is ContactParty.CAREGIVER else _patients(profile, lines)
    if isinstance(ways, NotSent):
        return ways
    open_ways = [(way, address) for way, address, _ in ways]
    fitting = [(way, address) for way, address, private in ways if private or not sheet.private]
    if not open_ways:
        return NotSent.NO_ADDRESS
    if not fitting:
        return NotSent.LINE_NOT_PRIVATE
    way, address = fitting[0]
    return Route(way, address, language)


def _patients(profile: Profile, lines: Lines) -> list[tuple[Way, str, bool]]:
    """Text before mail: it is read the same day."""
    shared = lines.shared_phone or any(one.phone == profile.phone for one in profile.caregivers.values())
    phone_private = not shared and _is_private(profile.phone_is_private, profile)
    mail_private = not lines.shared_email and _is_private(profile.email_is_private, profile)
    ways = [(Way.TEXT, profile.phone, phone_private, TEXTS), (Way.EMAIL, profile.email, mail_private, EMAILS)]
    return [
        (way, address, private)
        for way, address, private, scope in ways
        if way in lines.ways and address and not profile.refused.get(scope)
    ]


def _is_private(said: bool | None, profile: Profile) -> bool:
    """What was said; where nobody said anything, only who lives alone has a line alone."""
    return said if said is not None else profile.lives_alone is True


def _caregivers(profile: Profile, lines: Lines) -> list[tuple[Way, str, bool]] | NotSent:
    """A caregiver's own phone; a phone shared with the patient is nobody's alone."""
    caregiver = profile.caregiver()
    if caregiver is None:
        return NotSent.NO_CAREGIVER
    if not caregiver.phone or Way.TEXT not in lines.ways or profile.refused.get(TEXTS):
        return []
    return [(Way.TEXT, caregiver.phone, caregiver.phone != profile.phone)]
