"""The timeline as the page shows it: under which filter, with which icon, in which words, and whether it is new."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_notifications.adapters.patient_timeline import ACTS, Entry, Source, Wanted
from care_notifications.core.picture.places import Kind
from care_notifications.core.picture.standing import Standing
from care_notifications.web import words
from care_notifications.web.fact_words import in_words
from care_notifications.web.views import act_in_words, change_in_words, delivery_in_words
from care_notifications.web.vital_words import name_of, number, unit_of
from care_notifications.web.words import Moment
from care_shared.vocabulary import VitalSign

EVERYTHING = frozenset(Source) - {Source.READING}
KINDS: frozenset[str] = frozenset({*Kind, ACTS})
STANDINGS = {Standing.CORRECTED: "corrected later", Standing.RETRACTED: "taken back"}
ICONS = {
    Source.ALERT: "bell", Source.CHECK_IN: "message", Source.DONE: "check", Source.NOTICE: "message",
    Source.READING: "trend", Kind.STAYS: "home", Kind.VISITS: "home", Kind.APPOINTMENTS: "calendar",
    Kind.CONTACTS: "phone", Kind.MEDICINES: "pill", Kind.RESULTS: "trend", Kind.PLAN: "note", Kind.PERSON: "patients",
}  # fmt: skip
CHECK_IN_STATES = {
    "waiting": "on its way", "sent": "sent", "answered": "answered", "unanswered": "not answered",
    "not-sent": "not sent",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """One chip above the timeline."""

    word: str
    sources: frozenset[Source]
    kinds: frozenset[str] = KINDS


FILTERS: Mapping[str, Filter] = {
    "all": Filter("Everything", EVERYTHING),
    "new": Filter("New to you", EVERYTHING),
    "alerts": Filter("Alerts", frozenset({Source.ALERT, Source.DONE}), frozenset({ACTS})),
    "contacts": Filter("Contacts", frozenset({Source.FACT, Source.DONE}), frozenset({Kind.CONTACTS})),
    "stays": Filter("Hospital", frozenset({Source.FACT}), frozenset({Kind.STAYS})),
    "visits": Filter("Home visits", frozenset({Source.FACT}), frozenset({Kind.VISITS})),
    "appointments": Filter("Appointments", frozenset({Source.FACT}), frozenset({Kind.APPOINTMENTS})),
    "medicines": Filter("Medicines", frozenset({Source.FACT}), frozenset({Kind.MEDICINES})),
    "results": Filter("Results and answers", frozenset({Source.FACT}), frozenset({Kind.RESULTS})),
    "plan": Filter("Plan", frozenset({Source.FACT}), frozenset({Kind.PLAN})),
    "person": Filter("Person", frozenset({Source.FACT}), frozenset({Kind.PERSON})),
    "messages": Filter("Notices and check-ins", frozenset({Source.NOTICE, Source.CHECK_IN})),
    "readings": Filter("Readings", frozenset({Source.READING})),
}


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line."""

    at: Moment
    icon: str
    what: str
    detail: str
    link: str
    tags: tuple[str, ...]
    is_new: bool
    struck: bool
    labelled: bool


@dataclass(frozen=True, slots=True)
class DayView:
    """The entries of one day at the patient's home."""

    day: str
    entries: tuple[EntryView, ...]


def wanted_of(name: str, since: datetime | None, after: str | None) -> Wanted:
    """What to ask for under this filter."""
    chosen = FILTERS[name]
    return Wanted(chosen.sources, chosen.kinds, since if name == "new" else None, after)


def days_of(entries: Sequence[Entry], now: datetime, zone: ZoneInfo, since: datetime | None) -> tuple[DayView, ...]:
    """The entries under their days, the newest first."""
    found: dict[str, list[EntryView]] = {}
    for entry in entries:
        local = entry.at.astimezone(zone)
        year = "" if local.year == now.astimezone(zone).year else " %Y"
        found.setdefault(local.strftime(f"%A %-d %B{year}"), []).append(_view(entry, now, zone, since))
    return tuple(DayView(day, tuple(lines)) for day, lines in found.items())


def _view(entry: Entry, now: datetime, zone: ZoneInfo, since: datetime | None) -> EntryView:
    what, detail, link = TELLERS[entry.source](entry, zone)
    tags = tuple(tag for tag in (STANDINGS.get(entry.standing, ""), _late(entry)) if tag)
    labels = entry.known.event.labels if entry.known else ()
    return EntryView(
        at=words.past(entry.at, now, zone) if entry.at <= now else words.deadline(entry.at, now, zone),
        icon=ICONS[entry.known.kind if entry.known else entry.source],
        what=what,
        detail=detail,
        link=link,
        tags=tags,
        is_new=since is not None and entry.learnt_at > since,
        struck=entry.standing is not Standing.HOLDS,
        labelled=bool(labels),
    )


def _late(entry: Entry) -> str:
    """What we learnt more than a day after it happened."""
    event = entry.known.event if entry.known else None
    return "learnt late" if event is not None and (event.recorded_at - event.occurred_at).days >= 1 else ""


def _fact(entry: Entry, zone: ZoneInfo) -> tuple[str, str, str]:
    assert entry.known is not None
    return (*in_words(entry.known.event, zone), "")


def _alert(entry: Entry, _zone: ZoneInfo) -> tuple[str, str, str]:
    what, detail = change_in_words(entry.row)
    rule = words.code_in_words(entry.row["rule_id"])
    return f"Alert {what.lower()}: {rule}", detail, f"/alerts/{entry.row['gap_id']}"


def _done(entry: Entry, _zone: ZoneInfo) -> tuple[str, str, str]:
    return (*act_in_words(entry.row), f"/alerts/{entry.row['gap_id']}")


def _notice(entry: Entry, _zone: ZoneInfo) -> tuple[str, str, str]:
    return (*delivery_in_words(entry.row), f"/alerts/{entry.row['gap_id']}")


def _check_in(entry: Entry, _zone: ZoneInfo) -> tuple[str, str, str]:
    row = entry.row
    what = f"Check-in {words.code_in_words(row['check_in'])}: {CHECK_IN_STATES[row['state']]}"
    # What somebody wrote in their own words stays with who handles the alert about it.
    return what, ", ".join(part for part in (row["party"], words.code_in_words(row["reason"] or "")) if part), ""


def _reading(entry: Entry, _zone: ZoneInfo) -> tuple[str, str, str]:
    row = entry.row
    name = name_of(row["code"])
    if row["retracted"]:
        return f"{name}: a reading was taken back", "", ""
    value = f"{row['beyond'] + ' ' if row['beyond'] else ''}{number(row['value'])} {unit_of(VitalSign(row['code']))}"
    doubt = "" if row["quality"] == "valid" else words.code_in_words(row["quality"])
    return f"{name}: {value}", ", ".join(one for one in ("device" if row["by_device"] else "by hand", doubt) if one), ""


TELLERS: Mapping[Source, Callable[[Entry, ZoneInfo], tuple[str, str, str]]] = {
    Source.ALERT: _alert, Source.CHECK_IN: _check_in, Source.DONE: _done, Source.FACT: _fact,
    Source.NOTICE: _notice, Source.READING: _reading,
}  # fmt: skip
