"""Files are played into the running system one after the other, and every answer is kept."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import assert_never

from care_cli.messages.fhir import collection
from care_cli.player.classify import BOM, Classified, Kind, classify
from care_cli.player.series import observations
from care_cli.wire.http import FHIR_JSON, PLAIN_JSON, Answer, IntakeClient
from care_cli.wire.mllp import Ack, post_one, send_one, wants_no_answer
from care_intake.core.hl7.batches import messages_of
from care_intake.core.hl7.reply_to import reply_to
from care_shared.errors import NotFoundError, NotReadyError, UnusableMessageError

BUNDLE_SIZE = 200
MEDIA_TYPES = {Kind.FHIR: FHIR_JSON, Kind.TABLE: "text/csv"}


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one message: accepted, refused, or skipped and why."""

    file: Path
    kind: Kind
    verdict: str
    receipt: str
    text: str
    seconds: float = 0.0

    def line(self) -> str:
        """One line for a person."""
        receipt = f" [{self.receipt}]" if self.receipt else ""
        time = f" {self.seconds * 1000:.0f} ms" if self.seconds else ""
        return f"{self.verdict:>9}  {self.kind:<7} {self.file}{receipt}{time}{'  ' + self.text if self.text else ''}"


@dataclass(frozen=True, slots=True)
class FrontDoors:
    """Where messages go."""

    mllp_host: str
    mllp_port: int
    intake: IntakeClient
    now: datetime


def files_below(place: Path) -> Sequence[Path]:
    """The file itself, or all files of the folder in order."""
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise NotFoundError(f"there is no file or folder {place}")
    return sorted(file for file in place.rglob("*") if file.is_file() and not file.name.startswith("."))


async def play(files: Sequence[Path], doors: FrontDoors) -> AsyncIterator[Played]:
    """Play the files in order; every message has a connection of its own, as a broken one must not hurt the next."""
    for file in files:
        content = await asyncio.to_thread(file.read_bytes)
        found = classify(file, content)
        try:
            async for played in _play_one(found, content, doors):
                yield played
        except UnusableMessageError as error:
            yield Played(file, Kind.SKIPPED, "skipped", "", str(error))
        except UnicodeDecodeError:
            yield Played(file, Kind.SKIPPED, "skipped", "", "the file is not text in UTF-8")


async def _play_one(found: Classified, content: bytes, doors: FrontDoors) -> AsyncIterator[Played]:
    match found.kind:
        case Kind.HL7:
            for message in messages_in(content):
                yield await _over_mllp(found, message, doors)
        case Kind.SERIES:
            for body in _bundles(found.file, content, doors.now):
                yield _told(found, await doors.intake.post("/fhir", body, FHIR_JSON))
        case Kind.FHIR | Kind.VISIT | Kind.FACT | Kind.DEVICE | Kind.TABLE:
            kind = MEDIA_TYPES.get(found.kind, PLAIN_JSON)
            yield _told(found, await doors.intake.post(found.path, content.removeprefix(BOM), kind))
        case Kind.SKIPPED:
            yield Played(found.file, found.kind, "skipped", "", found.why)
        case never:
            assert_never(never)


def messages_in(content: bytes) -> Iterator[bytes]:
    """The HL7 messages of a file, with the carriage returns that MLLP has and git's line ends have not."""
    for part in messages_of(content):
        yield part if b"\r" in part else part.strip(b"\n").replace(b"\n", b"\r") + b"\r"


async def _over_mllp(found: Classified, message: bytes, doors: FrontDoors) -> Played:
    if wants_no_answer(message):
        await post_one(doors.mllp_host, doors.mllp_port, message)
        return Played(
            found.file, found.kind, "sent", reply_to(message).control_id, "MSH-15 and MSH-16 ask for no answer"
        )
    try:
        ack = await send_one(doors.mllp_host, doors.mllp_port, message)
    except NotReadyError as error:
        return Played(found.file, found.kind, "no answer", "", str(error))
    return _acknowledged(found, ack)


def _acknowledged(found: Classified, ack: Ack) -> Played:
    return Played(found.file, found.kind, ack.code or "no code", ack.control_id, ack.text, ack.seconds)


def _told(found: Classified, answer: Answer) -> Played:
    return Played(found.file, found.kind, str(answer.status), answer.receipt, answer.text, answer.seconds)


def _bundles(file: Path, content: bytes, now: datetime) -> Iterator[bytes]:
    resources = observations(file, content, now)
    for start in range(0, len(resources), BUNDLE_SIZE):
        yield json.dumps(collection(resources[start : start + BUNDLE_SIZE])).encode()
