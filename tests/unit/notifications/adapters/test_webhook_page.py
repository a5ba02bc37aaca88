"""A receiver written only from WEBHOOKS.md verifies what we send: its sample runs here as it stands on the page."""

import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from care_notifications.adapters.channels.webhook.channel import payload
from care_notifications.adapters.channels.webhook.signatures import new_private_key, public_key_of, signed_headers
from care_notifications.core.agreements import Grant
from care_notifications.core.attempts import RETRY_AFTER
from care_shared.runtime.clock import utc_now
from tests.unit.notifications.adapters.test_webhook import NEW_KEY, OLD_KEY, message

PAGE = Path("services/notifications/WEBHOOKS.md").read_text("utf-8")
BODY = payload(message(sequence=41), "https://care.example")


@pytest.fixture(scope="module")
def verified():
    """The Python of the page, taken from it."""
    sample = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {}
    exec(sample[1], names)  # our own page
    return names["verified"]


def signed(secrets=(NEW_KEY,), ago=timedelta()):
    return signed_headers("id-1", utc_now() - ago, BODY, secrets)


def test_the_sample_accepts_ours(verified):
    assert verified(NEW_KEY, signed(), BODY)


@pytest.mark.parametrize("key", [NEW_KEY, OLD_KEY], ids=["the new key", "the old key"])
def test_while_keys_are_changed_the_sample_accepts_either(verified, key):
    assert verified(key, signed((NEW_KEY, OLD_KEY)), BODY)


def test_a_signature_of_another_version_beside_it_does_not_confuse_the_sample(verified):
    assert verified(NEW_KEY, signed((new_private_key(b"s" * 32), NEW_KEY)), BODY)


def test_the_sample_refuses_what_is_altered_old_or_of_somebody_else(verified):
    assert not verified(NEW_KEY, signed(), BODY + b" ")
    assert not verified(NEW_KEY, signed(ago=timedelta(minutes=6)), BODY)
    assert not verified(NEW_KEY, signed((OLD_KEY,)), BODY)
    assert not verified(NEW_KEY, signed() | {"webhook-id": "id-2"}, BODY)


def test_v1a_as_the_page_describes_it():
    secret = new_private_key(b"s" * 32)
    headers = signed((secret,))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key_of(secret).removeprefix("whpk_")))
    version, _, value = headers["webhook-signature"].partition(",")

    assert version == "v1a"
    public.verify(base64.b64decode(value), f"id-1.{headers['webhook-timestamp']}.".encode() + BODY)


def test_the_page_names_every_field_that_may_come():
    for grant in set(Grant) - {Grant.FULL_RESOURCE, Grant.SCORES}:  # those are about FHIR
        assert f"`{grant.replace('-', '_')}`" in PAGE
    for field in ("sequence", "event_id", "gap_id", "tier", "due_at", "link"):
        assert f"`data.{field}`" in PAGE


def test_the_page_tells_the_schedule_that_is_kept():
    waits = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
    waits += [timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)]

    assert list(RETRY_AFTER) == waits
    assert "0 s, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h" in PAGE
