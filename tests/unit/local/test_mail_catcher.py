"""Mail sent to the catcher is kept, shown as JSON and as a page, and goes nowhere."""

import asyncio
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import httpx2
import pytest

from care_local.mail_catcher import catching_mail


def noon() -> datetime:
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "alerts@carelead.example", "ana@agency.example"
    message["Message-ID"] = "<notice-1@carelead.example>"
    message["Subject"] = "One alert needs you, Ana Peña: <open it>"
    message.set_content("Sign in to read it.\n")
    return message


async def test_a_message_is_caught_and_told_as_json(letter: EmailMessage) -> None:
    async with catching_mail(noon) as catcher, httpx2.AsyncClient() as client:
        await aiosmtplib.send(letter, hostname="127.0.0.1", port=catcher.smtp_port)
        caught = await catcher.first(lambda message: "alert" in message.subject)
        answer = await client.get(f"{catcher.url}messages")
    assert caught.recipients == ("ana@agency.example",)
    assert answer.json() == [
        {
            "number": 1,
            "received_at": "2026-11-22T12:00:00+00:00",
            "sender": "alerts@carelead.example",
            "recipients": ["ana@agency.example"],
            "subject": "One alert needs you, Ana Peña: <open it>",
            "text": "Sign in to read it.\n",
            "message_id": "<notice-1@carelead.example>",
        }
    ]


async def test_one_waits_until_enough_has_come(letter: EmailMessage) -> None:
    async with catching_mail(noon) as catcher:
        waiting = asyncio.create_task(catcher.until(lambda mails: len(mails) == 2))
        await aiosmtplib.send(letter, hostname="127.0.0.1", port=catcher.smtp_port)
        await aiosmtplib.send(letter, hostname="127.0.0.1", port=catcher.smtp_port)
        mails = await asyncio.wait_for(waiting, 10)

    assert [mail.number for mail in mails] == [1, 2]


async def test_the_page_shows_text_never_markup(letter: EmailMessage) -> None:
    async with catching_mail(noon) as catcher, httpx2.AsyncClient() as client:
        await aiosmtplib.send(letter, hostname="127.0.0.1", port=catcher.smtp_port)
        page = (await client.get(catcher.url)).text
    assert "&lt;open it&gt;" in page
    assert "<open it>" not in page
