"""Which check-ins go out when: the stories in `tests/scenarios/check_ins`, told by the shipped schedule."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from care_notifications.core.check_ins.doubts import Lines, Way
from care_notifications.core.check_ins.occurrences import zone_of
from care_notifications.core.check_ins.plan import Send, Skip
from care_notifications.core.check_ins.reasons import IN_WORDS, NotSent
from tests.check_in_stories import HOME, Household, happened, living, local, told

FOLDER = Path(__file__).parents[4] / "scenarios" / "check_ins"
STORIES = [
    pytest.param(story, id=f"{file.stem}: {story['story']}")
    for file in sorted(FOLDER.glob("*.yaml"))
    for story in yaml.safe_load(file.read_text("utf-8"))
]


@pytest.mark.parametrize("story", STORIES)
def test_the_story_is_as_it_is_told(story):
    house = Household()
    house.hear(*living(story["patient"]))
    coming = [
        happened(what, local(at)) if isinstance(what, str) else happened(what["what"], local(at), what["stay"])
        for at, what in story.get("happened", {}).items()
    ]
    for look in story["looks"]:
        now, ignored = local(look["at"]), set(look.get("ignore", ()))
        house.hear(*(event for event in coming if event.occurred_at <= now))
        coming = [event for event in coming if event.occurred_at > now]

        found = house.look(now)

        sent, waits, skipped = told(found)
        where = f"at {look['at']}: sent {sent}, waits {waits}, not sent {skipped}"
        assert [one for one in sent if one.split()[0] not in ignored] == look.get("sent", []), where
        assert without(waits, ignored) == without(look.get("waits", {}), ignored), where
        assert without(skipped, ignored) == without(look.get("not sent", {}), ignored), where
        if "look again" in look:
            assert found.look_again_at == local(look["look again"]), where


def without(reasons, ignored):
    return {name: why for name, why in reasons.items() if name not in ignored}


def home_after(*extra, patient=None):
    house = Household()
    house.hear(*living(patient or {}), happened("comes home", local("2026-11-20 15:00")), *extra)
    return house


def test_two_spouses_with_one_phone_are_not_asked_private_things_over_it():
    house = home_after(patient={"aligned": "2026-11-01", "lives_alone": True})
    house.lines = Lines(frozenset(Way), shared_phone=True, unreviewed_allowed=True)

    _, _, skipped = told(house.look(local("2026-11-19 10:00")))

    assert skipped["mood"] == "line-not-private"


def test_text_that_no_clinician_has_reviewed_is_not_sent_where_that_is_asked_for():
    house = home_after()
    house.lines = Lines(frozenset(Way))

    assert told(house.look(local("2026-11-21 10:00")))[2] == {
        "medicines": "not-reviewed",
        "after-hospital": "not-reviewed",
    }


def test_complaint_02_after_eight_days_without_a_gateway_nothing_old_goes_out():
    house = home_after()

    sent, _, skipped = told(house.look(local("2026-11-29 10:00")))

    assert sent == ["feeling-heard by sms in en"], "seven days after, and still worth asking"
    assert skipped == {"medicines": "too-late", "after-hospital": "too-late"}


def test_complaint_01_ten_thousand_looks_send_each_check_in_once():
    house = home_after()
    moment, sent = local("2026-11-21 09:00"), []
    for _ in range(10_000):
        sent += [one.ask.check_in_id for one in house.look(moment).verdicts if isinstance(one, Send)]
        moment += timedelta(seconds=60)

    assert len(sent) == len(set(sent)) == 3


def test_complaint_19_the_dead_the_admitted_and_the_dying_are_not_written_to():
    for words in ("dies", "chooses hospice", "goes to hospital"):
        house = home_after(happened(words, local("2026-11-20 20:00"), "stay-2"))
        assert told(house.look(local("2026-11-21 10:00")))[0] == []


@given(order=st.permutations(range(4)))
def test_the_order_in_which_facts_arrive_does_not_matter(order):
    facts = [
        happened("goes to hospital", local("2026-11-17 10:00")),
        happened("comes home", local("2026-11-20 15:00")),
        happened("opts out", local("2026-11-20 16:00")),
        happened("wants them again", local("2026-11-20 17:00")),
    ]
    house, straight = Household(), Household()
    house.hear(*living({}), *(facts[place] for place in order))
    straight.hear(*living({}), *facts)

    now = local("2026-11-21 10:00")
    assert told(house.look(now)) == told(straight.look(now))


@given(minutes=st.lists(st.integers(0, 60 * 24 * 20), min_size=1, max_size=30).map(sorted))
def test_whenever_somebody_looks_nothing_is_decided_twice_and_nothing_leaves_at_night(minutes):
    house = home_after(patient={"conditions": ["I50.9"]})
    start, seen = local("2026-11-20 15:00"), set()
    for minute in minutes:
        now = start + timedelta(minutes=minute)
        for verdict in house.look(now).verdicts:
            if isinstance(verdict, Send | Skip):
                assert verdict.ask.check_in_id not in seen
                seen.add(verdict.ask.check_in_id)
            if isinstance(verdict, Send):
                assert 9 <= now.astimezone(HOME).hour < 19


def test_every_reason_has_its_sentence():
    assert set(IN_WORDS) == set(NotSent)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "America", "x" * 300])
def test_a_patient_whose_zone_no_clock_knows_lives_by_that_of_the_house(name):
    """A folder of zones is no zone: one such patient must not stop the planning for all others."""
    assert zone_of(name, HOME) is HOME
