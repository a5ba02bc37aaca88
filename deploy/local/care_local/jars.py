"""The jars of a real Kafka broker: named, pinned by SHA-256, fetched once, joined to one class path."""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import platformdirs

from care_shared.errors import ConfigurationError, NotReadyError

KAFKA_VERSION = "4.3.1"
BROKER = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
# Kafka leaves the choice of a log writer to whoever starts it; this one matches the log4j that the broker brings.
LOG_WRITER = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
LOCK_NAME = "kafka_jars.lock"
LOCK_HEADER = (
    "# Every jar of the embedded Kafka broker: group:artifact:version, size in bytes, SHA-256. No addresses.\n"
    "# Written by `python -m care_local.jars --write-lock`; read at every start.\n"
)
DOWNLOADS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Jar:
    """One file of the class path, as the committed list pins it."""

    coordinate: str
    size: int
    sha256: str

    def place_in(self, repository: Path) -> Path:
        """Where Maven's layout keeps this jar below `repository`."""
        group, artifact, version = self.coordinate.split(":")
        return repository.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")

    def line(self) -> str:
        """This jar as one line of the list."""
        return f"{self.coordinate} {self.size} {self.sha256}\n"


def pinned_jars(text: str | None = None) -> tuple[Jar, ...]:
    """The committed list, or `text` in its format."""
    if text is None:
        text = resources.files("care_local").joinpath(LOCK_NAME).read_text(encoding="utf-8")
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(Jar(coordinate, int(size), sha256) for coordinate, size, sha256 in rows)


def default_repository() -> Path:
    """The user's cache of jars, shared by every stack folder."""
    return Path(platformdirs.user_cache_dir("carelead")) / "jars"


def kafka_class_path(repository: Path | None = None, jars: Sequence[Jar] | None = None) -> str:
    """The class path of the broker; fetches and checks what is not yet in the cache, else touches no network."""
    repository = default_repository() if repository is None else repository
    jars = pinned_jars() if jars is None else jars
    if missing := missing_jars(repository, jars):
        repository.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            list(pool.map(lambda jar: fetch(jar, repository), missing))
    return os.pathsep.join(str(jar.place_in(repository)) for jar in jars)


def missing_jars(repository: Path, jars: Sequence[Jar]) -> list[Jar]:
    """The jars that a start would have to fetch first."""
    return [jar for jar in jars if not is_verified(jar, repository)]


def is_verified(jar: Jar, repository: Path) -> bool:
    """Whether the cached file has the right size and a mark that its content was hashed after its download."""
    place = jar.place_in(repository)
    try:
        return place.stat().st_size == jar.size and _mark(place).read_text(encoding="ascii") == jar.sha256
    except OSError:
        return False


def fetch(jar: Jar, repository: Path) -> None:
    """Download one jar beside the cache, hash it, and only then move it in."""
    place = jar.place_in(repository)
    with tempfile.TemporaryDirectory(dir=repository, prefix="fetch-") as scratch:
        found = download(jar.coordinate, Path(scratch))
        require_hash(jar, found)
        place.parent.mkdir(parents=True, exist_ok=True)
        found.replace(place)
    # The mark is renamed into place too, because two first starts may run at the same time.
    part = place.with_suffix(f".{os.getpid()}.part")
    part.write_text(jar.sha256, encoding="ascii")
    part.replace(_mark(place))


def require_hash(jar: Jar, found: Path) -> None:
    """Refuse a file whose content is not the one that was pinned."""
    if sha256_of(found) != jar.sha256:
        raise ConfigurationError(
            f"{jar.coordinate}: the downloaded jar does not have the SHA-256 of {LOCK_NAME}; nothing was started. "
            "A proxy may have answered in its place; try again from another network."
        )


def download(coordinate: str, repository: Path) -> Path:
    """Fetch one coordinate into `repository` through jgo's resolver."""
    # Imported here: a start with a full cache spends no time on an HTTP client it does not use.
    import requests
    from jgo.maven import MavenContext

    try:
        return Path(MavenContext(repo_cache=repository).create_dependency(coordinate).artifact.resolve())
    except (requests.RequestException, OSError, RuntimeError) as error:
        raise NotReadyError(
            f"{coordinate} could not be downloaded ({type(error).__name__}). The first start needs Maven Central; "
            "or set CARE_KAFKA_BOOTSTRAP to a broker that runs already."
        ) from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def resolve_lock(repository: Path) -> str:
    """Resolve the broker's dependencies anew and return the text of the list."""
    coordinates = sorted({*_closure(BROKER, repository), LOG_WRITER})
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        paths = list(pool.map(lambda coordinate: download(coordinate, repository), coordinates))
    pairs = zip(coordinates, paths, strict=True)
    return LOCK_HEADER + "".join(Jar(name, path.stat().st_size, sha256_of(path)).line() for name, path in pairs)


def _closure(coordinate: str, repository: Path) -> Iterable[str]:
    """The coordinate and what it needs at run time; alone, because jgo treats every further root as a version list."""
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=repository)
    roots, others = context.resolver.resolve([context.create_dependency(coordinate)])
    needed = [*roots, *(found for found in others if found.scope in ("compile", "runtime"))]
    return [f"{found.groupId}:{found.artifactId}:{found.version}" for found in needed]


def _mark(place: Path) -> Path:
    return place.with_suffix(".sha256")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the pinned jars, or write the list anew."""
    parser = argparse.ArgumentParser(prog="python -m care_local.jars", description=main.__doc__)
    parser.add_argument("--write-lock", action="store_true", help=f"resolve again and rewrite {LOCK_NAME}")
    if not parser.parse_args(arguments).write_lock:
        kafka_class_path()
        sys.stdout.write(f"{len(pinned_jars())} jars are in {default_repository()}\n")
        return 0
    scratch = Path(tempfile.mkdtemp(prefix="carelead-lock-"))
    try:
        text = resolve_lock(scratch)
    finally:
        shutil.rmtree(scratch)
    Path(__file__).with_name(LOCK_NAME).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(pinned_jars(text))} jars are pinned in {LOCK_NAME}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
