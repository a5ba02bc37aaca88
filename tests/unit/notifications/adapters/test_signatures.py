"""A receiver that holds only our public key can verify `v1a`; whoever holds the old or the new key can verify."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from care_notifications.adapters.channels.webhook.signatures import (
    check_secret,
    new_private_key,
    new_shared_secret,
    public_key_of,
    signed_headers,
)
from care_shared.errors import ConfigurationError
from tests.care_alerts import NOW

# RFC 8032, section 7.1, test 2: seed, public key, the one-byte message 0x72, signature.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
BODY = b'{"type":"care-gap.opened"}'


def signatures(*secrets):
    headers = signed_headers("id-1", NOW, BODY, secrets)
    signed = f"id-1.{headers['webhook-timestamp']}.".encode() + BODY
    return signed, [one.split(",") for one in headers["webhook-signature"].split(" ")]


def test_the_keys_are_those_of_rfc_8032():
    assert public_key_of("whsk_" + base64.b64encode(SEED).decode()) == "whpk_" + base64.b64encode(PUBLIC).decode()


def test_a_receiver_verifies_with_the_public_key_and_not_with_another():
    secret = new_private_key(SEED)
    signed, [(version, signature)] = signatures(secret)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key_of(secret).removeprefix("whpk_")))

    assert version == "v1a"
    public.verify(base64.b64decode(signature), signed)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature), signed + b" ")


def test_a_shared_and_a_private_key_may_be_live_at_once():
    _, both = signatures(new_private_key(SEED), new_shared_secret(b"n" * 32))

    assert [version for version, _ in both] == ["v1a", "v1"]


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("whsk_", id="empty"),
        pytest.param("whsk_" + base64.b64encode(b"short").decode(), id="short"),
        pytest.param("whsk_" + base64.b64encode(SEED + b"x" * 32).decode(), id="halves that do not belong together"),
        pytest.param("whpk_" + base64.b64encode(PUBLIC).decode(), id="a public key"),
        pytest.param("whsec_" + base64.b64encode(b"x" * 65).decode(), id="longer than the standard allows"),
    ],
)
def test_what_cannot_sign_is_refused(secret):
    with pytest.raises(ConfigurationError):
        check_secret(secret)
