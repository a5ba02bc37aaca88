"""After an acute event of a chronic condition the patient is seen as soon as it asks for, or somebody is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About, Unless
from care_scoring.core.aftercare import AFTERCARE_FACTS, open_emergencies
from care_scoring.core.care_given import VISIT_FACTS
from care_scoring.core.follow_up_verdicts import visit_verdict
from care_scoring.core.follow_up_windows import FollowUpWindow, timely_windows
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.settings.follow_up import FollowUpSettings, TimelyFollowUpSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict, Watching

RULE_ID = "TFU"
ABOUT = About(
    sentence="A visit within the days that the condition asks for after its acute event; the table is dated data.",
    sources=(
        "[C] CBE 3455, timely follow-up after acute exacerbations: the days",
        "[D] acuity by diagnosis code, the shorter window where a diagnosis is in two sets",
        "[M] a second event of the same condition starts anew; none after a nursing facility; not on the day itself",
    ),
    settings=(FollowUpSettings, TimelyFollowUpSettings),
    unless=frozenset({Unless.HOSPICE, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 9", "section 1.6"),
)


@dataclass(frozen=True, slots=True)
class TimelyFollowUp:
    """TFU (CBE 3455): one episode per emergency visit, observation or stay. An unknown diagnosis is waited for."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = AFTERCARE_FACTS | VISIT_FACTS
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict per acute event."""
        for number, over_at in open_emergencies(state, now, thresholds):
            yield Watching(episode=number, reason=FollowUpReason.STILL_IN_EMERGENCY, wake_at=over_at)
        for ground in timely_windows(state, now, thresholds):
            yield visit_verdict(ground) if isinstance(ground, FollowUpWindow) else ground
