"""The person, contacts, visits, conditions and feeds: which statement is believed."""

from datetime import date, timedelta

import pytest

from care_scoring.core.state.packed_ids import packed, unpacked
from care_scoring.core.state.union import BELIEFS
from care_shared.contracts.care_events import (
    AnyCareEvent,
    CareTeamChanged,
    EncounterUpdated,
    FeedWentSilent,
    PatientUnmerged,
)
from care_shared.vocabulary import ContactId, EventId, MissedVisitReason, SourceId, VisitId
from tests.builders import (
    PATIENT,
    SOURCE,
    Known,
    Visit,
    aligned,
    assessed,
    cared_for_by,
    chose_hospice,
    contact_retracted,
    contacted,
    died,
    discharged,
    has_condition,
    lives_in,
    play,
    when,
)
from tests.chart_builders import fact


def test_absent_fields_say_nothing() -> None:
    person = play([lives_in("America/Chicago", 0, phone="555-0100"), lives_in("America/Denver", 1)]).state.person

    assert person.summary("UTC").phone == "555-0100"
    assert person.summary("UTC").home_zone == "America/Denver"


def test_a_zone_that_does_not_exist_is_not_believed() -> None:
    assert play([lives_in("Mars/Olympus_Mons")]).state.person.home_zone is None


def test_names_are_shown_in_the_order_people_say_them() -> None:
    named = lives_in("UTC", 0, family_name="Doe", given_name="Jane", birth_date="1940-02-29")

    summary = play([named]).state.person.summary("UTC")

    assert (summary.display_name, summary.birth_date) == ("Jane Doe", date(1940, 2, 29))


def test_the_latest_care_team_answers_and_the_visiting_agency_stands_in() -> None:
    state = play([cared_for_by("b", day=2), cared_for_by("a", day=1), Visit(3).missed()]).state
    agency = state.visiting_agency[1] if state.visiting_agency else ""

    team = state.person.team(agency)

    assert (team.lead_care_manager, team.agency) == ("b", "agency-1")
    assert cared_for_by("c", "agency-2").type == "care-team-changed"


def test_homebound_and_alone_must_both_be_known() -> None:
    assert play([assessed(homebound=True, alone=True)]).state.person.is_homebound_alone()
    assert not play([assessed(homebound=True, alone=None)]).state.person.is_homebound_alone()
    assert play(
        [assessed(homebound=True, alone=None), lives_in("UTC", 0, lives_alone=True)]
    ).state.person.is_homebound_alone()


def test_the_programme_stated_last_holds() -> None:
    person = play([aligned("aco", "LEAD", 0), aligned("aco", "HealthHome", 5)]).state.person

    assert person.alignment_on(when(6).date()) == ("aco", "HealthHome")
    assert person.alignment_on(when(2).date()) == ("aco", "LEAD")
    assert person.alignment_on(when(-2).date()) == ("", "")


def test_death_and_hospice_are_stated_or_follow_from_a_discharge() -> None:
    assert play([died(0)]).state.is_deceased
    assert play([discharged(0, to="expired")]).state.is_deceased
    assert play([chose_hospice(0)]).state.in_hospice
    assert play([discharged(0, to="hospice")]).state.in_hospice


def test_a_diagnosis_of_a_stay_counts_and_the_latest_word_holds() -> None:
    moment = when(0)
    stay = EncounterUpdated.model_validate(
        {
            "event_id": "a08",
            "patient_id": PATIENT,
            "occurred_at": moment,
            "recorded_at": moment,
            "source": SOURCE,
            "encounter_id": "stay-1",
            "diagnoses": [{"code": "I50.9"}, {"code": "H90.3"}],
        }
    )

    assert list(play([stay]).state.conditions) == ["I509"]
    assert play([stay]).state.has("heart-failure")
    assert not play([has_condition("I50.9", 1, active=False), stay]).state.has("heart-failure")


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([contacted(0, contact="c"), contact_retracted(1, "10:00", "c")], id="in order"),
        pytest.param([contact_retracted(1, "10:00", "c"), contacted(0, contact="c")], id="the retraction came first"),
    ],
)
def test_a_retracted_contact_is_none(history: list[AnyCareEvent]) -> None:
    assert not play(history).state.contacts[ContactId("c")].reached_somebody


@pytest.mark.parametrize(
    ("more", "interactive", "attempt"),
    [
        pytest.param({}, True, False, id="reached by phone"),
        pytest.param({"party": "caregiver"}, True, False, id="the caregiver"),
        pytest.param({"party": "other"}, False, False, id="somebody else"),
        pytest.param({"channel": "text-message"}, False, False, id="a text message"),
        pytest.param({"purpose": "scheduling-only"}, False, False, id="only to schedule"),
        pytest.param({"outcome": "left-message"}, False, True, id="a voicemail"),
        pytest.param({"outcome": "no-answer"}, False, True, id="no answer"),
        pytest.param({"outcome": "declined"}, False, True, id="declined to talk"),
        pytest.param({"outcome": "wrong-number"}, False, False, id="a wrong number was no attempt at this patient"),
        pytest.param({"outcome": "left-message", "channel": "text-message"}, False, False, id="an unanswered text"),
    ],
)
def test_what_counts_as_contact_and_what_as_attempt(more: dict[str, str], interactive: bool, attempt: bool) -> None:
    contact = next(iter(play([contacted(0, **more)]).state.contacts.values()))

    assert (contact.is_interactive_care, contact.is_attempt) == (interactive, attempt)


def test_proof_beats_a_miss_in_any_order_and_the_latest_notice_beats_earlier_ones() -> None:
    visit = Visit(0)
    missed, proof = visit.missed("no-answer", Known(when(1))), visit.delivered()
    corrected = visit.missed("rescheduled", Known(when(2)))
    name = VisitId(visit.name)

    assert play([missed, proof]).state.visits[packed(name)].delivered
    assert play([proof, missed]).state.visits[packed(name)].delivered
    for history in ([missed, corrected], [corrected, missed]):
        assert play(history).state.visits[packed(name)].missed_reason is MissedVisitReason.RESCHEDULED


def test_a_miss_told_after_the_clock_in_is_believed() -> None:
    """The aide clocked in at the door, and nobody opened."""
    visit = Visit(0)

    state = play([visit.started("09:00"), visit.missed("no-answer", Known(when(0, "09:30")))]).state

    assert state.visits[packed(visit.name)].missed_reason is MissedVisitReason.NO_ANSWER


def test_delivered_visits_are_forgotten_after_four_weeks_missed_ones_after_two_months() -> None:
    state = play([Visit(0).delivered(), Visit(1).missed(), lives_in("UTC", 35)]).state
    assert [visit.delivered for visit in state.visits.values()] == [False]

    assert play([Visit(1).missed(), lives_in("UTC", 70)]).state.visits == {}


def test_the_word_that_two_records_were_parted_changes_no_belief() -> None:
    moment = when(0)
    parted = PatientUnmerged(
        event_id="parted",
        patient_id=PATIENT,
        occurred_at=moment,
        recorded_at=moment,
        source=SOURCE,
        separated_patient_id="patient-2",
    )
    before = play([Visit(-1).missed(), lives_in("UTC", 0)])

    after = play([Visit(-1).missed(), lives_in("UTC", 0), parted])

    assert after.effects == before.effects
    assert all(getattr(after.state, name) == getattr(before.state, name) for name in BELIEFS)


def test_a_silent_feed_is_remembered_until_it_resumes() -> None:
    moment = when(0)
    silent = FeedWentSilent(
        event_id="f", patient_id=PATIENT, occurred_at=moment, recorded_at=moment, source=SOURCE, feed=SourceId("evv")
    )

    assert play([silent]).state.silent_feeds == {"evv": (moment, True)}
    assert moment + timedelta(0) == moment


@pytest.mark.parametrize(
    "event_id",
    [
        "8a6f1c1e-6c55-5d0a-9d38-6a3fd0a0c7b1",
        "00000000-0000-5000-8000-000000000000",
        "8A6F1C1E-6C55-5D0A-9D38-6A3FD0A0C7B1",
        "8a6f1c1e6c555d0a9d386a3fd0a0c7b1----",
        "fifteen-letters",
        "sixteen--letters",
        "e1",
        "ä-umlaut",
        "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz",
    ],
)
def test_event_ids_survive_the_packing(event_id: str) -> None:
    assert unpacked(packed(EventId(event_id))) == event_id


def test_a_team_is_named_as_far_as_it_is_known() -> None:
    """Nobody is made up: who is not named is nobody; the agency that visits stands in for one that nobody named."""
    whole = fact(CareTeamChanged, 0, lead_care_manager="alvarez", backup="brown", agency="agency-1")
    alone = fact(CareTeamChanged, 0, lead_care_manager="alvarez")

    def named(*history: AnyCareEvent) -> list[str | None]:
        team = play(history).state.person.team("visiting")
        return [team.lead_care_manager, team.backup, team.agency]

    assert named(whole) == ["alvarez", "brown", "agency-1"]
    assert named(alone) == ["alvarez", None, "visiting"]
    assert named() == [None, None, "visiting"]
