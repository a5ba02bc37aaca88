"""A positive depression screen is followed up within two days, and two positive questions ask for the other seven."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.answered_work import work_done
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.questionnaires import PHQ_2, PHQ_9, Form, forms_of
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.depression import DepressionReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.scores.phq import (
    BANDS,
    HIGHEST,
    Phq2Input,
    Phq2Settings,
    Phq9Input,
    Phq9Settings,
    phq2,
    phq9,
)
from care_scoring.core.scores.score import band_of
from care_scoring.core.settings.depression import DepressionSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    AssessmentRetracted,
    CareTaskChanged,
    ConditionRecorded,
    ContactLogged,
    ContactRetracted,
)
from care_shared.vocabulary import CloseReason, ContactParty, Role, SensitivityLabel, Tier

RULE_ID = "PHQ-SCREEN"
FOLLOW_UP = "Talk with the patient about the answers; agree on treatment, a referral or a second screen, and log it."
ASK = "Ask the other seven questions (PHQ-9) at the next contact."
ABOUT = About(
    sentence="A positive PHQ-9 is followed up within two days, P3; a positive PHQ-2 asks for a PHQ-9, P3.",
    sources=("[C] CMS2: screening for depression and follow-up", "[C] PHQ cuts", "[D] a week for the PHQ-9"),
    settings=(DepressionSettings,),
    unless=frozenset({Unless.INPATIENT, Unless.HOSPICE}),
    vectors=("rule 2", "section 5.2"),
)


@dataclass(frozen=True, slots=True)
class DepressionScreen:
    """PHQ-SCREEN: the latest form counts; each is an episode of its own."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | FACTS_OF[Unless.INPATIENT]
        | {AssessmentCompleted, AssessmentRetracted, CareTaskChanged, ConditionRecorded}
        | {ContactLogged, ContactRetracted, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict for the latest PHQ-9 and one for the latest PHQ-2."""
        if not state.assessments:
            return
        screening = _Screening(state, now, thresholds, forms_of(state, PHQ_9))
        verdicts = [*screening.long(), *screening.short(forms_of(state, PHQ_2))]
        yield from verdicts
        for episode in state.open_episodes(self.rule_id).keys() - {verdict.episode for verdict in verdicts}:
            if screening.stands(episode, forms_of(state, PHQ_2)):
                yield _over(episode, CloseReason.SUPERSEDED, DepressionReason.ANSWERED_AGAIN)


@dataclass(frozen=True, slots=True)
class _Screening:
    """The screens of one patient as of now."""

    state: PatientState
    now: datetime
    thresholds: Thresholds
    long_forms: list[Form]

    @property
    def _limits(self) -> DepressionSettings:
        return self.thresholds.of(DepressionSettings)

    def stands(self, episode: str, short_forms: list[Form]) -> bool:
        """Whether the form of an episode stands, so that a later one replaced it; else it was withdrawn."""
        names = {f"phq9:{form.name}" for form in self.long_forms} | {f"phq2:{form.name}" for form in short_forms}
        return episode in names

    def long(self) -> Iterator[Verdict]:
        """The latest PHQ-9."""
        if not self.long_forms:
            return
        form, limits = self.long_forms[-1], self._limits
        settings = Phq9Settings(limits.phq9_positive_from, limits.phq9_missing_allowed)
        score = phq9(Phq9Input(form.numbered(9, HIGHEST)), settings)
        total = form.least_total(score)
        if total < limits.phq9_positive_from:
            yield _over(f"phq9:{form.name}", CloseReason.WITHDRAWN, DepressionReason.PHQ9_NEGATIVE)
            return
        settled = self._settled(f"phq9:{form.name}", form) or self._followed_up(f"phq9:{form.name}", form)
        at_least = "" if score.total is not None or not form.said.items else " or more"
        day, due = self._days(form, limits.follow_up_within_days)
        explanation = DepressionReason.PHQ9_POSITIVE.say(
            day=spoken_day(day), total=total, at_least=at_least, band=band_of(total, BANDS)
        )
        yield settled or self._open(f"phq9:{form.name}", form, DepressionReason.PHQ9_POSITIVE, explanation, due)

    def short(self, forms: list[Form]) -> Iterator[Verdict]:
        """The latest PHQ-2; a PHQ-9 of the same moment or later answers it."""
        if not forms:
            return
        form, limits = forms[-1], self._limits
        episode = f"phq2:{form.name}"
        score = phq2(Phq2Input(form.numbered(2, HIGHEST)), Phq2Settings(limits.phq2_positive_from))
        total = form.least_total(score)
        if total < limits.phq2_positive_from:
            yield _over(episode, CloseReason.WITHDRAWN, DepressionReason.PHQ2_NEGATIVE)
        elif any(later.at >= form.at for later in self.long_forms):
            yield _over(episode, CloseReason.EVIDENCE, DepressionReason.PHQ9_DONE)
        else:
            day, due = self._days(form, limits.phq9_within_days)
            explanation = DepressionReason.PHQ9_DUE.say(day=spoken_day(day), total=total, due=spoken_day(due))
            yield self._settled(episode, form) or self._open(episode, form, DepressionReason.PHQ9_DUE, explanation, due)

    def _days(self, form: Form, within: int) -> tuple[date, date]:
        """The day of the form at home, and the last day for what it asks."""
        day = local_date(form.at, self.state.home_zone(self.thresholds.home_zone))
        return day, day + timedelta(days=within)

    def _expires_at(self, form: Form) -> datetime:
        return form.at + timedelta(days=self._limits.spoken_of_days)

    def _settled(self, episode: str, form: Form) -> Settled | None:
        """The screen does not apply, somebody did the work, or it is history."""
        age = self.state.person.age_on(self._days(form, 0)[0])
        if self.state.has("bipolar"):
            return _over(episode, CloseReason.WITHDRAWN, DepressionReason.BIPOLAR_DISORDER)
        if age is not None and age < self._limits.youngest:
            return _over(episode, CloseReason.WITHDRAWN, DepressionReason.TOO_YOUNG_TO_SCREEN)
        if work_done(self.state, RULE_ID, episode, form.at) is not None:
            return _over(episode, CloseReason.EVIDENCE, DepressionReason.MOOD_FOLLOWED_UP)
        if self.now > self._expires_at(form):
            return _over(episode, CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
        return None

    def _followed_up(self, episode: str, form: Form) -> Settled | None:
        """Somebody talked with the patient after the form; the talk in which it was filled in is none."""
        for contact in self.state.contacts.values():
            if contact.is_interactive_care and contact.party is ContactParty.PATIENT and contact.at > form.at:
                return _over(episode, CloseReason.EVIDENCE, DepressionReason.MOOD_FOLLOWED_UP)
        return None

    def _open(self, episode: str, form: Form, reason: Reason, explanation: str, due: date) -> Open:
        return Open(
            episode=episode,
            tier=Tier.P3,
            reason=reason,
            explanation=explanation,
            next_step=ASK if reason is DepressionReason.PHQ9_DUE else FOLLOW_UP,
            evidence=form.evidence("Questionnaire about mood"),
            due_at=end_of_day(due, self.state.home_zone(self.thresholds.home_zone)),
            audience=(Role.CARE_MANAGER, Role.NURSE),
            labels=joined_labels(form.labels, (SensitivityLabel.PSYCHIATRIC,)),
            wake_at=self._expires_at(form) + timedelta(seconds=1),
        )


def _over(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)
