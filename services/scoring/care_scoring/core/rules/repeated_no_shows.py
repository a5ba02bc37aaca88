"""A patient who keeps missing visits meets a barrier somewhere: transport, work, fear. Somebody calls and asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.aftercare import AFTERCARE_FACTS, ONE_SECOND
from care_scoring.core.calendar import spoken_day
from care_scoring.core.care_given import APPOINTMENT_FACTS, CONTACT_FACTS
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.settings.follow_up import NoShowSettings
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Appointment, AppointmentStatus
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict
from care_shared.contracts.care_alerts import Evidence
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "NO-SHOW-REPEATED"
NEXT_STEP = "Call and ask what stands in the way (transport, costs, fear); offer the social-needs screening."
ABSENT = frozenset({AppointmentStatus.PATIENT_ABSENT, AppointmentStatus.SOMEBODY_ABSENT})
ABOUT = About(
    sentence="Two booked visits missed within 90 days, at any clinic: a call about barriers, P3.",
    sources=("[D] two in 90 days",),
    settings=(NoShowSettings,),
    unless=frozenset({Unless.HOSPICE, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("section 4.3",),
)
Missed = tuple[datetime, str, Appointment]


@dataclass(frozen=True, slots=True)
class RepeatedNoShows:
    """NO-SHOW-REPEATED: one episode per run of missed visits, named after its first."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = AFTERCARE_FACTS | APPOINTMENT_FACTS | CONTACT_FACTS
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Each run of visits that lie close enough to one another."""
        limits = thresholds.of(NoShowSettings)
        for run in _runs(state, timedelta(days=limits.repeated_days)):
            recent = [one for one in run if one[0] >= run[-1][0] - timedelta(days=limits.repeated_days)]
            if len(recent) >= limits.repeated:
                yield _verdict(state, now, thresholds, run[0][1], recent)


def _runs(state: PatientState, apart: timedelta) -> list[list[Missed]]:
    missed: list[Missed] = [
        (appointment.starts_at or appointment.stand.at, number, appointment)
        for number, appointment in state.appointments.items()
        if appointment.stand is not None and appointment.status in ABSENT
    ]
    runs: list[list[Missed]] = []
    for one in sorted(missed, key=lambda held: held[:2]):
        if runs and one[0] - runs[-1][-1][0] <= apart:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _verdict(state: PatientState, now: datetime, thresholds: Thresholds, episode: str, recent: list[Missed]) -> Verdict:
    limits, home = thresholds.of(NoShowSettings), state.home_zone(thresholds.home_zone)
    latest = recent[-1][0]
    expires_at = latest + timedelta(days=limits.expires_after_days)
    talked = _talked_since(state, latest)
    if talked is not None:
        evidence = (Evidence(event_id=talked.event_id, what="Contact made", at=talked.at),)
        reason = CommonReason.SOMEBODY_REACHED
        return Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=reason, evidence=evidence)
    if now > expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    if state.is_away(now):
        return Settled(
            episode=episode,
            close_reason=CloseReason.SUPERSEDED,
            reason=PersonReason.INPATIENT,
            wake_at=expires_at + ONE_SECOND,
        )
    return Open(
        episode=episode,
        tier=Tier.P3,
        reason=FollowUpReason.REPEATED_NO_SHOWS,
        explanation=FollowUpReason.REPEATED_NO_SHOWS.say(
            count=len(recent), days=limits.repeated_days, last=spoken_day(latest.astimezone(home).date())
        ),
        next_step=NEXT_STEP,
        evidence=tuple(
            Evidence(event_id=one.stand.event_id, what="Visit not kept", at=start)
            for start, _, one in recent
            if one.stand is not None
        ),
        audience=(Role.CARE_MANAGER,),
        labels=tuple(sorted({label for _, _, one in recent for label in one.labels})),
        occurrences=len(recent),
        wake_at=expires_at + ONE_SECOND,
    )


def _talked_since(state: PatientState, moment: datetime) -> Contact | None:
    """The first real conversation after the latest missed visit."""
    since = [one for one in state.contacts.values() if one.is_interactive_care and one.at > moment]
    return min(since, key=lambda one: (one.at, one.event_id), default=None)
