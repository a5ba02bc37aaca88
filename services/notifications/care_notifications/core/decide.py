"""One alert message comes in; who is told, who is not and why comes out. When they are told: `departures.py`."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from care_notifications.core.alert_life import Stage, receive
from care_notifications.core.effects import Decision, Effect, Intent, Suppress
from care_notifications.core.situation import Around, Situation
from care_notifications.core.state import AlertRecord, Directory, Told
from care_notifications.core.steps.agree import agree
from care_notifications.core.steps.authorise import authorise
from care_notifications.core.steps.deduplicate import deduplicate
from care_notifications.core.steps.deliver import deliver
from care_notifications.core.steps.inhibit import inhibit
from care_notifications.core.steps.route import route
from care_shared.contracts.care_alerts import CareAlert

Step = Callable[[Situation, Iterable[Intent | Suppress]], Iterator[Intent | Suppress]]

# The order matters: what a recipient may not know must not even count as told.
STEPS: tuple[Step, ...] = (authorise, agree, deduplicate, inhibit)
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
    record = receive(before, alert, Stage(directory, now))
    if record is None:
        return Decision(None)
    return Decision(record, consequences(Situation(alert, record, told, directory, now, around)))


def consequences(situation: Situation) -> tuple[Effect, ...]:
    """Who is told of an alert as it stands, and the reason for everybody who is not."""
    flow: Iterator[Intent | Suppress] = route(situation)
    for step in STEPS:
        flow = step(situation, flow)
    return tuple(deliver(situation, flow))
