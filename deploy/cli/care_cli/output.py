"""How the command line speaks: short lines, a tick per step, errors as one line."""

import json
import sys
from collections.abc import Mapping

EXIT_PROBLEM = 1
EXIT_USAGE = 2


def say(line: str = "") -> None:
    """One line on standard output, at once, also through a pipe."""
    print(line, flush=True)


def step(sentence: str, seconds: float) -> None:
    """One finished step with the time it took."""
    say(f"  ✓ {sentence} ({seconds:.1f} s)")


def warn(line: str) -> None:
    """One line on standard error."""
    print(line, file=sys.stderr, flush=True)


def say_json(value: Mapping[str, object]) -> None:
    """One JSON object on one line."""
    say(json.dumps(value, ensure_ascii=False, default=str))


def plural(count: int, noun: str) -> str:
    """«1 message», «2 messages»."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
