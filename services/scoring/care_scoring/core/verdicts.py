"""What a care rule may say about one episode: a gap should be open, is being watched, or is settled."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from msgspec import Struct

from care_scoring.core.about import About
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_shared.contracts.care_alerts import Evidence, TrendChart, WorstValue
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
    VitalSignRecorded,
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
    worst: WorstValue | None = None  # the gravest value so far, where grave is a number
    card: str = ""  # under which it is shown with gaps of other rules, if not under its stay, series or episode
    stamp: str = ""
    private: bool = False  # never to a phone or portal that the household shares, and to no partner
    wake_at: datetime | None = None


class Watching(Struct, frozen=True, kw_only=True, gc=False):
    """Nothing to raise now; look again when a fact comes, or at `wake_at`. An open gap closes as withdrawn."""

    episode: str
    reason: Reason
    wake_at: datetime | None = None
    noted: bool = True  # False where all is well: nearly every patient would carry the same line


class Settled(Struct, frozen=True, kw_only=True, gc=False):
    """The matter is over, for good or until `wake_at`; an open gap closes for `close_reason`."""

    episode: str
    close_reason: CloseReason
    reason: Reason
    explanation: str = ""
    evidence: tuple[Evidence, ...] = ()
    labels: tuple[SensitivityLabel, ...] = ()  # of the evidence that settled it
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


@runtime_checkable
class Gated(Protocol):
    """A rule that tells at a glance whether a reading leaves what it says as it was: nine of ten facts are readings."""

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """True only when judging could change nothing; the reading is already part of the state."""


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
# Facts that may change how stays are chained to episodes, and what these are called.
EPISODE_FACTS = STAY_FACTS
