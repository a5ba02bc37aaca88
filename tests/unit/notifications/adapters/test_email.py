"""A mail tells how urgent it is and where to look, and nothing about the patient."""

import base64
from dataclasses import replace

import pytest
from aiosmtplib.email import flatten_message

from care_notifications.adapters.channels.email.channel import EmailChannel
from care_notifications.adapters.channels.email.connections import Smtp
from care_notifications.adapters.digest_links import DigestLinks
from care_notifications.core.attempts import Refused
from care_notifications.core.effects import FoldKind
from care_notifications.core.messages import Address, Listed, Listing
from care_notifications.core.state import Channel
from care_shared.vocabulary import GapId, Tier
from tests.care_alerts import NOW
from tests.unit.notifications.adapters.test_webhook import message

CHANNEL = EmailChannel(Smtp("127.0.0.1", 1, "none", "care@lead.example"), "https://care.example")


def mail_to(address):
    return message(channel=Channel.EMAIL, recipient="cm-anna", address=Address(email=address))


def test_the_mail_as_people_get_it():
    mail = CHANNEL.compose(mail_to("anna@lead.example"), NOW)

    assert mail["Subject"] == "A patient task needs attention (P2)"
    assert mail["To"] == "anna@lead.example"
    assert mail["Message-ID"] == f"<{message().delivery_id}@care.example>"
    assert mail.get_content().splitlines()[:6] == [
        "A patient task needs attention.",
        "",
        "Urgency:  P2, today",
        "Deadline: 2026-11-23 18:00 UTC",
        "",
        "Open it:  https://care.example/alerts/gap-1",
    ]


def test_an_address_cannot_add_a_header():
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        CHANNEL.compose(mail_to("anna@lead.example\r\nBcc: all@elsewhere.example"), NOW)


async def test_such_an_address_is_refused_for_good():
    outcome = await CHANNEL.send(mail_to("anna@lead.example\nBcc: all@elsewhere.example"), NOW)

    assert outcome == Refused("unusable-address")


THREE = Listing(
    FoldKind.GROUP,
    ((Tier.P1, 1), (Tier.P2, 2)),
    (Listed(GapId("gap-1"), Tier.P1, NOW), Listed(GapId("gap-2"), Tier.P2, None)),
)


def test_a_mail_about_several():
    mail = CHANNEL.compose(replace(mail_to("anna@lead.example"), listing=THREE), NOW)

    assert mail["Subject"] == "3 patient tasks need attention (P1)"
    assert mail.get_content().splitlines() == [
        "3 patient tasks need attention (P1).",
        "",
        "P1: 1",
        "P2: 2",
        "",
        "All of them: https://care.example/",
        "",
        "P1  due 2026-11-23 14:00 UTC  https://care.example/alerts/gap-1",
        "P2  no deadline  https://care.example/alerts/gap-2",
        "and 1 more.",
        "",
        "This message names no patient on purpose. Do not reply to it.",
    ]


def test_a_digest_of_one():
    one = Listing(FoldKind.DIGEST, ((Tier.P3, 1),), (Listed(GapId("gap-1"), Tier.P3, NOW),))

    mail = CHANNEL.compose(replace(mail_to("anna@lead.example"), listing=one), NOW)

    assert mail["Subject"] == "Your digest: 1 patient task"


def digest_over(site):
    links = DigestLinks([base64.b64encode(bytes(32)).decode()], site)
    return EmailChannel(Smtp("127.0.0.1", 1, "none", "care@lead.example"), site, links), links


def test_a_digest_can_be_ended_by_one_click_and_only_a_digest():
    channel, links = digest_over("https://care.example")
    digest = replace(mail_to("anna@lead.example"), listing=replace(THREE, kind=FoldKind.DIGEST))

    mail = channel.compose(digest, NOW)
    link = mail["List-Unsubscribe"].removeprefix("<").removesuffix(">")

    assert links.person_of(link.rpartition("/")[2]) == "cm-anna"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Stop digest mails: {link}" in mail.get_content()
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in flatten_message(mail), "in one piece, as mail programs read it"
    for urgent in (mail_to("anna@lead.example"), replace(mail_to("anna@lead.example"), listing=THREE)):
        assert channel.compose(urgent, NOW)["List-Unsubscribe"] is None


def test_one_click_is_promised_over_https_only():
    channel, _ = digest_over("http://127.0.0.1:8400")
    digest = replace(mail_to("anna@lead.example"), listing=replace(THREE, kind=FoldKind.DIGEST))

    mail = channel.compose(digest, NOW)

    assert mail["List-Unsubscribe"].startswith("<http://127.0.0.1:8400/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] is None
