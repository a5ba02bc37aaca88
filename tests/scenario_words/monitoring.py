"""Readings, symptoms, medicines, goals, flags, leave and feeds, as scenarios say them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CareEvent
from care_shared.vocabulary import VitalSign
from tests import builders as b
from tests import chart_builders as c

Words = Mapping[str, object]
LOINC = "http://loinc.org"
OURS = "https://carelead.example/codes"

READINGS = {
    "systolic": VitalSign.SYSTOLIC,
    "diastolic": VitalSign.DIASTOLIC,
    "heart rate": VitalSign.HEART_RATE,
    "oxygen": VitalSign.OXYGEN_SATURATION,
    "oxygen flow": VitalSign.INHALED_OXYGEN_FLOW,
    "breaths": VitalSign.RESPIRATORY_RATE,
    "temperature": VitalSign.BODY_TEMPERATURE,
    "glucose": VitalSign.GLUCOSE,
    "peak flow": VitalSign.PEAK_FLOW,
    "weight": VitalSign.BODY_WEIGHT,
}


def _fact(kind: type[CareEvent], at: datetime, **body: object) -> AnyCareEvent:
    """Any fact at the moment a scenario names."""
    local = at.astimezone(ZoneInfo(b.HOME))
    return c.fact(kind, f"{local:%Y-%m-%d}", f"{local:%H:%M}", b.AT_ONCE, **body)


def _readings(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    """One measurement, of one vital sign or of several at once."""
    for name, code in READINGS.items():
        if name in words:
            value = str(words[name])
            # A meter that shows HI or LO: intake keeps the limit of the meter.
            number, beyond = {"HI": (600.0, "HI"), "LO": (20.0, "LO")}.get(value) or (float(value), "")
            yield _fact(
                facts.VitalSignRecorded,
                at,
                observation_id=f"{code}@{at.isoformat()}",
                code=code,
                value=number,
                beyond=beyond,
                quality=str(words.get("quality", "valid")),
                device_id=str(words.get("device", "")),
                automatic=words.get("typed in") != "yes",
            )


def _symptoms(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    said = words["symptoms"]
    assert isinstance(said, dict)
    named = {str(name).replace(" ", "-"): answer == "yes" for name, answer in said.items()}
    yield _fact(facts.SymptomsReported, at, symptoms=named)


def _medicine(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    name = str(words["medicine"])
    active = words.get("stopped") != "yes"
    yield _fact(facts.MedicationOrdered, at, order_id=name, medication=c.medicine(name), active=active)


def _goal(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    said = words["goal"]
    assert isinstance(said, dict)
    of = str(said["of"])
    code = str(READINGS.get(of, "8340-2"))  # anything else is the dry weight
    limits = {name: float(str(said[name])) for name in ("low", "high") if name in said}
    measure = {"system": LOINC, "code": code}
    yield _fact(facts.GoalStated, at, goal_id=f"goal-{of}", measure=measure, **limits)


def _flag(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    code = str(words["flag"])
    yield _fact(facts.FlagChanged, at, flag_id=code, flag={"system": OURS, "code": code})


def _leave(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    said = words["leave"]
    assert isinstance(said, dict)
    begins, ends = date.fromisoformat(str(said["from"])), date.fromisoformat(str(said["to"]))
    called_off = said.get("called off") == "yes"
    yield _fact(
        facts.LeavePlanned, at, leave_id=f"leave-{begins}", starts_on=begins, ends_on=ends, cancelled=called_off
    )


def _feed(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    silent = words["feed"] == "silent"
    yield _fact(facts.FeedWentSilent if silent else facts.FeedResumed, at, feed="gateway")


def _enrolled(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    begins = at.astimezone(ZoneInfo(b.HOME)).date()
    ends = date.fromisoformat(str(words["through"])) if "through" in words else None
    programme = str(words["enrolled"])
    yield _fact(facts.AlignmentChanged, at, organization="aco", programme=programme, starts_on=begins, ends_on=ends)


def _born(words: Words, at: datetime) -> Iterator[AnyCareEvent]:
    yield _fact(facts.PatientUpdated, at, birth_date=date.fromisoformat(str(words["born"])))


WORDS: dict[str, Callable[[Words, datetime], Iterator[AnyCareEvent]]] = {
    **dict.fromkeys(READINGS, _readings),
    "symptoms": _symptoms,
    "medicine": _medicine,
    "goal": _goal,
    "flag": _flag,
    "leave": _leave,
    "feed": _feed,
    "enrolled": _enrolled,
    "born": _born,
}


def told_in(words: Words, at: datetime) -> Iterator[AnyCareEvent] | None:
    """The facts of one line, when it is said in the words of this module."""
    said = next((name for name in WORDS if name in words), None)
    return WORDS[said](words, at) if said else None
