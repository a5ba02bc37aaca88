"""Merge first, measure second (clinical.md 1.1): duplicates, transfers, observation, emergency, nursing facilities."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_scoring.core.episodes import Episode, episode_with, episodes_of
from care_scoring.core.stays import stays_of
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.vocabulary import Disposition, EncounterClass, EncounterId, SensitivityLabel
from tests import builders as b
from tests.builders import Known, admission_cancelled, admitted, discharge_cancelled, discharged, play, when
from tests.chart_builders import fact

THRESHOLDS = b.POLICY.thresholds


def episodes(*history: AnyCareEvent, now: int = 60) -> list[Episode]:
    return episodes_of(play(history).state, when(now), THRESHOLDS)


def told(*history: AnyCareEvent, now: int = 60) -> list[tuple[str, list[str]]]:
    return in_short(episodes(*history, now=now))


def in_short(found: Sequence[Episode]) -> list[tuple[str, list[str]]]:
    """Each episode's class, and the numbers of each of its stays."""
    return [(episode.kind.value, ["+".join(sorted(stay.encounter_ids)) for stay in episode.stays]) for episode in found]


def arrived(day: int, clock: str = "08:00", *, stay: str = "ed", facility: str = "Mercy Hospital") -> AnyCareEvent:
    return fact(facts.EmergencyArrived, day, clock, encounter_id=stay, facility=facility)


def departed(day: int, clock: str = "14:00", *, stay: str = "ed", to: str = "home") -> AnyCareEvent:
    return fact(facts.EmergencyDeparted, day, clock, encounter_id=stay, disposition=to, facility="Mercy Hospital")


def came(
    day: int, clock: str = "10:00", *, stay: str = "stay-1", facility: str = "Mercy Hospital", kind: str = "inpatient"
) -> AnyCareEvent:
    return fact(
        facts.HospitalAdmitted,
        day,
        clock,
        encounter_id=stay,
        encounter_class=kind,
        facility=facility,
        facility_zone=b.HOME,
    )


def left(
    day: int, clock: str = "10:00", *, stay: str = "stay-1", facility: str = "Mercy Hospital", **more: object
) -> AnyCareEvent:
    return discharged(day, clock, stay=stay, facility=facility, **more)


# ---------------------------------------------------------------- one stay under several numbers


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param(
            [came(0, stay="a"), came(0, "18:00", stay="b"), left(3, stay="a"), left(3, "11:00", stay="b")],
            [("inpatient", ["a+b"])],
            id="two feeds tell of one stay that overlaps itself",
        ),
        pytest.param(
            [came(0, stay="a"), came(1, "21:00", stay="b", facility="")],
            [("inpatient", ["a+b"])],
            id="the second begins within 36 hours and names no place",
        ),
        pytest.param(
            [came(0, stay="a"), came(1, "22:00", stay="b")],
            [("inpatient", ["a+b"])],
            id="the second begins exactly 36 hours later",
        ),
        pytest.param(
            [came(0, stay="a"), came(0, "11:00", stay="b", facility="MERCY  hospital")],
            [("inpatient", ["a+b"])],
            id="capitals and spaces make no other hospital",
        ),
        pytest.param(
            [left(3, stay="a"), left(3, stay="b")],
            [("inpatient", ["a+b"])],
            id="both tell only the end, and the same end",
        ),
        pytest.param(
            [came(0, stay="a"), came(1, "23:00", stay="b")],
            [("inpatient", ["a"]), ("inpatient", ["b"])],
            id="37 hours later, while the first has no end: a discharge we missed must not swallow an admission",
        ),
        pytest.param(
            [came(0, stay="a"), left(2, stay="a"), came(9, stay="b"), left(11, stay="b")],
            [("inpatient", ["a"]), ("inpatient", ["b"])],
            id="a week later it is another stay",
        ),
        pytest.param(
            [admission_cancelled(0, "12:00"), admitted(0), left(2)],
            [],
            id="a cancelled admission is none",
        ),
    ],
)
def test_notices_of_one_stay_are_one_stay(history: list[AnyCareEvent], expected: list[tuple[str, list[str]]]) -> None:
    assert told(*history, now=11) == expected


def test_of_two_tellings_the_more_complete_one_decides() -> None:
    short = [came(1, stay="a"), left(2, stay="a", to="unknown")]
    whole = [came(0, stay="b"), left(4, stay="b", to="skilled-nursing")]

    (episode,) = episodes(*short, *whole)

    assert (episode.began_at, episode.ended_at) == (when(0, "10:00"), when(4, "10:00"))
    assert episode.went is Disposition.SKILLED_NURSING


def test_a_telling_without_an_end_takes_it_from_the_other_feed() -> None:
    (episode,) = episodes(came(0, stay="a"), came(0, stay="b"), left(3, stay="b"))

    assert episode.ended_at == when(3, "10:00")


def test_a_withdrawn_discharge_leaves_the_episode_open() -> None:
    (episode,) = episodes(came(0), left(3), discharge_cancelled(3, "12:00"), now=4)

    assert episode.ended_at is None
    assert episode.last.ended_on is None


# ---------------------------------------------------------------- what follows what


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param(
            [came(0), left(3, to="other-hospital"), came(3, "15:00", stay="s2", facility="Saint Anne")],
            [("inpatient", ["stay-1", "s2"])],
            id="a transfer on the same day",
        ),
        pytest.param(
            [came(0), left(3, "10:00"), came(4, "23:30", stay="s2", facility="Saint Anne")],
            [("inpatient", ["stay-1", "s2"])],
            id="an acute admission on the next day is a transfer, whatever the disposition says",
        ),
        pytest.param(
            [came(0), left(3), came(5, "00:30", stay="s2", facility="Saint Anne")],
            [("inpatient", ["stay-1"]), ("inpatient", ["s2"])],
            id="two calendar days apart are two episodes",
        ),
        pytest.param(
            [came(0, kind="observation"), left(1, kind="observation"), came(1, "11:00", stay="s2"), left(4, stay="s2")],
            [("inpatient", ["stay-1", "s2"])],
            id="observation that turned into an inpatient stay under another number",
        ),
        pytest.param(
            [arrived(0), departed(0, to="unknown"), came(0, "16:00"), left(3)],
            [("inpatient", ["ed", "stay-1"])],
            id="admitted from the emergency department",
        ),
        pytest.param(
            [arrived(0), came(0, "16:00"), left(3)],
            [("inpatient", ["ed", "stay-1"])],
            id="admitted from an emergency visit that nobody ended",
        ),
        pytest.param(
            [arrived(0), departed(0), came(1, "09:00"), left(3)],
            [("emergency", ["ed"]), ("inpatient", ["stay-1"])],
            id="sent home from the emergency department and admitted the next day",
        ),
        pytest.param(
            [came(0), left(3), arrived(4), departed(4)],
            [("inpatient", ["stay-1"]), ("emergency", ["ed"])],
            id="an emergency visit the day after a discharge is a visit of its own",
        ),
        pytest.param(
            [came(0), left(3, to="skilled-nursing"), came(3, "15:00", stay="snf", kind="skilled-nursing")],
            [("inpatient", ["stay-1"]), ("skilled-nursing", ["snf"])],
            id="a nursing facility is an episode of its own",
        ),
        pytest.param(
            [came(0), came(3, stay="s2", facility="Saint Anne")],
            [("inpatient", ["stay-1", "s2"])],
            id="admitted elsewhere while the first stay has no end yet",
        ),
        pytest.param(
            [came(0), came(20, stay="s2", facility="Saint Anne")],
            [("inpatient", ["stay-1"]), ("inpatient", ["s2"])],
            id="admitted elsewhere three weeks after a stay whose end never came",
        ),
        pytest.param(
            [came(0), arrived(1, facility="Saint Anne"), departed(1), left(3)],
            [("inpatient", ["stay-1", "ed"])],
            id="a trip to another emergency department during the stay belongs to it",
        ),
        pytest.param(
            [came(0), came(7, stay="s2", facility="Saint Anne")],
            [("inpatient", ["stay-1", "s2"])],
            id="admitted elsewhere exactly a week after a stay without an end began",
        ),
        pytest.param(
            [came(0, facility=""), came(3, stay="s2", facility="Saint Anne")],
            [("inpatient", ["stay-1"]), ("inpatient", ["s2"])],
            id="elsewhere is not known to be elsewhere when one of the places has no name",
        ),
        pytest.param(
            [arrived(0, "08:00"), came(1, "20:00"), left(3)],
            [("inpatient", ["ed", "stay-1"])],
            id="admitted exactly 36 hours after an emergency visit without an end began",
        ),
        pytest.param(
            [arrived(0, "08:00"), came(1, "20:01"), left(3)],
            [("emergency", ["ed"]), ("inpatient", ["stay-1"])],
            id="a minute later it is another matter",
        ),
        pytest.param(
            [arrived(0, "08:00"), came(0, "12:00"), departed(0, "14:00"), left(3)],
            [("inpatient", ["ed", "stay-1"])],
            id="admitted before anybody noted the departure, and home is what the emergency department wrote",
        ),
        pytest.param(
            [arrived(0), came(0, "16:00"), left(3), arrived(3, "20:00", stay="e2"), departed(3, "22:00", stay="e2")],
            [("inpatient", ["ed", "stay-1"]), ("emergency", ["e2"])],
            id="after a stay that began in one emergency department, the next visit there is a visit of its own",
        ),
        pytest.param(
            [
                came(0),
                came(1, stay="s2", facility="Saint Anne"),
                left(2),
                left(6, stay="s2", facility="Saint Anne"),
                came(7, stay="s3", facility="Mercy Hospital"),
            ],
            [("inpatient", ["stay-1", "s2", "s3"])],
            id="what follows is measured from the end that came last, not from the first",
        ),
        pytest.param(
            [arrived(0, stay="e1"), departed(0, stay="e1"), arrived(1, stay="e2"), departed(1, stay="e2")],
            [("emergency", ["e1"]), ("emergency", ["e2"])],
            id="two emergency visits on two days",
        ),
    ],
)
def test_stays_that_follow_one_another_are_one_episode(
    history: list[AnyCareEvent], expected: list[tuple[str, list[str]]]
) -> None:
    assert told(*history, now=21) == expected


def test_the_last_facility_starts_the_clocks() -> None:
    second = left(6, "23:30", stay="s2", facility="Saint Anne", zone="America/Chicago")
    (episode,) = episodes(came(0), left(3), came(4, stay="s2", facility="Saint Anne"), second)

    assert episode.last.encounter_ids == {"s2"}
    assert episode.last.ended_on == date(2027, 3, 7)
    assert episode.inpatient_at == when(0, "10:00")


def test_the_stay_begins_with_the_observation_also_under_one_number() -> None:
    (episode,) = episodes(came(0, "20:00", kind="observation"), came(1, "09:00", kind="inpatient"), left(4))

    assert episode.kind is EncounterClass.INPATIENT
    assert (episode.began_at, episode.inpatient_at) == (when(0, "20:00"), when(1, "09:00"))


def test_an_emergency_visit_that_became_a_stay_under_one_number_ends_with_the_stay() -> None:
    """The end of the emergency visit (18:00) must not end the stay that began there."""
    history = [arrived(0, stay="stay-1"), departed(0, "18:00", stay="stay-1", to="unknown"), came(0, "18:30")]

    (open_one,) = episodes(*history, now=2)
    assert open_one.ended_at is None
    (ended,) = episodes(*history, left(3), now=4)
    assert (ended.began_at, ended.ended_at) == (when(0, "08:00"), when(3, "10:00"))


@pytest.mark.parametrize(
    ("hours", "ended"),
    [
        pytest.param(47, None, id="after 47 hours it goes on"),
        pytest.param(48, when(2, "08:00"), id="after 48 it ended"),
    ],
)
def test_an_emergency_visit_that_nobody_ended_is_closed_by_policy(hours: int, ended: object) -> None:
    state = play([arrived(0)]).state

    (episode,) = episodes_of(state, when(0, "08:00") + timedelta(hours=hours), THRESHOLDS)

    assert episode.ended_at == ended
    assert episode.last.is_closed_by_policy is (ended is not None)


@pytest.mark.parametrize("hours", [7, 47, 48, 200])
def test_an_arrival_that_nobody_ended_does_not_outlast_the_bed_that_followed(hours: int) -> None:
    """Found by Hypothesis: the clocks of the discharge started with the end that policy presumes of the arrival."""
    state = play([arrived(0), left(0, "14:00")]).state

    (episode,) = episodes_of(state, when(0, "08:00") + timedelta(hours=hours), THRESHOLDS)

    assert (episode.first_told_as, episode.ended_at) == ("ed", when(0, "14:00"))


def test_an_episode_knows_when_we_learnt_of_it_what_was_found_and_its_labels() -> None:
    diagnoses = tuple(CodedConcept(code=code) for code in ("I50.23", "N18.4"))
    begun = fact(
        facts.HospitalAdmitted,
        0,
        "10:00",
        Known(when(2), labels=(SensitivityLabel.HIV,)),
        encounter_id="stay-1",
        encounter_class="inpatient",
        diagnoses=diagnoses,
        admission_type="elective",
    )

    (episode,) = episodes(begun, left(3))

    assert episode.first.known_at == when(2)
    assert episode.last.end_known_at == when(3, "10:00")
    assert episode.first.codes == ("I5023", "N184")
    assert episode.first.best.principal == "I5023"
    assert "heart-failure" in episode.first.best.principal_groups
    assert episode.labels == (SensitivityLabel.HIV,)
    assert episode.is_elective
    assert episode.last.length == 3


def test_an_episode_is_found_by_any_of_its_numbers() -> None:
    both = episodes(came(0), left(3), came(9, stay="s2"))

    assert episode_with(both, EncounterId("s2")) is both[1]
    assert episode_with(both, EncounterId("unknown")) is None
    assert both[1].stay_of(EncounterId("s2")) is both[1].first
    assert both[1].stay_of(EncounterId("stay-1")) is None
    assert not both[1].is_treat_and_release


def test_clinic_visits_and_visits_at_home_are_no_episodes() -> None:
    assert told(came(0, kind="ambulatory"), came(1, stay="h", kind="home-health")) == []


NOTICES = st.one_of(
    st.builds(came, st.integers(0, 9), stay=st.sampled_from("abc"), facility=st.sampled_from(["", "Mercy", "Anne"])),
    st.builds(left, st.integers(0, 12), stay=st.sampled_from("abc"), facility=st.sampled_from(["", "Mercy", "Anne"])),
    st.builds(arrived, st.integers(0, 9), stay=st.sampled_from("abe")),
    st.builds(departed, st.integers(0, 9), stay=st.sampled_from("abe"), to=st.sampled_from(["home", "unknown"])),
    st.builds(
        came, st.integers(0, 9), stay=st.sampled_from("abc"), kind=st.sampled_from(["observation", "skilled-nursing"])
    ),
)


@settings(max_examples=200, deadline=None)
@given(history=st.lists(NOTICES, min_size=1, max_size=12), data=st.data())
def test_episodes_do_not_depend_on_the_order_of_arrival_and_lose_no_stay(
    history: list[AnyCareEvent], data: st.DataObject
) -> None:
    state = play(history).state
    shuffled = play(data.draw(st.permutations(history))).state
    found = episodes_of(state, when(60), THRESHOLDS)

    assert in_short(found) == told(*data.draw(st.permutations(history)))
    numbers = [number for episode in found for number in episode.encounter_ids]
    stays = [number for stay in stays_of(shuffled, when(60), THRESHOLDS) for number in stay.encounter_ids]
    assert sorted(numbers) == sorted(stays) == sorted(state.encounters)


def test_a_nursing_facility_and_a_rehabilitation_ward_of_one_house_are_two_stays() -> None:
    """Both begin within a day in one place, but they are of different kinds: no notice of one tells of the other."""
    nursing = [came(0, stay="a", kind="skilled-nursing"), left(9, stay="a", kind="skilled-nursing")]
    ward = [came(0, "18:00", stay="b", kind="rehabilitation"), left(9, "12:00", stay="b", kind="rehabilitation")]
    stays = stays_of(play([*nursing, *ward]).state, when(60), THRESHOLDS)

    assert sorted("+".join(sorted(stay.encounter_ids)) for stay in stays) == ["a", "b"]
