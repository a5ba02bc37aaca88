"""The language of intake's tests: messages of a hospital, a device and a visit vendor, and how to have them judged."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from care_intake.adapters.workbench import Workbench
from care_intake.core.decide import decide
from care_intake.core.effects import Accept, Ignore, Quarantine, Reject
from care_intake.core.feed import Feed
from care_intake.core.formats import NO_CONDITIONS, Conditions, Format, RawMessage, sniff
from care_intake.core.identity import new_patient_id
from care_intake.core.receipts import Judged, judged
from care_intake.core.translation import Ignored, Translated
from care_shared.contracts.care_events import CareEvent
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import SourceId

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
# For tests of doors: what the desk does needs a database.
NO_BENCH = Workbench(*(None for _ in fields(Workbench)))
GENERAL = Feed(SourceId("general"), ZoneInfo("America/New_York"))
Json = dict[str, Any]


def adt(
    trigger: str = "A01",
    *,
    control_id: str = "M1",
    pid3: str = "4711^^^1.2.3&1.2.3&ISO^MR",
    pid: Mapping[int, str] | None = None,
    pv1: Mapping[int, str] | None = None,
    evn2: str = "20261120150000-0500",
    more: str = "",
    processing: str = "P",
) -> bytes:
    """An ADT message; `pv1` and `pid` set fields by number."""
    visit = {2: "I", 4: "E", 19: "V100", 39: "GENERAL", 44: "20261114080500-0500"} | dict(pv1 or {})
    person = {3: pid3, 5: "SIM^PATIENT^Q", 7: "19410322", 8: "F", 13: "555-0100"} | dict(pid or {})
    lines = [
        f"MSH|^~\\&|ADT1|GENERAL|CARELEAD|ACO|20261120150105-0500||ADT^{trigger}|{control_id}|{processing}|2.5.1",
        f"EVN|{trigger}|{evn2}",
        _segment("PID", person),
        _segment("PV1", visit),
    ]
    return "\r".join([*lines, more] if more else lines).encode()


def oru(*results: str, obr: str = "OBR|1||ORDER1|VITALS|||20261120080000-0500", control_id: str = "R1") -> bytes:
    """An ORU^R01 with these OBX lines."""
    header = f"MSH|^~\\&|RPM|GENERAL|CARELEAD|ACO|20261120081000-0500||ORU^R01|{control_id}|P|2.5.1"
    return "\r".join([header, "PID|1||4711^^^1.2.3&1.2.3&ISO^MR", obr, *results]).encode()


def message(kind: str, *segments: str, control_id: str = "K1", version: str = "2.5.1") -> bytes:
    """A message of another kind («SIU^S12») about the usual patient: header, PID, and these segments."""
    header = f"MSH|^~\\&|APP|GENERAL|CARELEAD|ACO|20261120150105-0500||{kind}|{control_id}|P|{version}"
    return "\r".join([header, "PID|1||4711^^^1.2.3&1.2.3&ISO^MR||SIM^PATIENT", *segments]).encode()


def observation(code: str, value: float | None, unit: str, **changes: Any) -> Json:
    """A FHIR Observation of one vital sign."""
    quantity = {} if value is None else {"valueQuantity": {"value": value, "unit": unit, "code": unit}}
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"identifier": {"system": "urn:oid:1.2.3", "value": "4711"}},
        "effectiveDateTime": "2026-11-20T08:00:00-05:00",
        **quantity,
    } | changes


def visit(status: str = "missed", **changes: Any) -> Json:
    """A record of a home visit."""
    return {
        "visit_id": "visit-1",
        "patient": {"authority": "1.2.3", "type": "MR", "value": "4711"},
        "status": status,
        "discipline": "aide",
        "agency": "sunrise",
        "scheduled_start": "2026-11-20T09:00:00-05:00",
        "scheduled_end": "2026-11-20T10:00:00-05:00",
    } | changes


def stated(kind: str, **fields: Any) -> Json:
    """A fact our own people state."""
    return {"patient": {"authority": "1.2.3", "type": "MR", "value": "4711"}, "fact": {"type": kind, **fields}}


def table(*lines: str, separator: str = ",") -> bytes:
    """A CSV file: each line is written with commas and travels with the separator."""
    return "\r\n".join(line.replace(",", separator) for line in lines).encode() + b"\r\n"


ROSTER_HEADING = "MRN,Authority,First Name,Organization,Program,Effective Date,End Date,Care Manager"


def roster(*rows: str, complete: bool = True, as_of: str = "2026-11-01", heading: str = ROSTER_HEADING) -> bytes:
    """A roster of ACO-1 for LEAD; a row «4711,ANN» is aligned since the beginning of the year and led by cm-1."""
    notes = [f"# complete: {'yes' if complete else 'no'}", "# organization: ACO-1", "# programme: LEAD"]
    whole = [row if row.count(",") > 1 else _aligned(row) for row in rows]
    return table(*notes, f"# as of: {as_of}", heading, *whole)


def _aligned(row: str) -> str:
    number, name = row.split(",")
    return f"{number},1.2.3,{name},ACO-1,LEAD,2026-01-01,,cm-1"


def raw(value: object) -> bytes:
    """As it travels."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def judge(
    value: object,
    feed: Feed = GENERAL,
    form: Format | None = None,
    resource: str = "",
    conditions: Conditions = NO_CONDITIONS,
) -> Judged:
    """The message with its verdict."""
    body = raw(value)
    message = RawMessage(body, form or sniff(body), NOW, resource, conditions)
    return judged(message, feed.source, decide(message, feed))


def said(value: object, feed: Feed = GENERAL) -> Translated:
    """What an accepted message says; fails the test when it was not accepted."""
    effect = judge(value, feed).decision.effect
    assert isinstance(effect, Accept), effect
    return effect.said


def facts(value: object, feed: Feed = GENERAL) -> list[CareEvent]:
    """The facts of an accepted message, in order."""
    return [fact for one in said(value, feed).translations for fact in one.of(new_patient_id(one.patient))]


def only(value: object, kind: str, feed: Feed = GENERAL) -> Any:
    """The one fact of that type."""
    found = [fact for fact in facts(value, feed) if fact.model_dump()["type"] == kind]
    assert len(found) == 1, [fact.model_dump()["type"] for fact in facts(value, feed)]
    return found[0]


def refused(value: object, feed: Feed = GENERAL) -> UnusableMessageError:
    """The error of a message that cannot be used; fails the test when it can."""
    effect = judge(value, feed).decision.effect
    assert isinstance(effect, Quarantine | Reject), effect
    return effect.error


def left_aside(value: object, feed: Feed = GENERAL) -> tuple[Ignored, ...]:
    """What became no fact, and why."""
    effect = judge(value, feed).decision.effect
    if isinstance(effect, Ignore):
        return (effect.reason, *effect.more)
    assert isinstance(effect, Accept), effect
    return effect.said.ignored


def _segment(name: str, fields: Mapping[int, str]) -> str:
    values = [fields.get(number, "") for number in range(1, max(fields) + 1)]
    return "|".join([name, *values])
