"""Every member of a Health Home is served in every month, or somebody hears of it while the month lasts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import BusinessCalendar, at_local, end_of_day, local_date, months_after
from care_scoring.core.effects import ClockTicked
from care_scoring.core.health_home import enrolled_since, enrolment_changes_at
from care_scoring.core.reasons.programmes import ProgrammeReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.programmes import HealthHomeSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_events import ContactLogged, ContactRetracted, ServiceRecorded
from care_shared.vocabulary import CloseReason, ContactChannel, Role, Tier

RULE_ID = "HHP-MONTH"
NEXT_STEP = "Reach the member this month and document a core service; a voicemail does not count."
ABOUT = About(
    sentence="A Health Home member whom nobody served this month: P4 from the 20th, P3 in the last 5 business days.",
    sources=("[C] Health Home core services", "[M] monthly service and its clocks, which differ by state"),
    settings=(HealthHomeSettings,),
    unless=frozenset({Unless.OPTED_OUT}),
    weighs=frozenset({Unless.NOT_ALIGNED}),
    vectors=("section 5.1",),
)


@dataclass(frozen=True, slots=True)
class HealthHomeMonth:
    """HHP-MONTH: one episode per calendar month at home."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS | FACTS_OF[Unless.OPTED_OUT] | {ContactLogged, ContactRetracted, ServiceRecorded, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """The month that runs; a month that was told and is over closes."""
        if not state.person.alignments:
            return
        month = _Month(state, now, thresholds)
        for episode in state.open_episodes(self.rule_id).keys() - {month.episode}:
            yield _over(episode, CloseReason.EXPIRED, ProgrammeReason.MONTH_OVER)
        yield from month.verdicts()


@dataclass(frozen=True)
class _Month:
    """The calendar month of now at the patient's home."""

    state: PatientState
    now: datetime
    thresholds: Thresholds

    @property
    def _limits(self) -> HealthHomeSettings:
        return self.thresholds.of(HealthHomeSettings)

    @cached_property
    def _home(self) -> ZoneInfo:
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def _first(self) -> date:
        return local_date(self.now, self._home).replace(day=1)

    @property
    def episode(self) -> str:
        """2027-05."""
        return f"{self._first:%Y-%m}"

    @cached_property
    def _next_month_at(self) -> datetime:
        return at_local(months_after(self._first, 1), time(), self._home)

    @cached_property
    def _noted_at(self) -> datetime:
        return at_local(self._first.replace(day=self._limits.digest_from_day), time(), self._home)

    @cached_property
    def _told_at(self) -> datetime:
        calendar = self.thresholds.holidays.calendar
        return at_local(_last_business_days(self._first, self._limits.last_business_days, calendar), time(), self._home)

    @cached_property
    def _turns_at(self) -> datetime | None:
        """When the enrolment itself begins or ends."""
        today = local_date(self.now, self._home)
        return enrolment_changes_at(self.state, self._limits.programmes, today, self._home)

    def _first_of(self, moment: datetime) -> datetime:
        return moment if self._turns_at is None else min(moment, self._turns_at)

    def verdicts(self) -> Iterator[Verdict]:
        """Only of who is enrolled today; then served, not due, noted or told."""
        today = local_date(self.now, self._home)
        if enrolled_since(self.state, self._limits.programmes, today) is None:
            if self.episode in self.state.open_episodes(RULE_ID):
                yield _over(self.episode, CloseReason.WITHDRAWN, ProgrammeReason.NOT_ENROLLED)
            yield Watching(episode="", reason=ProgrammeReason.NOT_ENROLLED, wake_at=self._turns_at)
            return
        if self._is_served:
            yield _over(self.episode, CloseReason.EVIDENCE, ProgrammeReason.MONTH_SERVED)
            yield Watching(
                episode="next", reason=ProgrammeReason.MONTH_NOT_DUE, wake_at=self._first_of(self._next_month_at)
            )
        elif self.now < min(self._noted_at, self._told_at):
            wake_at = self._first_of(min(self._noted_at, self._told_at))
            yield Watching(episode=self.episode, reason=ProgrammeReason.MONTH_NOT_DUE, wake_at=wake_at)
        else:
            yield self._open()

    @cached_property
    def _counted(self) -> tuple[int, int]:
        """How many services and live contacts count this month, and how many of them were face to face."""
        begins_at = at_local(self._first, time(), self._home)
        live = [
            one
            for one in self.state.contacts.values()
            if one.is_interactive_care and begins_at <= one.at < self._next_month_at
        ]
        services = [
            one
            for one in self.state.services.values()
            if not one.void and one.code in self._limits.core_services and begins_at <= one.at < self._next_month_at
        ]
        counted = len(live) + (0 if self._limits.live_contact_only else len(services))
        return counted, sum(one.channel is ContactChannel.IN_PERSON for one in live)

    @property
    def _is_served(self) -> bool:
        counted, in_person = self._counted
        return counted >= self._limits.contacts_a_month and in_person >= self._limits.in_person_a_month

    def _open(self) -> Open:
        ends_soon = self.now >= self._told_at
        reason = ProgrammeReason.MONTH_ENDS_WITHOUT_SERVICE if ends_soon else ProgrammeReason.MONTH_WITHOUT_SERVICE
        wanted = self._limits.contacts_a_month
        return Open(
            episode=self.episode,
            tier=Tier.P3 if ends_soon else Tier.P4,
            reason=reason,
            explanation=reason.say(month=f"{self._first:%B}", done=self._counted[0], wanted=wanted),
            next_step=NEXT_STEP,
            due_at=end_of_day(months_after(self._first, 1) - timedelta(days=1), self._home),
            audience=(Role.CARE_MANAGER,),
            wake_at=self._first_of(self._next_month_at if ends_soon else self._told_at),
        )


def _last_business_days(first: date, count: int, calendar: BusinessCalendar) -> date:
    """The first of the last so many business days of a month."""
    day = months_after(first, 1)
    while count > 0 and day > first:
        day -= timedelta(days=1)
        count -= calendar.is_business_day(day)
    return day


def _over(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)
