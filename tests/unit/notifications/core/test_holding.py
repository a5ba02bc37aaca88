"""What waits to be taken back is kept as codes, and is the same act when it is read again."""

import pytest

from care_notifications.core.acts import HandOver, HandOverReason, Resolution, Resolve, Snooze, SnoozeReason
from care_notifications.core.holding import Contact, codes_of, kind_of, note_of, read_back
from care_shared.vocabulary import ContactChannel, ContactId, ContactOutcome, ContactParty, ContactPurpose
from tests.care_alerts import BEN, NOW

CONTACT = Contact(
    ContactId("act-1"), ContactOutcome.NO_ANSWER, ContactChannel.PHONE, ContactParty.CAREGIVER, ContactPurpose.CARE
)


@pytest.mark.parametrize(
    ("what", "codes"),
    [
        (CONTACT, {"outcome": "no-answer", "channel": "phone", "party": "caregiver", "purpose": "care"}),
        (Snooze(NOW, SnoozeReason.OTHER, "later"), {"reason": "other", "until": "2026-11-23T14:00:00+00:00"}),
        (Resolve(Resolution.REFERRED, "to the clinic"), {"outcome": "referred"}),
        (HandOver(BEN, HandOverReason.LANGUAGE), {"reason": "language", "to": "cm-ben"}),
    ],
    ids=["contact", "snooze", "resolve", "hand over"],
)
def test_an_act_comes_back_as_it_was(what, codes):
    assert codes_of(what) == codes
    assert read_back("act-1", kind_of(what), codes_of(what), note_of(what)) == what


def test_what_is_never_held_is_not_read_back():
    with pytest.raises(ValueError, match="acknowledged"):
        read_back("act-1", "acknowledged", {}, "")
