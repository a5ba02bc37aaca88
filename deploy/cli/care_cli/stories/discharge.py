"""Nobody called after a discharge: an alert. A call is logged: it closes everywhere. It was a mistake: withdrawn."""

import time
from datetime import timedelta

from care_cli.messages.hl7 import Stay, adt
from care_cli.messages.person import Person
from care_cli.stories.stage import Stage, days_ago, story_person
from care_cli.wire.alerts import Heard, Wanted
from care_cli.wire.mllp import Ack, send_one
from care_local.addresses import LOOPBACK
from care_notifications.core.holding import HELD_FOR
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.clock import random_id, utc_now
from care_shared.vocabulary import AlertChange, CloseReason

RULE = "TCM-CONTACT"
ALERT_SECONDS = 30.0
CLOSED_WITHIN_SECONDS = 2.0
LONG_OVERDUE_DAYS = 8


async def no_contact_then_a_call(stage: Stage) -> None:
    """The whole life of one care gap, from a hospital's message to a person's click."""
    person = story_person(1)
    heard = await discharged_and_overdue(stage, person)
    alert = heard.alert
    stage.note_first_alert(heard.at)
    stage.require(f"it says why: {alert.explanation}", holds=bool(alert.explanation and alert.next_step))
    stage.require("it came late and says so", holds=alert.late_notice)
    await stage.step("the alert is on the page", stage.worklist.shows(alert.gap_id, ALERT_SECONDS))
    begun = time.monotonic()
    await stage.step("a care manager logs a contact on the page", stage.worklist.log_contact(alert.gap_id))
    closed = await stage.ear.first(_closed(alert), ALERT_SECONDS, "the closing of the alert")
    await stage.worklist.no_longer_shows(alert.gap_id, ALERT_SECONDS)
    # What is logged on a page may be taken back for ten seconds; from then on it counts.
    seconds = max(closed.at, time.monotonic()) - begun - HELD_FOR.total_seconds()
    stage.require(
        f"the alert closed by itself on topic and page, {seconds:.2f} s after the call could no longer be taken back",
        holds=0 <= seconds <= CLOSED_WITHIN_SECONDS,
    )


async def discharge_withdrawn(stage: Stage) -> None:
    """A13: the discharge never happened, and no alert stays."""
    person = story_person(2)
    heard = await discharged_and_overdue(stage, person)
    ack = await _send(stage, "A13", person)
    stage.require("A13 over MLLP is acknowledged with AA", holds=ack.code == "AA")
    closed = await stage.step(
        "the alert is withdrawn", stage.ear.first(_closed(heard.alert), ALERT_SECONDS, "the withdrawal")
    )
    stage.require("the reason is «withdrawn»", holds=closed.alert.close_reason is CloseReason.WITHDRAWN)
    await stage.step("it is gone from the page", stage.worklist.no_longer_shows(heard.alert.gap_id, ALERT_SECONDS))


async def discharged_and_overdue(stage: Stage, person: Person) -> Heard:
    """An A03 of a discharge long ago, and the alert that follows."""
    await stage.knows(person)
    ack = await _send(stage, "A03", person)
    stage.require(f"A03 over MLLP is acknowledged with AA ({ack.seconds * 1000:.0f} ms)", holds=ack.code == "AA")
    return await stage.step(
        "the missing contact is an alert on care.alerts.v1",
        stage.ear.first(opened_for(person), ALERT_SECONDS, "the alert for the missing contact"),
    )


async def _send(stage: Stage, trigger: str, person: Person) -> Ack:
    discharged_at = days_ago(LONG_OVERDUE_DAYS)
    stay = Stay(f"{person.mrn}-S1", discharged_at - timedelta(days=3), discharged_at)
    message = adt(trigger, person, stay, f"STORY-{random_id()[:8]}", utc_now())
    return await send_one(LOOPBACK, stage.system.ports.mllp, message)


def opened_for(person: Person) -> Wanted:
    """The opened alert about this person's missing contact."""
    return lambda alert: (
        alert.rule_id == RULE
        and alert.change is AlertChange.OPENED
        and alert.patient.display_name.endswith(person.family)
    )


def _closed(opened: CareAlert) -> Wanted:
    return lambda alert: alert.gap_id == opened.gap_id and alert.change is AlertChange.CLOSED
