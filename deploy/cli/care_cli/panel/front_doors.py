"""The panel's history goes in through the doors that hospitals and vendors use: HL7 over MLLP, the rest over HTTP."""

import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from care_cli.messages.evv import visit_record
from care_cli.messages.facts import statements
from care_cli.messages.fhir import Json, collection, condition, observation
from care_cli.messages.hl7 import Stay, adt, registration
from care_cli.panel import yearly_care
from care_cli.panel.history import Panel, PatientHistory
from care_cli.panel.people import Member
from care_cli.wire.http import FHIR_JSON, PLAIN_JSON, IntakeClient
from care_cli.wire.mllp import ANSWER_SECONDS, send_all
from care_intake.adapters.mllp_client import MllpClient
from care_shared.errors import NotReadyError

RECORDS_PER_REQUEST = 500
REQUESTS_AT_ONCE = 4
ASSESSED_BEFORE = timedelta(days=40)
# Path, body, content type.
Request = tuple[str, bytes, str]
VISITS_PATH, FACTS_PATH, FHIR_PATH = "/evv/visits", "/facts", "/fhir"


@dataclass(slots=True)
class Load:
    """What was sent and how it was answered."""

    messages: int = 0
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the panel goes in."""

    mllp_host: str
    mllp_port: int
    intake: IntakeClient


async def load(panel: Panel, doors: Doors) -> Load:
    """Send the whole history. Who the patients are and who answers for them comes first, as it would in life."""
    done = Load()
    begun = time.perf_counter()
    await _send_hl7(list(registrations(panel)), doors, done)
    await _post_all(fact_requests(panel), doors, done)
    await _send_hl7(list(stay_messages(panel)), doors, done)
    await _post_all(vendor_requests(panel), doors, done)
    done.seconds = time.perf_counter() - begun
    if done.refused:
        raise NotReadyError(f"intake refused {len(done.refused)} messages of the demo panel: {done.refused[0]}")
    return done


def registrations(panel: Panel) -> Iterator[bytes]:
    """One A28 per patient."""
    for patient in panel.patients:
        person = patient.member.person
        yield registration(person, f"{person.mrn}-A28-{panel.as_of:%Y%m%d%H%M%S}", panel.as_of)


def stay_messages(panel: Panel) -> Iterator[bytes]:
    """An A01 and an A03 for every stay."""
    for patient in panel.patients:
        for stay in patient.stays:
            yield stay_message("A01", patient.member, stay, stay.admitted_at)
            if stay.discharged_at is not None:
                yield stay_message("A03", patient.member, stay, stay.discharged_at)


def stay_message(trigger: str, member: Member, stay: Stay, said_at: datetime) -> bytes:
    """One notice of a stay; its control id is the same whenever it is sent."""
    return adt(trigger, member.person, stay, f"{stay.number}-{trigger}", said_at)


def fact_requests(panel: Panel) -> Iterator[Request]:
    """What our own people know: care teams, homes, and what was done this year."""
    facts = [one for patient in panel.patients for one in _facts(patient.member, panel.as_of)]
    for some in _chunks(facts):
        yield FACTS_PATH, json.dumps(some).encode(), PLAIN_JSON


def vendor_requests(panel: Panel) -> Iterator[Request]:
    """What vendors of visits and devices send, in few large requests."""
    visits = [
        visit_record(patient.member.person, patient.member.agency, visit)
        for patient in panel.patients
        for visit in patient.visits
    ]
    resources = [one for patient in panel.patients for one in _resources(patient, panel.as_of)]
    for some in _chunks(visits):
        yield VISITS_PATH, json.dumps(some).encode(), PLAIN_JSON
    for some in _chunks(resources):
        yield FHIR_PATH, json.dumps(collection(some)).encode(), FHIR_JSON


def _facts(member: Member, now: datetime) -> list[Json]:
    return [*statements(member, (now - ASSESSED_BEFORE).isoformat()), *yearly_care.services(member, now)]


def _resources(patient: PatientHistory, now: datetime) -> list[Json]:
    person = patient.member.person
    recorded_on = (now - ASSESSED_BEFORE).isoformat()
    conditions = [condition(person, code, name, recorded_on) for code, name in patient.member.conditions]
    readings = [observation(person, reading) for reading in patient.readings]
    return [*conditions, *yearly_care.resources(patient.member, now), *readings]


def _chunks(records: Sequence[Json]) -> Iterator[Sequence[Json]]:
    for start in range(0, len(records), RECORDS_PER_REQUEST):
        yield records[start : start + RECORDS_PER_REQUEST]


async def _send_hl7(messages: Sequence[bytes], doors: Doors, done: Load) -> None:
    async with MllpClient(doors.mllp_host, doors.mllp_port, ANSWER_SECONDS) as client:
        acks = await send_all(client, messages)
    done.messages += len(acks)
    done.refused += [f"{ack.code} {ack.text}" for ack in acks if not ack.accepted]


async def _post_all(requests: Iterable[Request], doors: Doors, done: Load) -> None:
    gate = asyncio.Semaphore(REQUESTS_AT_ONCE)
    async with asyncio.TaskGroup() as sending:
        for request in requests:
            sending.create_task(_post(gate, doors.intake, request, done))


async def _post(gate: asyncio.Semaphore, intake: IntakeClient, request: Request, done: Load) -> None:
    async with gate:
        answer = await intake.post(*request)
    done.messages += 1
    if not answer.accepted:
        done.refused.append(f"{request[0]} {answer.status} {answer.text}")
