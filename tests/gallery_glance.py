"""A night at the operators' pages: services that tell their numbers, letters of three causes, a feed on its way."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from care_local.addresses import free_ports
from care_notifications.adapters.postgres_feed_drafts import PastTrial
from care_notifications.app import App
from care_notifications.core.feed_drafts import Draft
from care_notifications.core.glance import WATCHED
from care_notifications.ports import RawAlert, Slot
from care_shared.errors import UnsupportedMessageError, UnusableMessageError
from care_shared.runtime.dead_letters import Place, Whole, dead_letter
from care_shared.runtime.health import serving
from care_shared.topics import CARE_EVENTS, CARE_INBOUND
from care_shared.vocabulary import PersonId

QUIET = {one.metric: 0.0 for one in WATCHED} | {one.judged: 0.0 for one in WATCHED if one.judged}
NIGHT = {
    "care_scoring_lag_records": 4_210.0,
    "care_scoring_deadlines_held_back": 3.0,
    "care_scoring_patients_parked": 1.0,
}
EVENING = {
    "care_outbox_waiting_messages": 2.0,
    "care_outbox_oldest_seconds": 1.4,
    "care_intake_set_aside_messages": 12.0,
}
MESSAGE = b"MSH|^~\\&|NORTH|CLINIC|||20261126021500||ADT^A03|N77|P|2.5\rPID|||4711^^^NORTH^MR||HOLLOWAY^RUTH"
FACT = b'{"type": "visit-missed", "patient_id": "p-4711", "occurred_at": "yesterday", "reason": "HOLLOWAY was away"}'
UNKNOWN = UnsupportedMessageError("ce_source", "is not a source we have an agreement with")
UNREADABLE = UnusableMessageError("value", "is not JSON (line 1, column 1)")
SENSELESS = UnusableMessageError("occurred_at", "is not a moment")
RIVERSIDE = Draft(
    "riverside-adt", zone="America/Chicago", application="EPIC", facility="RIVERSIDE", issuer="RIVERSIDE",
    issuer_id="2.16.840.1.113883.19.9", silent_after="4h", agreed=("ADT^A01, A06", "ADT^A03", "ADT^A13"),
    token_sha256="5f" * 32,
)  # fmt: skip


@contextlib.asynccontextmanager
async def health_page(
    numbers: Mapping[str, float] = QUIET, checks: Mapping[str, str] | None = None
) -> AsyncIterator[str]:
    """A service that says this of itself; its address."""
    said = {"postgres": "ok", **(checks or {})}
    lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in (QUIET | dict(numbers)).items()]

    async def readyz(_: Request) -> Response:
        return JSONResponse(said, 200 if set(said.values()) == {"ok"} else 503)

    async def metrics(_: Request) -> Response:
        return PlainTextResponse("".join(lines))

    port = free_ports(1)[0]
    app = Starlette(routes=[Route("/readyz", readyz), Route("/metrics", metrics)])
    async with serving(app, "127.0.0.1", port):
        yield f"http://127.0.0.1:{port}"


async def seed_letters(app: App, now: datetime) -> list[str]:
    """What was set aside this night; the letters' ids, the oldest first."""
    headers = (("ce_source", b"/north-clinic/adt"), ("content-type", b"application/hl7-v2"))
    inbound = [
        *((Whole(b"", MESSAGE, headers), UNKNOWN, now - timedelta(minutes=190 - 9 * number)) for number in range(14)),
        (Whole(b"", b"\x00\x17not an event", ()), UNREADABLE, now - timedelta(hours=7)),
    ]
    facts = [(Whole(b"p-4711", FACT), SENSELESS, now - timedelta(minutes=55))]
    return [
        name
        for topic, found in ((CARE_INBOUND.name, inbound), (CARE_EVENTS.name, facts))
        for name in await _land(app, topic, found)
    ]


async def _land(app: App, topic: str, found: list[tuple[Whole, UnusableMessageError, datetime]]) -> list[str]:
    letters = [dead_letter(Place(topic, 0, 400 + number), *one) for number, one in enumerate(found)]
    raws = [RawAlert(number, b"", record.value) for number, (_, record) in enumerate(letters)]
    await app.hearing.letters.taker.handle(Slot(f"{topic}.dead-letters", 0), raws)
    return [name for name, _ in letters]


async def seed_draft(app: App, person: PersonId, now: datetime) -> str:
    """A hospital of which two messages were tried; the draft's id."""
    drafts = app.doors.web.state.desk.drafts
    draft_id: str = await drafts.begin(RIVERSIDE, person, now - timedelta(days=2))
    for kind, verdict, facts, problems, minutes in (
        ("ADT^A01", "accepted", 2, [], 90),
        ("ADT^A03", "quarantined", 0, ["PID-3 is missing"], 12),
    ):
        trial = PastTrial(kind, verdict, facts, problems, now - timedelta(minutes=minutes))
        await drafts.note(draft_id, trial, person)
    return draft_id
