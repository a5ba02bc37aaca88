"""Which silence of a feed says something: that of the agency that visits is no silence of the patient's devices."""

from datetime import date

from care_scoring.core.settings.monitoring import TransmissionSettings
from care_scoring.core.transmitting import feed_silent, programme_began, resumed_at
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from tests.builders import Visit, aligned, play, when
from tests.chart_builders import fact

VISIT = Visit(-1).delivered().model_copy(update={"source": "evv-vendor"})


def silent(feed: str, day: int) -> AnyCareEvent:
    return fact(facts.FeedWentSilent, day, feed=feed)


def back(feed: str, day: int) -> AnyCareEvent:
    return fact(facts.FeedResumed, day, feed=feed)


def test_a_gateway_that_is_silent_says_nothing_of_the_patient() -> None:
    assert feed_silent(play([VISIT, silent("gateway", 0)]).state)
    assert not feed_silent(play([VISIT, silent("gateway", 0), back("gateway", 1)]).state)
    assert not feed_silent(play([VISIT, silent("evv-vendor", 0)]).state)


def test_silence_counts_from_when_a_gateway_came_back_and_from_no_other_feed() -> None:
    both = [silent("gateway", 0), silent("evv-vendor", 0), silent("lab", 0)]

    assert resumed_at(play([VISIT, *both]).state) is None
    assert resumed_at(play([VISIT, *both, back("evv-vendor", 2)]).state) is None
    assert resumed_at(play([VISIT, *both, back("gateway", 1), back("evv-vendor", 2)]).state) == when(1)
    assert resumed_at(play([VISIT, *both, back("gateway", 1), back("lab", 3)]).state) == when(3)


def test_of_two_monitoring_programmes_the_one_that_began_first_counts() -> None:
    limits = TransmissionSettings(programmes=frozenset({"RPM", "RTM"}))
    state = play([aligned("aco", "RTM", "2027-02-10"), aligned("aco", "RPM", "2027-01-05")]).state

    assert programme_began(state, limits, date(2027, 3, 1)) == date(2027, 1, 5)
