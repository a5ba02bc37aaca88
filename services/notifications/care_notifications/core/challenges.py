"""An endpoint proves that it is the partner's before it gets anything: it repeats a random word within a day."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from care_notifications.core.attempts import RETRY_AFTER

CHALLENGE_LIVES = timedelta(hours=24)
TEST_LIVES = timedelta(minutes=10)
LONGEST_ANSWER = 4096


class ProbeKind(StrEnum):
    """Why we write to an endpoint without having news."""

    CHALLENGE = "challenge"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to an endpoint. The same word is asked again until it is answered or too old."""

    probe_id: str
    kind: ProbeKind
    word: str
    number: int
    asked_at: datetime
    expires_at: datetime


def question(probe: Probe) -> bytes:
    """The body of the POST; nothing in it is about anybody."""
    data = {"event_id": probe.probe_id}
    if probe.kind is ProbeKind.CHALLENGE:
        data |= {"challenge": probe.word, "expires_at": probe.expires_at.isoformat()}
    told = {"type": f"endpoint.{probe.kind}", "timestamp": probe.asked_at.isoformat(), "data": data}
    return json.dumps(told, separators=(",", ":")).encode()


def answers(probe: Probe, status: int, body: bytes) -> bool:
    """Whether this is the right answer: 2xx, and for a challenge `{"challenge": "<the word>"}` in JSON."""
    if not 200 <= status < 300:
        return False
    return probe.kind is ProbeKind.TEST or hmac.compare_digest(_said(body), probe.word.encode())


def next_question(probe: Probe, now: datetime) -> datetime | None:
    """When to ask again, or None when there is no time left."""
    if probe.kind is ProbeKind.TEST or probe.number > len(RETRY_AFTER):
        return None
    at = now + RETRY_AFTER[probe.number - 1]
    return at if at < probe.expires_at else None


def _said(body: bytes) -> bytes:
    try:
        told = json.loads(body[:LONGEST_ANSWER])
    except (ValueError, RecursionError):
        return b""
    word = told.get("challenge") if isinstance(told, dict) else None
    return word.encode("utf-8", "replace") if isinstance(word, str) else b""
