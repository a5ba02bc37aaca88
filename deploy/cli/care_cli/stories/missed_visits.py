"""Two aide visits in a row did not take place: care manager and agency hear of it; late proof closes the alert."""

import asyncio
import json
import time
from datetime import timedelta

from care_cli.messages.evv import visit_record
from care_cli.messages.person import Person
from care_cli.panel.history import HomeVisit
from care_cli.panel.people import AGENCIES
from care_cli.panel.visits import AGENCY_NO_SHOW, delivered, missed
from care_cli.stories.stage import Stage, StoryFailedError, at_hour, story_person
from care_cli.wire.alerts import Wanted
from care_cli.wire.http import PLAIN_JSON
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange, CloseReason, Discipline, Role, Tier

RULE = "VISIT-MISSED"
WAIT_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.05
FIRST, SECOND = 4, 2  # days ago


async def two_missed_then_proof(stage: Stage) -> None:
    """From two records of a visit vendor to the partner's inbox, and back when the proof comes."""
    person = story_person(3)
    alert = await two_missed(stage, person)
    stage.require(f"it says why: {alert.explanation}", holds=bool(alert.next_step))
    stage.require("it is for care manager and agency", holds={Role.CARE_MANAGER, Role.AGENCY} <= set(alert.audience))
    await stage.step("the agency's inbox has the signed webhook", _webhook(stage, alert))
    mail = await stage.step("the care team has an email", asyncio.wait_for(_mail(stage, alert), WAIT_SECONDS))
    stage.require("the email names no patient", holds=person.family not in mail and person.mrn not in mail)
    await _record(stage, person, delivered(_planned(person, SECOND)), "late proof of the second visit is taken")
    closed = await stage.step(
        "the alert closes by itself", stage.ear.first(_closed(alert), WAIT_SECONDS, "the closing")
    )
    stage.require("the reason is late_evidence", holds=closed.alert.close_reason is CloseReason.LATE_EVIDENCE)
    await stage.step("it is gone from the page", stage.worklist.no_longer_shows(alert.gap_id, WAIT_SECONDS))


async def two_missed(stage: Stage, person: Person) -> CareAlert:
    """Two records of a visit vendor, and the alert that follows."""
    await stage.knows(person)
    for days_ago, which in ((FIRST, "first"), (SECOND, "second")):
        visit = missed(_planned(person, days_ago), AGENCY_NO_SHOW)
        await _record(stage, person, visit, f"the {which} missed visit is taken")
    heard = await stage.step(
        "two in a row are an alert in tier P2", stage.ear.first(_two_missed(person), WAIT_SECONDS, "the alert")
    )
    return heard.alert


def _planned(person: Person, days_ago: int) -> HomeVisit:
    starts = at_hour(days_ago, 14)
    visit_id = f"{person.mrn}-aide-{days_ago}"
    return HomeVisit(visit_id, Discipline.AIDE, starts, starts + timedelta(hours=2))


async def _record(stage: Stage, person: Person, visit: HomeVisit, sentence: str) -> None:
    body = json.dumps(visit_record(person, AGENCIES[0], visit)).encode()
    answer = await stage.step(sentence, stage.intake.post("/evv/visits", body, PLAIN_JSON))
    if not answer.accepted:
        raise StoryFailedError(f"{sentence}: intake answered {answer.status} {answer.text}")


async def _webhook(stage: Stage, alert: CareAlert) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not any(alert.gap_id in entry.body for entry in stage.system.inbox.entries.values()):
        if time.monotonic() > until:
            raise StoryFailedError(f"no signed webhook within {WAIT_SECONDS:.0f} s")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _mail(stage: Stage, alert: CareAlert) -> str:
    caught = await stage.system.mail.first(lambda mail: alert.gap_id in mail.text)
    return f"{caught.subject}\n{caught.text}"


def _two_missed(person: Person) -> Wanted:
    return lambda alert: (
        alert.rule_id == RULE
        and alert.tier is Tier.P2
        and alert.change in (AlertChange.OPENED, AlertChange.ESCALATED)
        and alert.patient.display_name.endswith(person.family)
    )


def _closed(opened: CareAlert) -> Wanted:
    return lambda alert: alert.gap_id == opened.gap_id and alert.change is AlertChange.CLOSED
