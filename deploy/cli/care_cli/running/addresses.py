"""Where the parts of the running system answer, as the stack's state file tells it."""

from dataclasses import dataclass

from care_local.addresses import split_address
from care_local.stack import running_stack
from care_shared.errors import NotReadyError

INTAKE, MLLP, WORKLIST, MAIL, INBOX = "intake", "mllp", "worklist", "mail", "inbox"
HEALTH = {service: f"{service}-health" for service in ("intake", "scoring", "notifications")}
INTAKE_TOKEN = "intake-token"  # noqa: S105  # the name of an entry, not a secret


@dataclass(frozen=True, slots=True)
class Addresses:
    """Our front doors and pages."""

    mllp_host: str
    mllp_port: int
    intake_url: str
    worklist_url: str
    intake_token: str = ""


def running_addresses() -> Addresses:
    """The addresses of the system that runs on this machine now."""
    known = running_stack().addresses
    missing = [name for name in (INTAKE, MLLP, WORKLIST) if name not in known]
    if missing:
        raise NotReadyError("CareLead is still starting; try again in a few seconds.")
    host, port = split_address(known[MLLP])
    return Addresses(host, port, known[INTAKE], known[WORKLIST], known.get(INTAKE_TOKEN, ""))
