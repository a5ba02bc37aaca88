"""What a story plays on: the running system, the page, the topic, and a pen that notes each step that came true."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from care_cli.messages.facts import Team, care_team
from care_cli.messages.hl7 import registration
from care_cli.messages.person import Person
from care_cli.panel.people import AGENCIES, CARE_MANAGERS
from care_cli.running.system import System
from care_cli.stories.soon import Soon
from care_cli.stories.worklist import Worklist
from care_cli.wire.alerts import AlertEar
from care_cli.wire.http import PLAIN_JSON, IntakeClient
from care_cli.wire.mllp import send_one
from care_local.addresses import LOOPBACK
from care_shared.errors import CareError
from care_shared.runtime.clock import random_id, utc_now

Answer = TypeVar("Answer")
OnStep = Callable[[str, float], None]

# A name and a number that stand nowhere else: if a log holds them, a log holds patient data.
CANARY = "Quillfeather"
CANARY_NUMBER = "CANARY7731"


TEAM = Team(CARE_MANAGERS[0], CARE_MANAGERS[1], AGENCIES[0])


class StoryFailedError(CareError):
    """Something that CareLead promises did not come true."""


@dataclass(slots=True)
class Stage:
    """Everything a story needs."""

    system: System
    ear: AlertEar
    intake: IntakeClient
    worklist: Worklist
    on_step: OnStep
    soon: Soon | None = None
    begun: float = field(default_factory=time.monotonic)
    first_alert_seconds: float | None = None

    async def step(self, sentence: str, work: Awaitable[Answer]) -> Answer:
        """Do one step and note that it came true, and how long it took."""
        begun = time.monotonic()
        try:
            answer = await work
        except TimeoutError as error:
            raise StoryFailedError(f"this did not come true in time: {sentence}") from error
        self.on_step(sentence, time.monotonic() - begun)
        return answer

    def require(self, sentence: str, *, holds: bool) -> None:
        """Note that something holds; a story that finds otherwise ends."""
        if not holds:
            raise StoryFailedError(f"this did not come true: {sentence}")
        self.on_step(sentence, 0.0)

    async def knows(self, person: Person) -> None:
        """The hospital registers the patient, so that visit and device vendors need not tell the name."""
        message = registration(person, f"STORY-{random_id()[:8]}", utc_now())
        ack = await send_one(LOOPBACK, self.system.ports.mllp, message)
        self.require("A28 over MLLP registers the patient", holds=ack.accepted)
        statement = care_team(person, TEAM, utc_now().isoformat())
        answer = await self.intake.post("/facts", json.dumps(statement).encode(), PLAIN_JSON)
        self.require("the care team is stated", holds=answer.accepted)

    def note_first_alert(self, heard_at: float) -> None:
        """Remember when the first alert of all was heard."""
        if self.first_alert_seconds is None:
            self.first_alert_seconds = heard_at - self.begun


def story_person(number: int) -> Person:
    """A patient of the stories, with a name and numbers that a log must never hold."""
    return Person(
        key=f"story-{number}",
        mrn=f"{CANARY_NUMBER}-{number}",
        medicaid_id=f"MA-{CANARY_NUMBER}-{number}",
        family=f"{CANARY}{number}",
        given="Story",
        birth_date=date(1941, 5, 17),
        sex="F",
        phone="+1-555-555-0199",
    )


def days_ago(days: float) -> datetime:
    """That many days before now."""
    return utc_now() - timedelta(days=days)


def at_hour(days: int, hour: int) -> datetime:
    """That hour (UTC) of the day that many days ago."""
    day = utc_now().astimezone(UTC).date() - timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
