"""A silent subscriber is tried for days, ever more rarely, and only its owner leads it out of error."""

from datetime import timedelta

import pytest

from care_notifications.core.attempts import Accepted, Refused, Unavailable
from care_notifications.core.fhir.notifications import Kind
from care_notifications.core.fhir.subscriptions import Status
from care_notifications.core.fhir.tries import HANDSHAKES, RETRY_AFTER, Standing, after_attempt
from tests.care_alerts import NOW

PATIENCE = timedelta(hours=120)
ACTIVE = Standing(Status.ACTIVE, 0, None, NOW, None)
ASKED = Standing(Status.REQUESTED, 0, None, NOW, None)
IN_ERROR = Standing(Status.ERROR, 3, NOW, NOW, "503")


def test_failures_wait_longer_each_time_and_the_first_ends_the_health():
    now, standing, waits = NOW, ACTIVE, []
    while standing.status is Status.ACTIVE:
        standing = after_attempt(standing, Kind.EVENT, Unavailable("503"), now, PATIENCE)
        waits.append(standing.next_attempt_at - now)
        now = standing.next_attempt_at

    assert tuple(waits[: len(RETRY_AFTER)]) == RETRY_AFTER
    assert set(waits[len(RETRY_AFTER) :]) == {timedelta(hours=1)}
    assert now - NOW >= PATIENCE
    assert standing.failing_since == NOW


def test_one_answer_ends_the_count():
    bad = after_attempt(ACTIVE, Kind.EVENT, Unavailable("503"), NOW, PATIENCE)

    assert after_attempt(bad, Kind.EVENT, Accepted(), NOW, PATIENCE) == ACTIVE


def test_a_receiver_that_asks_for_time_gets_it():
    bad = after_attempt(ACTIVE, Kind.EVENT, Unavailable("429", timedelta(minutes=7)), NOW, PATIENCE)

    assert bad.next_attempt_at == NOW + timedelta(minutes=7)


def test_a_heartbeat_that_arrives_does_not_heal():
    assert after_attempt(IN_ERROR, Kind.HEARTBEAT, Accepted(), NOW, PATIENCE).status is Status.ERROR


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Refused("410", switch_off=True), Status.OFF), (Refused("unsafe-address.port"), Status.ERROR)],
)
def test_what_can_never_arrive_ends_at_once(outcome, status):
    assert after_attempt(ACTIVE, Kind.EVENT, outcome, NOW, PATIENCE).status is status


def test_a_handshake_has_a_few_tries():
    standing, tries = ASKED, 0
    while standing.status is Status.REQUESTED:
        standing, tries = after_attempt(standing, Kind.HANDSHAKE, Unavailable("404"), NOW, PATIENCE), tries + 1

    assert (standing.status, tries) == (Status.ERROR, HANDSHAKES)
    assert after_attempt(ASKED, Kind.HANDSHAKE, Accepted(), NOW, PATIENCE).status is Status.ACTIVE
