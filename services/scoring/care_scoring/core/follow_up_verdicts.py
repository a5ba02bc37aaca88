"""What is said about a follow-up visit: unbooked by the third day P3, three days before its time ends P2."""

from datetime import datetime

from care_scoring.core.aftercare import ONE_SECOND, joined_evidence
from care_scoring.core.calendar import spoken_time
from care_scoring.core.follow_up_windows import LOST, FollowUpWindow
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.state.referrals import AppointmentStatus
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.vocabulary import CloseReason, Role, Tier

BOOK = "Book a visit within the window and tell the patient; offer telehealth if travel is hard."
BOOK_NOW = "Call the clinic and the patient today: the visit must take place before the window closes."
MOVE = "Ask the clinic for an earlier date: the booked one lies after the window."
ASK = "Ask the clinic whether the patient was seen, and book again if not."
NEXT_STEPS = {
    FollowUpReason.VISIT_NOT_BOOKED: BOOK,
    FollowUpReason.VISIT_WINDOW_CLOSING: BOOK_NOW,
    FollowUpReason.VISIT_BOOKED_TOO_LATE: MOVE,
    FollowUpReason.VISIT_OUTCOME_UNKNOWN: ASK,
}


def visit_verdict(window: FollowUpWindow) -> Verdict:
    """Kept, over, booked, or to be told."""
    after = window.aftercare
    over = _over(window)
    if over is not None:
        return over
    if after.is_away:
        return _for_now(window, CloseReason.SUPERSEDED, PersonReason.INPATIENT, window.due_at + ONE_SECOND)
    awaited = window.awaited_until
    if awaited is not None and after.now < awaited:
        wake_at = min(awaited, window.due_at + ONE_SECOND)
        return _for_now(window, CloseReason.EVIDENCE, FollowUpReason.VISIT_BOOKED, wake_at)
    if after.now < window.unbooked_at:
        return Watching(episode=after.name, reason=FollowUpReason.VISIT_NOT_DUE_YET, wake_at=window.unbooked_at)
    if after.now < window.last_call_at:
        if awaited is None and window.with_status(*LOST):
            return _for_now(window, CloseReason.SUPERSEDED, FollowUpReason.LOST_VISIT_TOLD, window.last_call_at)
        return _told(window, Tier.P3)
    return _told(window, Tier.P2)


def _for_now(window: FollowUpWindow, close_reason: CloseReason, reason: Reason, until: datetime) -> Settled:
    """Nobody has to act as things stand; it is looked at again."""
    return Settled(episode=window.aftercare.name, close_reason=close_reason, reason=reason, wake_at=until)


def _over(window: FollowUpWindow) -> Settled | None:
    after, kept = window.aftercare, window.kept
    if kept is not None:
        late = kept.known_at > window.due_at
        return Settled(
            episode=after.name,
            close_reason=CloseReason.LATE_EVIDENCE if late else CloseReason.EVIDENCE,
            reason=FollowUpReason.VISIT_KEPT,
            explanation=f"{FollowUpReason.VISIT_KEPT.sentence} Seen {spoken_time(kept.at, after.home)}.",
            evidence=kept.evidence,
        )
    if after.now > window.due_at:
        return Settled(episode=after.name, close_reason=CloseReason.EXPIRED, reason=FollowUpReason.VISIT_WINDOW_OVER)
    return None


def _reason(window: FollowUpWindow, tier: Tier) -> FollowUpReason:
    if window.awaited_until is not None:
        return FollowUpReason.VISIT_OUTCOME_UNKNOWN
    if window.booked_too_late is not None:
        return FollowUpReason.VISIT_BOOKED_TOO_LATE
    return FollowUpReason.VISIT_WINDOW_CLOSING if tier is Tier.P2 else FollowUpReason.VISIT_NOT_BOOKED


def _told(window: FollowUpWindow, tier: Tier) -> Open:
    after, reason = window.aftercare, _reason(window, tier)
    booked = window.booked_too_late
    unanswered = window.with_status(AppointmentStatus.BOOKED)
    if unanswered:
        booked = unanswered[-1][0]
    return Open(
        episode=after.name,
        tier=tier,
        reason=reason,
        explanation=reason.say(
            left=window.left, due=window.due, booked=spoken_time(booked, after.home) if booked else ""
        ),
        next_step=NEXT_STEPS[reason],
        evidence=joined_evidence(after.evidence, _bookings(window)),
        due_at=window.due_at,
        audience=(Role.CARE_MANAGER,),
        labels=window.labels,
        late_notice=after.learnt_after(window.unbooked_at),
        wake_at=window.due_at + ONE_SECOND if tier is Tier.P2 else window.last_call_at,
    )


def _bookings(window: FollowUpWindow) -> tuple[Evidence, ...]:
    """The bookings that do not help."""
    return tuple(
        Evidence(event_id=one.stand.event_id, what="Booked visit", at=start)
        for start, _, one in window.appointments
        if one.stand is not None and one.status is AppointmentStatus.BOOKED
    )
