"""At a glance: when a service is up, when a number is well, and what nobody knows is never taken for well."""

import math

import pytest

from care_notifications.core.glance import OUTBOX, OUTBOX_AGE, WATCHED, Level, Look, Service, State, glance

NUMBERS = {one.metric: 0.0 for one in WATCHED} | {one.judged: 0.0 for one in WATCHED if one.judged}


def look(ready=True, **numbers):
    return Look("http://one", True, ready, {}, NUMBERS | numbers)


SILENT = Look("http://two", answered=False)


def levels(service, *looks):
    return {one.watched.key: one.level for one in glance(service, looks).readings}


def test_a_quiet_service_is_ready_and_every_number_of_it_is_well():
    for service in Service:
        found = glance(service, [look()])

        assert found.state is State.READY
        assert {one.level for one in found.readings} == {Level.GOOD}


@pytest.mark.parametrize(
    ("looks", "state"),
    [
        pytest.param([look()], State.READY, id="one that is ready"),
        pytest.param([look(ready=False)], State.NOT_READY, id="one that is up and lacks its database"),
        pytest.param([look(), look(ready=False)], State.NOT_READY, id="one of two is not ready"),
        pytest.param([look(), SILENT], State.PARTLY, id="one of two does not answer"),
        pytest.param([SILENT], State.DOWN, id="nobody answers"),
        pytest.param([], State.DOWN, id="nobody is known"),
    ],
)
def test_a_service_stands_as_its_processes_do(looks, state):
    assert glance(Service.SCORING, looks).state is state


@pytest.mark.parametrize(
    ("service", "key", "numbers", "level"),
    [
        pytest.param(Service.SCORING, "scoring-lag", {"care_scoring_lag_records": 999}, Level.GOOD, id="a little lag"),
        pytest.param(Service.SCORING, "scoring-lag", {"care_scoring_lag_records": 1000}, Level.WARN, id="lag"),
        pytest.param(Service.SCORING, "scoring-lag", {"care_scoring_lag_records": 10_000}, Level.BAD, id="much lag"),
        pytest.param(Service.SCORING, "skipped", {"care_scoring_offsets_skipped": 1}, Level.BAD, id="a lost fact"),
        pytest.param(Service.SCORING, "parked", {"care_scoring_patients_parked": 1}, Level.BAD, id="a parked patient"),
        pytest.param(Service.INTAKE, "set-aside", {"care_intake_set_aside_messages": 1}, Level.WARN, id="a quarantine"),
        pytest.param(Service.INTAKE, "outbox", {OUTBOX: 9_000, OUTBOX_AGE: 3}, Level.GOOD, id="many, but moving"),
        pytest.param(Service.INTAKE, "outbox", {OUTBOX: 1, OUTBOX_AGE: 61}, Level.BAD, id="one for a minute"),
        pytest.param(
            Service.NOTIFICATIONS, "dead-letters", {"care_notifications_dead_letters_waiting": 1}, Level.BAD,
            id="a dead letter",
        ),
    ],
)  # fmt: skip
def test_a_number_is_judged(service, key, numbers, level):
    assert levels(service, look(**numbers))[key] is level


def test_shares_of_several_processes_are_added_and_what_all_count_is_counted_once():
    looks = [
        look(care_scoring_lag_records=600, care_scoring_patients_parked=2),
        look(care_scoring_lag_records=700, care_scoring_patients_parked=2),
    ]

    values = {one.watched.key: one.value for one in glance(Service.SCORING, looks).readings}

    assert values["scoring-lag"] == 1300
    assert values["parked"] == 2


def test_a_share_that_nobody_tells_makes_the_sum_unknown():
    found = levels(Service.SCORING, look(), SILENT)

    assert found["scoring-lag"] is Level.UNKNOWN
    assert found["parked"] is Level.GOOD


def test_a_number_that_could_not_be_counted_is_not_well():
    assert levels(Service.INTAKE, look(**{OUTBOX: math.nan, OUTBOX_AGE: math.nan}))["outbox"] is Level.UNKNOWN


def test_what_needs_somebody_stands_first():
    found = glance(Service.SCORING, [look(care_scoring_patients_parked=1, care_scoring_deadlines_held_back=5)])

    assert [one.watched.key for one in found.readings][:2] == ["parked", "deadlines"]
