"""A real PostgreSQL as a child process: loopback only, password required, every commit on disk before it counts."""

import asyncio
import os
import secrets
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from care_local.addresses import LOOPBACK, PAUSE_SECONDS, free_ports, require_alive
from care_local.children import Child, ChildSpec, OsUser, run_child, start_child, tail
from care_local.postgres_programs import account_to_run_as, reachable_programs
from care_shared.errors import NotReadyError

OWNER = "carelead"
DATABASE = "carelead"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
PORT_ATTEMPTS = 3
DATABASE_EXISTS = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
CREATE_DATABASE = "CREATE DATABASE carelead"
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    # An acknowledged event is never lost, on this machine neither.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "io_workers": "1",
    "jit": "off",
    "timezone": "UTC",
    # Logs must not repeat what was stored: no statements, no parameters, no DETAIL lines.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    """Where the server keeps its data and its logs, and the lock it holds while it lives."""

    folder: Path
    logs: Path
    held: tuple[int, ...] = ()

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.folder / "data"

    @property
    def password_file(self) -> Path:
        """The owner's password, readable by us only."""
        return self.folder / "password"


@dataclass(frozen=True, slots=True)
class RunningPostgres:
    """A server that answers."""

    child: Child
    dsn: str
    port: int
    version: str


async def start_postgres(place: PostgresPlace) -> RunningPostgres:
    """Create the cluster once, start the server, and return when it answers and our database exists."""
    place.folder.mkdir(parents=True, exist_ok=True)
    place.folder.chmod(0o711)
    run_as = account_to_run_as()
    programs = await asyncio.to_thread(reachable_programs, place.folder, run_as)
    if not place.data.exists():
        await _create_cluster(place, programs, run_as)
    # We hold the folder's lock, which a living server would hold too: a pid file found now is a dead server's.
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    for _ in range(PORT_ATTEMPTS):
        port = free_ports(1)[0]
        child = start_child(_server(place, programs, run_as, port))
        try:
            return await _wait_until_it_answers(place, child, port)
        except _PortTakenError:
            await child.stop()
        except BaseException:
            await child.stop()
            raise
    raise NotReadyError("PostgreSQL found no free port on this machine.")


async def _create_cluster(place: PostgresPlace, programs: Path, run_as: OsUser | None) -> None:
    """Run initdb beside the final place, so that a killed one leaves nothing half done."""
    fresh = place.folder / "data.new"
    if fresh.exists():
        await asyncio.to_thread(shutil.rmtree, fresh)
    fresh.mkdir(mode=0o700)
    password = secrets.token_urlsafe(24)
    handed_over = place.folder / "password.new"
    _write_secret(handed_over, password)
    _give_to(run_as, fresh, handed_over)
    encoding = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    login = (f"--username={OWNER}", "--auth=scram-sha-256", f"--pwfile={handed_over}")
    argv = (str(programs / "initdb"), "-D", str(fresh), "--no-instructions", *encoding, *login)
    try:
        await run_child(_spec(place, "postgres-create", argv, run_as))
    finally:
        handed_over.unlink()
    _write_secret(place.password_file, password)
    fresh.rename(place.data)


async def _wait_until_it_answers(place: PostgresPlace, child: Child, port: int) -> RunningPostgres:
    until = time.monotonic() + START_SECONDS
    password = place.password_file.read_text(encoding="ascii")
    while True:
        _require_port(child)
        try:
            version = await _ensure_database(port, password)
        except (OSError, asyncpg.CannotConnectNowError) as error:
            if time.monotonic() > until:
                raise NotReadyError(f"PostgreSQL did not answer in time. {tail(child.spec.log)}") from error
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return RunningPostgres(child, dsn_of(port, password), port, version)


def dsn_of(port: int, password: str, database: str = DATABASE) -> str:
    """The address that every PostgreSQL client understands; the password is URL-safe by construction."""
    return f"postgresql://{OWNER}:{password}@{LOOPBACK}:{port}/{database}"


class _PortTakenError(Exception):
    """Somebody else took the port between our look and the server's start."""


def _require_port(child: Child) -> None:
    if child.exit_code is not None and "could not bind" in child.spec.log.read_text(encoding="utf-8", errors="replace"):
        raise _PortTakenError
    require_alive(child)


async def _ensure_database(port: int, password: str) -> str:
    connection = await asyncpg.connect(dsn_of(port, password, "postgres"), timeout=5)
    try:
        if not await connection.fetchval(DATABASE_EXISTS, DATABASE):
            await connection.execute(CREATE_DATABASE)
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


def _server(place: PostgresPlace, programs: Path, run_as: OsUser | None, port: int) -> ChildSpec:
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    argv = (str(programs / "postgres"), "-D", str(place.data), "-p", str(port), *options)
    return _spec(place, "postgres", argv, run_as)


def _spec(place: PostgresPlace, name: str, argv: tuple[str, ...], run_as: OsUser | None) -> ChildSpec:
    return ChildSpec(
        name=name,
        argv=argv,
        log=place.logs / f"{name}.log",
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
        stop_signal=signal.SIGINT,  # PostgreSQL's "fast": end the sessions, write the checkpoint, go
        grace_seconds=STOP_SECONDS,
        run_as=run_as,
        held=place.held,
    )


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(text)


def _give_to(run_as: OsUser | None, *paths: Path) -> None:
    if run_as is not None:
        for path in paths:
            os.chown(path, run_as.uid, run_as.gid)
