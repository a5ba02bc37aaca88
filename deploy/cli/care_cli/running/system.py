"""A whole CareLead on this machine: servers, schemas, topics, the three services, a mail catcher, a partner's inbox."""

import asyncio
import base64
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from care_cli.running.addresses import HEALTH, INBOX, INTAKE, INTAKE_TOKEN, MAIL, MLLP, WORKLIST
from care_cli.running.directory import enter_people
from care_cli.running.schemas import SERVICES, fresh_passwords, prepare_schemas, service_dsn
from care_cli.running.services import Ports, Surroundings, choose_ports, specs
from care_local.addresses import LOOPBACK
from care_local.mail_catcher import MailCatcher, catching_mail
from care_local.settings import LocalSettings
from care_local.stack import OnStep, Stack
from care_local.supervisor import OnFailure, Supervisor
from care_local.webhook_inbox import WebhookInbox, receiving_webhooks
from care_notifications.policies import shipped_notice_policy
from care_shared.runtime.kafka import create_topics
from care_shared.settings import KafkaSettings
from care_shared.topics import all_topics
from care_shared.vocabulary import Tier

SINGLE_BROKER = 1
POLICY_FILE, NOTICE_POLICY_FILE = "policy.yaml", "notices.yaml"
PolicyText = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told of each finished step and of a service that died."""

    on_step: OnStep
    on_failure: OnFailure


@dataclass(frozen=True, slots=True)
class System:
    """Everything that runs, for those who play with it."""

    stack: Stack
    supervisor: Supervisor
    mail: MailCatcher
    inbox: WebhookInbox
    ports: Ports
    logins: Mapping[str, str]
    intake_token: str
    policy_file: Path | None = None

    @property
    def worklist_url(self) -> str:
        """The page where care managers work."""
        return f"http://{LOOPBACK}:{self.ports.worklist}"

    @property
    def intake_url(self) -> str:
        """Intake's HTTP front door."""
        return f"http://{LOOPBACK}:{self.ports.intake}"


@contextlib.asynccontextmanager
async def running_system(
    settings: LocalSettings, listener: Listener, *, fixed_ports: bool, policy: PolicyText | None = None
) -> AsyncIterator[System]:
    """Start everything, say each step, and stop everything when the block ends, however it ends.

    `policy` is asked for the text of scoring's policy just before scoring starts; without it, the one we ship holds.
    """
    async with contextlib.AsyncExitStack() as held:
        stack = await held.enter_async_context(Stack(settings, listener.on_step))
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        mail = await held.enter_async_context(catching_mail())
        inbox = await held.enter_async_context(receiving_webhooks(secret))
        dsns = await _prepare(stack, listener.on_step)
        logins = await enter_people(dsns["notifications"], inbox.target_url, secret)
        ports = choose_ports(fixed=fixed_ports)
        supervisor = Supervisor(stack.folder.logs, listener.on_step, listener.on_failure)
        held.push_async_callback(supervisor.stop)
        token = secrets.token_urlsafe(24)
        file, notices = _written(stack, policy), stack.folder.root / NOTICE_POLICY_FILE
        notices.write_text(awake_at_any_hour(), "utf-8")
        webhook_host = f"{LOOPBACK}:{inbox.port}"
        world = Surroundings(
            stack.kafka_bootstrap, dsns, ports, mail.smtp_port, webhook_host, token, secrets.token_urlsafe(24),
            notices, file,
        )  # fmt: skip
        await _start_all(supervisor, world)
        system = System(stack, supervisor, mail, inbox, ports, logins, token, file)
        _announce(system)
        yield system


def awake_at_any_hour() -> str:
    """The notice policy we ship, without its quiet hours: whoever tries CareLead at night wants to see a mail leave."""
    shipped: dict[str, object] = yaml.safe_load(shipped_notice_policy())
    return yaml.safe_dump({**shipped, "version": "local-1", "quiet_hours": {"passes": [tier.value for tier in Tier]}})


def _written(stack: Stack, policy: PolicyText | None) -> Path | None:
    if policy is None:
        return None
    file = stack.folder.root / POLICY_FILE
    file.write_text(policy(), "utf-8")
    return file


async def _prepare(stack: Stack, on_step: OnStep) -> dict[str, str]:
    """Schemas, roles with fresh passwords, topics; returns each service's own address of the database."""
    begun = time.perf_counter()
    passwords = fresh_passwords()
    _, created = await asyncio.gather(
        prepare_schemas(stack.postgres_dsn, passwords),
        create_topics(KafkaSettings(bootstrap=stack.kafka_bootstrap), all_topics(), SINGLE_BROKER),
    )
    news = f", {len(created)} topics new" if created else ""
    on_step(f"schemas and topics are in place{news}", time.perf_counter() - begun)
    return {service: service_dsn(stack.postgres_dsn, service, passwords[service]) for service in SERVICES}


async def _start_all(supervisor: Supervisor, world: Surroundings) -> None:
    """All at the same time; the first failure is told as itself."""
    try:
        async with asyncio.TaskGroup() as starting:
            for spec in specs(world):
                starting.create_task(supervisor.start(spec))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _announce(system: System) -> None:
    pids = system.supervisor.pids
    stack = system.stack
    stack.announce(INTAKE, system.intake_url)
    stack.announce(INTAKE_TOKEN, system.intake_token)
    stack.announce(MLLP, f"{LOOPBACK}:{system.ports.mllp}")
    stack.announce(WORKLIST, system.worklist_url)
    stack.announce(MAIL, system.mail.url)
    stack.announce(INBOX, system.inbox.page_url)
    for service, port in system.ports.health.items():
        stack.announce(HEALTH[service], f"http://{LOOPBACK}:{port}/readyz", pids[service])
