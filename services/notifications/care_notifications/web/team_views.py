"""The team as its supervisor's page shows it: who has how much since when, what nobody has taken, who is away."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg

from care_notifications.adapters.postgres_team import SHOWN, Pile, TeamState
from care_notifications.core.audit import IN_WORDS, FindingKind
from care_notifications.web import words
from care_notifications.web.views import AlertView, alert_view
from care_notifications.web.words import Moment
from care_shared.vocabulary import PersonId, Tier

# Its title, what it means, and what stands there when it is empty.
PILES = {
    Pile.UNASSIGNED: (
        "Nobody in particular",
        "Lies with the desk: no Lead is named, or none is there.",
        "Every alert has a named Lead.",
    ),
    Pile.UNANSWERED: (
        "Everybody was told, nobody took it",
        "The ladder has ended. It is yours until somebody takes it.",
        "No ladder has ended unanswered.",
    ),
    Pile.OVERDUE: ("P1 and P2 past their deadline", "The longest overdue first.", "Nothing urgent is overdue."),
    Pile.STALE: (
        "Acknowledged, not done for three days",
        "Taken, and nothing followed.",
        "Nothing lies longer than three days.",
    ),
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person's load, and how long what they took lies."""

    person_id: str
    name: str
    team: str
    away: bool
    gone: bool
    by_tier: dict[str, int]
    open: int
    overdue: int
    oldest: Moment | None
    fresh: int
    day: int
    days: int
    stale: int


@dataclass(frozen=True, slots=True)
class PileView:
    """One pile of alerts that somebody should look at."""

    code: str
    title: str
    lead: str
    empty: str
    alerts: tuple[AlertView, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class LeaveView:
    """Somebody is or will be away."""

    person_id: str
    name: str
    begins: str
    ends: str
    cover: str
    began: bool


@dataclass(frozen=True, slots=True)
class FindingView:
    """What the auditor found and cannot put right. `gap_id` when it is about an alert."""

    what: str
    who: str
    gap_id: str
    since: Moment


def person_rows(
    people: Sequence[asyncpg.Record], state: TeamState, now: datetime, zone: ZoneInfo, team: str
) -> list[PersonRow]:
    """Everybody of that team who works here or still has something, the heaviest load first."""
    load: dict[str, list[asyncpg.Record]] = {}
    for row in state.load:
        load.setdefault(row["owner"], []).append(row)
    taken = {row["owner"]: row for row in state.taken}
    teams = {row["team_id"]: row["display_name"] for row in state.teams}
    rows = [
        _person(one, load.get(one["person_id"], []), taken.get(one["person_id"]), teams)
        for one in people
        if (one["active"] or one["person_id"] in load) and team in ("", one["team_id"])
    ]
    oldest = {owner: min(row["oldest_at"] for row in held) for owner, held in load.items()}
    found = [_with_oldest(one, oldest.get(one.person_id), now, zone) for one in rows]
    return sorted(found, key=lambda one: (-one.open, one.name))


def _person(
    one: asyncpg.Record, load: Sequence[asyncpg.Record], taken: asyncpg.Record | None, teams: dict[str, str]
) -> PersonRow:
    return PersonRow(
        person_id=one["person_id"],
        name=one["display_name"],
        team=teams.get(one["team_id"], ""),
        away=one["on_leave"],
        gone=not one["active"],
        by_tier={tier.value: sum(row["open"] for row in load if row["tier"] == tier) for tier in Tier},
        open=sum(row["open"] for row in load),
        overdue=sum(row["overdue"] for row in load),
        oldest=None,
        fresh=taken["fresh"] if taken else 0,
        day=taken["day"] if taken else 0,
        days=taken["days"] if taken else 0,
        stale=taken["stale"] if taken else 0,
    )


def pile_views(state: TeamState, now: datetime, viewer: PersonId) -> list[PileView]:
    """What needs somebody's look."""
    return [
        PileView(
            pile.value, *PILES[pile], tuple(alert_view(one, now, viewer) for one in alerts[:SHOWN]), len(alerts) > SHOWN
        )
        for pile, alerts in state.piles.items()
    ]  # fmt: skip


def leave_views(
    leaves: Sequence[asyncpg.Record], names: dict[str, str], now: datetime, zone: ZoneInfo
) -> list[LeaveView]:
    """Who is away, and who will be."""
    return [
        LeaveView(
            person_id=row["person_id"],
            name=names.get(row["person_id"], row["person_id"]),
            begins=_clock(row["from_at"], zone),
            ends=_clock(row["until_at"], zone) if row["until_at"] else "until further notice",
            cover=names.get(row["cover"], row["cover"]) if row["cover"] else "",
            began=row["from_at"] <= now,
        )
        for row in leaves
        if row["until_at"] is None or row["until_at"] > now
    ]


def finding_views(
    findings: Sequence[asyncpg.Record], names: dict[str, str], now: datetime, zone: ZoneInfo
) -> list[FindingView]:
    """What the auditor says, in words."""
    return [_finding(row, names, words.past(row["found_at"], now, zone)) for row in findings]


def _finding(row: asyncpg.Record, names: dict[str, str], since: Moment) -> FindingView:
    kind, subject = FindingKind(row["kind"]), row["subject"]
    if kind is FindingKind.UNREACHABLE and subject == "every-channel":
        return FindingView("no notice reaches anybody away from the worklist", "Neither mail nor texts", "", since)
    if kind is FindingKind.UNREACHABLE:
        return FindingView(IN_WORDS[kind], names.get(subject, subject), "", since)
    if kind is FindingKind.CHORE_OVERDUE:
        return FindingView(IN_WORDS[kind], f"The chore “{subject}”", "", since)
    return FindingView(IN_WORDS[kind], "An alert", subject, since)


def _with_oldest(one: PersonRow, at: datetime | None, now: datetime, zone: ZoneInfo) -> PersonRow:
    return one if at is None else replace(one, oldest=words.past(at, now, zone))


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %-d %b %Y, %H:%M %Z}"
