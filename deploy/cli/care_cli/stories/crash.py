"""Scoring is killed in the middle of its work and starts again: nothing is lost, nothing is told twice."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from datetime import timedelta

from care_cli.messages.facts import Team, care_team
from care_cli.messages.hl7 import Stay, adt
from care_cli.messages.person import Person
from care_cli.panel.people import AGENCIES, CARE_MANAGERS
from care_cli.stories.discharge import LONG_OVERDUE_DAYS, RULE
from care_cli.stories.stage import Stage, days_ago, story_person
from care_cli.stories.told_once import everybody_told_once
from care_cli.wire.alerts import Wanted
from care_cli.wire.http import PLAIN_JSON
from care_cli.wire.mllp import ANSWER_SECONDS, send_all
from care_intake.adapters.mllp_client import MllpClient
from care_local.addresses import LOOPBACK
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import AlertChange

DISCHARGES = 1000
FIRST_PERSON = 10_000
WAIT_SECONDS = 90.0
# Not the person at the page of the other stories: a thousand alerts would push theirs off it.
OTHER_TEAM = Team(CARE_MANAGERS[2], CARE_MANAGERS[3], AGENCIES[1])


async def killed_in_the_middle(stage: Stage) -> None:
    """Kill -9 while discharges come in; then every patient has exactly one opened alert."""
    people = [story_person(FIRST_PERSON + number) for number in range(DISCHARGES)]
    await _in_good_hands(stage, people)
    sending = asyncio.create_task(_discharged(stage, people))
    await stage.step("alerts begin to come", stage.ear.first(_of_these, WAIT_SECONDS, "an alert before the crash"))
    await _killed_and_started_again(stage)
    await stage.step(f"all {DISCHARGES} discharges were acknowledged meanwhile", sending)
    await stage.step("every patient has an alert", _all_heard(stage, people))
    alerts = [one.alert for one in stage.ear.heard if _of_these(one.alert)]
    opened = {alert.gap_id for alert in alerts if alert.change is AlertChange.OPENED}
    revisions = {(alert.gap_id, alert.revision) for alert in alerts}
    stage.require(
        f"{len(opened)} alerts for {DISCHARGES} patients, none lost, none double",
        holds=len(opened) == DISCHARGES and len(revisions) == DISCHARGES,
    )
    await everybody_told_once(stage, opened)


async def _killed_and_started_again(stage: Stage) -> None:
    supervisor = stage.system.supervisor
    os.kill(supervisor.pids["scoring"], signal.SIGKILL)
    told = len([one for one in stage.ear.heard if _of_these(one.alert)])
    stage.require(f"scoring is killed with SIGKILL after {told} of {DISCHARGES} alerts", holds=True)
    await asyncio.wait_for(supervisor.failed.wait(), WAIT_SECONDS)
    supervisor.failed.clear()
    await stage.step("scoring is started again", supervisor.restart("scoring"))


async def _in_good_hands(stage: Stage, people: Sequence[Person]) -> None:
    """Somebody with a mailbox answers for each of them, so that telling can be counted."""
    now = utc_now().isoformat()
    body = json.dumps([care_team(person, OTHER_TEAM, now) for person in people]).encode()
    answer = await stage.intake.post("/facts", body, PLAIN_JSON)
    stage.require(f"the care teams of {len(people)} patients are stated", holds=answer.accepted)


async def _discharged(stage: Stage, people: list[Person]) -> None:
    left_at = days_ago(LONG_OVERDUE_DAYS)
    messages = [
        adt("A03", one, Stay(f"{one.mrn}-S1", left_at - timedelta(days=3), left_at), f"{one.mrn}-A03", utc_now())
        for one in people
    ]
    async with MllpClient(LOOPBACK, stage.system.ports.mllp, ANSWER_SECONDS) as client:
        acks = await send_all(client, messages)
    stage.require("every one with AA", holds=all(ack.code == "AA" for ack in acks))


async def _all_heard(stage: Stage, people: list[Person]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        for person in people:
            await stage.ear.first(_about(person), WAIT_SECONDS, f"the alert of {person.key}")


def _about(person: Person) -> Wanted:
    return lambda alert: alert.patient.display_name.endswith(person.family)


def _of_these(alert: CareAlert) -> bool:
    return alert.rule_id == RULE and _number(alert) >= FIRST_PERSON


def _number(alert: CareAlert) -> int:
    digits = "".join(sign for sign in alert.patient.display_name if sign.isdigit())
    return int(digits) if digits else 0
