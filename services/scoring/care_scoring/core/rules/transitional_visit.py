"""A patient who came home is seen within a week or two, or somebody is told while there is still time to book."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About, Unless
from care_scoring.core.aftercare import AFTERCARE_FACTS
from care_scoring.core.care_given import VISIT_FACTS
from care_scoring.core.follow_up_verdicts import visit_verdict
from care_scoring.core.follow_up_windows import FollowUpWindow, transitional_windows
from care_scoring.core.settings.discharges import DischargeContactSettings
from care_scoring.core.settings.follow_up import FollowUpSettings, TransitionalVisitSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict

RULE_ID = "TCM-VISIT"
ABOUT = About(
    sentence="A visit within 7 or 14 days after a discharge home (CPT 99496/99495); told while it can still be booked.",
    sources=(
        "[C] CMS, Transitional Care Management: 7 days with high, 14 days with moderate complexity",
        "[D] P3 when nothing is booked by the third day, P2 three days before the end",
    ),
    settings=(FollowUpSettings, TransitionalVisitSettings, DischargeContactSettings),
    unless=frozenset({Unless.HOSPICE, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 9", "section 1.2"),
)


@dataclass(frozen=True, slots=True)
class TransitionalVisit:
    """TCM-VISIT: the visit after a discharge home. One episode per discharge."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = AFTERCARE_FACTS | VISIT_FACTS
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict per discharge."""
        for ground in transitional_windows(state, now, thresholds):
            yield visit_verdict(ground) if isinstance(ground, FollowUpWindow) else ground
