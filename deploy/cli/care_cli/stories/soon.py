"""A policy of one clinic under which a call after a discharge is due in a few seconds, at whatever hour it is now."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import yaml

from care_cli.panel.people import HOME_ZONE
from care_scoring.core.calendar import at_local, local_date
from care_scoring.core.policy import Policy, load_policy
from care_scoring.core.settings.discharges import DischargeContactSettings
from care_shared.vocabulary import OrganizationId

CLINIC = OrganizationId("story-clinic")
PROGRAMME = "story"
LEAD_SECONDS = 20
NOON = 12
LONGEST_BREAK_DAYS = 14


@dataclass(frozen=True, slots=True)
class Soon:
    """The instant at which the alert must open, the discharge it follows from, and the policy that says so."""

    due_at: datetime
    left_at: datetime
    policy: str


def soon(now: datetime, lead_seconds: int = LEAD_SECONDS) -> Soon:
    """The deadline that many seconds from now (aware), to the full second."""
    due_at = now.replace(microsecond=0) + timedelta(seconds=lead_seconds)
    zone = noon_zone(due_at)
    today = local_date(due_at, ZoneInfo(zone))
    text = policy_text(zone, due_at.astimezone(ZoneInfo(zone)).time(), today)
    return Soon(due_at, _discharge_for(load_policy(text), today), text)


def noon_zone(now: datetime) -> str:
    """A zone in which it is between noon and one o'clock, so that no day ends while we watch. POSIX turns the sign."""
    ahead = NOON - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def policy_text(zone: str, raise_at: time, today: date) -> str:
    """The policy we ship with a clinic that works today, whoever else rests; all other patients keep their numbers."""
    document = yaml.safe_load(_shipped())
    thresholds = {
        "home_zone": zone,
        "holidays": {"open_anyway": [today]},
        "discharge_contact": {"raise_at": raise_at.isoformat("seconds")},
    }
    return str(yaml.safe_dump({**document, "organizations": {CLINIC: {"thresholds": thresholds}}}))


def _discharge_for(policy: Policy, today: date) -> datetime:
    """Noon at the hospital of a day whose last business day for a call is today, by scoring's own calendar."""
    limits = policy.thresholds.of(DischargeContactSettings)
    calendar = policy.thresholds.holidays.model_copy(update={"open_anyway": frozenset({today})}).calendar
    day = next(
        day
        for back in range(1, LONGEST_BREAK_DAYS)
        for day in [today - timedelta(days=back)]
        if calendar.business_day_after(day, limits.business_days) == today
    )
    return at_local(day, time(NOON), ZoneInfo(HOME_ZONE))


def _shipped() -> str:
    return (files("care_scoring") / "policies" / "default.yaml").read_text("utf-8")
