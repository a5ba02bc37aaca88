"""Whoever answers that they would be better off dead hears from a licensed clinician at once, whatever the total."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About
from care_scoring.core.answered_work import task_evidence, work_done
from care_scoring.core.calendar import local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.questionnaires import PHQ_9, Form, forms_of
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.depression import DepressionReason
from care_scoring.core.scores.phq import HIGHEST, Phq9Input, phq9
from care_scoring.core.scores.score import Flag
from care_scoring.core.settings.depression import DepressionSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict
from care_shared.contracts.care_events import AssessmentCompleted, AssessmentRetracted, CareTaskChanged
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier

RULE_ID = "PHQ-I9"
NEXT_STEP = (
    "A licensed clinician calls the patient now, asks about plan and means, and follows the crisis protocol (988)."
)
ABOUT = About(
    sentence="PHQ-9 item 9 above zero: a licensed clinician talks with the patient now, P1, whatever the total.",
    sources=("[D] at once, never closed by a later total", "[M] item 9 as a trigger of its own"),
    settings=(DepressionSettings,),
    vectors=("rule 2", "section 5.2"),
)


@dataclass(frozen=True, slots=True)
class SuicideItem:
    """PHQ-I9: no later form closes it; a person does, a form entered by mistake does, and in the end time does."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | {AssessmentCompleted, AssessmentRetracted, CareTaskChanged, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per moment at which it was answered."""
        if not state.assessments:
            return
        for form in _alarming(state).values():
            yield _verdict(state, form, now, thresholds)


def _alarming(state: PatientState) -> dict[str, Form]:
    """By moment: a form sent twice is one; of two forms of one moment the alarming one counts."""
    asked = ((form, Phq9Input(form.numbered(9, HIGHEST))) for form in forms_of(state, PHQ_9))
    return {form.name: form for form, answers in asked if Flag.ITEM_9 in phq9(answers).flags}


def _verdict(state: PatientState, form: Form, now: datetime, thresholds: Thresholds) -> Verdict:
    limits = thresholds.of(DepressionSettings)
    expires_at = form.at + timedelta(days=limits.item_9_spoken_of_days)
    done = work_done(state, RULE_ID, form.name, form.at)
    if done is not None:
        return Settled(
            episode=form.name,
            close_reason=CloseReason.EVIDENCE,
            reason=DepressionReason.SAFETY_WORK_DONE,
            evidence=task_evidence(done),
        )
    if now > expires_at:
        return Settled(episode=form.name, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    home = state.home_zone(thresholds.home_zone)
    return Open(
        episode=form.name,
        tier=Tier.P1,
        reason=DepressionReason.SELF_HARM_THOUGHTS,
        explanation=DepressionReason.SELF_HARM_THOUGHTS.say(day=spoken_day(local_date(form.at, home))),
        next_step=NEXT_STEP,
        evidence=form.evidence("PHQ-9, item 9"),
        due_at=form.at + timedelta(minutes=limits.item_9_act_minutes),
        # Licensed people only; the Lead hears of every gap of their patients anyway.
        audience=(Role.NURSE, Role.SUPERVISOR),
        labels=joined_labels(form.labels, (SensitivityLabel.PSYCHIATRIC,)),
        wake_at=expires_at + timedelta(seconds=1),
    )
