"""The made-up panel: always the same people, plausible to a nurse, and nobody real."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from care_cli.panel import yearly_care
from care_cli.panel.blemishes import blemishes
from care_cli.panel.history import Outcome, Panel
from care_cli.panel.people import AGENCIES, CARE_MANAGERS, DIABETES
from care_cli.panel.simulate import member_called, simulate
from care_intake.core.decide import decide
from care_intake.core.effects import Accept, Quarantine
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_shared.errors import NotFoundError
from care_shared.vocabulary import Discipline, SourceId, VitalSign

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
PLAUSIBLE = {
    VitalSign.GLUCOSE: (60, 300),
    VitalSign.BODY_WEIGHT: (40, 140),
    VitalSign.SYSTOLIC: (90, 160),
    VitalSign.HEART_RATE: (45, 120),
}


@pytest.fixture(scope="module")
def panel() -> Panel:
    return simulate(NOW)


def test_the_same_seed_gives_the_same_panel(panel: Panel) -> None:
    assert simulate(NOW) == panel


def test_one_more_patient_changes_nobody_else() -> None:
    assert simulate(NOW, patients=21).patients[:20] == simulate(NOW, patients=20).patients


def test_there_are_two_hundred_patients_with_ids_of_their_own(panel: Panel) -> None:
    people = [one.member.person for one in panel.patients]

    assert len(people) == 200
    assert len({person.mrn for person in people}) == 200
    assert len({person.medicaid_id for person in people}) == 200
    assert all(person.family.endswith("-Demo") and "555-01" in person.phone for person in people)


def test_every_patient_has_a_care_manager_a_backup_and_an_agency(panel: Panel) -> None:
    assert {one.member.care_manager for one in panel.patients} == set(CARE_MANAGERS)
    assert {one.member.agency for one in panel.patients} == set(AGENCIES)
    assert all(one.member.care_manager != one.member.backup for one in panel.patients)


def test_history_reaches_thirty_days_back_and_no_reading_lies_in_the_future(panel: Panel) -> None:
    moments = [reading.at for one in panel.patients for reading in one.readings]

    assert max(moments) <= NOW
    assert min(moments) > NOW - timedelta(days=32)
    assert min(moments) < NOW - timedelta(days=29)


def test_readings_are_plausible_and_in_time_order(panel: Panel) -> None:
    for one in panel.patients:
        assert all(before.at <= after.at for before, after in pairwise(one.readings))
        for reading in one.readings:
            low, high = PLAUSIBLE[reading.code]
            assert low <= reading.value <= high


def test_most_visits_are_delivered_and_none_is_proven_before_it_ends(panel: Panel) -> None:
    past = [visit for one in panel.patients for visit in one.visits if visit.ends_at < NOW - timedelta(days=1)]
    delivered = [visit for visit in past if visit.outcome is Outcome.DELIVERED]

    assert len(delivered) > 0.9 * len(past)
    assert all(
        visit.outcome is Outcome.PLANNED for one in panel.patients for visit in one.visits if visit.ends_at > NOW
    )


def test_nearly_everybody_had_this_years_care_so_that_gaps_of_the_year_are_few(panel: Panel) -> None:
    lines = [line for one in panel.patients for line in yearly_care.services(one.member, NOW)]
    diabetics = [one.member for one in panel.patients if one.member.has(DIABETES)]
    results = [list(yearly_care.resources(one, NOW)) for one in diabetics]

    assert 0.9 < len(lines) / (len(panel.patients) + len(diabetics)) < 1.0
    assert 0.9 < sum(len(one) for one in results) / (4 * len(diabetics)) < 1.0


@pytest.mark.parametrize("now", [NOW, datetime(2027, 1, 9, 3, tzinfo=UTC), datetime(2027, 1, 1, 3, tzinfo=UTC)])
def test_this_years_care_was_given_this_year_and_not_in_the_future(now: datetime) -> None:
    diabetic = next(one for one in simulate(now).patients if one.member.has(DIABETES)).member
    when = [datetime.fromisoformat(str(one["effectiveDateTime"])) for one in yearly_care.resources(diabetic, now)
            if "effectiveDateTime" in one]  # fmt: skip

    assert when
    assert all(at <= now and at.year == now.year for at in when)


def test_demo_2_missed_the_two_latest_aide_visits_and_none_before(panel: Panel) -> None:
    patient = panel.patient("demo-2")
    assert patient is not None
    aide = [one for one in patient.visits if one.discipline is Discipline.AIDE and one.outcome is not Outcome.PLANNED]

    assert [one.outcome for one in aide[-2:]] == [Outcome.MISSED, Outcome.MISSED]
    assert all(one.outcome is Outcome.DELIVERED for one in aide[:-2])


def test_demo_1_went_home_more_than_two_business_days_ago(panel: Panel) -> None:
    patient = panel.patient("demo-1")
    assert patient is not None
    discharged_at = patient.stays[0].discharged_at

    assert discharged_at is not None
    assert timedelta(days=5) < NOW - discharged_at < timedelta(days=7)


def test_demo_4_has_the_readings_of_vector_t10(panel: Panel) -> None:
    patient = panel.patient("demo-4")
    assert patient is not None

    assert [reading.value for reading in patient.readings if reading.slot == "fasting"] == [
        170,
        172,
        171,
        178,
        180,
        183,
        187,
    ]
    assert [reading.value for reading in patient.readings if reading.slot == "bedtime"] == [
        215,
        214,
        219,
        222,
        221,
        228,
        231,
    ]


@pytest.mark.parametrize("key", ["demo-3", "demo-5"])
def test_what_is_sent_by_hand_meets_neither_visits_nor_glucose_of_the_panel(panel: Panel, key: str) -> None:
    patient = panel.patient(key)
    assert patient is not None

    assert [one for one in patient.readings if one.code is VitalSign.GLUCOSE] == []
    assert (list(patient.visits), list(patient.stays)) == ([], [])


def test_a_name_finds_its_patient_and_a_wrong_name_says_what_to_try() -> None:
    assert member_called("demo-3").person.mrn == "DEMO000003"
    with pytest.raises(NotFoundError, match="demo-1 to demo-6"):
        member_called("nobody")


def test_what_goes_wrong_in_the_demo_is_refused_for_its_number_or_names_two_people(panel: Panel) -> None:
    feed = Feed(SourceId("local"), ZoneInfo("America/New_York"))
    effects = [decide(RawMessage(one, Format.HL7, NOW), feed).effect for one in blemishes(panel)]

    *bare, both = effects
    assert [one.error.field for one in bare if isinstance(one, Quarantine)] == ["PID-3"] * 3
    assert isinstance(both, Accept)
    [said] = both.said.translations
    mrns = {one.value for one in said.patient.identifiers}
    assert {panel.patients[0].member.person.mrn, panel.patients[1].member.person.mrn} <= mrns
