"""A partner can verify our webhooks with the reference library, and we send to no machine inside."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from care_notifications.adapters.channels.webhook.channel import outcome_of, payload
from care_notifications.adapters.channels.webhook.connector import Answer
from care_notifications.adapters.channels.webhook.safe_address import UnsafeAddressError, checked_target, is_public
from care_notifications.adapters.channels.webhook.signatures import signed_headers
from care_notifications.core.attempts import Accepted, Refused, Unavailable
from care_notifications.core.messages import Address, Message
from care_notifications.core.state import Channel, Notice
from care_shared.contracts.envelope import derived_id
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import AlertChange, GapId, PatientId, Tier
from tests.care_alerts import NOW

NEW_KEY = "whsec_" + "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXct"
OLD_KEY = "whsec_" + "b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQt"
BODY = b'{"type":"care-gap.opened"}'


def message(**changed):
    told = {
        "delivery_id": derived_id("delivery"),
        "number": 1,
        "gap_id": GapId("gap-1"),
        "patient_id": PatientId("patient-1"),
        "channel": Channel.WEBHOOK,
        "recipient": "endpoint-harbor",
        "notice": Notice.ATTENTION,
        "change": AlertChange.OPENED,
        "tier": Tier.P2,
        "rule_id": "missed-visit",
        "due_at": NOW + timedelta(hours=4),
        "noticed_at": NOW,
        "expires_at": NOW + timedelta(days=5),
        "address": Address(url="https://partner.example/hook", secrets=(NEW_KEY,)),
    }
    return Message(**(told | changed))


def signed_now(body=BODY, secrets=(NEW_KEY,), ago=timedelta()):
    real_now = datetime.now(UTC)  # noqa: TID251  # the reference library looks at the real clock
    return signed_headers("id-1", real_now - ago, body, secrets)


def test_the_reference_library_accepts_what_we_sign():
    Webhook(NEW_KEY).verify(BODY, signed_now())


@pytest.mark.parametrize("key", [NEW_KEY, OLD_KEY], ids=["the new key", "the old key"])
def test_while_keys_are_changed_both_verify(key):
    Webhook(key).verify(BODY, signed_now(secrets=(NEW_KEY, OLD_KEY)))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(BODY + b" ", signed_now(), id="an altered body"),
        pytest.param(BODY, signed_now(ago=timedelta(minutes=6)), id="an old timestamp, replayed"),
        pytest.param(BODY, signed_now() | {"webhook-id": "id-2"}, id="another id"),
        pytest.param(BODY, signed_now(secrets=(OLD_KEY,)), id="a key of somebody else"),
    ],
)
def test_the_reference_library_rejects(body, headers):
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW_KEY).verify(body, headers)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "whsec_!!!", "whsec_" + "QQ==" * 3])
def test_a_weak_or_malformed_secret_is_refused(secret):
    with pytest.raises(ConfigurationError):
        signed_headers("id-1", NOW, BODY, (secret,))


def test_the_payload_is_thin_and_equal_at_every_attempt():
    body = payload(message(sequence=7), "https://care.example")

    assert body == payload(message(sequence=7, number=7), "https://care.example")
    assert json.loads(body) == {
        "type": "care-gap.opened",
        "timestamp": "2026-11-23T14:00:00+00:00",
        "data": {
            "sequence": 7,
            "event_id": derived_id("delivery"),
            "gap_id": "gap-1",
            "tier": "P2",
            "due_at": "2026-11-23T18:00:00+00:00",
            "link": "https://care.example/alerts/gap-1",
        },
    }


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, "care-gap.opened"),
        ({"change": AlertChange.UPDATED}, "care-gap.opened"),
        ({"change": AlertChange.ESCALATED}, "care-gap.escalated"),
        ({"change": AlertChange.REOPENED}, "care-gap.reopened"),
        ({"change": AlertChange.CLOSED, "notice": Notice.CLOSED}, "care-gap.closed"),
    ],
)
def test_the_kind_is_the_word_integrators_know(changed, kind):
    assert message(**changed).kind == kind


def test_secrets_do_not_show_in_a_message():
    assert NEW_KEY not in repr(message())


@pytest.mark.parametrize(
    ("status", "retry_after", "outcome"),
    [
        (200, "", Accepted("200")),
        (204, "", Accepted("204")),
        (302, "", Unavailable("302")),
        (410, "", Refused("410", switch_off=True)),
        (429, "120", Unavailable("429", timedelta(minutes=2))),
        (503, "Mon, 23 Nov 2026 15:00:00 GMT", Unavailable("503", timedelta(hours=1))),
        (503, "soon", Unavailable("503")),
        (503, "99999999999999999999", Unavailable("503", timedelta(hours=24))),
        (500, "120", Unavailable("500")),
        (404, "", Unavailable("404")),
    ],
)
def test_answers_of_receivers(status, retry_after, outcome):
    assert outcome_of(Answer(status, retry_after, b""), NOW) == outcome


def resolving(*addresses):
    async def resolve(_host, _port):
        return list(addresses)

    return resolve


@pytest.mark.parametrize(
    ("url", "addresses", "code"),
    [
        pytest.param("http://partner.example/", ["93.184.215.14"], "not-https", id="clear text"),
        pytest.param("https://partner.example:22/", ["93.184.215.14"], "port", id="the port of ssh"),
        pytest.param("https://user:secret@partner.example/", ["93.184.215.14"], "malformed", id="credentials"),
        pytest.param("https:///hook", [], "malformed", id="no host"),
        pytest.param("https://partner.example:99999/", [], "malformed", id="no such port"),
        pytest.param("https://localhost/", ["127.0.0.1"], "private-address", id="localhost"),
        pytest.param("https://127.1/", ["127.0.0.1"], "private-address", id="127.1"),
        pytest.param("https://0x7f000001/", ["127.0.0.1"], "private-address", id="hexadecimal loopback"),
        pytest.param("https://[::ffff:10.0.0.1]/", ["::ffff:10.0.0.1"], "private-address", id="mapped"),
        pytest.param("https://metadata.example/", ["169.254.169.254"], "private-address", id="cloud metadata"),
        pytest.param(
            "https://partner.example/", ["93.184.215.14", "10.0.0.5"], "private-address", id="public and private"
        ),
        pytest.param("https://partner.example/", [], "private-address", id="a name without address"),
    ],
)
async def test_an_address_inside_is_refused(url, addresses, code):
    with pytest.raises(UnsafeAddressError, match=code):
        await checked_target(url, frozenset(), resolving(*addresses))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:192.168.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::7f00:1", False),
        ("not an address", False),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


async def test_the_checked_address_is_the_one_connected_to_with_the_partners_name_in_host_and_certificate():
    target = await checked_target("https://partner.example/hook?k=1", frozenset(), resolving("93.184.215.14"))

    assert target.url == "https://93.184.215.14:443/hook?k=1"
    assert target.host_header == "partner.example"
    assert target.host == "partner.example"


async def test_a_partner_inside_must_be_named_with_its_port():
    allowed = frozenset(("127.0.0.1:8099",))

    target = await checked_target("http://127.0.0.1:8099/hook", allowed, resolving("127.0.0.1"))
    with pytest.raises(UnsafeAddressError):
        await checked_target("http://127.0.0.1:8098/hook", allowed, resolving("127.0.0.1"))

    assert target.url == "http://127.0.0.1:8099/hook"
