"""`carelead smoke`: an isolated system, every story played and every step checked, then all is gone again."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from care_cli.output import say, step, warn


def smoke() -> None:
    """Play the stories on a system of their own; exit code 0 when every step came true."""
    from care_cli.running.machine import require_room

    require_room()
    # Beside other temporary folders, open enough for PostgreSQL to run as another user when we are root.
    folder = Path(tempfile.mkdtemp(prefix="carelead-smoke-"))
    begun = time.monotonic()
    try:
        asyncio.run(_play(folder, begun))
    except BaseException:
        kept = keep_logs(folder)
        warn(f"The logs of this run are kept in {kept}")
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"All stories came true in {time.monotonic() - begun:.0f} s.")


def keep_logs(folder: Path) -> Path:
    """Set the logs of a failed run aside."""
    kept = Path(tempfile.mkdtemp(prefix="carelead-smoke-logs-"))
    if (folder / "logs").exists():
        shutil.copytree(folder / "logs", kept, dirs_exist_ok=True)
    return kept


async def _play(folder: Path, begun: float) -> None:
    from care_cli.running.system import Listener, running_system
    from care_cli.stories.all import STORIES, Playbill, stage_of
    from care_local.settings import LocalSettings

    alone = {"local_folder": folder, "kafka_bootstrap": None, "postgres_dsn": None}
    settings = LocalSettings().model_copy(update=alone)
    say("An isolated CareLead")
    playbill = Playbill(begun)
    listener = Listener(step, lambda ended: say(f"  - {ended.name} ended with exit code {ended.exit_code}"))
    async with (
        running_system(settings, listener, fixed_ports=False, policy=playbill.policy) as system,
        stage_of(system, step, playbill) as stage,
    ):
        for title, story in STORIES:
            say(title)
            await story(stage)
    if stage.first_alert_seconds is not None:
        say(f"First alert {stage.first_alert_seconds:.1f} s after the start of everything.")
