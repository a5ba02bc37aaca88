"""Home visits as a visit vendor exports them to CSV; each row is one notice, and a bad row stops no other."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from care_intake.core.evv_headings import NEEDED, VISIT_HEADINGS
from care_intake.core.own_json import NamedBy
from care_intake.core.table_people import row_patient
from care_intake.core.table_times import ColumnTimes, after, is_time_of_day
from care_intake.core.tables import Row, by_row, is_yes, read_table
from care_intake.core.translation import Reception, Translated
from care_intake.core.visits import EvvVisit, notice_said
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import Discipline

_TIMES = ("scheduled_start", "scheduled_end", "started_at", "ended_at", "cancelled_at", "replacement_start",
          "reported_at")  # fmt: skip
_COPIED = ("visit_id", "service", "agency", "provider", "location", "reason_code", "action_code", "exception_code",
           "cancelled_by")  # fmt: skip
# These words of vendors say how far the paper is, not what became of the visit: the times do.
_ABOUT_PAPER = frozenset({"", "confirmed", "incomplete", "pending", "exported", "open", "closed", "active"})
_DISCIPLINES = {
    **dict.fromkeys(("aide", "hha", "pca", "pcs", "cna", "homehealthaide", "personalcare"), Discipline.AIDE),
    **dict.fromkeys(("rn", "lpn", "sn", "skillednursing", "nursing", "lvn"), Discipline.SKILLED_NURSING),
    **dict.fromkeys(("pt", "pta", "physicaltherapy"), Discipline.PHYSICAL_THERAPY),
    **dict.fromkeys(("ot", "ota", "cota", "occupationaltherapy"), Discipline.OCCUPATIONAL_THERAPY),
    **dict.fromkeys(("st", "slp", "speechtherapy"), Discipline.SPEECH_THERAPY),
    **dict.fromkeys(("msw", "sw", "socialwork"), Discipline.SOCIAL_WORK),
}


def translate(body: bytes, reception: Reception) -> Translated:
    """The facts of all usable rows. Raises UnusableMessageError for a file that is no such table."""
    table = read_table(body, VISIT_HEADINGS, NEEDED)
    times = ColumnTimes(table, ("visit_date", *_TIMES), reception.feed.date_order, reception.feed.zone)
    return by_row(table, lambda row: _row(row, times, reception), reception)


def _row(row: Row, times: ColumnTimes, reception: Reception) -> Translated:
    moments = _moments(row, times)
    key = row_patient(row, reception.feed)
    record = {
        **{name: row[name] for name in _COPIED},
        **{name: at.isoformat() for name, at in moments.items()},
        "patient": [NamedBy(authority=one.authority, type=one.type, value=one.value) for one in key.identifiers],
        "status": _status(row, moments),
        "dialect": row["dialect"].upper() or None,
        "discipline": _discipline(row["discipline"]),
        "proof": _proof(row, moments),
        "manual": is_yes(row["manual"], row.at("manual")) or False,
        "critical": is_yes(row["critical"], row.at("critical")) or False,
    }
    record.setdefault("scheduled_start", row.needed("scheduled_start"))
    record.setdefault("scheduled_end", row.needed("scheduled_end"))
    try:
        visit = EvvVisit.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise UnusableMessageError(row.at(str(first["loc"][0])), "is not valid here") from None
    said = notice_said(visit, row.at, reception)
    # The row's own numbers: they were made canonical once and must not be so twice.
    [translation] = said.translations
    return Translated((type(translation)(key, translation.facts),), said.ignored, said.unmapped)


def _moments(row: Row, times: ColumnTimes) -> dict[str, datetime]:
    """The times of a row; where a column holds a time of day alone, the date stands in a column of its own."""
    zone = _zone(row)
    on = times.day(row, "visit_date")
    found: dict[str, datetime] = {}
    for column in _TIMES:
        if is_time_of_day(row[column]):
            if on is None:
                raise UnusableMessageError(row.at("visit_date"), "is missing")
            at = times.clock_on(row, column, on, zone)
        else:
            at = times.moment(row, column, zone)
        if at is not None:
            found[column] = at
    for first, last in (("scheduled_start", "scheduled_end"), ("started_at", "ended_at")):
        if first in found and last in found and is_time_of_day(row[last]):
            found[last] = after(found[first], found[last])
    return found


def _zone(row: Row) -> tzinfo | None:
    if not row["zone"]:
        return None
    try:
        return ZoneInfo(row["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnusableMessageError(row.at("zone"), "is not an IANA time zone") from None


def _status(row: Row, moments: dict[str, datetime]) -> str:
    """What the vendor's flags say before its word of state; without either, the times decide."""
    if is_yes(row["cancelled"], row.at("cancelled")):
        return "cancelled"
    if is_yes(row["missed"], row.at("missed")):
        return "missed"
    word = row["status"].lower()
    if word not in _ABOUT_PAPER:
        return row["status"]
    if "ended_at" in moments:
        return "delivered"
    return "started" if "started_at" in moments else "scheduled"


def _proof(row: Row, moments: dict[str, datetime]) -> str:
    """A signed timesheet. How a vendor verifies visits in general is no proof of one without times."""
    if is_yes(row["timesheet"], row.at("timesheet")):
        return "timesheet"
    return row["proof"] if {"started_at", "ended_at"} & moments.keys() else ""


def _discipline(text: str) -> Discipline:
    word = "".join(sign for sign in text.lower() if sign.isalnum())
    known = {one.value.replace("-", ""): one for one in Discipline}
    return _DISCIPLINES.get(word) or known.get(word, Discipline.OTHER)
