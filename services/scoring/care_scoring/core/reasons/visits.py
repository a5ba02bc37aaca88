"""Why home visits are told, excused or awaited."""

from care_scoring.core.reasons.reason import Reason


class VisitReason(Reason):
    """Codes and sentences."""

    VISIT_MISSED = "visit_missed", "The {discipline} visit of {first} was missed ({why})."
    TWO_MISSED_IN_A_ROW = (
        "two_missed_in_a_row",
        "{count} {discipline} visits in a row were missed, {first} to {last} ({why}).",
    )
    THREE_MISSED_IN_A_ROW = (
        "three_missed_in_a_row",
        "{count} {discipline} visits in a row were missed, {first} to {last} ({why}); review the back-up plan.",
    )
    THREE_MISSED_IN_PERIOD = (
        "three_missed_in_period",
        "{count} home visits were missed within {days} days, the latest on {last} ({why}).",
    )
    CRITICAL_VISIT_UNVERIFIED = (
        "critical_visit_unverified",
        "The critical {discipline} visit of {start} is not verified; treat it as missed.",
    )
    CRITICAL_VISIT_MISSED = "critical_visit_missed", "The critical {discipline} visit of {start} was missed ({why})."
    CRITICAL_VISIT_UNSAFE = (
        "critical_visit_unsafe",
        "Nobody could reach the patient for the critical {discipline} visit of {start} ({why}); use the back-up plan.",
    )
    VISIT_LATE = "visit_late", "Nobody has clocked in for the {discipline} visit of {start}."
    VISIT_UNVERIFIED_TOLD = "visit_unverified_told", "The visit is told as missed or unverified by its own rule."
    REFUSED_AGAIN = (
        "refused_again",
        "The patient refused {count} home visits within {days} days, the latest on {last} ({discipline}).",
    )
    REFUSED_LATER_TOO = "refused_later_too", "The patient refused a later visit too; that one is told."
    NOBODY_ANSWERED = (
        "nobody_answered",
        "Nobody answered the door on {start}; the patient is homebound and lives alone, and no call reached anybody.",
    )
    SKILLED_VISITS_SHORT = (
        "skilled_visits_short",
        "{delivered} of {scheduled} {discipline} visits were delivered in the week of {week}.",
    )
    VISIT_AWAITED = "visit_awaited", "The visit is not yet proven and not yet missed."
    WELFARE_CALL_AWAITED = "welfare_call_awaited", "Nobody answered the door; a call may still reach somebody."
    CARE_RESUMED = "care_resumed", "The next visit was delivered."
    VISIT_PROVEN = "visit_proven", "The visit took place; the proof arrived."
    VISIT_PROVEN_LATE = "visit_proven_late", "The visit took place after all; the proof arrived late."
    JOINED_EARLIER_MISS = "joined_earlier_miss", "An earlier visit was missed too; both are told together."
    NOT_COUNTED = "not_counted", "This visit does not count as missed care."
    FEED_SILENT = "feed_silent", "The visit feed is silent; its silence says nothing about the visit."
