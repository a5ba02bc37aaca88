"""How a service lives: settings, logs, event loop, run until told to stop, and one clear line when it cannot start."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

import uvloop
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from care_shared.errors import CareError, ConfigurationError
from care_shared.runtime.logs import get_log

CLOSE_SECONDS = 5.0
END_SECONDS = 40.0  # the run-book promises operators 45
EXIT_CONFIGURATION = 78  # sysexits.h EX_CONFIG: a restart will not help

Serve = Callable[[asyncio.Event], Awaitable[None]]


def run_service(name: str, serve: Serve, end_seconds: float = END_SECONDS) -> int:
    """Run `serve(stopping)` until SIGTERM or SIGINT sets `stopping`. Returns the exit code.

    Whoever has not ended `end_seconds` after being told to is ended, with 1: all of ours may be killed at any line.
    A ConfigurationError ends with 78 and one line; any other error of ours with 1. A bug raises through.
    """
    log = get_log(name)

    async def main() -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()

        def told_to_end() -> None:
            stopping.set()
            closing.callback(_leaving_anyway(end_seconds, 1).cancel)

        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, told_to_end)
        code = 1
        try:
            await serve(stopping)
            code = 0
        finally:
            # The loop waits at its end for tasks of libraries, and some of those wait for a broker that is away.
            closing.callback(_leaving_anyway(CLOSE_SECONDS, code).cancel)

    try:
        with contextlib.ExitStack() as closing:
            uvloop.run(main())
    except ConfigurationError as error:
        log.error("service.misconfigured")  # noqa: TRY400  # the line below says it; a trace would say nothing more
        sys.stderr.write(f"{name}: {error}\n")
        return EXIT_CONFIGURATION
    except CareError as error:
        log.error("service.failed", error=type(error).__name__)  # noqa: TRY400
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    return 0


def _leaving_anyway(seconds: float, code: int) -> threading.Timer:
    """Ends the process after so long, whatever it waits for; cancelled when it has ended by itself."""
    timer = threading.Timer(seconds, os._exit, [code])
    timer.daemon = True
    timer.start()
    return timer


def collect_garbage_rarely() -> None:
    """Messages, facts and states hold no cycles, and looking for some costs up to a fifth of the processor."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def explain_settings(error: ValidationError) -> str:
    """Which settings are missing or wrong, by name; never a value (it may be a secret)."""
    prefix = _prefix_of(error.title)
    return "; ".join(_sentence(prefix, one["loc"], one["msg"]) for one in error.errors(include_input=False))


def _sentence(prefix: str, where: tuple[int | str, ...], problem: str) -> str:
    return f"{prefix}{'_'.join(str(part) for part in where).upper()}: {problem}" if where else problem


def _prefix_of(settings_class: str) -> str:
    """The environment prefix of the settings class that pydantic names in its error."""
    waiting: list[type[BaseSettings]] = [BaseSettings]
    while waiting:
        found = waiting.pop()
        if found.__name__ == settings_class:
            return str(found.model_config.get("env_prefix", ""))
        waiting.extend(found.__subclasses__())
    return ""
