"""`python -m care_notifications`: read settings, set up logs, run until told to stop."""

import sys
from functools import partial

from care_notifications.app import serve
from care_notifications.settings import load_settings
from care_shared.errors import ConfigurationError
from care_shared.runtime.logs import configure_logs
from care_shared.runtime.process import EXIT_CONFIGURATION, run_service


def main() -> int:
    """The exit code of the process."""
    configure_logs("notifications")
    try:
        settings = load_settings()
    except ConfigurationError as error:
        sys.stderr.write(f"notifications: {error}\n")
        return EXIT_CONFIGURATION
    configure_logs("notifications", settings.log_level)
    return run_service("notifications", partial(serve, settings))


if __name__ == "__main__":
    sys.exit(main())
