"""Which Lead is away from when to when and who stands in, in CSV; it holds for every patient of that Lead."""

from care_intake.core.roster_headings import ABSENCE_HEADINGS, ABSENCE_NEEDED
from care_intake.core.roster_terms import LeadAbsence
from care_intake.core.table_times import ColumnTimes
from care_intake.core.tables import Row, is_yes, read_table
from care_intake.core.translation import Ignored, Reception, Translated
from care_shared.errors import UnsupportedMessageError, UnusableMessageError
from care_shared.vocabulary import PersonId


def translate(body: bytes, reception: Reception) -> Translated:
    """The absences; whose patients they concern, the roster knows. Raises for a file that is no such table."""
    if reception.feed.may_state and "stand-in-named" not in reception.feed.may_state:
        raise UnsupportedMessageError("body", "names stand-ins, which this source may not state")
    table = read_table(body, ABSENCE_HEADINGS, ABSENCE_NEEDED)
    times = ColumnTimes(table, ("starts_on", "ends_on"), reception.feed.date_order, reception.feed.zone)
    absences: list[LeadAbsence] = []
    remarks = list(table.remarks)
    for row in table.rows:
        try:
            absences.append(_absence(row, times, reception))
        except UnusableMessageError as error:
            remarks.append(Ignored(error.field, error.problem, is_refused=True))
    refusals = [one for one in remarks if one.is_refused]
    if refusals and not absences:
        raise UnusableMessageError(refusals[0].where, refusals[0].reason)
    return Translated(ignored=tuple(remarks), absences=tuple(absences))


def _absence(row: Row, times: ColumnTimes, reception: Reception) -> LeadAbsence:
    starts_on, ends_on = times.day(row, "starts_on"), times.day(row, "ends_on")
    if starts_on is None or ends_on is None:
        raise UnusableMessageError(row.at("starts_on" if starts_on is None else "ends_on"), "is missing")
    if ends_on < starts_on:
        raise UnusableMessageError(row.at("ends_on"), "is before starts_on")
    lead, stand_in = row.needed("lead"), row.needed("stand_in")
    if lead == stand_in:
        raise UnusableMessageError(row.at("stand_in"), "is the Lead")
    return LeadAbsence(
        f"row {row.number}", PersonId(lead[:256]), PersonId(stand_in[:256]), starts_on, ends_on,
        is_yes(row["cancelled"], row.at("cancelled")) or False,
        dict(reception.envelope(reception.received_at, None)), reception.fingerprint,
    )  # fmt: skip
