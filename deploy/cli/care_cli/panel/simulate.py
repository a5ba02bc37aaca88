"""About 200 made-up homebound patients with 30 days of history that ends now; the same seed gives the same people."""

from datetime import datetime
from random import Random

from care_cli.panel.history import Panel, PatientHistory
from care_cli.panel.people import Member, members
from care_cli.panel.stays import stays
from care_cli.panel.visits import visits
from care_cli.panel.vitals import readings
from care_shared.errors import NotFoundError

PATIENTS = 200
SEED = 20261122


def simulate(now: datetime, patients: int = PATIENTS, seed: int = SEED) -> Panel:
    """The panel as of `now` (aware)."""
    everyone = members(seed, patients)
    return Panel(now, [_history(Random(f"{seed}/{one.key}/history"), one, now) for one in everyone])  # noqa: S311


def member_called(key: str, seed: int = SEED) -> Member:
    """The patient of that short name (demo-3, panel-017)."""
    found = next((one for one in members(seed, PATIENTS) if one.key == key), None)
    if found is None:
        raise NotFoundError(f"no patient is called {key}; try demo-1 to demo-6 or panel-007 to panel-{PATIENTS}")
    return found


def _history(chance: Random, member: Member, now: datetime) -> PatientHistory:
    return PatientHistory(
        member, stays(chance, member, now), visits(chance, member, now), readings(chance, member, now)
    )
