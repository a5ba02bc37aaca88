"""Every Kafka topic, spelled once: name, what it carries, how many partitions, how long it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `contract` names the model of its values; the key is always the patient id once it is known."""

    name: str
    contract: str
    partitions: int
    retention_ms: int
    summary: str

    @property
    def dead_letters(self) -> "Topic":
        """Where messages of this topic go that a consumer can never use."""
        return Topic(
            f"{self.name}.dead-letters",
            "DeadLetter",
            1,
            90 * DAY_MS,
            f"Messages of {self.name} that cannot be used, whole",
        )


# Delete policy everywhere: compaction makes offset gaps, and our consumers prove that no offset was skipped.
CARE_INBOUND = Topic("care.inbound.v1", "CloudEvent", 12, 14 * DAY_MS, "Raw messages of producers that speak Kafka")
CARE_EVENTS = Topic("care.events.v1", "AnyCareEvent", 12, 400 * DAY_MS, "Facts about patients")
CARE_ALERTS = Topic(
    "care.alerts.v1", "AnyCareAlert", 12, 400 * DAY_MS, "Care gaps opened, changed and closed; scores that changed"
)
CARE_ALERT_ACTIVITY = Topic("care.alert-activity.v1", "AlertActivity", 12, 400 * DAY_MS, "What people and channels did")

CONSUMED = (CARE_INBOUND, CARE_EVENTS, CARE_ALERTS)


def all_topics() -> Iterator[Topic]:
    """Every topic a deployment creates, dead letters included."""
    yield from (CARE_INBOUND, CARE_EVENTS, CARE_ALERTS, CARE_ALERT_ACTIVITY)
    for topic in CONSUMED:
        yield topic.dead_letters
