"""Gaps of chronic care are told once a year, quietly, and with a call that is due anyway."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About, Unless
from care_scoring.core.chronic import CareYear
from care_scoring.core.chronic_measures import findings
from care_scoring.core.chronic_outreach import GAPS_RULE, told
from care_scoring.core.effects import ClockTicked
from care_scoring.core.settings.chronic import ChronicSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Verdict
from care_shared.contracts.care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    AssessmentCompleted,
    AssessmentRetracted,
    CareTaskChanged,
    ConditionRecorded,
    ConsentChanged,
    ContactLogged,
    ContactRetracted,
    LabResulted,
    LabRetracted,
    MedicationDispensed,
    MedicationOrdered,
    MedicationsReconciled,
    ServiceRecorded,
)

ABOUT = About(
    sentence="A1c, eye, statin, kidney, falls, documented medicines: P4; P3 in the last quarter or with another call.",
    sources=(
        "[C] CMS122, CMS131, CMS347, CMS951, CMS139, CMS68 (QI-Core content 2025): who, what, and who is left out",
        "[C] ADA: testing every six months at goal, every three off goal",
        "[D] when a gap is told, and that a call in the last 30 days silences it",
    ),
    settings=(ChronicSettings,),
    unless=frozenset({Unless.HOSPICE, Unless.INPATIENT, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    vectors=("rule 25", "section 6.1"),
)


@dataclass(frozen=True, slots=True)
class ChronicGaps:
    """GAP-CHRONIC: what the measures of the year ask for and is not there."""

    rule_id: str = GAPS_RULE
    version: int = 2  # appointments that move or fall through change which call is due anyway
    scope: str = ""
    key: str = GAPS_RULE
    reads: frozenset[type] = (
        PERSON_FACTS
        | STAY_FACTS
        | {ConditionRecorded, LabResulted, LabRetracted, ServiceRecorded, MedicationOrdered, MedicationDispensed}
        | {MedicationsReconciled, AssessmentCompleted, AssessmentRetracted, ContactLogged, ContactRetracted}
        | {AppointmentBooked, AppointmentFulfilled, AppointmentCancelled, AppointmentNoShow}
        | {CareTaskChanged, ConsentChanged, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per measure and year."""
        if state.person.birth_date is None and not state.conditions and not state.appointments:
            return
        year = CareYear(state, now, thresholds)
        yield from told(year, self.rule_id, findings(year))
