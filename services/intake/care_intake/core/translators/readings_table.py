"""Readings as a device portal exports them to CSV: one vital sign, or one blood pressure «120/80», a row."""

from datetime import datetime
from typing import NamedTuple

from care_intake.core.identity import PatientKey
from care_intake.core.observation_ids import observation_id
from care_intake.core.table_people import PATIENT_HEADINGS, row_patient
from care_intake.core.table_times import ColumnTimes
from care_intake.core.tables import Row, Table, by_row, is_yes, read_table
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
from care_intake.core.units import Reading, beyond_of, number_of, reading_of
from care_intake.core.vital_codes import is_pressure_panel, is_unfit, slot_by_word, vital_of
from care_intake.core.vital_facts import HALVES, Measured, vital_facts
from care_intake.core.vital_headings import NEEDED, READING_HEADINGS
from care_shared.contracts.care_events import CareEvent, VitalSignRetracted
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import ObservationId, VitalSign

_HEADINGS = PATIENT_HEADINGS | READING_HEADINGS
_BY_HAND = frozenset({"manual", "manual entry", "self-reported", "self reported", "user", "typed", "hand"})
_BY_DEVICE = frozenset({"automatic", "auto", "device", "sensed", "bluetooth", "cellular"})
_WITHDRAWN = frozenset({"deleted", "entered-in-error", "entered in error", "retracted", "void", "voided", "cancelled"})

# Halves of one pressure may stand in two rows: patient, device and moment bring them together.
_Cuff = tuple[PatientKey, str, datetime]


class _Said(NamedTuple):
    """One row, read."""

    row: Row
    patient: PatientKey
    at: datetime
    said_at: datetime | None
    device: str

    def id_of(self, vital: VitalSign, source: str) -> ObservationId:
        """By the portal's number of the reading, else by device and moment, which repeats share."""
        number = self.row["reading_id"]
        if number:
            return observation_id(self.patient, f"{source}|{number}", vital.value, self.at)
        return observation_id(self.patient, "", vital.value, self.at, self.device)


def translate(body: bytes, reception: Reception) -> Translated:
    """The facts of all usable rows. Raises UnusableMessageError for a file that is no such table."""
    table = read_table(body, _HEADINGS, NEEDED)
    times = ColumnTimes(table, ("measured_at", "reported_at"), reception.feed.date_order, reception.feed.zone)
    partners = _partners(table, times, reception)
    return by_row(table, lambda row: _row(row, times, partners, reception), reception)


def _row(row: Row, times: ColumnTimes, partners: dict[_Cuff, list[Row]], reception: Reception) -> Translated:
    vitals = _vitals(row)
    if not vitals:
        return Translated(ignored=(Ignored(row.at("vital"), "is none of the vital signs that rules use"),))
    said = _said(row, times, reception)
    if row["status"].lower() in _WITHDRAWN:
        return one_patient(said.patient, [_taken_back(said, vital, reception) for vital in vitals])
    readings = _measured(said, vitals, reception)
    if len(vitals) == 1 and vitals[0] in HALVES:
        # The pair is told with its first row, so that both halves keep the place of one row.
        pair = partners.get((said.patient, said.device, said.at), [row])
        if pair[0] is not row:
            return Translated()
        readings += [
            one for other in pair[1:] for one in _measured(said._replace(row=other), _vitals(other), reception)
        ]
    facts, lonely = vital_facts(readings, reception)
    return one_patient(said.patient, facts, lonely)


def _partners(table: Table, times: ColumnTimes, reception: Reception) -> dict[_Cuff, list[Row]]:
    found: dict[_Cuff, list[Row]] = {}
    for row in table.rows:
        vitals = _vitals(row)
        if len(vitals) != 1 or vitals[0] not in HALVES or row["status"].lower() in _WITHDRAWN:
            continue
        try:
            said = _said(row, times, reception)
            _measured(said, vitals, reception)
        except UnusableMessageError:  # its own turn will say so, with the column
            continue
        found.setdefault((said.patient, said.device, said.at), []).append(row)
    return found


def _vitals(row: Row) -> tuple[VitalSign, ...]:
    name = row["vital"]
    if is_pressure_panel(name, name):
        return HALVES
    found = vital_of(name, name)
    return () if found is None else (found,)


def _said(row: Row, times: ColumnTimes, reception: Reception) -> _Said:
    at = times.moment(row, "measured_at")
    if at is None:
        raise UnusableMessageError(row.at("measured_at"), "is missing")
    return _Said(row, row_patient(row, reception.feed), at, times.moment(row, "reported_at"), row["device_id"][:256])


def _measured(said: _Said, vitals: tuple[VitalSign, ...], reception: Reception) -> list[Measured]:
    row = said.row
    texts = row.needed("value").split("/") if len(vitals) > 1 else [row["value"]]
    if len(texts) != len(vitals):
        raise UnusableMessageError(row.at("value"), "is not a blood pressure such as 120/80")
    return [
        Measured(
            row.at("value"), said.id_of(vital, str(reception.feed.source)), _reading(vital, text, row), said.at,
            said.said_at, cuff=said.device, slot=slot_by_word(row["slot"]), device_id=said.device,
            automatic=_is_automatic(row), is_unfit=is_unfit(row["flag"]) or is_unfit(row["slot"]),
        )
        for vital, text in zip(vitals, texts, strict=True)
    ]  # fmt: skip


def _reading(vital: VitalSign, text: str, row: Row) -> Reading:
    beyond = beyond_of(vital, text, row["unit"])
    if beyond is not None:
        return beyond
    number = number_of(text)
    if number is None:
        raise UnusableMessageError(row.at("value"), "is missing or no number")
    return reading_of(vital, number, row["unit"])


def _is_automatic(row: Row) -> bool:
    word = row["manual"].lower()
    if word in _BY_HAND:
        return False
    if word in _BY_DEVICE:
        return True
    return not (is_yes(word, row.at("manual")) or False)


def _taken_back(said: _Said, vital: VitalSign, reception: Reception) -> CareEvent:
    now = said.said_at or reception.received_at
    return VitalSignRetracted(
        **reception.envelope(now, said.said_at),
        observation_id=said.id_of(vital, str(reception.feed.source)),
        code=vital,
    )
