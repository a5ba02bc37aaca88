"""The `carelead` command: one line per problem, never a traceback."""

import logging
import sys
import traceback
from pathlib import Path

import platformdirs

from care_cli.output import EXIT_PROBLEM, warn
from care_shared.errors import CareError, ConfigurationError, NotReadyError, UnusableMessageError
from care_shared.runtime.clock import utc_now

EXIT_DATA = 65  # sysexits.h EX_DATAERR
EXIT_TEMPORARY = 75  # sysexits.h EX_TEMPFAIL
EXIT_CONFIGURATION = 78  # sysexits.h EX_CONFIG
EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        from care_cli.commands.all import app

        app(prog_name="carelead")
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is not worth a word.
        sys.stderr.close()
        sys.exit(EXIT_PROBLEM)
    except CareError as error:
        warn(f"carelead: {error}")
        sys.exit(exit_code(error))
    except Exception as error:  # the last line of defence before a person's screen
        warn(f"carelead: something unexpected happened ({type(error).__name__}); {keep_for_later(error)}")
        sys.exit(EXIT_PROBLEM)


def exit_code(error: CareError) -> int:
    """What a script can conclude: bad input, try later, wrong installation, or anything else."""
    match error:
        case UnusableMessageError():
            return EXIT_DATA
        case NotReadyError():
            return EXIT_TEMPORARY
        case ConfigurationError():
            return EXIT_CONFIGURATION
        case _:
            return EXIT_PROBLEM


def keep_for_later(error: BaseException) -> str:
    """Write where it happened, without any value (it may be a patient's), and say where that is."""
    log = Path(platformdirs.user_state_dir("carelead")) / "carelead-errors.log"
    frames = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as stream:
            stream.write("\n".join([f"{utc_now().isoformat()} {type(error).__name__}", *frames, ""]))
    except OSError:
        logging.getLogger(__name__).debug("cli.log-unwritable")
        return "run `carelead doctor` to see what is wrong"
    return f"run `carelead doctor`; details are in {log}"
