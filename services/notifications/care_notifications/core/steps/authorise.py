"""Nobody outside the care team learns that a labelled alert exists; what is allowed is asked again when it leaves."""

from collections.abc import Iterable, Iterator, Sequence

from care_notifications.core.effects import Intent, Suppress
from care_notifications.core.reasons import Reason
from care_notifications.core.state import Channel, Situation, Standing
from care_shared.vocabulary import SensitivityLabel


def permitted(standing: Standing, channel: Channel, labels: Sequence[SensitivityLabel]) -> bool:
    """Whether this kind of recipient may get a notice with these labels. A log is not a member of the care team.

    Without a consent on file the answer for labelled facts is no (42 CFR Part 2, clinical.md 8.6 P2-1 to P2-3).
    """
    inside = standing is Standing.CARE_TEAM and channel is not Channel.CONSOLE
    return inside or not labels


def authorise(situation: Situation, intents: Iterable[Intent | Suppress]) -> Iterator[Intent | Suppress]:
    """Let through what the recipient may know."""
    for one in intents:
        if isinstance(one, Intent) and not permitted(one.recipient.standing, one.channel, situation.alert.labels):
            record = situation.record
            yield Suppress(record.gap_id, record.revision, one.recipient.id, one.channel, Reason.SENSITIVE)
        else:
            yield one
