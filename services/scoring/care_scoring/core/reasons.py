"""Every reason why a care gap opens, closes or stays silent, with the sentence that people read."""

from enum import StrEnum


class Reason(StrEnum):
    """One named reason. `say()` fills in its sentence; the name goes into messages, logs and metrics."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> "Reason":
        """A reason is its code; the sentence travels with it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    # ---- the person
    DECEASED = "deceased", "The patient died; nothing more is due."
    MERGED = "merged", "The record was merged into another one, which answers for the patient now."
    HOSPICE = "hospice", "The patient chose hospice care; measure follow-up ends."
    INPATIENT = "inpatient", "The patient is in hospital; care at home resumes after the discharge."
    NOT_MENTIONED = "not_mentioned", "The facts it rested on were withdrawn."

    # ---- contact after a discharge
    CONTACT_DUE_TODAY = (
        "contact_due_today",
        "Discharged {discharged}{place}; no contact by noon of the second business day ({due}).",
    )
    CONTACT_DUE_TONIGHT = (
        "contact_due_tonight",
        "Discharged {discharged}{place}; still no contact late on the second business day ({due}).",
    )
    CONTACT_OVERDUE = (
        "contact_overdue",
        "Discharged {discharged}{place}; the second business day ({due}) passed without contact.",
    )
    CONTACT_PENDING = "contact_pending", "Contact is not due yet."
    CONTACT_MADE = "contact_made", "Patient or caregiver was reached in time."
    CONTACT_MADE_LATE = "contact_made_late", "Patient or caregiver was reached after the deadline."
    ATTEMPTS_SATISFIED = "attempts_satisfied", "Two separate attempts were made in time; outreach goes on."
    KEEP_TRYING = (
        "keep_trying",
        "Discharged {discharged}{place}; two attempts in time did not reach anybody. Keep trying.",
    )
    DISCHARGE_CANCELLED = "discharge_cancelled", "The discharge was withdrawn."
    ADMISSION_CANCELLED = "admission_cancelled", "The stay was withdrawn."
    NOT_A_QUALIFYING_STAY = "not_a_qualifying_stay", "This kind of stay asks for no contact."
    NOT_DISCHARGED_HOME = "not_discharged_home", "The patient did not go home."
    READMITTED = "readmitted", "The patient was admitted again; the next discharge starts anew."
    DUPLICATE_STAY = "duplicate_stay", "Another notice of the same stay is followed up already."
    PERIOD_ENDED = "period_ended", "The 30 days after the discharge are over."

    # ---- home visits
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
    SOMEBODY_REACHED = "somebody_reached", "Somebody was reached about the patient."
    JOINED_EARLIER_MISS = "joined_earlier_miss", "An earlier visit was missed too; both are told together."
    NOT_COUNTED = "not_counted", "This visit does not count as missed care."
    FEED_SILENT = "feed_silent", "The visit feed is silent; its silence says nothing about the visit."
    TOO_LONG_AGO = "too_long_ago", "It is too long ago to act on."

    # ---- vitals
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
    TREND_ENDED = "trend_ended", "The readings no longer trend."

    # ---- weight in heart failure
    WEIGHT_GAIN_OVERNIGHT = (
        "weight_gain_overnight",
        "Weight rose by {gain} kg since the day before ({before} to {now} kg on {day}).",
    )
    WEIGHT_GAIN_WEEK = (
        "weight_gain_week",
        "Weight rose by {gain} kg within a week ({before} to {now} kg on {day}).",
    )
    WRONG_PERSON_SUSPECT = (
        "wrong_person_suspect",
        "{now} kg on {day} differs by {percent} % from the weight before; another person may have used the scale.",
    )
    NO_HEART_FAILURE = "no_heart_failure", "No heart failure is recorded."
    NO_WEIGHT_GAIN = "no_weight_gain", "Weight is steady."
    WEIGHT_SETTLED = "weight_settled", "Weight came back in range."

    def say(self, **facts: object) -> str:
        """The sentence with its facts."""
        return self.sentence.format(**facts)
