"""A text names no patient, goes to a number that can be dialled, and cannot break out of the gateway's JSON."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from care_notifications.adapters.channels.sms.channel import SmsChannel
from care_notifications.adapters.channels.sms.gateway import Gateway, GatewaySettings, Text, _filled
from care_notifications.core.attempts import Refused
from care_notifications.core.effects import FoldKind
from care_notifications.core.messages import Address, Listed, Listing
from care_notifications.core.state import Channel
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import GapId, Tier
from tests.care_alerts import NOW
from tests.unit.notifications.adapters.test_webhook import message

TEMPLATE = '{"to": "{to}", "from": "{sender}", "text": "{text}"}'


def gateway(template=TEMPLATE):
    return Gateway(GatewaySettings("http://127.0.0.1:1/", SecretStr(""), "CareLead", template))


def test_the_text_as_a_phone_shows_it():
    text = SmsChannel(gateway(), "https://care.example").words(message(channel=Channel.SMS))

    assert text == (
        "CareLead P2: a patient task needs attention today. https://care.example/alerts/gap-1 Reply STOP to opt out."
    )
    assert len(text) <= 160


@pytest.mark.parametrize("number", ["", "5550100", "+0155501", "+1 555 0100", "+155501000000000000", "+1555010\n"])
async def test_what_is_no_e164_number_is_refused(number):
    assert await gateway().send(Text("id-1", number, "hello"), NOW) == Refused("not-e164")


async def test_the_number_is_the_persons_mobile():
    notice = message(channel=Channel.SMS, address=Address(mobile="12"))

    assert await SmsChannel(gateway(), "https://care.example").send(notice, NOW) == Refused("not-e164")


@pytest.mark.parametrize("template", ["", "{to} {text}", '{"to": "{to}"}'])
def test_a_template_that_cannot_carry_a_text_is_refused_at_once(template):
    with pytest.raises(ConfigurationError, match="SMS_TEMPLATE"):
        gateway(template)


def test_words_fill_strings_and_nothing_else():
    shape = {"messages": [{"to": ["{to}"], "body": "{text}", "ttl": 60}], "key": "{id}"}
    words = {"to": "+15550100", "text": 'a "quoted" {to}', "sender": "s", "id": "1"}

    assert _filled(shape, words) == {
        "messages": [{"to": ["+15550100"], "body": 'a "quoted" {to}', "ttl": 60}],
        "key": "1",
    }


def test_a_text_about_several_counts_them_and_links_to_the_list():
    listing = Listing(FoldKind.GROUP, ((Tier.P2, 7),), (Listed(GapId("gap-1"), Tier.P2, None),))

    words = SmsChannel(gateway(), "https://care.example").words(replace(message(), listing=listing))

    assert words.startswith("CareLead P2: 7 patient tasks need attention today. https://care.example/ ")
    assert "gap-1" not in words
