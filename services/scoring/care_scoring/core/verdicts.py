"""What a care rule may say about one episode: a gap should be open, is being watched, or is settled."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from care_scoring.core.about import About
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_shared.contracts.care_alerts import Evidence, TrendChart
from care_shared.contracts.care_events import (
    AdmissionCancelled,
    AlignmentChanged,
    DischargeCancelled,
    EmergencyArrived,
    EmergencyDeparted,
    EncounterUpdated,
    HospiceElected,
    HospitalAdmitted,
    HospitalDischarged,
    PatientDeceased,
    PatientUpdated,
)
from care_shared.contracts.envelope import CareEvent
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier


class Open(Struct, frozen=True, kw_only=True, gc=False):
    """The gap should be open, in this tier and for this reason. `stamp` changes when an update is worth telling."""

    episode: str
    tier: Tier
    reason: Reason
    explanation: str
    next_step: str
    evidence: tuple[Evidence, ...] = ()
    due_at: datetime | None = None
    audience: tuple[Role, ...] = (Role.CARE_MANAGER,)
    labels: tuple[SensitivityLabel, ...] = ()
    occurrences: int = 1
    late_notice: bool = False
    chart: TrendChart | None = None
    stamp: str = ""
    wake_at: datetime | None = None


class Watching(Struct, frozen=True, kw_only=True, gc=False):
    """Nothing to raise now; look again when a fact comes, or at `wake_at`. An open gap closes as withdrawn."""

    episode: str
    reason: Reason
    wake_at: datetime | None = None


class Settled(Struct, frozen=True, kw_only=True, gc=False):
    """The matter is over, for good or until `wake_at`; an open gap closes for `close_reason`."""

    episode: str
    close_reason: CloseReason
    reason: Reason
    explanation: str = ""
    evidence: tuple[Evidence, ...] = ()
    wake_at: datetime | None = None


Verdict = Open | Watching | Settled


class Rule(Protocol):
    """One care rule, or one scope of it (one vital sign). What it says is a function of state, time and thresholds."""

    @property
    def rule_id(self) -> str:
        """The name people know: TCM-CONTACT."""

    @property
    def version(self) -> int:
        """Raised whenever the same facts may lead to another verdict."""

    @property
    def scope(self) -> str:
        """The part of the rule this instance judges (a LOINC code), empty when it judges all."""

    @property
    def key(self) -> str:
        """Under which name the state keeps what this instance told: the id, and the scope if there is one."""

    @property
    def reads(self) -> frozenset[type]:
        """The facts that may change its verdicts, and ClockTicked when it asks to be woken."""

    @property
    def about(self) -> About:
        """What people may know about it: sentence, sources, numbers, and when it keeps silent."""

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict per episode."""


# Facts that may change what every rule says; they are rare.
PERSON_FACTS: frozenset[type[CareEvent]] = frozenset(
    {PatientUpdated, PatientDeceased, HospiceElected, AlignmentChanged}
)
STAY_FACTS: frozenset[type[CareEvent]] = frozenset(
    {
        HospitalAdmitted,
        HospitalDischarged,
        AdmissionCancelled,
        DischargeCancelled,
        EncounterUpdated,
        EmergencyArrived,
        EmergencyDeparted,
    }
)
