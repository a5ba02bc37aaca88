"""A gentle stream of what a normal day brings: a reading here, a visit there, now and then somebody goes home."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from care_cli.messages.evv import visit_record
from care_cli.messages.fhir import Json, Reading, collection, observation
from care_cli.panel.front_doors import FHIR_PATH, VISITS_PATH, Doors, stay_message
from care_cli.panel.history import Outcome, Panel, PatientHistory
from care_cli.panel.people import NAMED
from care_cli.panel.stays import went_home
from care_cli.panel.visits import PROOF_DELAY, delivered
from care_cli.wire.http import FHIR_JSON, PLAIN_JSON
from care_cli.wire.mllp import send_one
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import VitalSign

PAUSE_SECONDS = 5.0
READINGS_AT_ONCE = 3
# One discharge in so many rounds; each is due for a call two business days later.
DISCHARGE_EVERY = 60


async def stream(panel: Panel, doors: Doors) -> None:
    """Until cancelled."""
    chance = Random(f"{panel.as_of:%Y%m%d%H%M}")  # noqa: S311  # made-up data
    told: set[str] = set()
    number = 0
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        now = utc_now()
        number += 1
        readings = [_reading(chance, patient, now) for patient in _measured(chance, panel)]
        await doors.intake.post(FHIR_PATH, json.dumps(collection(readings)).encode(), FHIR_JSON)
        proofs = list(_proofs(panel, now, told))
        if proofs:
            await doors.intake.post(VISITS_PATH, json.dumps(proofs).encode(), PLAIN_JSON)
        if number % DISCHARGE_EVERY == 0:
            # The first patients belong to people who try things out.
            member = chance.choice(panel.patients[NAMED:]).member
            message = stay_message("A03", member, went_home(member, number, now - timedelta(minutes=20)), now)
            await send_one(doors.mllp_host, doors.mllp_port, message)


def _measured(chance: Random, panel: Panel) -> list[PatientHistory]:
    return chance.sample([one for one in panel.patients if one.readings], READINGS_AT_ONCE)


def _reading(chance: Random, patient: PatientHistory, now: datetime) -> Json:
    """A heart rate at rest: it belongs to no story, so the stories stay as they are."""
    return observation(patient.member.person, Reading(VitalSign.HEART_RATE, chance.randint(62, 78), now))


def _proofs(panel: Panel, now: datetime, told: set[str]) -> Iterator[Json]:
    """The records of visits that were still to come when the demo began."""
    for patient in panel.patients:
        for visit in patient.visits:
            if visit.outcome is Outcome.PLANNED and visit.ends_at + PROOF_DELAY <= now and visit.visit_id not in told:
                told.add(visit.visit_id)
                yield visit_record(patient.member.person, patient.member.agency, delivered(visit))
