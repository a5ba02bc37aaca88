"""A day at the interface desk: a hospital that goes its way, a clinic with a new engine, a vendor that fell silent."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from care_intake.adapters.sources import Source, Sources
from care_intake.core.feed import Feed
from care_intake.core.formats import Format
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import EventId, SourceId
from tests.care_alerts import care_alert
from tests.intake_beside import IntakeBeside
from tests.intake_builders import adt, observation, oru, raw
from tests.notifications_world import World

ST_ELSEWHERE = Feed(SourceId("st-elsewhere"), ZoneInfo("America/New_York"))
NORTH = Feed(SourceId("north-clinic"), ZoneInfo("America/Chicago"))
DEVICES = Feed(SourceId("home-devices"), ZoneInfo("America/New_York"))
LAB = Feed(SourceId("lakeside-lab"), ZoneInfo("America/New_York"))
PATIENCE = {ST_ELSEWHERE.source: timedelta(hours=4), DEVICES.source: timedelta(hours=6)}
FEEDS = Sources(
    [Source(one, "", frozenset(), silent_after=PATIENCE.get(one.source)) for one in (ST_ELSEWHERE, NORTH, DEVICES, LAB)]
)
ADA, BEA = "7001^^^1.2.3&1.2.3&ISO^MR", "BX-2^^^CLINIC^MR"

# As if each had been kept a few milliseconds after it came, long before the pictures were drawn.
KEPT = "UPDATE receipts SET kept_at = received_at + (3 + length(raw) % 7) * interval '1.1 ms'"
SILENT = "INSERT INTO feed_watch (source, is_silent, changed_at, is_told) VALUES ('home-devices', true, $1, true)"


class Moved:
    """A clock that can be set back while a past is told."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def __call__(self) -> datetime:
        return self.at or utc_now()


async def seed_interfaces(intake: IntakeBeside, there: World, clock: Moved) -> None:
    """A morning of messages; one of them led to an alert."""
    now = utc_now()
    for minutes in range(600, 0, -25):
        clock.at = now - timedelta(minutes=minutes)
        person = {3: f"{minutes}^^^1.2.3&1.2.3&ISO^MR", 5: f"TEST^{minutes}"}
        await intake.hear(adt("A01", control_id=f"ADT{10_000 - minutes}", pid=person), feed=ST_ELSEWHERE)
    await _clinic(intake, clock, now)
    await _devices(intake, clock, now)
    await _doubts(intake, clock, now)
    await _story(intake, there, clock, now)
    clock.at = None
    await intake.pool.execute(KEPT)
    await intake.pool.execute(SILENT, now - timedelta(hours=1))


async def _clinic(intake: IntakeBeside, clock: Moved, now: datetime) -> None:
    """Its new engine leaves PID-3 empty, writes a version nobody knows, and counts from one again."""
    for number in range(9):
        clock.at = now - timedelta(minutes=200 - 20 * number)
        await intake.hear(adt("A03", control_id=f"NC{number}", pid3=""), feed=NORTH)
    clock.at = now - timedelta(minutes=95)
    await intake.hear(adt("A03", control_id="NC20", processing="X"), feed=NORTH)
    weight = "OBX|1|NM|WTX^Gewicht^L||80.8|kg|||||F"
    await intake.hear(oru(weight, control_id="NC25"), feed=NORTH)
    good = adt("A01", control_id="NC30", pid3="BX-4^^^NORTH^MR")
    await intake.hear(good, adt("A01", control_id="NC30", pid3="BX-3^^^NORTH^MR"), feed=NORTH)


async def _devices(intake: IntakeBeside, clock: Moved, now: datetime) -> None:
    for hours in range(40, 8, -4):
        clock.at = now - timedelta(hours=hours)
        body = raw(observation("29463-7", 80 + hours / 10, "kg", id=f"w{hours}"))
        await intake.hear(body, feed=DEVICES, form=Format.FHIR)


async def _doubts(intake: IntakeBeside, clock: Moved, now: datetime) -> None:
    clock.at = now - timedelta(minutes=70)
    await intake.hear(adt("A01", control_id="ADT899", pid3=BEA, pid={7: "19550101"}), feed=ST_ELSEWHERE)
    await intake.hear(adt("A01", control_id="ADT900", pid3=ADA), feed=ST_ELSEWHERE)
    await intake.hear(adt("A03", control_id="ADT901", pid3=f"{ADA}~{BEA}"), feed=ST_ELSEWHERE)


async def _story(intake: IntakeBeside, there: World, clock: Moved, now: datetime) -> None:
    clock.at = now - timedelta(minutes=12)
    results = ("OBX|1|NM|8867-4^Pulse^LN||88|/min|||||F", "OBX|2|NM|59408-5^SpO2^LN||97|%|||||F")
    await intake.hear(oru(*results, control_id="ADT998"), feed=ST_ELSEWHERE)
    [receipt] = await intake.hear(adt("A03", control_id="ADT999"), feed=ST_ELSEWHERE)
    event = await intake.pool.fetchval(
        "SELECT event_id FROM receipt_facts WHERE receipt_id = $1 AND event_type = 'hospital-discharged'", receipt
    )
    await there.hear(care_alert("gap-of-the-story", caused_by=EventId(event)), now=now - timedelta(minutes=11))
