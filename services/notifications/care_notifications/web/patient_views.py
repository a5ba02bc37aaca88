"""The patient page in words: who it is and who answers, what comes next, risks, open work, and what was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from care_notifications.adapters.patient_pages import Chartfile
from care_notifications.core.local_time import zone_named
from care_notifications.core.picture.fold import picture_of
from care_notifications.core.picture.picture import Picture, Stay
from care_notifications.core.picture.seeing import Reader, seen_by
from care_notifications.core.planning import PLANNED_CONTACT
from care_notifications.web import words
from care_notifications.web.fact_words import clock, day, programme
from care_notifications.web.patient_sections import Lines, sections
from care_notifications.web.risk_views import PRIORITY, HistoryView, RiskView, history_view, risk_view
from care_notifications.web.views import AlertView, alert_view
from care_notifications.web.words import Moment, code_in_words
from care_shared.contracts.care_alerts import CareAlert, PatientSummary
from care_shared.contracts.care_events import CareTeamChanged

LANGUAGES = {"en": "English", "es": "Spanish", "vi": "Vietnamese", "zh": "Chinese", "ru": "Russian", "ht": "Creole"}
SHOWN_DATES = 6
# What became of a visit or an appointment whose time has passed.
BEEN = {
    "missed": ("missed", "bad"), "no-show": ("missed", "bad"), "delivered": ("took place", "good"),
    "kept": ("kept", "good"), "scheduled": ("no word yet", "warn"), "booked": ("no word yet", "warn"),
    "started": ("begun", "good"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that will happen, or should have."""

    at: Moment
    what: str
    detail: str
    task_id: str = ""


@dataclass(frozen=True, slots=True)
class DateView:
    """A visit, an appointment or a stay that was."""

    at: str
    what: str
    state: str
    tone: str
    detail: str


@dataclass(frozen=True, slots=True)
class Who:
    """The head of the page."""

    name: str
    age: int | None
    facts: tuple[tuple[str, str], ...]
    phone: str
    tags: tuple[tuple[str, str], ...]
    answering: tuple[tuple[str, str], ...]
    reached: str
    is_reached: bool
    local_time: str


@dataclass(frozen=True, slots=True)
class PatientView:
    """All above the timeline."""

    patient_id: str
    who: Who
    alerts: tuple[AlertView, ...]
    priority: RiskView | None
    history: HistoryView | None
    risks: tuple[RiskView, ...]
    coming: tuple[Coming, ...]
    stays: tuple[DateView, ...]
    dates: tuple[DateView, ...]
    sections: tuple[Lines, ...]
    not_shown: int
    picture: Picture
    zone: ZoneInfo


Names = Mapping[str, str]


def ids_in(file: Chartfile) -> list[str]:
    """Everybody whom care teams named: the newest of them is shown by name."""
    teams = [one.event for one in file.known if isinstance(one.event, CareTeamChanged)]
    return sorted({one for team in teams for one in (team.lead_care_manager, team.backup, team.agency) if one})


def patient_view(file: Chartfile, reader: Reader, names: Names, now: datetime) -> PatientView:
    """The page as this reader may see it."""
    seen = seen_by(reader, file.known)
    picture = picture_of(seen.known)
    alerts = [one for one in file.alerts if reader.may_see(one.alert.labels)]
    scores = [one for one in file.scores if reader.may_see(one.labels)]
    summary = _summary(file, reader)
    zone = zone_named(picture.person.home_zone or summary.home_zone)
    risks = {one.score: risk_view(one, now, zone) for one in scores}
    return PatientView(
        patient_id=file.patient_id,
        who=_who(picture, names, now, zone, summary),
        alerts=tuple(alert_view(one, now, reader.person) for one in alerts),
        priority=risks.pop(PRIORITY, None),
        history=history_view([one for one in file.history if reader.may_see(one.labels)], zone),
        risks=tuple(risks.values()),
        coming=_coming(picture, now, zone),
        stays=tuple(_stay(one, zone) for one in picture.stays[:SHOWN_DATES]),
        dates=_past_dates(picture, now, zone),
        sections=sections(picture, now),
        not_shown=seen.not_shown + len(file.alerts) - len(alerts) + len(file.scores) - len(scores),
        picture=picture,
        zone=zone,
    )


def _summary(file: Chartfile, reader: Reader) -> PatientSummary:
    """What the newest alert says of the person, for patients of whom no fact tells; a name there is always."""
    nameless = PatientSummary(display_name=f"Patient {file.patient_id[:8]}")
    if file.newest_alert is None:
        return nameless
    alert = CareAlert.model_validate_json(file.newest_alert)
    if not alert.patient.display_name or not reader.may_see(alert.labels):
        return nameless.model_copy(update={"home_zone": alert.patient.home_zone})
    return alert.patient


def _who(picture: Picture, names: Names, now: datetime, zone: ZoneInfo, summary: PatientSummary) -> Who:
    person = picture.person
    return Who(
        name=person.name or summary.display_name,
        age=words.age(person.birth_date or summary.birth_date, now, zone),
        facts=tuple(_person_facts(picture, summary)),
        phone=person.phone or summary.phone or "",
        tags=tuple(_tags(picture, now)),
        answering=tuple(_answering(picture, names)),
        reached=_reached(picture, now),
        is_reached=picture.reaching.reached_at is not None and not picture.reaching.attempts_since,
        local_time=now.astimezone(zone).strftime("%H:%M"),
    )


def _person_facts(picture: Picture, summary: PatientSummary) -> Iterable[tuple[str, str]]:
    person = picture.person
    born = person.birth_date or summary.birth_date
    if born:
        yield "Born", day(born)
    if person.sex:
        yield "Sex", code_in_words(person.sex)
    if person.language:
        yield "Language", LANGUAGES.get(person.language, person.language)
    if person.lives_alone is not None:
        yield "Lives", "alone" if person.lives_alone else "with others"
    if person.reach_from or person.reach_until:
        yield "Reach", f"{person.reach_from or '0:00'} to {person.reach_until or '24:00'}"
    if person.phone_is_private is not None:
        yield "Phone", "private" if person.phone_is_private else "shared with the household"
    for one in picture.caregivers[:2]:
        yield one.relationship.capitalize() or "Caregiver", ", ".join(part for part in (one.name, one.phone) if part)


def _tags(picture: Picture, now: datetime) -> Iterable[tuple[str, str]]:
    """What changes how one deals with the patient, the gravest first."""
    today = now.date()
    stay = picture.stays[0] if picture.stays else None
    states = (
        ("deceased", "bad", picture.deceased_at is not None),
        ("in hospice care", "warn", picture.hospice),
        ("away from home", "warn", any(one.holds_on(today) for one in picture.leaves)),
        ("in hospital", "warn", stay is not None and stay.began_at is not None and stay.ended_at is None),
        ("High Needs", "accent", picture.high_needs is not None and picture.high_needs.is_so),
        ("homebound", "accent", picture.homebound is not None and picture.homebound.is_so),
        ("Medicare and Medicaid", "accent", picture.is_dual_on(today)),
    )
    yield from ((word, tone) for word, tone, is_so in states if is_so)
    yield from ((programme(name), "") for name in dict.fromkeys(one.what for one in picture.programmes_on(today)))
    yield from ((flag.text, "warn") for flag in picture.flags)


def _answering(picture: Picture, names: Names) -> Iterable[tuple[str, str]]:
    team = picture.team
    for word, one in (("The Lead", team.lead), ("Backup", team.backup), ("Home health", team.agency)):
        if one:
            yield word, names.get(one, one)


def _reached(picture: Picture, now: datetime) -> str:
    reaching = picture.reaching
    since = f"{reaching.attempts_since} {'try' if reaching.attempts_since == 1 else 'tries'} in vain"
    if reaching.last_attempt_at is None:
        return "no contact logged"
    if reaching.reached_at is None:
        return f"never reached, {since}"
    reached = f"reached {words.ago(reaching.reached_at, now)}"
    return f"{reached}, then {since}" if reaching.attempts_since else reached


def _coming(picture: Picture, now: datetime, zone: ZoneInfo) -> tuple[Coming, ...]:
    """What is ahead, and planned contacts that should have been."""
    found: list[tuple[datetime, Coming]] = []
    for what, one in (
        *((f"{code_in_words(one.what).capitalize()} visit", one) for one in picture.visits if one.state == "scheduled"),
        *((f"{code_in_words(one.what) or 'Appointment'}".capitalize(), one)
          for one in picture.appointments if one.state == "booked"),
    ):  # fmt: skip
        if one.at is not None and one.at > now - timedelta(hours=2):
            detail = ", ".join(part for part in (one.detail, "critical" if one.critical else "") if part)
            found.append((one.at, Coming(_future(one.at, now, zone), what, detail)))
    for task in picture.tasks:
        if not task.is_over and task.due_at is not None:
            done = task.id if task.kind == PLANNED_CONTACT else ""
            found.append((task.due_at, Coming(_future(task.due_at, now, zone), task.what or "Task", task.state, done)))
    return tuple(one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].what)))


def _future(at: datetime, now: datetime, zone: ZoneInfo) -> Moment:
    return words.deadline(at, now, zone)


def _stay(one: Stay, zone: ZoneInfo) -> DateView:
    begin = clock(one.began_at, zone) if one.began_at else "begin unknown"
    until = f"until {clock(one.ended_at, zone)}" if one.ended_at else "still there"
    why = one.diagnoses[0].display or one.diagnoses[0].code if one.diagnoses else ""
    to = f"to {code_in_words(one.disposition)}" if one.disposition and one.disposition != "unknown" else ""
    kind = code_in_words(one.encounter_class) if one.encounter_class != "unknown" else "stay"
    detail = ", ".join(part for part in (until, to, one.facility, why) if part)
    return DateView(begin, kind.capitalize(), "" if one.ended_at else "in hospital", "warn", detail)


def _past_dates(picture: Picture, now: datetime, zone: ZoneInfo) -> tuple[DateView, ...]:
    dates = [("visit", one) for one in picture.visits] + [("appointment", one) for one in picture.appointments]
    been = [(kind, one) for kind, one in dates if one.at is not None and one.at <= now]
    been.sort(key=lambda pair: (str(pair[1].at), pair[1].id), reverse=True)
    return tuple(
        DateView(
            clock(one.at, zone) if one.at else "", f"{code_in_words(one.what)} {kind}".strip().capitalize(),
            *BEEN.get(one.state, (code_in_words(one.state), "")), code_in_words(one.detail),
        )
        for kind, one in been[:SHOWN_DATES]
    )  # fmt: skip
