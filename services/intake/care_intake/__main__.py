"""`python -m care_intake`: read settings, set up logs, run until told to stop."""

import sys
from functools import partial

from care_intake.app import serve
from care_intake.settings import load_settings
from care_shared.errors import ConfigurationError
from care_shared.runtime.logs import configure_logs
from care_shared.runtime.process import EXIT_CONFIGURATION, collect_garbage_rarely, run_service


def main() -> int:
    """The exit code of the process."""
    configure_logs("intake")
    try:
        settings = load_settings()
    except ConfigurationError as error:
        sys.stderr.write(f"intake: {error}\n")
        return EXIT_CONFIGURATION
    configure_logs("intake", settings.log_level)
    collect_garbage_rarely()
    return run_service("intake", partial(serve, settings))


if __name__ == "__main__":
    sys.exit(main())
