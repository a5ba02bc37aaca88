"""Whether this machine can run CareLead: Python, memory, disk, cache and ports, each with what to do about it."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from care_local.addresses import free_ports
from care_local.jars import default_repository, is_verified, pinned_jars
from care_local.settings import LocalSettings
from care_shared.errors import ConfigurationError

OLDEST_PYTHON = (3, 11)
GIB = 1024**3
MEMORY_NEEDED = 1.5
DISK_NEEDED = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `fix` says what to do when it is not well."""

    what: str
    well: bool
    fix: str = ""
    # Advice only: the system may run all the same.
    blocks: bool = True


def machine_findings(folder: Path | None = None) -> Iterator[Finding]:
    """Everything about the machine, cheap enough to ask before every start."""
    folder = LocalSettings().local_folder if folder is None else folder
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding(f"Python {version}", sys.version_info >= OLDEST_PYTHON, "install Python 3.11 or newer")
    yield memory()
    yield disk(folder)
    yield jar_cache()
    yield loopback()


def require_room() -> None:
    """Refuse a start that would fail half way, and say what to do."""
    for finding in machine_findings():
        if finding.blocks and not finding.well:
            raise ConfigurationError(f"{finding.what}: {finding.fix}")


def memory() -> Finding:
    """Free memory for Kafka, PostgreSQL and three services."""
    free = available_memory()
    said = "memory: not known on this system" if free is None else f"{free:.1f} GiB of memory available"
    fix = f"close other programs: the demo needs about {MEMORY_NEEDED} GiB"
    return Finding(said, free is None or free >= MEMORY_NEEDED, fix)


def available_memory() -> float | None:
    """GiB that can be used without swapping, where the system tells."""
    about = Path("/proc/meminfo")
    if about.exists():
        for line in about.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024 / GIB
    if "SC_AVPHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB
    return None


def disk(folder: Path) -> Finding:
    """Room for Kafka's and PostgreSQL's data."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free / GIB
    fix = f"free {DISK_NEEDED:.0f} GiB, or set CARE_LOCAL_FOLDER to another disk"
    return Finding(f"{free:.1f} GiB of disk free for {folder}", free >= DISK_NEEDED, fix)


def jar_cache() -> Finding:
    """Whether Kafka's jars are there already."""
    repository = default_repository()
    missing = [jar for jar in pinned_jars() if not is_verified(jar, repository)]
    if not missing:
        return Finding("Kafka's jars are in the cache", well=True)
    said = f"{len(missing)} of Kafka's jars are not in the cache yet"
    return Finding(said, well=False, fix="the first start fetches them once and needs the network for it", blocks=False)


def loopback() -> Finding:
    """Whether a port can be opened on this machine."""
    try:
        free_ports(1)
    except OSError:
        return Finding("ports on 127.0.0.1", well=False, fix="allow this user to open ports on 127.0.0.1")
    return Finding("ports can be opened on 127.0.0.1", well=True)
