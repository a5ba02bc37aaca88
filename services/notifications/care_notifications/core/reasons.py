"""Every reason for not telling somebody something, spelled once; each is stored and shown."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a notice was not sent. The sentence beside each is what the worklist shows."""

    ALREADY_TOLD = "already-told"
    CLOSED_BEFORE_SEND = "closed-before-send"
    ACKNOWLEDGED_BEFORE_SEND = "acknowledged-before-send"
    SNOOZED_BEFORE_SEND = "snoozed-before-send"
    NEVER_TOLD = "never-told"
    EXPIRED = "expired"
    SENSITIVE = "sensitive"
    WORKLIST_ONLY = "worklist-only"
    NO_LONGER_RECIPIENT = "no-longer-recipient"
    UNKNOWN_PERSON = "unknown-person"
    UNKNOWN_ROLE = "unknown-role"
    UNKNOWN_AGENCY = "unknown-agency"
    NO_ENDPOINT = "no-endpoint"
    NO_ADDRESS = "no-address"
    CHANNEL_OFF = "channel-off"
    ENDPOINT_OFF = "endpoint-off"
    NO_AGREEMENT = "no-agreement"
    RULE_NOT_AGREED = "rule-not-agreed"
    CHANNEL_NOT_AGREED = "channel-not-agreed"
    OPTED_OUT = "opted-out"
    NO_DIGESTS = "no-digests"
    REFUSED = "refused"
    ATTEMPTS_USED_UP = "attempts-used-up"
    PRIVATE = "private"
    NOT_NECESSARY = "not-necessary"
    NOT_ROUTED = "not-routed"


IN_WORDS: dict[Reason, str] = {
    Reason.ALREADY_TOLD: "was told before, at the same or a graver tier",
    Reason.CLOSED_BEFORE_SEND: "the gap closed before the notice left",
    Reason.ACKNOWLEDGED_BEFORE_SEND: "somebody acknowledged before the notice left",
    Reason.SNOOZED_BEFORE_SEND: "somebody snoozed the alert before the notice left",
    Reason.NEVER_TOLD: "was never told that the gap opened",
    Reason.EXPIRED: "too old to be useful",
    Reason.SENSITIVE: "carries a sensitivity label; stays inside the care team",
    Reason.WORKLIST_ONLY: "this kind of change shows on the worklist only",
    Reason.NO_LONGER_RECIPIENT: "does not answer for this patient any more",
    Reason.UNKNOWN_PERSON: "named by the care team, not known or not active here",
    Reason.UNKNOWN_ROLE: "nobody has this role",
    Reason.UNKNOWN_AGENCY: "no agency is named for this patient",
    Reason.NO_ENDPOINT: "the agency has no endpoint",
    Reason.NO_ADDRESS: "has no address for this channel",
    Reason.CHANNEL_OFF: "the channel is not configured",
    Reason.ENDPOINT_OFF: "the endpoint is switched off",
    Reason.NO_AGREEMENT: "no agreement with this organisation holds now",
    Reason.RULE_NOT_AGREED: "the agreement is not about this rule",
    Reason.CHANNEL_NOT_AGREED: "the agreement does not name this channel",
    Reason.OPTED_OUT: "does not want notices over this channel",
    Reason.NO_DIGESTS: "wants no digests; it stays on their worklist",
    Reason.REFUSED: "the receiver refused it for good",
    Reason.ATTEMPTS_USED_UP: "every attempt failed",
    Reason.PRIVATE: "is private: no partner, and nothing that the household shares",
    Reason.NOT_NECESSARY: "is very restricted; only the person who answers for it is told",
    Reason.NOT_ROUTED: "the notice policy sends this kind of alert another way",
}


class Hold(StrEnum):
    """Why a notice waits. What waits has a time, and is judged again then."""

    COVERED = "covered"
    DIGEST = "digest"
    QUIET_HOURS = "quiet-hours"
    OVER_BUDGET = "over-budget"
    GROUPED = "grouped"


HOLDS_IN_WORDS: dict[Hold, str] = {
    Hold.COVERED: "another alert of this patient covers it; told when that one ends while this is still open",
    Hold.DIGEST: "not urgent: comes with the next digest",
    Hold.QUIET_HOURS: "it is night where they are: waits until morning",
    Hold.OVER_BUDGET: "they had as many notices as is good for anybody: comes with the next digest",
    Hold.GROUPED: "several came at once: comes in one notice with the others",
}
