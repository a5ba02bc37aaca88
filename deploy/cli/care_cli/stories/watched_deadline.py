"""A deadline that comes while we watch: before it silence with a reason, at it an alert, and not a moment earlier."""

import asyncio
import json
import time
from datetime import datetime, timedelta

from care_cli.messages.facts import stated
from care_cli.messages.hl7 import Stay, adt
from care_cli.messages.person import Person
from care_cli.stories.discharge import RULE, opened_for
from care_cli.stories.soon import CLINIC, PROGRAMME, Soon, soon
from care_cli.stories.stage import Stage, StoryFailedError, story_person
from care_cli.tracing import silences_of
from care_cli.wire.alerts import Heard
from care_cli.wire.http import PLAIN_JSON
from care_cli.wire.mllp import send_one
from care_local.addresses import LOOPBACK
from care_shared.runtime.clock import random_id, utc_now

PATIENT = 6
WAIT_SECONDS = 15.0
LOOK_AGAIN_SECONDS = 0.1
# With less time than this the discharge might come too late: a slow machine gets a new deadline.
NEEDED_SECONDS = 8.0
TOLD_WITHIN_SECONDS = 2.0


async def discharge_before_its_deadline(stage: Stage) -> None:
    """A homebound patient came home, nobody called yet, and there is still time: scoring watches and says so."""
    person = story_person(PATIENT)
    ahead = await _aimed(stage)
    await stage.knows(person)
    await _belongs_to_the_clinic(stage, person)
    stay = Stay(f"{person.mrn}-S1", ahead.left_at - timedelta(days=3), ahead.left_at)
    message = adt("A03", person, stay, f"STORY-{random_id()[:8]}", utc_now())
    ack = await send_one(LOOPBACK, stage.system.ports.mllp, message)
    stage.require("A03 over MLLP is acknowledged with AA", holds=ack.code == "AA")
    reason = await stage.step("scoring folded it and watches", _silence(stage, ack.control_id))
    left = (ahead.due_at - utc_now()).total_seconds()
    stage.require(f"{left:.0f} s before the deadline the reason is {reason}", holds=left > 0)
    stage.require("and there is no alert about it", holds=not _heard(stage, person))


async def the_deadline_came(stage: Stage) -> None:
    """The alert opens at the deadline: not before it, within two seconds of it, and not as a late one."""
    person, ahead = story_person(PATIENT), _ahead(stage)
    patience = max(0.0, (ahead.due_at - utc_now()).total_seconds()) + WAIT_SECONDS
    heard = await stage.step(
        "the deadline comes and the alert opens",
        stage.ear.first(opened_for(person), patience, "the alert of the deadline"),
    )
    after = (_at(heard) - ahead.due_at).total_seconds()
    stage.require(f"heard {after:.2f} s after the deadline, never before it", holds=0 <= after <= TOLD_WITHIN_SECONDS)
    alert = heard.alert
    stage.require("it says so itself", holds=alert.opened_at == ahead.due_at)
    stage.require("it is not marked late", holds=not alert.late_tick and not alert.late_notice)
    stage.require(f"it says why: {alert.explanation}", holds=bool(alert.explanation and alert.next_step))
    stage.require("it was told once", holds=len(_heard(stage, person)) == 1)


async def _aimed(stage: Stage) -> Soon:
    """The deadline with which scoring was started; a new one, with which it is started again, when that is too near."""
    if (_ahead(stage).due_at - utc_now()).total_seconds() < NEEDED_SECONDS:
        assert stage.system.policy_file is not None
        stage.soon = soon(utc_now())
        stage.system.policy_file.write_text(stage.soon.policy, "utf-8")
        await stage.step("scoring starts anew with a deadline to come", stage.system.supervisor.restart("scoring"))
    return _ahead(stage)


def _ahead(stage: Stage) -> Soon:
    if stage.soon is None or stage.system.policy_file is None:
        raise StoryFailedError("this system was started without a deadline to come")
    return stage.soon


async def _belongs_to_the_clinic(stage: Stage, person: Person) -> None:
    now = utc_now()
    since = {"occurred_at": now.isoformat()}
    statements = [
        stated(person, {"type": "home-status-assessed", "homebound": True, "lives_alone": True, **since}),
        stated(
            person,
            {
                "type": "alignment-changed",
                "organization": CLINIC,
                "programme": PROGRAMME,
                "starts_on": f"{now - timedelta(days=30):%Y-%m-%d}",
                **since,
            },
        ),
    ]
    answer = await stage.intake.post("/facts", json.dumps(statements).encode(), PLAIN_JSON)
    stage.require("homebound, and in the care of a clinic with a policy of its own", holds=answer.accepted)


async def _silence(stage: Stage, receipt: str) -> str:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        reasons = await silences_of(stage.system.stack.postgres_dsn, receipt, RULE)
        if reasons:
            return reasons[-1]
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    raise StoryFailedError(f"no reason was written down within {WAIT_SECONDS:.0f} s")


def _heard(stage: Stage, person: Person) -> list[Heard]:
    """Alerts about the missing call; other rules may have something of their own to say of a discharge."""
    return [
        one
        for one in stage.ear.heard
        if one.alert.rule_id == RULE and one.alert.patient.display_name.endswith(person.family)
    ]


def _at(heard: Heard) -> datetime:
    """By the wall clock, on which deadlines stand."""
    return utc_now() - timedelta(seconds=time.monotonic() - heard.at)
