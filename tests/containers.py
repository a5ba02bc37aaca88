"""Kafka and PostgreSQL in containers, for machines where a container engine runs."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping

from docker.errors import NotFound
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.wait_strategies import LogMessageWaitStrategy
from testcontainers.core.waiting_utils import wait_for_logs

KAFKA_PORT = 9094
POSTGRES_PORT = 5432
READY_SECONDS = 60
START_SCRIPT = "/tmp/start.sh"
KAFKA_ENVIRONMENT = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_LISTENERS": f"INTERNAL://:9092,CONTROLLER://:9093,EXTERNAL://:{KAFKA_PORT}",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "KAFKA_INTER_BROKER_LISTENER_NAME": "INTERNAL",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
}


@contextlib.contextmanager
def kafka_container(image: str, owner_label: str) -> Iterator[str]:
    """A broker; its start waits for the published port, which it must tell its clients."""
    container = _labelled(image, owner_label, KAFKA_PORT)
    for name, value in KAFKA_ENVIRONMENT.items():
        container.with_env(name, value)
    container.with_command(["sh", "-c", f"until [ -f {START_SCRIPT} ]; do sleep 0.1; done; . {START_SCRIPT}"])
    with container:
        bootstrap = f"{container.get_container_host_ip()}:{container.get_exposed_port(KAFKA_PORT)}"
        listeners = f"INTERNAL://localhost:9092,EXTERNAL://{bootstrap}"
        script = f"export KAFKA_ADVERTISED_LISTENERS={listeners}; exec /etc/kafka/docker/run"
        write = f"echo '{script}' > {START_SCRIPT}.part && mv {START_SCRIPT}.part {START_SCRIPT}"
        code, output = container.exec(["sh", "-c", write])
        assert code == 0, output
        wait_for_logs(container, LogMessageWaitStrategy("Kafka Server started"), READY_SECONDS, interval=0.1)
        yield bootstrap


@contextlib.contextmanager
def postgres_container(image: str, owner_label: str, settings: Mapping[str, str]) -> Iterator[str]:
    """A database server with a password of this session; it may still be on its way up."""
    password = secrets.token_urlsafe(16)
    container = _labelled(image, owner_label, POSTGRES_PORT)
    container.with_env("POSTGRES_USER", "carelead").with_env("POSTGRES_PASSWORD", password)
    container.with_command(["postgres", *(f"--{name}={value}" for name, value in settings.items())])
    with container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(POSTGRES_PORT)
        yield f"postgresql://carelead:{password}@{host}:{port}/carelead"


def remove_orphans(owner_label: str) -> None:
    """Remove containers of test sessions that were killed before they could do it."""
    client = DockerClient().client
    for container in client.containers.list(all=True, filters={"label": owner_label}):
        if not _is_running(int(container.labels[owner_label])):
            with contextlib.suppress(NotFound):
                container.remove(force=True, v=True)


def _labelled(image: str, owner_label: str, port: int) -> DockerContainer:
    labels = {owner_label: str(os.getpid())}
    return DockerContainer(image).with_exposed_ports(port).with_kwargs(labels=labels)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
