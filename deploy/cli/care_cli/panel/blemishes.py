"""What goes wrong at any hospital, so that the interface desk has work: no number, or those of two people."""

from collections.abc import Iterator

from care_cli.messages.hl7 import registration
from care_cli.panel.front_doors import Doors
from care_cli.panel.history import Panel
from care_cli.wire.mllp import ANSWER_SECONDS, send_all
from care_intake.adapters.mllp_client import MllpClient

WITHOUT_NUMBER = 3
PATIENT_NUMBERS = 3  # PID-3


async def send_blemishes(panel: Panel, doors: Doors) -> None:
    """Whatever the answers: most of them are a no, and that is the point."""
    async with MllpClient(doors.mllp_host, doors.mllp_port, ANSWER_SECONDS) as client:
        await send_all(client, list(blemishes(panel)))


def blemishes(panel: Panel) -> Iterator[bytes]:
    """Some messages whose patient has no number, and one that names two people."""
    for number, patient in enumerate(panel.patients[:WITHOUT_NUMBER], 1):
        yield renumbered(registration(patient.member.person, f"A28-WITHOUT-NUMBER-{number}", panel.as_of), "")
    one, other = (patient.member.person for patient in panel.patients[:2])
    both = "~".join(_numbers_in(registration(person, "", panel.as_of)) for person in (one, other))
    yield renumbered(registration(one, "A28-OF-TWO-PEOPLE", panel.as_of), both)


def renumbered(message: bytes, numbers: str) -> bytes:
    """The message with these numbers in PID-3."""
    segments = message.decode().split("\r")
    return "\r".join(_with_numbers(one, numbers) if one.startswith("PID|") else one for one in segments).encode()


def _with_numbers(pid: str, numbers: str) -> str:
    fields = pid.split("|")
    fields[PATIENT_NUMBERS] = numbers
    return "|".join(fields)


def _numbers_in(message: bytes) -> str:
    [pid] = [one for one in message.decode().split("\r") if one.startswith("PID|")]
    return pid.split("|")[PATIENT_NUMBERS]
