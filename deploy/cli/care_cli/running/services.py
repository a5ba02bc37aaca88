"""How each service is started here: its command, its ports, and the settings that differ from its defaults."""

import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from care_cli.running.schemas import SERVICES
from care_local.addresses import LOOPBACK, free_ports
from care_local.supervisor import ServiceSpec

# The ports a person sees; when one is taken another is used and said.
WORKLIST_PORT, INTAKE_PORT, MLLP_PORT = 8080, 8081, 2575


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the services listen."""

    worklist: int
    intake: int
    mllp: int
    health: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the services are told about one another's world."""

    kafka_bootstrap: str
    dsns: Mapping[str, str]
    ports: Ports
    smtp_port: int
    webhook_host: str
    intake_token: str
    operator_token: str
    notice_policy_file: Path
    policy_file: Path | None = None


def specs(world: Surroundings) -> Iterator[ServiceSpec]:
    """The three services, each with its own role, ports and health page."""
    ports = world.ports
    own = {
        "intake": {
            "CARE_INTAKE_TOKEN": world.intake_token,
            "CARE_INTAKE_OPERATOR_TOKEN": world.operator_token,
            "CARE_INTAKE_HTTP_PORT": str(ports.intake),
            "CARE_INTAKE_MLLP_PORT": str(ports.mllp),
            "CARE_INTAKE_HEALTH_PORT": str(ports.health["intake"]),
        },
        "scoring": {
            "CARE_SCORING_HEALTH_PORT": str(ports.health["scoring"]),
            # On one machine nobody waits for a network: a killed worker's partitions are free again sooner.
            "CARE_SCORING_SESSION_SECONDS": "8",
            **({"CARE_SCORING_POLICY_FILE": str(world.policy_file)} if world.policy_file else {}),
        },
        "notifications": {
            "CARE_NOTIFICATIONS_WEB_PORT": str(ports.worklist),
            "CARE_NOTIFICATIONS_HEALTH_PORT": str(ports.health["notifications"]),
            "CARE_NOTIFICATIONS_INTAKE_URL": f"http://{LOOPBACK}:{ports.intake}",
            "CARE_NOTIFICATIONS_INTAKE_HEALTH_URLS": f"http://{LOOPBACK}:{ports.health['intake']}",
            "CARE_NOTIFICATIONS_SCORING_HEALTH_URLS": f"http://{LOOPBACK}:{ports.health['scoring']}",
            "CARE_NOTIFICATIONS_INTAKE_OPERATOR_TOKEN": world.operator_token,
            "CARE_NOTIFICATIONS_SMTP_HOST": LOOPBACK,
            "CARE_NOTIFICATIONS_SMTP_PORT": str(world.smtp_port),
            "CARE_NOTIFICATIONS_SMTP_TLS": "none",
            "CARE_NOTIFICATIONS_WEBHOOK_PRIVATE_ALLOW": world.webhook_host,
            "CARE_NOTIFICATIONS_NOTICE_POLICY_FILE": str(world.notice_policy_file),
        },
    }
    for service in SERVICES:
        common = {"CARE_KAFKA_BOOTSTRAP": world.kafka_bootstrap, "CARE_POSTGRES_DSN": world.dsns[service]}
        yield ServiceSpec(
            name=service,
            argv=(sys.executable, "-m", f"care_{service}"),
            env={**common, **own[service]},
            health_url=f"http://{LOOPBACK}:{ports.health[service]}/readyz",
        )


def choose_ports(*, fixed: bool) -> Ports:
    """The well-known ports where they are free, else any free ones."""
    spare = free_ports(3 + len(SERVICES))
    wanted = (WORKLIST_PORT, INTAKE_PORT, MLLP_PORT)
    worklist, intake, mllp = (port if fixed and _is_free(port) else spare.pop() for port in wanted)
    return Ports(worklist, intake, mllp, dict(zip(SERVICES, spare, strict=False)))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
