"""The caregiver is asked how they cope: twice a year, after a discharge, and when signs of strain show."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import at_local, end_of_day, local_date, months_after, spoken_day
from care_scoring.core.caregiving import Graded, long_interviews, short_interviews
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import WENT_HOME, episodes_of
from care_scoring.core.reasons.caregivers import CaregiverReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.caregivers import CaregiverSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.visiting import VISIT_FACTS
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    AssessmentRetracted,
    CaregiverNamed,
    ContactLogged,
    ContactRetracted,
    SurveyAnswered,
)
from care_shared.vocabulary import (
    CloseReason,
    ContactChannel,
    ContactParty,
    Discipline,
    MissedVisitReason,
    Role,
    SensitivityLabel,
    Tier,
)

RULE_ID = "CAREGIVER-SCREEN"
OVERWHELMED = "overwhelmed"  # the answer of a survey that says so
ASK = "Ask the caregiver the four Zarit items at the next talk."
ABOUT = About(
    sentence="The caregiver is asked twice a year, 14 to 30 days after a discharge home, and on signs of strain, P4.",
    sources=("[D] the clocks and the signs: they prompt a screen and are never a diagnosis",),
    settings=(CaregiverSettings,),
    unless=frozenset({Unless.INPATIENT}),
    vectors=("section 5.3",),
)
Sign = tuple[str, datetime, tuple[SensitivityLabel, ...]]  # what, when, with which labels


@dataclass(frozen=True, slots=True)
class CaregiverScreen:
    """CAREGIVER-SCREEN: only of a patient whose caregiver we know of."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | FACTS_OF[Unless.INPATIENT]
        | VISIT_FACTS
        | {AssessmentCompleted, AssessmentRetracted, CaregiverNamed, ContactLogged, ContactRetracted, SurveyAnswered}
        | {ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per prompt."""
        if not (state.caregivers or state.assessments):
            return
        interviews = sorted([*short_interviews(state), *long_interviews(state)], key=lambda one: one.form.at)
        known = any(one.active and not one.void for one in state.caregivers.values())
        if not (known or interviews):
            return
        asking = _Asking(state, now, thresholds, interviews)
        yield from (*asking.repeat(), *asking.after_discharge(), *asking.signs())


@dataclass(frozen=True, slots=True)
class _Asking:
    """When the caregiver of one patient is to be asked, as of now."""

    state: PatientState
    now: datetime
    thresholds: Thresholds
    interviews: list[Graded]

    @property
    def _limits(self) -> CaregiverSettings:
        return self.thresholds.of(CaregiverSettings)

    @property
    def _home(self) -> ZoneInfo:
        return self.state.home_zone(self.thresholds.home_zone)

    def repeat(self) -> Iterator[Verdict]:
        """Half a year after the last interview; the episode is named after that one."""
        told = self.state.open_episodes(RULE_ID)
        for earlier in self.interviews[:-1]:
            if f"repeat:{earlier.form.name}" in told:
                yield _settled(f"repeat:{earlier.form.name}", CloseReason.EVIDENCE, CaregiverReason.SCREEN_DONE)
        if not self.interviews:
            return
        last = self.interviews[-1].form
        episode, day = f"repeat:{last.name}", local_date(last.at, self._home)
        due = months_after(day, self._limits.repeat_after_months)
        opens_at = at_local(due, time(), self._home)
        if self.now < opens_at:
            yield Watching(episode=episode, reason=CaregiverReason.SCREEN_NOT_DUE, wake_at=opens_at)
            return
        sentence = CaregiverReason.SCREEN_REPEAT_DUE.say(day=spoken_day(day))
        yield self._open(episode, CaregiverReason.SCREEN_REPEAT_DUE, sentence, last.labels)

    def after_discharge(self) -> Iterator[Verdict]:
        """From the 14th to the 30th day after the last discharge home."""
        homes = [
            episode
            for episode in episodes_of(self.state, self.now, self.thresholds)
            if episode.went in WENT_HOME and not episode.is_treat_and_release and episode.last.ended_on
        ]
        if not homes:
            return
        last = max(homes, key=lambda episode: episode.last.until)
        day = last.last.ended_on or local_date(self.now, self._home)
        episode, limits = f"discharge:{day}", self._limits
        opens_at = at_local(day + timedelta(days=limits.after_discharge_from), time(), self._home)
        due = day + timedelta(days=limits.after_discharge_to)
        ends_at = end_of_day(due, self._home)
        if any(opens_at <= one.form.at for one in self.interviews):
            yield _settled(episode, CloseReason.EVIDENCE, CaregiverReason.SCREEN_DONE)
        elif self.now > ends_at:
            yield _settled(episode, CloseReason.EXPIRED, CaregiverReason.SCREEN_WINDOW_OVER)
        elif self.now < opens_at:
            yield Watching(episode=episode, reason=CaregiverReason.SCREEN_NOT_DUE, wake_at=opens_at)
        else:
            sentence = CaregiverReason.SCREEN_AFTER_DISCHARGE.say(day=spoken_day(day), due=spoken_day(due))
            wake_at = ends_at + timedelta(seconds=1)
            yield self._open(episode, CaregiverReason.SCREEN_AFTER_DISCHARGE, sentence, last.labels, due, wake_at)

    def signs(self) -> Iterator[Verdict]:
        """Strain that shows before anybody asks. Named after the interview it comes after: the next one answers it."""
        last = self.interviews[-1].form if self.interviews else None
        episode, kept = f"signs:{last.name if last else ''}", timedelta(days=self._limits.sign_kept_days)
        told = self.state.open_episodes(RULE_ID)
        for held in told:
            if held.startswith("signs:") and held != episode and last is not None:
                yield _settled(held, CloseReason.EVIDENCE, CaregiverReason.SCREEN_DONE)
        since = last.at + kept if last else None
        shown = [sign for sign in self._signs(since) if sign[1] <= self.now <= sign[1] + kept]
        if not shown:
            return
        labels = joined_labels((), (label for sign in shown for label in sign[2]))
        sentence = CaregiverReason.SCREEN_FOR_SIGNS.say(signs=", ".join(sorted({sign[0] for sign in shown})))
        wake_at = max(sign[1] for sign in shown) + kept + timedelta(seconds=1)
        yield self._open(episode, CaregiverReason.SCREEN_FOR_SIGNS, sentence, labels, wake_at=wake_at)

    def _signs(self, since: datetime | None) -> Iterator[Sign]:
        limits = self._limits
        calls = [(one.at, one.labels) for one in self.state.contacts.values() if one.reached_somebody and (
            one.party is ContactParty.CAREGIVER and one.channel is ContactChannel.PHONE and self._is_after_hours(one.at)
        )]  # fmt: skip
        yield from _close("after-hours calls", calls, limits.calls_for_sign, limits.calls_within_days, since)
        no_shows = [
            (visit.starts_at, visit.labels)
            for visit in self.state.visits.values()
            if visit.discipline is Discipline.AIDE and visit.missed_reason is MissedVisitReason.AGENCY_NO_SHOW
        ]
        yield from _close(
            "aides who did not come", no_shows, limits.no_shows_for_sign, limits.no_shows_within_days, since
        )
        said = [(one.at, one.labels) for one in self.state.surveys.values() if one.answers.get(OVERWHELMED, 0) > 0]
        yield from _close("says: overwhelmed", said, 1, 0, since)

    def _is_after_hours(self, moment: datetime) -> bool:
        """Evening, night or a day on which nobody works."""
        local = moment.astimezone(self._home)
        if not self.thresholds.holidays.calendar.is_business_day(local.date()):
            return True
        return not self._limits.morning_to <= local.time() < self._limits.evening_from

    def _open(  # a prompt with its deadline and its end, each by its name
        self,
        episode: str,
        reason: Reason,
        sentence: str,
        labels: tuple[SensitivityLabel, ...],
        due: date | None = None,
        wake_at: datetime | None = None,
    ) -> Open:
        return Open(
            episode=episode,
            tier=Tier.P4,
            reason=reason,
            explanation=sentence,
            next_step=ASK,
            due_at=end_of_day(due, self._home) if due else None,
            audience=(Role.CARE_MANAGER,),
            labels=labels,
            private=True,
            wake_at=wake_at,
        )


def _close(
    what: str,
    happened: Iterable[tuple[datetime, tuple[SensitivityLabel, ...]]],
    count: int,
    within_days: int,
    since: datetime | None,
) -> Iterator[Sign]:
    """Each moment at which so many had happened within so many days."""
    ordered = sorted(one for one in happened if since is None or one[0] > since)
    for row in range(count - 1, len(ordered)):
        run = ordered[row - count + 1 : row + 1]
        if run[-1][0] - run[0][0] <= timedelta(days=within_days):
            yield what, run[-1][0], joined_labels((), (label for one in run for label in one[1]))


def _settled(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)
