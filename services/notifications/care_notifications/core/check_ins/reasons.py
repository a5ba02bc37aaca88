"""Why a check-in was not sent, or not yet."""

from enum import StrEnum


class NotSent(StrEnum):
    """Each with its sentence in `IN_WORDS`."""

    DECEASED = "deceased"
    MERGED = "merged"
    HOSPICE = "hospice"
    INPATIENT = "inpatient"
    OPTED_OUT = "opted-out"
    NOT_REVIEWED = "not-reviewed"
    NO_CAREGIVER = "no-caregiver"
    NO_ADDRESS = "no-address"
    LINE_NOT_PRIVATE = "line-not-private"
    ASKED_LATELY = "asked-lately"
    TOO_LATE = "too-late"
    QUIET_HOURS = "quiet-hours"
    ENOUGH_TODAY = "enough-today"
    REFUSED = "refused"
    ATTEMPTS_USED_UP = "attempts-used-up"
    CORRECTED = "corrected"


IN_WORDS = {
    NotSent.DECEASED: "the patient has died",
    NotSent.MERGED: "the record was merged into another one, which is written to instead",
    NotSent.HOSPICE: "the patient is in hospice care",
    NotSent.INPATIENT: "the patient is not at home",
    NotSent.OPTED_OUT: "they asked not to be written to",
    NotSent.NOT_REVIEWED: "no clinician has reviewed the text yet",
    NotSent.NO_CAREGIVER: "no caregiver is known",
    NotSent.NO_ADDRESS: "there is no phone or mailbox we may write to",
    NotSent.LINE_NOT_PRIVATE: "nobody said that the phone or mailbox is theirs alone, and the topic is private",
    NotSent.ASKED_LATELY: "they were asked the same a short while ago",
    NotSent.TOO_LATE: "its time had passed when it could have been sent",
    NotSent.QUIET_HOURS: "outside the hours in which they may be reached; waiting",
    NotSent.ENOUGH_TODAY: "they were written to often enough today; waiting",
    NotSent.REFUSED: "the gateway or mail server refused it",
    NotSent.ATTEMPTS_USED_UP: "it could not be handed over in time",
    NotSent.CORRECTED: "what it followed was taken back",
}
