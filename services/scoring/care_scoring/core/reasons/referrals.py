"""Where a referral stands: asked for, scheduled, attended, reported."""

from care_scoring.core.reasons.reason import Reason


class ReferralReason(Reason):
    """Codes and sentences."""

    URGENT_NOT_SCHEDULED = (
        "urgent_referral_not_scheduled",
        "The urgent referral{to} of {ordered} is not scheduled after {days} business days.",
    )
    NOT_SCHEDULED = "referral_not_scheduled", "The referral{to} of {ordered} is not scheduled after {days} days."
    NO_SHOW = "referral_no_show", "The appointment{to} of {seen} for the referral of {ordered} was not kept."
    NO_REPORT = "referral_report_missing", "The appointment{to} was {seen}; no report has come after {days} days."
    SCHEDULING_IN_TIME = "referral_scheduling_in_time", "There is still time to schedule the referral."
    APPOINTMENT_AHEAD = "referral_appointment_ahead", "The appointment lies ahead."
    REPORT_AWAITED = "referral_report_awaited", "The appointment was kept; the report is not due yet."
    REPORT_RECEIVED = "referral_report_received", "The consultant's report came back."
    DECLINED = "referral_declined", "The patient declined, and that is documented."
    CALLED_OFF = "referral_called_off", "The referral was called off or completed elsewhere."
    ENTERED_IN_ERROR = "referral_entered_in_error", "The referral was entered by mistake."
