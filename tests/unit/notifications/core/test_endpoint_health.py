"""A failing endpoint is left alone for growing pauses, and switched off after five days of nothing but failure."""

from datetime import timedelta

import pytest

from care_notifications.core.attempts import Accepted, Refused, Unavailable
from care_notifications.core.endpoint_health import Health, after_attempt, should_switch_off, should_warn
from tests.care_alerts import NOW

DOWN = Unavailable("503")


def after(*outcomes, every=timedelta(seconds=1)):
    health = Health()
    for number, outcome in enumerate(outcomes):
        health = after_attempt(health, outcome, NOW + number * every)
    return health


def pause_after(failures):
    health = after(*[DOWN] * failures, every=timedelta())
    return health.open_until - NOW if health.open_until else timedelta()


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        pytest.param(4, 0, id="four failures in a row are bad luck"),
        pytest.param(5, 30, id="the fifth opens the circuit"),
        pytest.param(6, 60, id="a failed probe doubles the pause"),
        pytest.param(10, 900, id="a quarter of an hour"),
        pytest.param(300, 900, id="and never more, so that a recovery is noticed"),
    ],
)
def test_pauses(failures, seconds):
    assert pause_after(failures) == timedelta(seconds=seconds)


def test_one_success_forgets_everything():
    assert after(*[DOWN] * 9, Accepted()) == Health()


def test_a_success_in_between_keeps_the_circuit_closed():
    assert after(*[DOWN] * 4, Accepted(), *[DOWN] * 4).open_until is None


def test_a_receiver_that_asks_for_time_gets_it_for_the_whole_endpoint():
    assert after(Unavailable("429", timedelta(hours=1))).open_until == NOW + timedelta(hours=1)


def test_a_refusal_counts_as_a_failure_of_the_endpoint():
    assert after(*[Refused("unsafe-address.malformed")] * 5).was_open


def test_it_is_told_a_day_before_it_is_switched_off_and_only_once():
    failing = after(DOWN)

    assert not should_warn(failing, NOW + timedelta(days=3, hours=23))
    assert should_warn(failing, NOW + timedelta(days=4))
    assert not should_switch_off(failing, NOW + timedelta(days=4, hours=23))
    assert should_switch_off(failing, NOW + timedelta(days=5))
    warned = Health(failing.failures, failing.failing_since, failing.open_until, NOW)
    assert not should_warn(warned, NOW + timedelta(days=4, hours=1))


def test_the_days_count_from_the_first_failure_since_a_success():
    assert after(DOWN, DOWN, DOWN, every=timedelta(days=1)).failing_since == NOW
