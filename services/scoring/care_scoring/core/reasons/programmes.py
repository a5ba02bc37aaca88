"""Why a Health Home duty is due, done, or not asked for."""

from care_scoring.core.reasons.reason import Reason


class ProgrammeReason(Reason):
    """Codes and sentences."""

    MONTH_WITHOUT_SERVICE = (
        "month_without_service",
        "No core service or contact counts yet in {month} ({done} of {wanted}).",
    )
    MONTH_ENDS_WITHOUT_SERVICE = (
        "month_ends_without_service",
        "{month} ends soon, and no core service or contact counts yet ({done} of {wanted}).",
    )
    MONTH_SERVED = "month_served", "The month's core service is documented."
    MONTH_NOT_DUE = "month_not_due", "There is time this month."
    MONTH_OVER = "month_over", "The month is over."
    NOT_ENROLLED = "not_enrolled", "The patient is in no Health Home programme."
    PLAN_DUE = "plan_due", "In the Health Home since {day}: assessment and plan are due by {due}."
    PLAN_YEARLY_DUE = (
        "plan_yearly_due",
        "The plan of care was last revised on {day}; the yearly revision is due by {due}.",
    )
    PLAN_EVENT_DUE = "plan_event_due", "Home from a stay since {day}: the plan of care is revised by {due}."
    PLAN_WRITTEN = "plan_written", "The plan of care was written or revised."
    PLAN_NOT_DUE = "plan_not_due", "The plan of care is not due yet."
