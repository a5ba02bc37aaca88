"""An attempt that failed is followed by another, on a schedule that ends."""

from datetime import timedelta

from care_notifications.core.attempts import (
    RETRY_AFTER,
    Accepted,
    Attempt,
    Done,
    GiveUp,
    Refused,
    TryAgain,
    Unavailable,
    after,
)
from care_notifications.core.reasons import Reason
from care_shared.contracts.envelope import derived_id
from tests.care_alerts import NOW

ID = derived_id("one")


def attempt(number=1, lives=timedelta(days=30)):
    return Attempt(ID, number, NOW + lives)


def test_what_was_accepted_is_done():
    assert after(attempt(), Accepted(), NOW) == Done()


def test_waits_grow_as_published_and_by_at_most_a_tenth_more():
    waits = []
    for number in range(1, len(RETRY_AFTER) + 1):
        following = after(attempt(number), Unavailable("503"), NOW)
        assert isinstance(following, TryAgain)
        waits.append(following.at - NOW)

    assert [(wait >= least, wait <= least * 1.1) for wait, least in zip(waits, RETRY_AFTER, strict=True)] == [
        (True, True)
    ] * len(RETRY_AFTER)


def test_after_the_last_wait_it_is_given_up():
    assert after(attempt(len(RETRY_AFTER) + 1), Unavailable("503"), NOW) == GiveUp(Reason.ATTEMPTS_USED_UP)


def test_what_would_be_too_late_is_given_up_now():
    assert after(attempt(2, timedelta(minutes=2)), Unavailable("503"), NOW) == GiveUp(Reason.EXPIRED)


def test_a_receiver_that_asks_for_more_time_gets_it():
    assert after(attempt(), Unavailable("429", timedelta(hours=1)), NOW) == TryAgain(NOW + timedelta(hours=1))


def test_a_refusal_is_final_and_410_switches_the_endpoint_off():
    assert after(attempt(), Refused("550"), NOW) == GiveUp(Reason.REFUSED)
    assert after(attempt(), Refused("410", switch_off=True), NOW) == GiveUp(Reason.REFUSED, switch_off=True)
