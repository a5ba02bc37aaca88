"""All that one decision about one alert may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from care_notifications.core.consents import Consent
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.state import AlertRecord, Channel, Directory, Told, is_closed
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import GapId, SensitivityLabel, Tier


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another open alert of the same patient, and who was or will be told of it."""

    gap_id: GapId
    rule_id: str
    reason: str
    tier: Tier
    card_id: str = ""
    labels: tuple[SensitivityLabel, ...] = ()
    told: frozenset[str] = frozenset()


# The gravest ones; nobody has so many alerts open that the fiftieth still covers another.
NEIGHBOURS_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the alert: the policy, the patient's other open alerts, what the patient allowed."""

    policy: NoticePolicy = SHIPPED
    neighbours: tuple[Neighbour, ...] = ()
    consents: tuple[Consent, ...] = ()


def may_be_covered(alert: CareAlert, policy: NoticePolicy) -> bool:
    """Whether another open alert of the patient could make this one wait at all."""
    return not is_closed(alert) and any(alert.tier in cover.covers.tiers for cover in policy.inhibition.covers)


@dataclass(frozen=True, slots=True)
class Situation:
    """One alert, decided now."""

    alert: CareAlert
    record: AlertRecord
    told: tuple[Told, ...]
    directory: Directory
    now: datetime
    around: Around = field(default_factory=Around)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What has left for one recipient over one channel of late. `group_until`: an open fold leaves then."""

    singles_in_window: int = 0
    folds_in_window: int = 0
    same_patient: bool = False
    in_hour: int = 0
    in_day: int = 0
    group_until: datetime | None = None


Lane = tuple[str, Channel]
NOTHING_LEFT_YET = Traffic()
TrafficOf = Mapping[Lane, Traffic]
