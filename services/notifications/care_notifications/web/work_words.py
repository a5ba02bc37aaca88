"""What can be done with an alert, in the words of buttons and lists."""

from care_notifications.core.acts import HandOverReason, ReopenReason, Resolution, SnoozeReason
from care_notifications.web import words
from care_shared.vocabulary import AlertChange

# Hours from now, or nine in the morning some days on, at the patient's home.
SNOOZES = {
    "2h": "for 2 hours",
    "4h": "for 4 hours",
    "1d": "until tomorrow, 9:00",
    "2d": "for 2 days",
    "3d": "for 3 days",
}
SNOOZE_REASONS = {
    SnoozeReason.CALL_BACK_AGREED: "A call back is agreed",
    SnoozeReason.PATIENT_ASKED: "The patient asked for it",
    SnoozeReason.VISIT_PLANNED: "A visit is planned",
    SnoozeReason.WAITING_FOR_OTHERS: "Somebody else has to answer first",
    SnoozeReason.PATIENT_AWAY: "The patient is away",
    SnoozeReason.OTHER: "Another reason",
}
RESOLUTIONS = {
    Resolution.CONTACT_MADE: "Contact made",
    Resolution.VISIT_ARRANGED: "Visit arranged",
    Resolution.REFERRED: "Referred",
    Resolution.MEDICINES_CHANGED: "Medicines changed",
    Resolution.SENT_TO_EMERGENCY: "Sent to emergency care",
    Resolution.DONE: "Done another way",
    Resolution.PATIENT_DECLINED: "The patient declined",
    Resolution.UNABLE_TO_REACH: "Unable to reach",
    Resolution.NO_ACTION_NEEDED: "No action needed",
    Resolution.FALSE_ALERT: "The alert was wrong",
    Resolution.DUPLICATE: "Handled with another alert",
}
# What people choose; that a leave began or a Lead changed is for the system to say.
HAND_OVERS = {
    HandOverReason.BETTER_PLACED: "Better placed to do it",
    HandOverReason.LANGUAGE: "Speaks the patient's language",
    HandOverReason.TOO_MUCH_WORK: "I have too much",
    HandOverReason.ABSENCE: "I shall be away",
    HandOverReason.CONFLICT: "A conflict of interest",
    HandOverReason.OTHER: "Another reason",
}
REOPENINGS = {
    ReopenReason.NOT_DONE: "It is not done",
    ReopenReason.CAME_BACK: "It came back",
    ReopenReason.CLOSED_BY_MISTAKE: "Closed by mistake",
    ReopenReason.OTHER: "Another reason",
}
# By code, for the history of a conflict: what people did, and what scoring said.
SINCE: dict[str, str] = {**words.ACTS, **{change: words.CHANGES[change] for change in AlertChange}}
# What single keys do on the list; `keys.js` does it.
KEYS = {
    "j k": "Next alert, the one before",
    "Enter": "Why is it here? Again: close",
    "o": "Open its page",
    "p": "Open the patient's page",
    "a": "Acknowledge",
    "c": "Log a contact",
    "s": "Snooze",
    "m": "More: assign, escalate, resolve",
    "x": "Pick it for several at once",
    "u": "Undo",
    "f": "Filter",
    "?": "These keys",
}
