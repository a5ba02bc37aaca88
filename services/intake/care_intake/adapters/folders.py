"""Files that a source puts into its folder are kept once each, then moved aside with a report; never outside of it."""

import asyncio
import contextlib
import os
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from care_intake.adapters.sources import FolderEntry, Ready
from care_intake.core.feed import Feed
from care_intake.core.receipts import Receipt
from care_intake.core.reports import report_of
from care_intake.core.tables import MAX_BYTES
from care_intake.handler import Intake
from care_shared.errors import NotReadyError
from care_shared.runtime.logs import get_log

log = get_log(__name__)

LOOK_SECONDS = 5.0
MARKER = ".done"
DONE, REJECTED = "done", "rejected"
UNFINISHED = (MARKER, ".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST_NAME = 180


class Shape(NamedTuple):
    """What changes while somebody still writes to a file."""

    inode: int
    size: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class Watched:
    """One folder of one source."""

    feed: Feed
    entry: FolderEntry


class FolderDoor:
    """Looks into all agreed folders. The receipt is the memory: a crash, or a second replica, repeats nothing."""

    def __init__(
        self,
        folders: Sequence[tuple[Feed, FolderEntry]],
        intake: Intake,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` only measures how long a file has been still."""
        self._folders = [Watched(feed, entry) for feed, entry in folders]
        self._intake = intake
        self._seconds = seconds
        self._seen: dict[tuple[str, str], tuple[Shape, float]] = {}
        self._broken: set[tuple[str, str, Shape]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while self._folders:
            for folder in self._folders:
                try:
                    await self.look(folder)
                except Exception as error:
                    # A bulkhead: a fault of this door must not shut those of the hospitals.
                    log.error("folder.failed", source=folder.feed.source, exc_info=error)  # noqa: TRY400  # as below
            await asyncio.sleep(LOOK_SECONDS)
        await asyncio.Event().wait()

    async def look(self, folder: Watched) -> list[Receipt]:
        """Take every file that is whole. A file that cannot be kept now stays for the next look."""
        taken: list[Receipt] = []
        try:
            # All that follows is relative to this handle, so that no name and no link leads out of the folder.
            root = await asyncio.to_thread(os.open, folder.entry.path, _FOLDER)
        except OSError as error:
            log.warning("folder.unreadable", source=folder.feed.source, error=type(error).__name__)
            return taken
        try:
            for name, shape in await asyncio.to_thread(self._whole_files, folder, root):
                receipt = await self._take(folder, root, name, shape)
                taken += [receipt] if receipt else []
        except OSError as error:
            log.warning("folder.unreadable", source=folder.feed.source, error=type(error).__name__)
        finally:
            os.close(root)
        return taken

    async def _take(self, folder: Watched, root: int, name: str, shape: Shape) -> Receipt | None:
        body = await asyncio.to_thread(_read, root, name, shape)
        if body is None:
            return None
        try:
            kept = await self._intake.receive(body, folder.entry.takes, folder.feed)
        except NotReadyError:
            log.warning("folder.waiting", source=folder.feed.source)
            return None
        except Exception as error:  # a bug met by one file must stop neither the others nor the hospital's doors
            self._broken.add((folder.entry.path, name, shape))
            log.error("folder.failed", source=folder.feed.source, exc_info=error)  # noqa: TRY400  # as everywhere
            return None
        await asyncio.to_thread(_put_aside, root, name, shape, kept.receipt)
        self._seen.pop((folder.entry.path, name), None)
        log.info("folder.taken", source=folder.feed.source, verdict=kept.receipt.verdict)
        return kept.receipt

    def _whole_files(self, folder: Watched, root: int) -> list[tuple[str, Shape]]:
        names = set(os.listdir(root))
        found = [(name, shape) for name in sorted(names) if (shape := self._whole(folder, root, name, names))]
        seen = {key: value for key, value in self._seen.items() if key[0] != folder.entry.path or key[1] in names}
        self._seen = seen
        return found

    def _whole(self, folder: Watched, root: int, name: str, names: set[str]) -> Shape | None:
        """The shape of a plain file to which nobody writes any more; None for anything else."""
        if name.startswith(".") or name.lower().endswith(UNFINISHED) or name in (DONE, REJECTED):
            return None
        try:
            found = _plain(os.stat(name, dir_fd=root, follow_symlinks=False))
        except FileNotFoundError:  # another replica was faster
            return None
        if found is None or (folder.entry.path, name, found) in self._broken:
            return None
        if folder.entry.ready is Ready.MARKED:
            return found if name + MARKER in names else None
        key, now = (folder.entry.path, name), self._seconds()
        shape, since = self._seen.get(key, (None, now))
        if shape != found:
            self._seen[key] = (found, now)
            since = now
        return found if shape == found and now - since >= folder.entry.settle_seconds else None


def _plain(found: os.stat_result) -> Shape | None:
    """A file of one name. A link, also a hard one, may lead to what the sender could not read itself."""
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        return None
    return Shape(found.st_ino, found.st_size, found.st_mtime_ns)


def _read(root: int, name: str, expected: Shape) -> bytes | None:
    """The whole file, or None when it is not the file that was looked at, or changed under our hands."""
    try:
        handle = os.open(name, _FILE, dir_fd=root)
    except OSError:  # another replica took it, or it became a link
        return None
    with os.fdopen(handle, "rb") as file:
        if _plain(os.fstat(handle)) != expected:
            return None
        # One byte too many is enough to be refused for its size, with a receipt and a report like any other.
        body = file.read(MAX_BYTES + 1)
        return body if _plain(os.fstat(handle)) == expected else None


def _put_aside(root: int, name: str, shape: Shape, receipt: Receipt) -> None:
    """Report first, file last: whoever dies in between finds the file again, and the receipt says it was kept."""
    place = DONE if receipt.verdict.is_yes else REJECTED
    with contextlib.suppress(FileExistsError):
        os.mkdir(place, 0o750, dir_fd=root)
    target = os.open(place, _FOLDER, dir_fd=root)
    try:
        # The receipt in front: a later file of the same name must not replace this one.
        kept_as = f"{receipt.receipt_id[:8]}-{name[-_LONGEST_NAME:]}"
        _write(target, f"{kept_as}.report.csv", report_of(receipt))
        try:
            os.rename(name, kept_as, src_dir_fd=root, dst_dir_fd=target)
        except FileNotFoundError:  # another replica was faster
            return
        moved = os.stat(kept_as, dir_fd=target, follow_symlinks=False)
        if _plain(moved) != shape:
            # The sender put another file in its place meanwhile, which nobody has read: back, under a name of its own.
            again = f"again-{moved.st_ino}-{name[-_LONGEST_NAME:]}"
            os.rename(kept_as, again, src_dir_fd=target, dst_dir_fd=root)
            with contextlib.suppress(FileNotFoundError):
                os.rename(name + MARKER, again + MARKER, src_dir_fd=root, dst_dir_fd=root)
            return
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name + MARKER, dir_fd=root)
    finally:
        os.close(target)


def _write(folder: int, name: str, text: str) -> None:
    """The whole report or none."""
    draft = f".{os.getpid()}-{name}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft, dir_fd=folder)
    with os.fdopen(os.open(draft, _NEW, 0o640, dir_fd=folder), "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
