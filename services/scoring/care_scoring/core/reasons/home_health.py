"""Why a first home-health visit is awaited, late, made, or not asked for."""

from care_scoring.core.reasons.reason import Reason


class HomeHealthReason(Reason):
    """Codes and sentences."""

    START_LATE_AFTER_REFERRAL = (
        "start_late_after_referral",
        "Referred to home health on {since}; no first visit by {due}.",
    )
    START_LATE_AFTER_RETURN = (
        "start_late_after_return",
        "Home with home health since {since}; no first visit by {due}.",
    )
    START_LATE_AS_ORDERED = "start_late_as_ordered", "Home health was ordered for {on}; no visit on that day."
    RESUMPTION_LATE = "resumption_late", "Home again since {since}; home health has not resumed by {due}."
    START_AWAITED = "start_awaited", "The first visit is not due yet."
    NOT_HOME_YET = "not_home_yet", "The patient is not home yet; the clock starts with the return."
    VISITED = "first_visit_made", "The first visit took place in time."
    VISITED_LATE = "first_visit_made_late", "The first visit took place after the deadline."
    DECLINED = "home_health_declined", "Home health was declined, called off, or is complete."
    ALREADY_ON = "home_health_already_on", "Home health is on already; the stay resumes it, a referral starts nothing."
    ASSESSMENT_DUE = (
        "start_assessment_due",
        "Care at home started on {start}; its comprehensive assessment is due by {due} and has not reached us.",
    )
    RECERTIFICATION_DUE = (
        "recertification_due",
        "The certification period that began on {start} ends on {due}; the assessment for the next has not reached us.",
    )
    ASSESSMENT_AWAITED = "start_assessment_awaited", "The comprehensive assessment is not due yet."
    RECERTIFICATION_AHEAD = "recertification_ahead", "The days for the next assessment have not come."
    ASSESSED = "home_health_assessed", "The assessment was made."
    NOT_ON_SERVICE = "home_health_not_on", "No skilled visit was planned or made lately; care is not on."
