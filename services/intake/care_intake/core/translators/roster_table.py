"""A roster in CSV: who is aligned to whom and since when, and what comes with that for each patient."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from care_intake.core.identity import PatientKey
from care_intake.core.iso_times import day
from care_intake.core.roster_headings import ROSTER_HEADINGS
from care_intake.core.roster_settling import told
from care_intake.core.roster_terms import Scope, StatedMember, StatedRoster, Statement, alignment_aspect
from care_intake.core.rosters import roster_diff
from care_intake.core.table_people import PATIENT_HEADINGS, row_patient
from care_intake.core.table_times import ColumnTimes
from care_intake.core.tables import Row, Table, is_yes, read_table
from care_intake.core.translation import Envelope, Ignored, Reception, Translated
from care_shared.contracts.care_events import (
    AlignmentChanged,
    CareTeamChanged,
    ConsentChanged,
    HighNeedsAssessed,
    HomeStatusAssessed,
    LeavePlanned,
    PatientUpdated,
)
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnsupportedMessageError, UnusableMessageError
from care_shared.vocabulary import OrganizationId, PersonId

HEADINGS = PATIENT_HEADINGS | ROSTER_HEADINGS
_DATES = ("birth_date", "starts_on", "ends_on", "high_needs_through", "homebound_on", "leave_starts", "leave_ends")
_MOST = 256
_DATA_SHARING = "data-sharing"
_SEXES = {"f": "female", "female": "female", "m": "male", "male": "male", "1": "male", "2": "female"}


def translate(body: bytes, reception: Reception) -> Translated:
    """The roster, and what it says to somebody who heard nothing before. Raises for a file that is no roster."""
    if reception.feed.may_state and "alignment-changed" not in reception.feed.may_state:
        raise UnsupportedMessageError("body", "is a roster, which this source may not state")
    table = read_table(body, HEADINGS)
    if "organization" not in table.columns and "organization" not in table.notes and "lead" not in table.columns:
        raise UnusableMessageError("organization", "is a column that is missing")
    read = _Reader(table, reception)
    stated, remarks = read.roster()
    refusals = [one for one in remarks if one.is_refused]
    if refusals and not stated.members:
        raise UnusableMessageError(refusals[0].where, refusals[0].reason)
    if not table.rows:
        raise UnusableMessageError("body", "has a heading and no rows")
    first = told(roster_diff((), stated), stated)
    return Translated(first.translations, tuple(remarks), roster=stated)


class _Reader:
    """Reads the rows of one roster."""

    def __init__(self, table: Table, reception: Reception) -> None:
        self._table = table
        self._reception = reception
        self._times = ColumnTimes(table, _DATES, reception.feed.date_order, reception.feed.zone)
        local = reception.received_at.astimezone(reception.feed.zone).date()
        stated = day(table.notes.get("asof", ""), "as of")
        if table.notes.get("asof") and stated is None:
            raise UnusableMessageError("as of", "is not a date such as 2026-12-01")
        self._as_of = stated or local
        self._said_at = None if stated is None else self._midnight(stated)
        self._scope = _scope(table.notes, is_dated=stated is not None)

    def roster(self) -> tuple[StatedRoster, list[Ignored]]:
        """All rows; one that cannot be used is told, and its patient counts as named."""
        members: list[StatedMember] = []
        present: list[PatientKey] = []
        unreadable = 0
        remarks = list(self._table.remarks)
        unreadable += sum(1 for one in remarks if one.is_refused)
        for row in self._table.rows:
            key: PatientKey | None = None
            try:
                key = row_patient(row, self._reception.feed)
                members.append(StatedMember(f"row {row.number}", key, tuple(self._statements(row, key))))
            except UnusableMessageError as error:
                remarks.append(Ignored(error.field, error.problem, is_refused=True))
                present += [key] if key else []
                unreadable += key is None
        feed = self._reception.feed
        roster = StatedRoster(
            self._as_of, self._reception.received_at, tuple(members), self._scope, tuple(present), unreadable,
            self._reception.fingerprint, feed.most_ended, dict(self._envelope()),
        )  # fmt: skip
        return roster, remarks

    def _statements(self, row: Row, key: PatientKey) -> Iterator[Statement]:
        yield from self._person(row, key)
        yield from self._alignment(row)
        yield from self._team(row)
        yield from self._needs(row)
        yield from self._home(row)
        yield from self._consent(row)
        yield from self._leave(row, key)

    def _person(self, row: Row, key: PatientKey) -> Iterator[Statement]:
        fact = PatientUpdated(
            **self._envelope(),
            identifiers=key.named,
            family_name=row["family_name"][:_MOST] or None,
            given_name=row["given_name"][:_MOST] or None,
            birth_date=self._times.day(row, "birth_date"),
            sex=_sex(row),
            phone=row["phone"][:_MOST] or None,
            home_zone=_zone(row),
            language=row["language"][:_MOST] or None,
            email=row["email"][:_MOST] or None,
            lives_alone=is_yes(row["lives_alone"], row.at("lives_alone")),
            phone_is_private=is_yes(row["phone_is_private"], row.at("phone_is_private")),
            email_is_private=is_yes(row["email_is_private"], row.at("email_is_private")),
        )
        yield Statement("person", fact)

    def _alignment(self, row: Row) -> Iterator[Statement]:
        notes = self._table.notes
        organization = row["organization"] or notes.get("organization", "")
        if not organization:
            return
        programme = row["programme"] or _programme(notes)
        if not programme:
            raise UnusableMessageError(row.at("programme"), "is missing")
        starts_on, ends_on = self._span(row, "starts_on", "ends_on")
        fact = AlignmentChanged(
            **self._envelope(),
            organization=OrganizationId(_short(row, "organization", organization)),
            programme=_short(row, "programme", programme),
            starts_on=starts_on,
            ends_on=ends_on,
        )
        yield Statement(alignment_aspect(fact), fact)

    def _team(self, row: Row) -> Iterator[Statement]:
        lead, backup, agency = (_short(row, name, row[name]) for name in ("lead", "backup", "agency"))
        if lead or backup or agency:
            fact = CareTeamChanged(
                **self._envelope(),
                lead_care_manager=PersonId(lead) if lead else None,
                backup=PersonId(backup) if backup else None,
                agency=OrganizationId(agency) if agency else None,
            )
            yield Statement("care-team", fact)

    def _needs(self, row: Row) -> Iterator[Statement]:
        high_needs = is_yes(row["high_needs"], row.at("high_needs"))
        if high_needs is None:
            return
        criteria = tuple(one.strip() for one in row["high_needs_criteria"].replace("|", ";").split(";") if one.strip())
        fact = HighNeedsAssessed(
            **self._envelope(), high_needs=high_needs, criteria=criteria, assessor=row["high_needs_assessor"],
            valid_through=self._times.day(row, "high_needs_through"),
        )  # fmt: skip
        yield Statement("high-needs", fact)

    def _home(self, row: Row) -> Iterator[Statement]:
        """Homebound needs the person who found so (clinical.md 1.9); a bare yes is nobody's assessment."""
        homebound = is_yes(row["homebound"], row.at("homebound"))
        if homebound is None:
            return
        assessed_on = self._times.day(row, "homebound_on")
        at = None if assessed_on is None else self._midnight(assessed_on)
        fact = HomeStatusAssessed(
            **self._envelope(at), homebound=homebound, assessor=row.needed("homebound_assessor"),
            lives_alone=is_yes(row["lives_alone"], row.at("lives_alone")),
        )  # fmt: skip
        yield Statement("home", fact)

    def _consent(self, row: Row) -> Iterator[Statement]:
        consent = is_yes(row["consent"], row.at("consent"))
        opt_out = is_yes(row["opt_out"], row.at("opt_out"))
        if consent is None and opt_out is None:
            return
        permitted = consent is not False and not opt_out
        scope = _short(row, "consent_scope", row["consent_scope"]) or _DATA_SHARING
        yield Statement(f"consent {scope}", ConsentChanged(**self._envelope(), scope=scope, permitted=permitted))

    def _leave(self, row: Row, key: PatientKey) -> Iterator[Statement]:
        if not (row["leave_starts"] or row["leave_ends"]):
            return
        starts_on, ends_on = self._span(row, "leave_starts", "leave_ends")
        leave_id = row["leave_id"] or derived_id("leave", *key.primary, starts_on.isoformat())
        fact = LeavePlanned(
            **self._envelope(), leave_id=_short(row, "leave_id", leave_id), starts_on=starts_on, ends_on=ends_on
        )
        yield Statement(f"leave {fact.leave_id}", fact)

    def _span(self, row: Row, first: str, last: str) -> tuple[date, date | None]:
        starts_on, ends_on = self._times.day(row, first), self._times.day(row, last)
        if starts_on is None:
            raise UnusableMessageError(row.at(first), "is missing")
        if ends_on is not None and ends_on < starts_on:
            raise UnusableMessageError(row.at(last), f"is before {first}")
        return starts_on, ends_on

    def _envelope(self, occurred_at: datetime | None = None) -> Envelope:
        return self._reception.envelope(occurred_at or self._reception.received_at, self._said_at)

    def _midnight(self, on: date) -> datetime:
        return datetime.combine(on, time(), self._reception.feed.zone).astimezone(UTC)


def _scope(notes: Mapping[str, str], *, is_dated: bool) -> Scope | None:
    if not is_yes(notes.get("complete", ""), "complete"):
        return None
    organization, programme = notes.get("organization", ""), _programme(notes)
    for name, value in (("organization", organization), ("programme", programme), ("as of", is_dated)):
        if not value:
            raise UnusableMessageError(name, "must be said before the heading of a roster that is complete")
    return Scope(OrganizationId(organization), programme)


def _programme(notes: Mapping[str, str]) -> str:
    return notes.get("programme") or notes.get("program", "")


def _short(row: Row, column: str, value: str) -> str:
    if len(value) > _MOST:
        raise UnusableMessageError(row.at(column), f"is longer than {_MOST} characters")
    return value


def _sex(row: Row) -> str | None:
    word = row["sex"].lower()
    return _SEXES.get(word, "unknown") if word else None


def _zone(row: Row) -> str | None:
    if not row["home_zone"]:
        return None
    try:
        return ZoneInfo(row["home_zone"]).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnusableMessageError(row.at("home_zone"), "is not an IANA time zone") from None
