"""A working day in pictures: a worklist with all that can be on it, served for screenshots and for a look by hand."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from care_local.addresses import free_ports
from care_local.postgres import PostgresPlace, start_postgres
from care_local.webhook_inbox import receiving_webhooks
from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.adapters.postgres_partner_tasks import Saying
from care_notifications.adapters.postgres_partner_users import PartnerUser
from care_notifications.adapters.postgres_portal import Pile, Place
from care_notifications.app import App, build_app
from care_notifications.core.acts import Acknowledge, Ask, Resolution, Resolve, Snooze, SnoozeReason, Start
from care_notifications.core.holding import Contact
from care_notifications.core.partner_tasks import DeclineReason, Said, TaskStatus
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.contracts.care_alerts import CareAlert, CareTeam, ChartPoint, Evidence, PatientSummary, TrendChart
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.vocabulary import (
    AlertChange,
    CloseReason,
    ContactChannel,
    ContactId,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    EventId,
    GapId,
    PatientId,
    PersonId,
    Role,
    SensitivityLabel,
    Tier,
)
from tests.care_alerts import ANNA, BEN, BOTH, HARBOR, care_alert
from tests.conftest import fresh_database
from tests.gallery_glance import EVENING, NIGHT, health_page, seed_draft, seed_letters
from tests.gallery_insight import seed_insight
from tests.gallery_interfaces import FEEDS, Moved, seed_interfaces
from tests.intake_beside import OPERATOR, intake_beside
from tests.notifications_world import SECRET, World, world
from tests.patient_gallery import fill
from tests.portal_world import open_portal

CHLOE, IVY = PersonId("cm-chloe"), PersonId("ia-ivy")
PEOPLE = [
    NamedPerson(ANNA, "Anna Alvarez", "anna@lead.example"),
    NamedPerson(BEN, "Ben Okafor", "ben@lead.example"),
    NamedPerson(IVY, "Ivy Irwin", "ivy@lead.example", roles=(Role.INTERFACE_ANALYST,)),
    NamedPerson(CHLOE, "Chloe Lindqvist", "chloe@lead.example", roles=(Role.SUPERVISOR, Role.CARE_MANAGER)),
]
PATIENTS = {
    "carl": ("Juniper, Carl", "1948-03-02"),
    "rosa": ("Delgado, Rosa", "1941-11-19"),
    "walter": ("Nakamura, Walter", "1939-06-30"),
    "irene": ("Papadopoulos, Irene", "1952-01-08"),
    "moses": ("Adeyemi, Moses", "1957-09-14"),
    "helen": ("Brandt, Helen", "1944-04-21"),
    "thanh": ("Nguyễn, Thanh", "1950-12-02"),
    "grace": ("O'Sullivan-Whitfield, Grace", "1936-02-11"),
}

# Eleven weeks of notices to Harbor: most delivered within seconds, some late, a few not at all.
PAST_WEEKS = """
INSERT INTO deliveries (delivery_id, gap_id, round, revision, tier, recipient, standing, channel, notice, change,
    noticed_at, lane, state, next_attempt_at, expires_at, ended_at)
SELECT 'past-' || n, gap_id, 1000 + n, 1, tier, recipient, standing, channel, notice, change, at, lane,
    CASE WHEN n % 61 = 0 THEN 'failed' ELSE 'delivered' END, at, at + interval '5 days',
    at + CASE WHEN n % 17 = 0 THEN interval '7 minutes' ELSE interval '0.4 seconds' * (1 + n % 5) END
FROM (SELECT * FROM deliveries WHERE channel = 'webhook' LIMIT 1) AS one,
    LATERAL (SELECT n, $1::timestamptz - interval '11 hours' * n AS at FROM generate_series(8, 160) AS n) AS past
"""


@dataclass(frozen=True, slots=True)
class Gallery:
    """The service with its day, where it is served, and the passwords of those who work there."""

    there: World
    app: App
    url: str
    passwords: dict[str, str]


def said(number: int, patient: str, **other: object) -> CareAlert:
    """One alert of one of our patients."""
    name, born = PATIENTS[patient]
    summary = PatientSummary(
        display_name=name, birth_date=born, phone=f"+1555010{number:02}", home_zone="America/New_York"
    )
    team = {"care_team": CareTeam(lead_care_manager=ANNA, backup=BEN, agency=HARBOR)}
    return care_alert(
        derived_id("gallery", str(number)),
        patient_id=PatientId(derived_id("gallery-patient", patient)),
        patient=summary,
        episode=f"episode-{number}",
        **(team | other),
    )


def weights(now: datetime) -> TrendChart:
    """Nine mornings on the scale, two of them missing."""
    values = [(9, 78.1), (8, 78.0), (7, 78.4), (6, 78.6), (4, 79.2), (3, 79.5), (2, 79.9), (1, 80.4), (0, 80.8)]
    points = tuple(ChartPoint(at=now - timedelta(days=day, hours=2), value=value) for day, value in values)
    return TrendChart(code="29463-7", unit="kg", points=points, slope_per_day=0.32, p_value=0.0004, caution_line=79.4)


def day(now: datetime) -> list[CareAlert]:
    """What scoring says on an ordinary Thursday morning."""
    ago = lambda **span: now - timedelta(**span)  # noqa: E731 - one word in a table
    ahead = lambda **span: now + timedelta(**span)  # noqa: E731
    opened = lambda **span: {"opened_at": ago(**span), "changed_at": ago(**span)}  # noqa: E731
    lead = lambda who: {"care_team": CareTeam(lead_care_manager=who, backup=ANNA, agency=HARBOR)}  # noqa: E731
    return [
        said(
            1, "rosa", tier=Tier.P1, rule_id="HF-WEIGHT", reason="weight-gain",
            explanation="Weight rose 2.7 kg in nine days and crossed the caution line of 79.4 kg on Tuesday.",
            next_step="Call now: ask about breath, swelling and diuretics; then the cardiology line.",
            due_at=ahead(minutes=50), programmes=("High Needs",), chart=weights(now),
            evidence=(
                Evidence(event_id=EventId("e-1"), what="Weight 79.9 kg, home scale", at=ago(days=2)),
                Evidence(event_id=EventId("e-2"), what="Weight 80.4 kg, home scale", at=ago(days=1)),
                Evidence(event_id=EventId("e-3"), what="Weight 80.8 kg, home scale", at=ago(hours=2)),
            ), **opened(minutes=34),
        ),
        said(
            2, "walter", tier=Tier.P1, rule_id="SP-1", reason="low-saturation", due_at=ago(minutes=20),
            explanation="Oxygen saturation fell from 93 to 88 % over three days; the threshold is 90 %.",
            next_step="Call the patient; below 86 % or breathless: emergency services.", programmes=("Health Home",),
            **opened(hours=1), **lead(BEN),
        ),
        said(
            3, "carl", due_at=ahead(hours=4), programmes=("TCM", "High Needs"), rule_id="TCM-CONTACT",
            explanation="Discharged on Tuesday from St. Elsewhere; nobody has reached him within two business days.",
            evidence=(Evidence(event_id=EventId("e-4"), what="Discharge, St. Elsewhere", at=ago(days=2)),),
            **opened(hours=3),
        ),
        said(
            4, "irene", due_at=ahead(hours=6), rule_id="VISIT-MISSED", reason="visit-missed",
            explanation="The aide did not arrive for the 08:00 visit; nothing was verified by 09:30.",
            next_step="Send a replacement today.", audience=BOTH, programmes=("Health Home",), **opened(hours=2),
        ),
        said(
            5, "moses", due_at=ahead(hours=7), rule_id="TCM-MEDREC", reason="not-reconciled",
            explanation="Home for five days; the two lists of medicines were not compared yet.",
            next_step="Book the pharmacist, or compare the lists with the nurse.", programmes=("TCM",),
            **opened(days=1),
        ),
        said(
            6, "helen", tier=Tier.P3, due_at=ahead(days=1), rule_id="CAREGIVER-BURDEN", reason="burden-high",
            explanation="Her daughter answered the caregiver check-in with 21 of 28 points.",
            next_step="Call the daughter; offer respite care.", **opened(days=1, hours=2),
        ),
        said(
            7, "thanh", tier=Tier.P3, due_at=ahead(days=2), rule_id="SERVICE-RECOVERY", reason="score-low",
            explanation="Three weekly check-ins in a row were answered with “worse than last week”.",
            next_step="Call with an interpreter (Vietnamese).", labels=(), **opened(hours=20),
        ),
        said(
            8, "grace", tier=Tier.P3, due_at=ahead(days=3), rule_id="FUH", reason="no-visit",
            explanation="No visit was kept within seven days after the emergency department.",
            next_step="Offer the next slot of the clinic, by video where she wants.", audience=BOTH,
            labels=(SensitivityLabel.PSYCHIATRIC,), **opened(days=2),
        ),
        said(
            9, "moses", tier=Tier.P4, due_at=None, rule_id="DATA-1", reason="no-values",
            explanation="The blood-pressure cuff has sent nothing for six days.",
            next_step="Ask whether it needs a battery.", **opened(days=3),
        ),
        said(
            10, "irene", tier=Tier.P2, due_at=ahead(hours=9), rule_id="FOLLOW-UP-NO-SHOW", reason="no-show",
            explanation="She did not come to the cardiology visit on Wednesday at 15:00.",
            next_step="Book it again; ask whether she needs a ride.", **opened(hours=5), **lead(BEN),
        ),
        said(
            11, "carl", tier=Tier.P3, due_at=ahead(days=1), rule_id="RX-GAP", reason="not-filled",
            explanation="Furosemide was last filled 41 days ago for 30 days.",
            next_step="Ask the pharmacy; ask what keeps him from fetching it.", audience=BOTH, **opened(days=1),
        ),
        said(
            12, "helen", tier=Tier.P2, due_at=ahead(hours=3), rule_id="HH-SOC", reason="not-started",
            explanation="Home health was ordered on Monday; no visit is on the calendar yet.",
            next_step="Start home health this week.", audience=BOTH, **opened(hours=9),
            **lead(PersonId("nobody-named")),
        ),
    ]  # fmt: skip


async def seed(there: World, app: App, now: datetime) -> None:
    """The day, and what people did with it so far."""
    alerts = day(now)
    await there.hear(*alerts, now=now)
    gap = {number: one.gap_id for number, one in enumerate(alerts, 1)}
    acts = app.doors.web.state.desk.acts
    await contact(acts, gap[3], ContactOutcome.NO_ANSWER, now - timedelta(hours=2))
    await contact(acts, gap[6], ContactOutcome.LEFT_MESSAGE, now - timedelta(days=1))
    for number, action, who in (
        (5, Acknowledge(), ANNA),
        (10, Start(), BEN),
        (7, Snooze(now + timedelta(hours=20), SnoozeReason.CALL_BACK_AGREED), ANNA),
        (11, Resolve(Resolution.VISIT_ARRANGED, "He fetches it on Friday."), ANNA),
    ):
        await acts.act(
            Ask(gap[number], action, who, derived_id("gallery-act", str(number))), now - timedelta(minutes=9)
        )
    closed = alerts[3].model_copy(
        update={
            "gap_id": GapId(derived_id("gallery", "closed")),
            "event_id": EventId("closed-1"),
            "explanation": "Discharged on Friday; contact within two business days.",
        }
    )
    over = {"revision": 2, "change": AlertChange.CLOSED, "close_reason": CloseReason.EVIDENCE, "changed_at": now}
    await there.hear(closed, closed.model_copy(update=over | {"event_id": EventId("closed-2")}), now=now)
    await fill(there, app.hearing.patients.facts, alerts[0].patient_id, now, ("Delgado", "1941-11-19"))


async def contact(acts, gap_id: GapId, outcome: ContactOutcome, at: datetime) -> None:
    """Anna called."""
    one = Contact(
        ContactId(derived_id("gallery-contact", gap_id)), outcome, ContactChannel.PHONE, ContactParty.PATIENT,
        ContactPurpose.CARE,
    )  # fmt: skip
    await acts.log_contact(gap_id, one, ANNA, at)


async def partner_day(there: World, app: App, now: datetime) -> None:
    """What left for Harbor today, what it answered, and eleven weeks before."""
    await app.sending.courier.send_due("webhook:endpoint-harbor")
    await there.pool.execute("UPDATE people SET phone = '+1 555 0199' WHERE person_id = $1", ANNA)
    await there.pool.execute(PAST_WEEKS, now)
    desk = app.doors.portal.state.desk
    caller = await desk.users.caller(PartnerUser("harbor", "Pat Silva", HARBOR, "Harbor Home Health"), now)
    tasks = await desk.portal.pile(caller, Pile.TO_ANSWER, Place(now - timedelta(days=9), ""), 9)
    answers = [Said(TaskStatus.ACCEPTED), Said(TaskStatus.REJECTED, DeclineReason.NO_CAPACITY, "Nobody before Monday.")]
    for shown, said_of_it in zip(tasks[1:], answers, strict=False):
        await desk.tasks.say(caller, Saying(shown.task.task_id, shown.task.version, said_of_it), now)


@contextlib.asynccontextmanager
async def gallery(port: int = 0) -> AsyncIterator[Gallery]:
    """Everything in a database of its own, served until the end of the block."""
    by_hand, port = bool(port), port or free_ports(1)[0]
    with tempfile.TemporaryDirectory(prefix="carelead-gallery-") as name:
        folder = Path(name)
        os.chmod(folder, 0o711)  # noqa: PTH101 - as root PostgreSQL runs as another user, who must pass through
        server = await start_postgres(PostgresPlace(folder / "postgres", folder))
        try:
            async with (
                receiving_webhooks(SECRET) as inbox,
                fresh_database(server.dsn) as dsn,
                world(dsn, inbox.target_url) as there,
                intake_beside(dsn, clock := Moved(), FEEDS) as intake,
                health_page(EVENING) as intake_health,
                health_page(NIGHT) as scoring_health,
                health_page({"care_notifications_dead_letters_waiting": 16.0}) as own_health,
            ):
                settings = Settings(
                    kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
                    postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
                    notifications=NotificationsSettings(
                        web_port=port,
                        webhook_private_allow=f"127.0.0.1:{inbox.port}",
                        intake_url=intake.url,
                        intake_health_urls=intake_health,
                        scoring_health_urls=scoring_health,
                        health_port=int(own_health.rpartition(":")[2]),
                        intake_operator_token=SecretStr(OPERATOR),
                    ),
                )
                app = build_app(settings, there.pool)
                passwords = await ensure_accounts(
                    there.pool, [NewAccount(one.display_name.split()[0].lower(), one) for one in PEOPLE]
                )
                passwords |= await open_portal(there.pool, HARBOR)
                await seed(there, app, utc_now())
                await seed_insight(there, app, utc_now(), CHLOE)
                await partner_day(there, app, utc_now())
                await seed_interfaces(intake, there, clock)
                await seed_letters(app, utc_now())
                await seed_draft(app, IVY, utc_now())
                # What may be taken back is done by itself only for people: tests say when ten seconds are over.
                busy = (app.doors.feed, app.sending.holder) if by_hand else (app.doors.feed,)
                working = [asyncio.create_task(one.run()) for one in busy]
                async with serving(app.doors.front, "127.0.0.1", port):
                    yield Gallery(there, app, f"http://127.0.0.1:{port}", passwords)
                    await app.doors.feed.close()
                for one in working:
                    one.cancel()
        finally:
            await server.child.stop()
