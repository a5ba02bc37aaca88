"""`python -m care_scoring`: run the scoring service."""

import os
import sys
import threading

from pydantic import ValidationError

from care_scoring.app import build_app
from care_scoring.settings import ScoringSettings
from care_shared.errors import ConfigurationError
from care_shared.runtime.logs import configure_logs
from care_shared.runtime.process import EXIT_CONFIGURATION, collect_garbage_rarely, explain_settings, run_service


def main() -> int:
    """Settings, logs, service; returns the exit code."""
    try:
        settings = ScoringSettings()
        configure_logs("scoring", settings.log_level)
        app = build_app(settings)
    except (ValidationError, ConfigurationError) as error:
        reason = explain_settings(error) if isinstance(error, ValidationError) else str(error)
        sys.stderr.write(f"scoring: {reason}\n")
        return EXIT_CONFIGURATION
    collect_garbage_rarely()
    return run_service("scoring", app.serve)


def leave(code: int) -> None:
    """End the process. Faust's consumer has a thread of its own, in which it may wait for a broker that is away, and
    Python would wait for the thread: whoever told us to stop would have to kill us.
    """
    others = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    if others:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)


if __name__ == "__main__":
    leave(main())
