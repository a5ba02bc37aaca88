"""Words and figures of the portal, and the samples that it hands out: they run, verify, and see a repeat."""

import asyncio
import json
import os
import shutil
import sys
from datetime import timedelta

import httpx2
import pytest

from care_local.addresses import free_ports
from care_notifications.adapters.channels.webhook.signatures import signed_headers
from care_notifications.core.agreements import Grant
from care_notifications.core.partner_tasks import DeclineReason, TaskOutcome, TaskStatus
from care_notifications.web.portal import words
from care_notifications.web.portal.application import place_of_partner
from care_notifications.web.portal.desk import MENU
from care_notifications.web.portal.routes.about import SAMPLES, sample
from care_notifications.web.portal.views import share, span_in_words
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import CloseReason
from tests.notifications_world import SECRET

RUN = {"Python": sys.executable, "Node": shutil.which("node")}


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, None), (0, 3, 0.0), (1, 3, 33.3), (2, 3, 66.6), (9999, 10000, 99.9), (10000, 10000, 100.0)],
)
def test_a_share_is_never_rounded_up_to_all(part, whole, shown):
    assert share(part, whole) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (None, ""),
        (timedelta(milliseconds=7), "7 ms"),
        (timedelta(seconds=1.25), "1.2 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=9), "9.0 h"),
    ],
)
def test_a_time_to_deliver_is_plain_to_read(span, shown):
    assert span_in_words(span) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("204", "204"),
        ("200.wrong-answer", "200, but not the word we asked for"),
        ("no-connection", "could not connect"),
        ("unsafe-address.private-address", "the name leads to a private address"),
        ("something-new", "something new"),
    ],
)
def test_what_came_back_is_said_in_words(code, shown):
    assert words.answer_in_words(code) == shown


def test_every_code_has_its_words():
    assert set(words.STATUSES) == set(TaskStatus)
    assert set(words.DECLINES) == set(DeclineReason)
    assert set(words.OUTCOMES) == set(TaskOutcome)
    assert set(words.GRANTS) == set(Grant)
    assert set(words.ENDINGS) >= set(CloseReason)


@pytest.mark.parametrize(
    ("reason", "outcome", "shown"),
    [
        (None, None, ""),
        (None, "visit-made", "Visit made"),
        ("no-capacity", None, "We have nobody free"),
        ("evidence", None, "Evidence arrived that it was done"),
        ("no-longer-yours", None, "The patient is no longer with you"),
    ],
)
def test_how_a_task_ended(reason, outcome, shown):
    assert words.ending_in_words(reason, outcome) == shown


@pytest.mark.parametrize(
    ("path", "place"),
    [("/", "/portal/"), ("/alerts/gap-1", "/portal/alerts/gap-1"), ("/patients/patient-1", "/portal/")],
)
def test_a_partner_who_comes_to_a_page_of_ours_is_led_to_the_same_alert_or_to_the_inbox(path, place):
    assert place_of_partner(path) == place


@pytest.mark.parametrize(
    ("path", "current"),
    [("/portal/", "Alerts"), ("/portal/tasks/t", "Alerts"), ("/portal/endpoints/e", "Endpoints")],
)
def test_one_entry_of_the_menu_is_the_current_one(path, current):
    assert [one.word for one in MENU if one.holds(path)] == [current]


@pytest.mark.parametrize("language", sorted(RUN))
async def test_a_sample_receiver_verifies_answers_the_challenge_and_sees_a_repeat(language, tmp_path):
    if RUN[language] is None:
        pytest.skip(f"no {language} here")
    file, port = tmp_path / SAMPLES[language].removesuffix(".txt"), free_ports(1)[0]
    file.write_text(sample(SAMPLES[language]), "utf-8")
    surroundings = os.environ | {"SECRET": SECRET, "PORT": str(port)}
    child = await asyncio.create_subprocess_exec(
        str(RUN[language]), str(file), env=surroundings, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            await listening(client)
            challenge = {"type": "endpoint.challenge", "data": {"challenge": "word"}}
            opened = {"type": "care-gap.opened", "data": {"sequence": 7}}
            assert await sent(client, "m-1", challenge) == (200, {"challenge": "word"})
            assert [await sent(client, "m-2", opened) for _ in range(2)] == [(200, {}), (200, {})]
            assert (await sent(client, "m-3", opened, late=timedelta(minutes=6)))[0] == 401
            assert (await sent(client, "m-4", opened, secret="whsec_" + "A" * 32))[0] == 401
            assert (await client.post("/", content=b"{}")).status_code == 401
    finally:
        child.terminate()
        told = (await child.communicate())[0].decode()

    assert told.split() == ["care-gap.opened", "7"], "once, though it came twice"


async def listening(client):
    async with asyncio.timeout(30):
        while True:
            try:
                await client.post("/", content=b"")
            except httpx2.TransportError:
                await asyncio.sleep(0.05)
            else:
                return


async def sent(client, message_id, told, late=timedelta(), secret=SECRET):
    body = json.dumps(told).encode()
    headers = signed_headers(message_id, utc_now() - late, body, [secret])
    answer = await client.post("/", content=body, headers=headers)
    return answer.status_code, answer.json()
