"""The home visits of the panel: planned by the week, mostly delivered, sometimes late, now and then missed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from care_cli.panel.history import HomeVisit, Outcome
from care_cli.panel.people import Member
from care_shared.vocabulary import Discipline

SHARE_WITH_AIDE = 0.5
SHARE_WITH_NURSE = 0.4
AIDE_DAYS = (0, 2, 4)
NURSE_DAYS = (1,)
BACK_DAYS = 30
AHEAD_DAYS = 3
# Their visits are told by hand (`carelead send visit`): a delivered one of ours in between would break a run of misses.
WITHOUT_VISITS = frozenset({"demo-3", "demo-5"})
# 220: agency no show, no replacement (clinical.md 4.2, table A).
AGENCY_NO_SHOW = "220"
AGENCY_REASONS = (AGENCY_NO_SHOW, "214", "222")
MISSED_SHARE = 0.015
LATE_SHARE = 0.05
# An agency's record of a delivered visit is with us within hours; of the newest ones it is still on its way.
PROOF_DELAY = timedelta(hours=3)


def visits(chance: Random, member: Member, now: datetime) -> Sequence[HomeVisit]:
    """All visits from 30 days back to three days ahead, in time order."""
    plans: list[HomeVisit] = []
    if member.key in WITHOUT_VISITS:
        return plans
    if member.key == "demo-2" or chance.random() < SHARE_WITH_AIDE:
        plans += _plan(chance, member, now, Discipline.AIDE, AIDE_DAYS)
    if chance.random() < SHARE_WITH_NURSE:
        plans += _plan(chance, member, now, Discipline.SKILLED_NURSING, NURSE_DAYS)
    told = [_outcome(chance, plan, now) for plan in sorted(plans, key=lambda plan: plan.starts_at)]
    return _two_missed_in_a_row(told, now) if member.key == "demo-2" else told


def _plan(
    chance: Random, member: Member, now: datetime, discipline: Discipline, weekdays: tuple[int, ...]
) -> Iterator[HomeVisit]:
    zone = ZoneInfo(member.home_zone)
    today = now.astimezone(zone).date()
    hour = chance.randint(8, 13)
    for offset in range(-BACK_DAYS, AHEAD_DAYS + 1):
        day = today + timedelta(days=offset)
        if day.weekday() in weekdays:
            starts = _utc(day, time(hour), zone)
            yield HomeVisit(
                visit_id=f"{member.person.mrn}-{discipline.value}-{day:%Y%m%d}",
                discipline=discipline,
                starts_at=starts,
                ends_at=starts + timedelta(hours=2),
            )


def _outcome(chance: Random, plan: HomeVisit, now: datetime) -> HomeVisit:
    lucky, minutes = chance.random(), chance.randint(0, 12)
    if plan.ends_at + PROOF_DELAY > now:
        return plan
    if lucky < MISSED_SHARE:
        return missed(plan, chance.choice(AGENCY_REASONS))
    return delivered(plan, timedelta(minutes=minutes + (35 if lucky < MISSED_SHARE + LATE_SHARE else 0)))


def missed(plan: HomeVisit, reason_code: str) -> HomeVisit:
    """The agency says that nobody came."""
    return HomeVisit(
        plan.visit_id, plan.discipline, plan.starts_at, plan.ends_at, Outcome.MISSED, reason_code
    )  # fmt: skip


def delivered(plan: HomeVisit, late: timedelta = timedelta()) -> HomeVisit:
    """The visitor clocked in and out."""
    return HomeVisit(
        visit_id=plan.visit_id,
        discipline=plan.discipline,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        outcome=Outcome.DELIVERED,
        clocked_in=plan.starts_at + late,
        clocked_out=plan.ends_at + late,
    )


def sent_visit(member: Member, at: datetime, discipline: Discipline, reason_code: str) -> HomeVisit:
    """One visit told by hand: one per day and discipline, missed when there is a reason code, else delivered."""
    visit_id = f"{member.person.mrn}-sent-{discipline.value}-{at:%Y%m%d}"
    starts = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    plan = HomeVisit(visit_id, discipline, starts, starts + timedelta(hours=1))
    return missed(plan, reason_code) if reason_code else delivered(plan)


def _two_missed_in_a_row(told: Sequence[HomeVisit], now: datetime) -> Sequence[HomeVisit]:
    """The story of demo-2: the two latest aide visits of the past did not take place, the others did."""
    past = [one.visit_id for one in told if one.discipline is Discipline.AIDE and one.ends_at <= now - PROOF_DELAY]
    return [
        missed(one, AGENCY_NO_SHOW) if one.visit_id in past[-2:] else (delivered(one) if one.visit_id in past else one)
        for one in told
    ]


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone)
