"""A ladder that makes no sense is refused with a sentence; waits read as people say them."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from care_notifications.core.ladders import DEFAULT_TERMS, Ladder, Terms
from care_notifications.core.working_hours import work_clock_of
from care_shared.vocabulary import Tier
from tests.care_alerts import ANNA, directory

MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
CLOCK = work_clock_of(ANNA, directory())


def ladder(**fields):
    return {"rungs": [{"to": "owner", "wait": "30 minutes"}]} | fields


@pytest.mark.parametrize(
    ("wait", "passes"),
    [
        ("30 minutes", timedelta(minutes=30)),
        ("2 hours", timedelta(hours=2)),
        ("4 business hours", timedelta(hours=4)),
        ("2 business days", timedelta(days=2, hours=8)),
    ],
)
def test_a_wait_reads_as_people_say_it(wait, passes):
    [rung] = Ladder.model_validate(ladder(rungs=[{"to": "owner", "wait": wait}])).rungs

    assert rung.wait.after(MONDAY, CLOCK) == MONDAY + passes


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"rungs": []}, "at least 1", id="no rung"),
        pytest.param({"rungs": [{"to": "backup", "wait": "1 hours"}]}, "begins with the owner", id="no owner"),
        pytest.param({"rungs": [{"to": "owner", "wait": "soon"}]}, "a wait reads like", id="no wait"),
        pytest.param({"rungs": [{"to": "owner", "wait": "0 minutes"}]}, "above zero", id="a wait of nothing"),
        pytest.param({"rungs": [{"to": "boss", "wait": "1 hours"}]}, "owner", id="an unknown target"),
        pytest.param({"rungs": [{"to": "owner", "wait": "1 hours"}] * 2}, "twice", id="the same rung twice"),
        pytest.param({"again": 21}, "20", id="for ever"),
        pytest.param({"surprise": 1}, "Extra", id="an unknown field"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(fields, said):
    with pytest.raises(ValidationError, match=said):
        Ladder.model_validate(ladder(**fields))


def test_each_tier_needs_a_ladder():
    with pytest.raises(ValidationError, match="no ladder for P2, P3, P4"):
        Terms.model_validate({"ladders": {"P1": ladder()}})


@pytest.mark.parametrize(
    "two",
    [
        pytest.param({"roles": ["nurse", "care-manager"]}, id="of nothing"),
        pytest.param({"tier": "P1", "roles": ["nurse"]}, id="of one role"),
        pytest.param({"tier": "P1", "roles": ["nurse", "nurse"]}, id="of the same role twice"),
        pytest.param({"tier": "P1", "roles": ["nurse", "home-health-agency"]}, id="of a partner"),
    ],
)
def test_two_owners_are_two_roles_of_our_own_for_something(two):
    with pytest.raises(ValidationError):
        Terms.model_validate({"two_owners": [two]})


def test_the_shipped_ladders_ask_as_soon_as_the_tiers_promise():
    """Acknowledge within: P1 30 min, P2 4 business hours, P3 2 business days; P4 is for the digest."""
    first = {tier: one.rungs[0].wait.after(MONDAY, CLOCK) - MONDAY for tier, one in DEFAULT_TERMS.ladders.items()}

    assert first[Tier.P1] == timedelta(minutes=30)
    assert first[Tier.P2] == timedelta(hours=4)
    assert first[Tier.P3] == timedelta(days=2, hours=8)
    assert len(DEFAULT_TERMS.ladders[Tier.P4].rungs) == 1
