"""The demo as a sequence: start, load the panel once, tell the first alert, keep a gentle stream going."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from care_cli.output import say, warn
from care_cli.panel.blemishes import send_blemishes
from care_cli.panel.front_doors import Doors, load
from care_cli.panel.history import Panel
from care_cli.panel.simulate import simulate
from care_cli.panel.stream import stream
from care_cli.running.system import Listener, System, running_system
from care_cli.wire.alerts import AlertEar, listening
from care_cli.wire.http import IntakeClient
from care_local.addresses import LOOPBACK
from care_local.settings import LocalSettings
from care_local.stack import OnStep
from care_local.supervisor import ServiceEnded
from care_shared.contracts.care_alerts import CareAlert
from care_shared.errors import CareError, NotReadyError
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import AlertChange, Tier

PANEL_FILE = "panel.json"
FIRST_ALERT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class PanelNote:
    """When the panel was made, and whether it is in: a start that was cut short sends the same messages again."""

    file: Path
    as_of: datetime
    loaded: bool

    @classmethod
    def of(cls, file: Path, now: datetime) -> "PanelNote":
        """The note of this folder; a fresh one is written down before anything is sent."""
        if file.exists():
            kept = json.loads(file.read_text("utf-8"))
            return cls(file, datetime.fromisoformat(kept["as_of"]), kept["loaded"])
        note = cls(file, now, loaded=False)
        note._write(loaded=False)
        return note

    def is_loaded(self) -> None:
        """Remember that everything was taken."""
        self._write(loaded=True)

    def _write(self, *, loaded: bool) -> None:
        self.file.write_text(json.dumps({"as_of": self.as_of.isoformat(), "loaded": loaded}), "utf-8")


@dataclass(slots=True)
class Demonstration:
    """One run of the demo, from `begun` (monotonic) until it is cancelled."""

    begun: float
    on_step: OnStep
    show: Callable[[System], None]
    with_stream: bool

    async def run(self) -> None:
        """Until cancelled, or until a service ends by itself."""
        listener = Listener(self.on_step, lambda ended: warn(ended.sentence()))
        say("Starting CareLead on this machine …")
        async with running_system(LocalSettings(), listener, fixed_ports=True) as system:
            await self._play(system)

    async def _play(self, system: System) -> None:
        note = PanelNote.of(system.stack.folder.root / PANEL_FILE, utc_now())
        panel = simulate(note.as_of)
        async with _doors(system) as doors, listening(system.stack.kafka_bootstrap, from_start=True) as ear:
            self.show(system)
            if note.loaded:
                await self._tell(ear, "Everything is as you left it. One alert of many")
            else:
                first = asyncio.create_task(self._tell(ear, "First alert raised after {seconds:.0f} s"))
                await self._load(panel, doors)
                note.is_loaded()
                await first
            streaming = asyncio.create_task(self._stream(panel, doors))
            try:
                await system.supervisor.failed.wait()
            finally:
                streaming.cancel()
        raise _failure(system)

    async def _load(self, panel: Panel, doors: Doors) -> None:
        done = await load(panel, doors)
        await send_blemishes(panel, doors)
        said = f"{len(panel.patients)} made-up patients with 30 days of history came in as {done.messages} messages"
        self.on_step(said, done.seconds)

    async def _tell(self, ear: AlertEar, sentence: str) -> None:
        heard = await ear.first(_is_urgent, FIRST_ALERT_SECONDS, "the first alert")
        alert = heard.alert
        say()
        say(f"{sentence.format(seconds=heard.at - self.begun)}: {alert.explanation}")
        say(f"  next step: {alert.next_step}")
        say()

    async def _stream(self, panel: Panel, doors: Doors) -> None:
        while self.with_stream:
            try:
                await stream(panel, doors)
            except CareError as error:
                warn(f"The stream of messages pauses: {error}")
                await asyncio.sleep(5.0)


@contextlib.asynccontextmanager
async def _doors(system: System) -> AsyncIterator[Doors]:
    async with IntakeClient(system.intake_url, system.intake_token) as intake:
        yield Doors(LOOPBACK, system.ports.mllp, intake)


def _is_urgent(alert: CareAlert) -> bool:
    """What somebody has to do today; lines of a digest are no story to begin with."""
    return alert.change is AlertChange.OPENED and alert.tier <= Tier.P2


def _failure(system: System) -> CareError:
    ended: ServiceEnded = next(iter(system.supervisor.ended.values()))
    return NotReadyError(ended.sentence())
