"""The operators' page in words: every number has its entry in the run-book, and what is red says so first."""

import pytest

from care_notifications.core.glance import OUTBOX, OUTBOX_AGE, WATCHED, Look, Service, glance
from care_notifications.web.glance_views import entries_for, in_short, service_views
from care_notifications.web.run_book import DOWN, ENTRIES

NUMBERS = {one.metric: 0.0 for one in WATCHED} | {one.judged: 0.0 for one in WATCHED if one.judged}
SILENT = Look("http://scoring:8090", answered=False)


def views(scoring=None, **numbers):
    looks = {service: Look("http://one", True, True, {}, NUMBERS | numbers) for service in Service}
    looks |= {Service.SCORING: scoring} if scoring else {}
    return service_views([glance(service, [one]) for service, one in looks.items()])


def test_every_watched_number_has_an_entry_and_every_entry_a_number():
    assert {one.key for one in WATCHED} | {DOWN} == set(ENTRIES)
    assert all(entry.means and entry.do for entry in ENTRIES.values())


@pytest.mark.parametrize(
    ("found", "sentence", "tone"),
    [
        pytest.param(views(), "All services are up, and every number is well.", "good", id="a quiet night"),
        pytest.param(views(SILENT), "Scoring does not work as it should.", "bad", id="scoring is down"),
        pytest.param(
            views(SILENT, care_notifications_dead_letters_waiting=2),
            "Scoring does not work as it should. Elsewhere 1 number needs somebody.", "bad", id="down, and more",
        ),
        pytest.param(
            views(care_scoring_patients_parked=1), "All services are up; 1 number needs somebody now.", "bad",
            id="a red number",
        ),
        pytest.param(
            views(care_intake_set_aside_messages=3), "All services are up; 1 number to watch.", "warn",
            id="a quarantine",
        ),
    ],
)  # fmt: skip
def test_the_first_sentence_says_it_all(found, sentence, tone):
    assert in_short(found) == (sentence, tone)


def test_a_service_that_is_down_shows_where_it_was_asked_and_no_column_of_not_known():
    scoring = next(one for one in views(SILENT) if one.name == "scoring")

    assert scoring.lacks == ["Nothing answers at http://scoring:8090."]
    assert scoring.numbers == []
    assert scoring.entry == DOWN


def test_a_backlog_is_told_with_its_age():
    [intake] = [one for one in views(**{OUTBOX: 1200, OUTBOX_AGE: 300}) if one.name == "intake"]

    assert (intake.numbers[0].value, intake.numbers[0].tone) == ("1,200 messages, the oldest for 5 min", "bad")


def test_what_is_needed_now_stands_first_in_the_run_book():
    found = entries_for(views(care_scoring_patients_parked=1, care_intake_set_aside_messages=1))

    assert found[:2] == ["parked", "set-aside"]
    assert sorted(found) == sorted(ENTRIES)
