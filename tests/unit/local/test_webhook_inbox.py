"""The demo partner takes only what our signature proves, and each message once."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from standardwebhooks import Webhook

from care_local.webhook_inbox import receiving_webhooks, verify
from care_shared.errors import UnusableMessageError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BODY = '{"type": "care.alert.opened"}'


def signed(secret: str = SECRET, at: datetime = NOON, webhook_id: str = "msg_1") -> dict[str, str]:
    """Headers as the reference library signs them."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, BODY),
    }


def test_what_the_reference_library_signed_is_taken() -> None:
    assert verify(SECRET, signed(), BODY.encode(), NOON) == "msg_1"


def test_while_a_key_is_replaced_either_signature_counts() -> None:
    both = signed() | {
        "webhook-signature": f"{signed(OTHER_SECRET)['webhook-signature']} {signed()['webhook-signature']}"
    }
    assert verify(SECRET, both, BODY.encode(), NOON) == "msg_1"


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        pytest.param(signed(OTHER_SECRET), "webhook-signature", id="signed with another key"),
        pytest.param(signed() | {"webhook-id": "msg_2"}, "webhook-signature", id="id exchanged"),
        pytest.param(signed() | {"webhook-signature": "v1,%%%"}, "webhook-signature", id="signature is no base64"),
        pytest.param(signed() | {"webhook-signature": "nonsense"}, "webhook-signature", id="signature has no version"),
        pytest.param(signed() | {"webhook-signature": ""}, "webhook-signature", id="no signature"),
        pytest.param(signed(at=NOON - timedelta(minutes=6)), "webhook-timestamp", id="signed six minutes ago"),
        pytest.param(signed(at=NOON + timedelta(minutes=6)), "webhook-timestamp", id="signed in the future"),
        pytest.param(signed() | {"webhook-timestamp": "noon"}, "webhook-timestamp", id="time is no number"),
        pytest.param({}, "webhook-id", id="no headers at all"),
    ],
)
def test_what_is_not_proven_is_refused_by_the_name_of_its_header(headers: dict[str, str], field: str) -> None:
    with pytest.raises(UnusableMessageError) as refused:
        verify(SECRET, headers, BODY.encode(), NOON)
    assert refused.value.field == field


async def test_a_message_that_comes_twice_is_shown_once_and_counted() -> None:
    async with receiving_webhooks(SECRET, lambda: NOON) as inbox, httpx2.AsyncClient() as client:
        answers = [await client.post(inbox.target_url, content=BODY, headers=signed()) for _ in range(2)]
        told = (await client.get(f"{inbox.page_url}deliveries")).json()
    assert [answer.status_code for answer in answers] == [204, 204]
    assert told == [{"webhook_id": "msg_1", "received_at": "2026-11-22T12:00:00+00:00", "body": BODY, "times": 2}]


async def test_a_forged_or_too_large_message_leaves_nothing() -> None:
    async with receiving_webhooks(SECRET, lambda: NOON) as inbox, httpx2.AsyncClient() as client:
        forged = await client.post(inbox.target_url, content="{}", headers=signed())
        huge = await client.post(inbox.target_url, content=b"x" * 300_000, headers=signed())
        told = (await client.get(f"{inbox.page_url}deliveries")).json()
    assert (forged.status_code, huge.status_code, told) == (401, 413, [])
