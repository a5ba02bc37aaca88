"""Why the burden of a caregiver is told, asked about, or no news."""

from care_scoring.core.reasons.reason import Reason


class CaregiverReason(Reason):
    """Codes and sentences. The scores are the caregiver's own: partners never read them."""

    LONG_FORM_DUE = "long_form_due", "The four Zarit items of {day} screen positive; ask the twelve by {due}."
    LONG_FORM_DONE = "long_form_done", "The twelve Zarit items were asked."
    SHORT_FORM_NEGATIVE = "short_form_negative", "The four Zarit items screen negative."
    BURDEN_HIGH = "burden_high", "The caregiver's burden is high (ZBI-12 {total} on {day})."
    BURDEN_RISING = "burden_rising", "The caregiver's burden rose from {before} to {total} (ZBI-12 of {day})."
    BURDEN_NOT_HIGH = "burden_not_high", "The caregiver's burden is not high."
    SUPPORT_GIVEN = "support_given", "The caregiver-support task is completed."
    CAREGIVER_ASKED_AGAIN = "caregiver_asked_again", "The caregiver was asked again; the later answers count."
    SCREEN_REPEAT_DUE = "screen_repeat_due", "The caregiver was last asked on {day}; ask again."
    SCREEN_AFTER_DISCHARGE = "screen_after_discharge", "Home since {day}: ask how the caregiver copes, by {due}."
    SCREEN_FOR_SIGNS = "screen_for_signs", "Signs of strain ({signs}): ask how the caregiver copes."
    SCREEN_NOT_DUE = "screen_not_due", "The caregiver need not be asked yet."
    SCREEN_DONE = "screen_done", "The caregiver was asked."
    SCREEN_WINDOW_OVER = "screen_window_over", "The time to ask after the discharge is over."
