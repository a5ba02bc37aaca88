"""Which check-ins are due for one patient now: each is sent, waits for a better hour, or is not sent for a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from care_notifications.core.check_ins.content import Catalogue, Schedule
from care_notifications.core.check_ins.doubts import Lines, Route, route_of, standing_doubt
from care_notifications.core.check_ins.hours import next_opening
from care_notifications.core.check_ins.occurrences import Occurrence, next_turn, occurrences
from care_notifications.core.check_ins.profile import Profile
from care_notifications.core.check_ins.reasons import NotSent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ContactParty, PatientId


@dataclass(frozen=True, slots=True)
class Past:
    """A check-in that was decided earlier; `sent` when it left or is about to."""

    check_in: str
    party: ContactParty
    occurrence: str
    at: datetime
    sent: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """One check-in for one party. The same occurrence always has the same id: it is decided once."""

    check_in_id: str
    check_in: str
    party: ContactParty
    occurrence: str
    answer_hours: int


@dataclass(frozen=True, slots=True)
class Send:
    """Let it leave now, this way."""

    ask: Ask
    route: Route


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet; look again then."""

    ask: Ask
    reason: NotSent
    until: datetime


@dataclass(frozen=True, slots=True)
class Skip:
    """Not at all, for this reason."""

    ask: Ask
    reason: NotSent


Verdict = Send | Wait | Skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, and when to look at this patient again; None: when news comes."""

    verdicts: tuple[Verdict, ...]
    look_again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subject:
    """One patient with what is known around them."""

    patient_id: PatientId
    profile: Profile
    past: Sequence[Past]
    lines: Lines
    zone: ZoneInfo


def plan(subject: Subject, catalogue: Catalogue, now: datetime) -> Plan:
    """Every occurrence that is due now, once."""
    profile, schedule = subject.profile, catalogue.schedule
    if profile.deceased or profile.absorbed:
        return Plan((), None)
    decided = {(one.check_in, one.party, one.occurrence) for one in subject.past}
    found = occurrences(profile, subject.past, schedule, now, subject.zone)
    fresh = [one for one in found if (one.timetable.check_in, one.timetable.party, one.name) not in decided]
    due = [one for one in fresh if one.due_at <= now]
    verdicts = tuple(_within_budget(_judged(subject, due, catalogue, now), subject, schedule, now))
    moments = [one.due_at for one in fresh if one.due_at > now]
    moments += [one.until for one in verdicts if isinstance(one, Wait)]
    turn = next_turn(profile, now, subject.zone)
    return Plan(verdicts, min((*moments, *([turn] if turn else [])), default=None))


def _judged(subject: Subject, due: Sequence[Occurrence], catalogue: Catalogue, now: datetime) -> Iterator[Verdict]:
    """One after the other; what is due for two reasons at once is asked once, and the rest is looked at tomorrow."""
    asked: set[tuple[str, ContactParty]] = set()
    for occurrence in due:
        verdict = _judge(subject, occurrence, catalogue, now)
        key = (verdict.ask.check_in, verdict.ask.party)
        if key in asked and not isinstance(verdict, Skip):
            verdict = Wait(verdict.ask, NotSent.ASKED_LATELY, now + timedelta(days=1))
        elif not isinstance(verdict, Skip):
            asked.add(key)
        yield verdict


def _judge(subject: Subject, occurrence: Occurrence, catalogue: Catalogue, now: datetime) -> Verdict:
    table, profile = occurrence.timetable, subject.profile
    ask = ask_for(subject.patient_id, occurrence)
    if occurrence.ends_at is not None and now > occurrence.ends_at:
        return Skip(ask, NotSent.TOO_LATE)
    if _asked_lately(subject.past, occurrence, now):
        return Skip(ask, NotSent.ASKED_LATELY)
    doubt = standing_doubt(profile, table.party, now)
    if doubt is NotSent.INPATIENT and occurrence.ends_at is None:
        return Wait(ask, doubt, now + timedelta(days=1))  # what is due every month is due when they are home again
    if doubt is not None:
        return Skip(ask, doubt)
    route = route_of(profile, table.party, catalogue, table.check_in, subject.lines)
    if isinstance(route, NotSent):
        return Skip(ask, route)
    opening = next_opening(profile, catalogue.schedule, subject.zone, now)
    return Send(ask, route) if opening <= now else Wait(ask, NotSent.QUIET_HOURS, opening)


def ask_for(patient_id: PatientId, occurrence: Occurrence) -> Ask:
    """The check-in of this occurrence."""
    table = occurrence.timetable
    check_in_id = derived_id("check-in", patient_id, table.check_in, table.party, occurrence.name)
    return Ask(check_in_id, table.check_in, table.party, occurrence.name, table.answer_hours)


def _asked_lately(past: Sequence[Past], occurrence: Occurrence, now: datetime) -> bool:
    table = occurrence.timetable
    since = now - timedelta(days=table.not_within_days)
    return table.not_within_days > 0 and any(
        one.sent and one.check_in == table.check_in and one.party is table.party and one.at > since for one in past
    )


def _within_budget(
    verdicts: Iterator[Verdict], subject: Subject, schedule: Schedule, now: datetime
) -> Iterator[Verdict]:
    """No more than so many a day to one party; the rest waits until tomorrow."""
    today = now.astimezone(subject.zone).date()
    sent = [one.party for one in subject.past if one.sent and one.at.astimezone(subject.zone).date() == today]
    for verdict in verdicts:
        if isinstance(verdict, Send):
            party = verdict.ask.party
            if sent.count(party) >= schedule.most_a_day:
                tomorrow = next_opening(subject.profile, schedule, subject.zone, now, days=1)
                yield Wait(verdict.ask, NotSent.ENOUGH_TODAY, tomorrow)
                continue
            sent.append(party)
        yield verdict
