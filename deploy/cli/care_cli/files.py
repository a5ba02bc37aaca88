"""Files that people name on the command line, read with one clear line when that does not work."""

from pathlib import Path

from care_shared.errors import NotFoundError, UnusableMessageError


def read_text(file: Path) -> str:
    """The text of a file in UTF-8, with or without a byte-order mark."""
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableMessageError(str(file), "is not text in UTF-8") from error
    except OSError as error:
        raise unreadable(file, error) from error


def read_bytes(file: Path) -> bytes:
    """The bytes of a file."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error


def unreadable(file: Path, error: OSError) -> NotFoundError:
    """What to say of a file that cannot be read."""
    return NotFoundError(f"{file} cannot be read ({error.strerror or type(error).__name__})")
