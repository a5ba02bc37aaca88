"""Only whoever repeats our word, in JSON and with 2xx, has shown that the address is theirs."""

import json
from datetime import timedelta

import pytest

from care_notifications.core.challenges import CHALLENGE_LIVES, Probe, ProbeKind, answers, next_question, question
from tests.care_alerts import NOW

CHALLENGE = Probe("probe-1", ProbeKind.CHALLENGE, "pineapple", 1, NOW, NOW + CHALLENGE_LIVES)
TEST = Probe("probe-2", ProbeKind.TEST, "", 1, NOW, NOW + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("status", "body", "right"),
    [
        pytest.param(200, b'{"challenge":"pineapple"}', True, id="the word"),
        pytest.param(201, b'{"ok":true,"challenge":"pineapple"}', True, id="the word and more"),
        pytest.param(500, b'{"challenge":"pineapple"}', False, id="the word, but an error"),
        pytest.param(200, b"pineapple", False, id="not in JSON"),
        pytest.param(200, b'{"challenge":"Pineapple"}', False, id="another word"),
        pytest.param(200, b'{"challenge":["pineapple"]}', False, id="a list"),
        pytest.param(200, b'["pineapple"]', False, id="no object"),
        pytest.param(200, b"", False, id="nothing"),
        pytest.param(200, b"[" * 4000, False, id="a depth without end"),
        pytest.param(200, b'{"challenge":"\\ud800"}', False, id="half a letter"),
        pytest.param(200, b'{"x":"' + b"x" * 5000 + b'","challenge":"pineapple"}', False, id="behind too much else"),
    ],
)
def test_answers_to_a_challenge(status, body, right):
    assert answers(CHALLENGE, status, body) is right


def test_a_test_event_wants_a_yes_and_nothing_more():
    assert answers(TEST, 204, b"")
    assert not answers(TEST, 302, b"")


def test_what_is_asked_names_nobody():
    assert json.loads(question(CHALLENGE)) == {
        "type": "endpoint.challenge",
        "timestamp": "2026-11-23T14:00:00+00:00",
        "data": {"event_id": "probe-1", "challenge": "pineapple", "expires_at": "2026-11-24T14:00:00+00:00"},
    }
    assert json.loads(question(TEST))["data"] == {"event_id": "probe-2"}


def test_a_challenge_is_asked_again_until_it_is_too_old_and_a_test_is_not():
    late = Probe("probe-1", ProbeKind.CHALLENGE, "w", 7, NOW, NOW + CHALLENGE_LIVES)

    assert next_question(CHALLENGE, NOW) == NOW + timedelta(seconds=5)
    assert next_question(late, NOW + timedelta(hours=17)) is None
    assert next_question(TEST, NOW) is None
