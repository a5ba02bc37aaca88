"""One alert message comes in; who is told, who is not and why comes out. When they are told: `departures.py`."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from care_notifications.core.alert_life import owner_of, receive
from care_notifications.core.effects import Decision, Intent, Suppress
from care_notifications.core.situation import Around, Situation
from care_notifications.core.state import AlertRecord, Directory, Told
from care_notifications.core.steps.authorise import authorise
from care_notifications.core.steps.deduplicate import deduplicate
from care_notifications.core.steps.deliver import deliver
from care_notifications.core.steps.inhibit import inhibit
from care_notifications.core.steps.route import route
from care_shared.contracts.care_alerts import CareAlert

Step = Callable[[Situation, Iterable[Intent | Suppress]], Iterator[Intent | Suppress]]

# The order matters: what a recipient may not know must not even count as told.
STEPS: tuple[Step, ...] = (authorise, deduplicate, inhibit)
ALONE = Around()


def decide(
    alert: CareAlert,
    before: AlertRecord | None,
    told: tuple[Told, ...],
    directory: Directory,
    now: datetime,
    around: Around = ALONE,
) -> Decision:
    """The alert after this message, and for each recipient either a delivery or the reason why not."""
    record = receive(before, alert, owner_of(alert, directory))
    if record is None:
        return Decision(None)
    situation = Situation(alert, record, told, directory, now, around)
    flow: Iterator[Intent | Suppress] = route(situation)
    for step in STEPS:
        flow = step(situation, flow)
    return Decision(record, tuple(deliver(situation, flow)))
