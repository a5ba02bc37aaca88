"""Somebody says how to be written to: what holds now is shown, what is chosen is a fact and holds."""

from datetime import time, timedelta

import pytest

from care_notifications.core.check_ins.answering import Asked
from care_notifications.core.check_ins.doubts import Lines, Way, route_of
from care_notifications.core.check_ins.hours import opening_hours
from care_notifications.core.check_ins.listen import note
from care_notifications.core.check_ins.profile import Profile
from care_notifications.core.check_ins.wishes import PartOfDay, Standing, Wishes, facts_of_wishes, standing
from care_shared.vocabulary import ContactParty
from tests.care_alerts import NOW
from tests.check_in_stories import CATALOGUE, PATIENT

ASKED = Asked("check-1", PATIENT, "medicines", ContactParty.PATIENT)
BOTH = (Way.TEXT, Way.EMAIL)


def after(profile, *wishes):
    for number, one in enumerate(wishes):
        for fact in facts_of_wishes(ASKED, one, NOW + timedelta(minutes=number)):
            note(profile, fact, CATALOGUE.schedule)
    return profile


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        pytest.param(Profile(), Standing("en", PartOfDay.ANY, None, ()), id="nothing is known: any time, no choice"),
        pytest.param(Profile(phone="+15550100"), Standing("en", PartOfDay.ANY, None, ()), id="one way is no choice"),
        pytest.param(
            Profile(phone="+15550100", email="carl@home.example"), Standing("en", PartOfDay.ANY, Way.TEXT, BOTH),
            id="with both a text goes first",
        ),
        pytest.param(
            Profile(phone="+15550100", email="carl@home.example", refused={"text-messages": True}),
            Standing("en", PartOfDay.ANY, Way.EMAIL, BOTH), id="who refused texts gets mail",
        ),
        pytest.param(
            Profile(reach_from=time(12), reach_until=time(17)), Standing("en", PartOfDay.AFTERNOON, None, ()),
            id="hours that are a part of the day",
        ),
        pytest.param(
            Profile(reach_from=time(10, 30)), Standing("en", None, None, ()), id="other hours are none of the four"
        ),
    ],
)  # fmt: skip
def test_what_holds_now(profile, expected):
    assert standing(profile, "en") == expected


@pytest.mark.parametrize(
    ("part", "hours"),
    [
        (PartOfDay.ANY, (time(9), time(19))),
        (PartOfDay.MORNING, (time(9), time(12))),
        (PartOfDay.AFTERNOON, (time(12), time(17))),
        (PartOfDay.EVENING, (time(17), time(19))),
    ],
)
def test_messages_leave_in_the_part_of_the_day_that_was_chosen(part, hours):
    assert opening_hours(after(Profile(), Wishes("en", part)), CATALOGUE.schedule) == hours


def test_the_way_not_chosen_is_refused_and_choosing_it_later_allows_it_again():
    profile = Profile(phone="+15550100", email="carl@home.example", lives_alone=True)
    lines = Lines(frozenset(Way), unreviewed_allowed=True)

    def way():
        return route_of(profile, ContactParty.PATIENT, CATALOGUE, "medicines", lines).way

    after(profile, Wishes("en", PartOfDay.ANY, Way.EMAIL))
    first = way()
    after(profile, Wishes("en", PartOfDay.ANY, Way.EMAIL), Wishes("en", PartOfDay.ANY, Way.TEXT))

    assert (first, way()) == (Way.EMAIL, Way.TEXT)


def test_the_language_is_that_of_the_next_message():
    profile = Profile(language="en", phone="+15550100")

    assert CATALOGUE.language_for(after(profile, Wishes("es", PartOfDay.ANY)).language) == "es"


def test_the_same_wish_sent_twice_is_one_fact_and_a_later_one_is_another():
    ids = lambda at: [one.event_id for one in facts_of_wishes(ASKED, Wishes("en", PartOfDay.ANY, Way.TEXT), at)]  # noqa: E731

    assert ids(NOW) == ids(NOW)
    assert set(ids(NOW)).isdisjoint(ids(NOW + timedelta(seconds=1)))
    assert len(set(ids(NOW))) == 3
