"""A watched folder with a clock of its own, on whichever store a test brings."""

from dataclasses import dataclass, field
from pathlib import Path

from care_intake.adapters.folders import FolderDoor, Watched
from care_intake.adapters.grouping import Alone
from care_intake.adapters.sources import FolderEntry, Ready
from care_intake.core.feed import Feed
from care_intake.core.formats import Format
from care_intake.core.receipts import Receipt
from care_intake.handler import Intake
from care_intake.ports import IntakeStore
from tests.intake_builders import GENERAL, NOW

SETTLED_AFTER = 30.0


@dataclass
class FolderRoom:
    """A folder, and a door that looks into it; `wait` is how a test lets time pass."""

    path: Path
    store: IntakeStore
    takes: Format = Format.ROSTER
    ready: Ready = Ready.SETTLED
    feed: Feed = GENERAL
    seconds: float = 0.0
    door: FolderDoor = field(init=False)
    watched: Watched = field(init=False)

    def __post_init__(self) -> None:
        entry = FolderEntry(path=str(self.path), takes=self.takes, ready=self.ready, settle_seconds=SETTLED_AFTER)
        self.watched = Watched(self.feed, entry)
        intake = Intake(Alone(self.store, lambda: None), lambda: NOW)
        self.door = FolderDoor([(self.feed, entry)], intake, lambda: self.seconds)

    def put(self, name: str, body: bytes) -> Path:
        place = self.path / name
        place.write_bytes(body)
        return place

    async def look(self, *, wait: float = 0.0) -> list[Receipt]:
        self.seconds += wait
        return await self.door.look(self.watched)

    async def settle(self) -> list[Receipt]:
        """Look, wait until files are still, look again."""
        await self.look()
        return await self.look(wait=SETTLED_AFTER)

    def files(self, place: str = ".") -> list[str]:
        folder = self.path / place
        return sorted(one.name for one in folder.iterdir() if one.is_file()) if folder.is_dir() else []
