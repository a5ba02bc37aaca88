"""Why a series of readings is told or not."""

from care_scoring.core.reasons.reason import Reason


class TrendReason(Reason):
    """Codes and sentences."""

    TREND_RISING = (
        "trend_rising",
        "{vital} rose by {change} {unit} per {days} days over {span} days (p {p}); latest 3-day median {latest}{line}.",
    )
    TREND_FALLING = (
        "trend_falling",
        "{vital} fell by {change} {unit} per {days} days over {span} days (p {p}); latest 3-day median {latest}{line}.",
    )
    NEEDS_MORE_READINGS = "needs_more_readings", "Too few readings to judge a trend."
    GAP_IN_READINGS = "gap_in_readings", "Too many days without a reading to judge a trend."
    STALE = "stale", "The latest reading is too old to judge a trend."
    ALL_EQUAL = "all_equal", "All readings are equal."
    NO_SIGNIFICANT_TREND = "no_significant_trend", "The readings show no significant trend."
    CHANGE_TOO_SMALL = "change_too_small", "The trend is significant but too small to matter."
    BELOW_CAUTION_LINE = "below_caution_line", "The readings trend, but within what is safe for this patient."
    STEROID_COURSE = "steroid_course", "A course of steroids on the plan explains the rise."
    NEW_DEVICE = "new_device", "The device is new; its first days are not compared with the old one."
    TREND_ENDED = "trend_ended", "The readings no longer trend."
