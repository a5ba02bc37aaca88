"""Which patients of the panel were in hospital, and where they went from there."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from care_cli.messages.hl7 import Stay
from care_cli.panel.people import HEART_FAILURE, Member

SHARE_WITH_A_STAY = 0.08
HOME, SKILLED_NURSING, HOME_HEALTH = "01", "03", "06"
PNEUMONIA = ("J18.9", "Pneumonia, unspecified organism")


def stays(chance: Random, member: Member, now: datetime) -> Sequence[Stay]:
    """The patient's stays of the last 30 days; demo-1 is overdue for a call, demo-6 came home today."""
    match member.key:
        case "demo-1":
            return [went_home(member, 1, _at(member, now, days_ago=6, hour=15))]
        case "demo-6":
            return [went_home(member, 1, now - timedelta(hours=2))]
        case "demo-2" | "demo-3" | "demo-4" | "demo-5":
            return []
    if chance.random() >= SHARE_WITH_A_STAY:
        return []
    discharged = _at(member, now, days_ago=chance.randint(1, 26), hour=chance.randint(9, 17))
    disposition = chance.choices((HOME, HOME_HEALTH, SKILLED_NURSING), weights=(4, 4, 3))[0]
    return [went_home(member, 1, discharged, disposition, nights=chance.randint(2, 6))]


def went_home(member: Member, number: int, at: datetime, disposition: str = HOME, nights: int = 4) -> Stay:
    """An inpatient stay that ended at that moment."""
    return Stay(
        number=f"{member.person.mrn}-S{number}",
        admitted_at=at - timedelta(days=nights),
        discharged_at=at,
        disposition=disposition,
        diagnosis=HEART_FAILURE if member.has(HEART_FAILURE) else PNEUMONIA,
    )


def _at(member: Member, now: datetime, days_ago: int, hour: int) -> datetime:
    zone = ZoneInfo(member.home_zone)
    day = now.astimezone(zone).date() - timedelta(days=days_ago)
    return datetime.combine(day, time(hour, 10), zone)
