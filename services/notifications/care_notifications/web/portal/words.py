"""Codes of partners' work become words their people read."""

from care_notifications.core.agreements import Grant
from care_notifications.core.partner_tasks import DeclineReason, TaskOutcome, TaskStatus
from care_shared.vocabulary import CloseReason

STATUSES = {
    TaskStatus.REQUESTED: "Needs your answer",
    TaskStatus.RECEIVED: "Needs your answer",
    TaskStatus.ACCEPTED: "Accepted",
    TaskStatus.IN_PROGRESS: "In progress",
    TaskStatus.REJECTED: "Declined",
    TaskStatus.COMPLETED: "Done",
    TaskStatus.FAILED: "Not done",
    TaskStatus.CANCELLED: "No longer needed",
}
TONES = {
    TaskStatus.REQUESTED: "warn",
    TaskStatus.RECEIVED: "warn",
    TaskStatus.ACCEPTED: "accent",
    TaskStatus.IN_PROGRESS: "accent",
    TaskStatus.COMPLETED: "good",
}
DECLINES = {
    DeclineReason.NO_CAPACITY: "We have nobody free",
    DeclineReason.OUT_OF_AREA: "Out of our area",
    DeclineReason.NOT_OUR_PATIENT: "Not a patient of ours",
    DeclineReason.PATIENT_REFUSED: "The patient refused",
    DeclineReason.PATIENT_UNREACHABLE: "The patient cannot be reached",
    DeclineReason.ALREADY_DONE: "It was done before",
    DeclineReason.OTHER: "Another reason",
}
OUTCOMES = {
    TaskOutcome.VISIT_MADE: "Visit made",
    TaskOutcome.VISIT_SCHEDULED: "Visit scheduled",
    TaskOutcome.PATIENT_REACHED: "Patient reached",
    TaskOutcome.HANDED_ON: "Handed on",
    TaskOutcome.NOT_NEEDED: "Not needed after all",
    TaskOutcome.OTHER: "Done another way",
}
# Why it ended without the partner's word.
ENDINGS: dict[str, str] = {
    CloseReason.EVIDENCE: "Evidence arrived that it was done",
    CloseReason.LATE_EVIDENCE: "Late evidence arrived that it was done",
    CloseReason.WITHDRAWN: "What led to it was taken back",
    CloseReason.SUPERSEDED: "Another alert covers it",
    CloseReason.EXPIRED: "The time for it has passed",
    "no-longer-yours": "The patient is no longer with you",
    "resolved": "The care team has settled it",
}
GRANTS = {
    Grant.PATIENT_ID: "our number of the patient",
    Grant.PATIENT_NAME: "the patient's name",
    Grant.BIRTH_DATE: "the date of birth",
    Grant.RULE: "which rule found it",
    Grant.REASON: "the reason as a code",
    Grant.EXPLANATION: "the reason in a sentence",
    Grant.NEXT_STEP: "what to do next",
    Grant.LEAD: "the Lead's name and phone",
    Grant.CARE_INSTRUCTIONS: "care instructions",
    Grant.FULL_RESOURCE: "whole resources in FHIR notifications",
    Grant.SCORES: "risk scores over FHIR",
}
DOORS = {"webhook": "Webhooks", "fhir": "FHIR", "portal": "This portal"}
TROUBLE = {
    "no-connection": "could not connect",
    "no-answer": "no answer within 15 seconds",
    "unknown-host": "the host name is not known",
    "unusable-secret": "our key could not be used",
    "caught-up": "fetched by catch-up",
    "expired": "not answered within its time",
    "unsafe-address.private-address": "the name leads to a private address",
    "unsafe-address.not-https": "the address is not https",
    "unsafe-address.port": "only ports 443 and 8443 are used",
    "unsafe-address.malformed": "the address cannot be used",
}
PROBES = {"challenge": "Challenge", "test": "Test event"}
PROBE_STATES = {
    "waiting": "on its way",
    "answered": "answered",
    "failed": "not answered",
    "replaced": "replaced by a newer one",
}


def ending_in_words(reason: str | None, outcome: str | None) -> str:
    """How a task ended, or why it was declined."""
    if outcome:
        return OUTCOMES[TaskOutcome(outcome)]
    if not reason:
        return ""
    return DECLINES[DeclineReason(reason)] if reason in set(DeclineReason) else ENDINGS.get(reason, "")


def answer_in_words(code: str) -> str:
    """What came back from an endpoint: a status, or why there was none."""
    status, _, more = code.partition(".")
    if status.isdigit():
        return f"{status}, but not the word we asked for" if more else status
    return TROUBLE.get(code, code.replace("-", " ").replace(".", ", "))
