"""Who tried to reach the patient, how, and how that ended."""

from datetime import datetime

from msgspec import Struct

from care_shared.vocabulary import (
    ContactChannel,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    EventId,
    SensitivityLabel,
)

UNSUCCESSFUL = frozenset({ContactOutcome.LEFT_MESSAGE, ContactOutcome.NO_ANSWER, ContactOutcome.DECLINED})


class Contact(Struct, array_like=True, gc=False):
    """One attempt as last stated; a retraction is a statement too, and may come before what it retracts."""

    said: datetime
    retracted: bool
    event_id: EventId
    at: datetime
    outcome: ContactOutcome = ContactOutcome.NO_ANSWER
    channel: ContactChannel = ContactChannel.PHONE
    party: ContactParty = ContactParty.PATIENT
    purpose: ContactPurpose = ContactPurpose.CARE
    labels: tuple[SensitivityLabel, ...] = ()

    def beats(self, held: "Contact | None") -> bool:
        """Whether this statement wins: the later one, on a tie the retraction, then the greater event id."""
        if held is None:
            return True
        return (self.said, self.retracted, self.event_id) > (held.said, held.retracted, held.event_id)

    @property
    def reached_somebody(self) -> bool:
        """Anybody answered, two-way."""
        return (
            not self.retracted
            and self.outcome is ContactOutcome.REACHED
            and self.channel is not ContactChannel.TEXT_MESSAGE
        )

    @property
    def is_interactive_care(self) -> bool:
        """TCM contact: two-way with patient or caregiver, about care and not only about scheduling."""
        return self.reached_somebody and self.party is not ContactParty.OTHER and self.purpose is ContactPurpose.CARE

    @property
    def is_attempt(self) -> bool:
        """An outreach that tried in earnest and did not get through. A text message is no attempt to talk."""
        return (
            not self.retracted
            and self.outcome in UNSUCCESSFUL
            and self.channel is not ContactChannel.TEXT_MESSAGE
            and self.purpose is ContactPurpose.CARE
        )
