"""Why a reading out of its limits, or a reading that did not come, is told or not."""

from care_scoring.core.reasons.reason import Reason


class ThresholdReason(Reason):
    """What all limits share."""

    AWAITING_REPEAT = "awaiting_repeat", "A repeat of the reading is awaited."
    NOT_CONFIRMED = "not_confirmed", "The repeat was in range; the mean counts."
    UNCONFIRMED = "unconfirmed", "No repeat within {minutes} minutes: unconfirmed."
    IN_RANGE_AGAIN = "in_range_again", "The readings came back in range."
    NO_FURTHER_BREACH = "no_further_breach", "No further reading out of range."


class PressureReason(Reason):
    """Blood pressure."""

    CRISIS_WITH_SYMPTOMS = "pressure_crisis_symptoms", "Very high blood pressure with symptoms: {readings}."
    CRISIS = "pressure_crisis", "Very high blood pressure: {readings}."
    LOW_WITH_SYNCOPE = "pressure_low_syncope", "Low blood pressure, and the patient fainted: {readings}."
    LOW = "pressure_low", "Low blood pressure: {readings}."
    LOW_AND_DIZZY = "pressure_low_dizzy", "Low blood pressure with dizziness: {readings}."
    MEAN_HIGH = "pressure_mean_high", "Mean blood pressure at home {mean} over {count} readings on {days} days."
    MEAN_IN_RANGE = "pressure_mean_in_range", "The mean blood pressure at home is in range."


class HeartRateReason(Reason):
    """Heart rate."""

    EXTREME = "heart_rate_extreme", "Heart rate far out of range: {readings}."
    HIGH = "heart_rate_high", "Heart rate high at rest: {readings}."
    OUT_WITH_SYMPTOMS = "heart_rate_symptoms", "Heart rate out of range with symptoms: {readings}."


class OxygenReason(Reason):
    """Oxygen saturation."""

    VERY_LOW = "oxygen_very_low", "Oxygen saturation very low: {readings}."
    LOW = "oxygen_low", "Oxygen saturation low: {readings}."
    BELOW_TARGET = "oxygen_below_target", "Oxygen saturation below the recorded target: {readings}."
    TOO_HIGH_ON_OXYGEN = "oxygen_too_high", "Oxygen saturation above the recorded target while on oxygen: {readings}."
    DROPPED = "oxygen_dropped", "Oxygen saturation dropped below the patient's usual: {readings}."


class GlucoseReason(Reason):
    """Glucose."""

    VERY_LOW = "glucose_very_low", "Glucose dangerously low: {readings}."
    LOW_AT_RISK = "glucose_low_at_risk", "Glucose low on insulin or sulfonylurea, alone or unresponsive: {readings}."
    LOW_ON_THERAPY = "glucose_low_on_therapy", "Glucose low on insulin or sulfonylurea: {readings}."
    LOW_AGAIN = "glucose_low_again", "Glucose low twice running: {readings}."
    LOW_ONCE = "glucose_low_once", "Glucose low once: {readings}."
    HIGH_AGAIN = "glucose_high_again", "Glucose high more than once within a day: {readings}."
    HIGH_FOR_DAYS = "glucose_high_for_days", "Glucose very high on two days running, or beyond the meter: {readings}."
    HIGH_AND_ILL = "glucose_high_and_ill", "Glucose high in a patient at risk of ketoacidosis: {readings}."
    NEAR_LOW_AGAIN = (
        "glucose_near_low_again",
        "Glucose near low twice within a day on insulin or sulfonylurea: {readings}.",
    )


class BodyReason(Reason):
    """Temperature, breathing, peak flow."""

    FEVER = "fever", "Fever: {readings}."
    FEVER_AND_FAST = "fever_and_fast", "Fever with a fast pulse or fast breathing: {readings}."
    BREATHING = "breathing_out_of_range", "Respiratory rate far out of range: {readings}."
    PEAK_FLOW_RED = "peak_flow_red", "Peak flow below half of the personal best: {readings}."
    PEAK_FLOW_YELLOW = "peak_flow_yellow", "Peak flow below the personal best: {readings}."
    NO_PERSONAL_BEST = "no_personal_best", "No personal best of peak flow is recorded."


class TransmissionReason(Reason):
    """Readings that do not come."""

    STOPPED_TRANSMITTING = (
        "stopped_transmitting",
        "No reading since {day}, after readings on {usual} of {of} days before.",
    )
    TRANSMITTING = "transmitting", "Readings are coming."
    QUIET_LATELY = "quiet_lately", "No reading came lately; it is not long enough to tell."
    NOT_USUAL = "not_usual", "The patient did not send readings regularly before."
    FEED_SILENT = "gateway_silent", "The feed itself is silent; that is for operations, not for the patient."
    PROGRAMME_ENDED = "programme_ended", "The monitoring programme ended."
    TRANSMITS_AGAIN = "transmits_again", "A reading came again."
    FEW_DAYS = "few_days", "{so_far} days with data by day {day}: {projected} of {needed} days expected by {ends}."
    ENOUGH_DAYS = "enough_days", "Enough days with data are expected in this period."
    PERIOD_ENDED = "monitoring_period_ended", "The monitoring period ended."
    NOT_ENROLLED = "not_monitored", "The patient is in no monitoring programme."
