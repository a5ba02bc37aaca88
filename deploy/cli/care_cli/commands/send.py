"""`carelead send`: one real message about a patient of the demo, to the running system, with its receipt."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say
from care_shared.vocabulary import Discipline

if TYPE_CHECKING:
    from care_cli.messages.fhir import Json
    from care_cli.messages.person import Person
    from care_cli.running.addresses import Addresses

send = typer.Typer(no_args_is_help=True, help="Send one real message to the running system.")

Patient = Annotated[str, typer.Option(help="demo-1 to demo-6, or panel-007 to panel-200.")]
DaysAgo = Annotated[float, typer.Option(min=0, help="How long ago it happened.")]


class Sign(StrEnum):
    """The vital signs that can be sent."""

    GLUCOSE = "glucose"
    WEIGHT = "weight"
    SYSTOLIC = "systolic"
    HEART_RATE = "heart-rate"


class Course(StrEnum):
    """How the readings go."""

    RISING = "rising"
    STABLE = "stable"


@send.command()
def discharge(patient: Patient = "demo-3", days_ago: DaysAgo = 7, cancel: bool = False) -> None:
    """An HL7 A03 over MLLP: the patient went home. With --cancel the A13 that withdraws it."""
    asyncio.run(_stay_message("A13" if cancel else "A03", patient, days_ago))


@send.command(name="cancel-discharge")
def cancel_discharge(patient: Patient = "demo-3", days_ago: DaysAgo = 7) -> None:
    """An HL7 A13 over MLLP: the discharge was a mistake."""
    asyncio.run(_stay_message("A13", patient, days_ago))


@send.command()
def visit(
    patient: Patient = "demo-3",
    days_ago: DaysAgo = 1,
    missed: Annotated[bool, typer.Option(help="Nobody came; otherwise the visit was delivered.")] = False,
    discipline: Discipline = Discipline.AIDE,
    reason: Annotated[str, typer.Option(help="The agency's code for a missed visit; 220 is a no-show.")] = "220",
) -> None:
    """A visit record over HTTP. A delivered one for the same day later is the late proof."""
    asyncio.run(_visit(patient, days_ago, discipline, reason if missed else ""))


@send.command()
def vitals(
    patient: Patient = "demo-5",
    trend: Course = Course.RISING,
    sign: Sign = Sign.GLUCOSE,
    days: Annotated[int, typer.Option(min=1, max=28, help="How many days of readings.")] = 10,
) -> None:
    """FHIR Observations over HTTP: one reading a day, the last one today."""
    asyncio.run(_vitals(patient, trend, sign, days))


async def _stay_message(trigger: str, patient: str, days_ago: float) -> None:
    from care_cli.messages.hl7 import adt
    from care_cli.panel.simulate import member_called
    from care_cli.panel.stays import went_home
    from care_cli.wire.mllp import send_one
    from care_shared.runtime.clock import random_id, utc_now

    member = member_called(patient)
    known = _addresses()
    now = utc_now()
    left_at = now - timedelta(days=days_ago)
    # One stay per day, so that sending it again, or the A13 for it, means the same stay.
    stay = went_home(member, int(f"{left_at:%Y%m%d}"), left_at)
    message = adt(trigger, member.person, stay, f"CLI{random_id()[:12]}", now)
    ack = await send_one(known.mllp_host, known.mllp_port, message)
    say(f"{trigger} for {patient}: {ack.code} [{ack.control_id}] in {ack.seconds * 1000:.0f} ms {ack.text}".rstrip())
    _next(known, ack.control_id)


async def _visit(patient: str, days_ago: float, discipline: Discipline, reason: str) -> None:
    from care_cli.messages.evv import visit_record
    from care_cli.panel.simulate import member_called
    from care_cli.panel.visits import sent_visit
    from care_shared.runtime.clock import utc_now

    member = member_called(patient)
    told = sent_visit(member, utc_now() - timedelta(days=days_ago), discipline, reason)
    record = visit_record(member.person, member.agency, told)
    await _post("/evv/visits", json.dumps(record).encode(), "application/json", f"visit of {patient}")


async def _vitals(patient: str, trend: Course, sign: Sign, days: int) -> None:
    from care_cli.messages.fhir import collection
    from care_cli.panel.simulate import member_called
    from care_shared.runtime.clock import utc_now

    person = member_called(patient).person
    resources = _readings(person, trend, sign, [utc_now() - timedelta(days=back) for back in range(days - 1, -1, -1)])
    body = json.dumps(collection(resources)).encode()
    await _post("/fhir", body, "application/fhir+json", f"{days} readings of {sign.value} of {patient}")


def _readings(person: "Person", trend: Course, sign: Sign, moments: Sequence[datetime]) -> "list[Json]":
    from care_cli.messages.fhir import Reading, observation
    from care_shared.vocabulary import MeasurementSlot, VitalSign

    code, start, per_day, slot = {
        Sign.GLUCOSE: (VitalSign.GLUCOSE, 165.0, 4.5, MeasurementSlot.FASTING),
        Sign.WEIGHT: (VitalSign.BODY_WEIGHT, 80.0, 0.6, MeasurementSlot.MORNING),
        Sign.SYSTOLIC: (VitalSign.SYSTOLIC, 128.0, 1.8, MeasurementSlot.MORNING),
        Sign.HEART_RATE: (VitalSign.HEART_RATE, 78.0, 2.2, MeasurementSlot.MORNING),
    }[sign]
    slope = per_day if trend is Course.RISING else 0.0
    values = [round(start + slope * day + (day * 7 % 3 - 1) * per_day / 4, 1) for day in range(len(moments))]
    halves = [round(value * 0.62) if sign is Sign.SYSTOLIC else None for value in values]
    told = zip(values, halves, moments, strict=True)
    return [observation(person, Reading(code, value, at, slot, diastolic=half)) for value, half, at in told]


async def _post(path: str, body: bytes, content_type: str, what: str) -> None:
    from care_cli.wire.http import IntakeClient

    known = _addresses()
    async with IntakeClient(known.intake_url, known.intake_token) as intake:
        answer = await intake.post(path, body, content_type)
    said = f"{what}: {answer.status} [{answer.receipt}] in {answer.seconds * 1000:.0f} ms {answer.text}"
    say(said.rstrip())
    _next(known, answer.receipt)


def _addresses() -> "Addresses":
    from care_cli.running.addresses import running_addresses

    return running_addresses()


def _next(known: "Addresses", receipt: str) -> None:
    say(f"  see it on {known.worklist_url}")
    if receipt:
        say(f"  follow it with: carelead trace {receipt}")
