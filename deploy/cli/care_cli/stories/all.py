"""All stories in the order in which they are told."""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from care_cli.running.directory import username as username_of
from care_cli.running.system import System
from care_cli.stories.crash import killed_in_the_middle
from care_cli.stories.discharge import discharge_withdrawn, no_contact_then_a_call
from care_cli.stories.missed_visits import two_missed_then_proof
from care_cli.stories.rising_glucose import rising_is_told_once, wavering_is_silent_with_a_reason
from care_cli.stories.silence import logs_hold_no_patient, nothing_was_set_aside
from care_cli.stories.soon import Soon, soon
from care_cli.stories.stage import TEAM, OnStep, Stage
from care_cli.stories.watched_deadline import discharge_before_its_deadline, the_deadline_came
from care_cli.stories.worklist import signed_in
from care_cli.wire.alerts import listening
from care_cli.wire.http import IntakeClient
from care_shared.runtime.clock import utc_now

Story = Callable[[Stage], Awaitable[None]]
STORIES: tuple[tuple[str, Story], ...] = (
    ("A deadline that lies ahead", discharge_before_its_deadline),
    ("A discharge without a call", no_contact_then_a_call),
    ("A discharge that was a mistake", discharge_withdrawn),
    ("Two missed visits in a row", two_missed_then_proof),
    ("Glucose that rises", rising_is_told_once),
    ("Glucose that only wavers", wavering_is_silent_with_a_reason),
    ("The deadline comes", the_deadline_came),
    ("Scoring killed in the middle", killed_in_the_middle),
    ("Nothing set aside", nothing_was_set_aside),
    ("Nothing said in logs", logs_hold_no_patient),
)


@dataclass(slots=True)
class Playbill:
    """How the stories' system is started: the deadline to come is set when scoring's policy is written."""

    begun: float = field(default_factory=time.monotonic)
    soon: Soon | None = None

    def policy(self) -> str:
        """The policy for scoring, with a deadline a little after its start."""
        self.soon = soon(utc_now())
        return self.soon.policy


@contextlib.asynccontextmanager
async def stage_of(system: System, on_step: OnStep, playbill: Playbill) -> AsyncIterator[Stage]:
    """A stage on a running system: an ear on the topic, and the care manager of the stories at the page."""
    username = username_of(TEAM.care_manager)
    password = system.logins[username]
    async with (
        listening(system.stack.kafka_bootstrap) as ear,
        IntakeClient(system.intake_url, system.intake_token) as intake,
        signed_in(system.worklist_url, username, password) as worklist,
    ):
        yield Stage(system, ear, intake, worklist, on_step, playbill.soon, playbill.begun)
