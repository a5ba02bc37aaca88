"""A medicine is prescribed, changed, stopped or handed out (HL7 v2 RDE and RDS)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import person_key, readable_time, said_at, stated_time
from care_intake.core.hl7_visit import concept, named_record, numbered_encounter
from care_intake.core.identity import PatientKey
from care_intake.core.sensitive_codes import labels_of_medicine
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
from care_shared.contracts.care_events import CareEvent, CodedConcept, MedicationDispensed, MedicationOrdered
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import SensitivityLabel

ORDER_EVENTS = frozenset({"O01", "O11", "O25"})
DISPENSE_EVENTS = frozenset({"O01", "O13"})
# ORC-1, table 0119: cancelled, discontinued, on hold, or replaced by the order that follows; ORC-5, table 0038.
_STOPS = frozenset({"CA", "OC", "CR", "DC", "OD", "DR", "HD", "OH", "HR", "RP", "RQ", "RU"})
_STOPPED = frozenset({"CA", "DC", "HD", "RP"})
_REFUSALS = frozenset({"UA", "UC", "UD", "UF", "UH", "UM", "UR", "UX", "DE", "DF"})
# A quantity/timing says «D30» or «W4», a TQ1 «30^d».
_DURATION = re.compile(r"(?P<unit>[DWL])(?P<number>\d{1,3})", re.IGNORECASE | re.ASCII)
_DAYS = {"D": 1, "DAY": 1, "DAYS": 1, "W": 7, "WK": 7, "WEEK": 7, "WEEKS": 7, "L": 30}
_COUNT = re.compile(r"(?P<number>\d{1,3})(\.0+)?", re.ASCII)
_LONGEST_SUPPLY = 400
_ENCODED, _ASKED = "RXE", "RXO"


@dataclass(slots=True)
class Group:
    """One ORC with what belongs to it."""

    message: Message
    key: PatientKey
    reception: Reception
    said: datetime | None
    order: Segment | None = None
    segments: list[Segment] = field(default_factory=list)

    def code(self, number: int) -> str:
        """A code of the ORC."""
        return self.order.text(number).upper() if self.order else ""

    @property
    def is_stopped(self) -> bool:
        """Whether the order ends here."""
        return self.code(1) in _STOPS or self.code(5) in _STOPPED

    @property
    def days(self) -> int | None:
        """For how many days it was handed out, when the message says so."""
        stated = [_days(one.text(6), one.text(6, 2)) for one in self.segments if one.name == "TQ1"]
        for name, number in ((_ENCODED, 1), ("ORC", 7)):
            matches = [_DURATION.fullmatch(one.text(number, 3)) for one in self.segments if one.name == name]
            stated += [_days(match["number"], match["unit"]) for match in matches if match]
        return next(filter(None, stated), None)

    @property
    def ends_on(self) -> date | None:
        """The last day of the course: as stated, else counted from a stated start (TQ1, before 2.5 ORC-7 or RXE-1)."""
        for start, end, count, unit in self._timings():
            ends, _ = readable_time(end, "TQ1-8", self.reception)
            if ends:
                return ends.day
            begins, _ = readable_time(start, "TQ1-7", self.reception)
            days = _days(count, unit)
            if begins and days:
                return begins.day + timedelta(days=days - 1)
        return None

    def _timings(self) -> Iterator[tuple[str, str, str, str]]:
        for one in self.segments:
            if one.name == "TQ1":
                yield one.text(7), one.text(8), one.text(6), one.text(6, 2)
            elif one.name in (_ENCODED, "ORC"):
                number = 1 if one.name == _ENCODED else 7
                match = _DURATION.fullmatch(one.text(number, 3))
                count, unit = (match["number"], match["unit"]) if match else ("", "")
                yield one.text(number, 4), one.text(number, 5), count, unit


def order(message: Message, _trigger: str, reception: Reception) -> Translated:
    """One fact per order."""
    return _said(message, reception, _ENCODED, _ordered)


def dispense(message: Message, _trigger: str, reception: Reception) -> Translated:
    """One fact per medicine that was handed out."""
    return _said(message, reception, "RXD", _dispensed)


_Teller = Callable[[Group, Segment, CodedConcept], CareEvent | Ignored]


def _said(message: Message, reception: Reception, name: str, tell: _Teller) -> Translated:
    facts: list[CareEvent] = []
    ignored: list[Ignored] = []
    key = person_key(message, reception)
    for group, segment in _medicines(message, Group(message, key, reception, said_at(message, reception)), name):
        place = 1 if segment.name == _ASKED else 2
        code, words = segment.text(place), segment.text(place, 2)
        if not code and not words:
            told: CareEvent | Ignored = Ignored(segment.location(place), "names no medicine")
        elif group.code(1) in _REFUSALS:
            told = Ignored("ORC-1", "refuses a request, and orders nothing")
        else:
            medicine = concept(code or words, words, segment.text(place, 3), segment.location(place))
            told = tell(group, segment, medicine)
        if isinstance(told, Ignored):
            ignored.append(told)
        else:
            facts.append(told)
    return one_patient(key, facts, ignored)


def _medicines(message: Message, empty: Group, name: str) -> Iterator[tuple[Group, Segment]]:
    """Each medicine with the order it belongs to; where the pharmacy encoded nothing, what was asked for (RXO)."""
    for group in _groups(message, empty):
        found = [segment for segment in group.segments if segment.name == name]
        if not found and name == _ENCODED:
            found = [segment for segment in group.segments if segment.name == _ASKED]
        yield from ((group, segment) for segment in found)


def _groups(message: Message, empty: Group) -> Iterator[Group]:
    group = replace(empty, segments=[])
    for segment in message:
        if segment.name == "ORC":
            yield group
            group = replace(empty, order=segment, segments=[])
        group.segments.append(segment)
    yield group


def _ordered(group: Group, segment: Segment, medicine: CodedConcept) -> MedicationOrdered:
    at = group.said or group.reception.received_at
    return MedicationOrdered(
        **group.reception.envelope(at, group.said, _labels(medicine)),
        order_id=_order_id(group, segment, medicine),
        medication=medicine,
        active=not group.is_stopped,
        encounter_id=numbered_encounter(group.message, group.reception),
        ends_on=group.ends_on,
    )


def _dispensed(group: Group, segment: Segment, medicine: CodedConcept) -> MedicationDispensed | Ignored:
    if group.is_stopped:
        return Ignored("ORC-1", "takes a medicine back, which is no dispense")
    stated = stated_time(segment.text(3), segment.location(3), group.reception)
    at = stated.at if stated else group.said or group.reception.received_at
    return MedicationDispensed(
        **group.reception.envelope(at, group.said, _labels(medicine)),
        medication=medicine, days_supply=group.days, dispense_id=_dispense_id(group, segment),
        order_id=_order_id(group, segment, medicine) if group.order else "",
    )  # fmt: skip


def _labels(medicine: CodedConcept) -> tuple[SensitivityLabel, ...]:
    return labels_of_medicine(f"{medicine.code} {medicine.display}")


def _order_id(group: Group, segment: Segment, medicine: CodedConcept) -> str:
    """The orderer's number (ORC-2), else the prescription's (RXE-15), else the pharmacy's (ORC-3)."""
    encoded = segment if segment.name == _ENCODED else None
    places = ((group.order, 2), (encoded, 15), (group.order, 3))
    for one, number in places:
        found = named_record("order", one.field(number), group.message, group.reception) if one else ""
        if found:
            return found
    return derived_id("order", *group.key.primary, medicine.system, medicine.code)


def _dispense_id(group: Group, segment: Segment) -> str:
    """The pharmacy's number of the prescription (RXD-7, else ORC-3) and which hand-out it was (RXD-1)."""
    places = ((segment, 7), (group.order, 3))
    named = (named_record("dispense", one.field(at), group.message, group.reception) for one, at in places if one)
    found = next(filter(None, named), "")
    return derived_id(found, segment.text(1)) if found else ""


def _days(number: str, unit: str) -> int | None:
    match, days = _COUNT.fullmatch(number), _DAYS.get(unit.upper())
    if match is None or days is None:
        return None
    supply = int(match["number"]) * days
    return supply if 0 < supply <= _LONGEST_SUPPLY else None
