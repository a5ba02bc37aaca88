"""A score is told once per change, under one id, and remembered in a few bytes."""

from hypothesis import given
from hypothesis import strategies as st

from care_scoring.core.fold import fold
from care_scoring.core.patient_scores.book import SCORES
from care_scoring.core.patient_scores.told import MODELS, Told, key_of, named_by, stamp_of, told_before
from care_shared.contracts.care_alerts import CARE_ALERT
from care_shared.vocabulary import SensitivityLabel
from tests import builders as b
from tests.score_builders import came_in, told, went_home

STAY = [b.has_condition(), came_in(0), went_home(4)]


def test_revisions_follow_one_another_and_ids_are_those_of_a_replay() -> None:
    once, again = told(b.play([*STAY, b.tick(40)])), told(b.play([*STAY, b.tick(40)], stored_between=True))

    assert [one.event_id for one in once] == [one.event_id for one in again]
    assert len({one.event_id for one in once}) == len(once)
    for score in {one.score for one in once}:
        revisions = [one.revision for one in once if one.score == score]
        assert revisions == list(range(1, len(revisions) + 1))


def test_a_duplicate_tells_nothing() -> None:
    assert len(told(b.play([*STAY, *STAY]))) == len(told(b.play(STAY)))


def test_a_change_names_the_fact_that_made_it_the_policy_and_the_evidence() -> None:
    change = told(b.play(STAY), "lace")[-1]

    assert (change.caused_by, change.computed_at) == (STAY[2].event_id, b.when(4, "10:00"))
    assert change.policy_version == b.POLICY.version
    assert set(change.evidence) == {STAY[1].event_id, STAY[2].event_id}
    assert [(one.factor, one.points) for one in change.factors] == [
        ("length_of_stay", 4),
        ("acute", 3),
        ("comorbidity_sum", 2),
    ]


def test_a_change_travels_and_comes_back() -> None:
    for change in told(b.play([*STAY, b.tick(40)])):
        assert CARE_ALERT.validate_json(change.model_dump_json(exclude_none=True)) == change


def test_the_place_on_the_worklist_tells_the_last_contact_or_none() -> None:
    """The sort key of clinical.md 7: oldest successful contact; nobody was ever reached before the call."""
    changes = told(b.play([*STAY, b.contacted(5, "09:00"), b.tick(6)]), "outreach-priority")
    contacts = [one.place.last_contact for one in changes if one.place is not None]

    assert contacts[0] is None
    assert contacts[-1] == b.when(5, "09:00")


def test_after_a_death_nobody_waits_for_a_score() -> None:
    assert SCORES not in b.play([*STAY, b.died(5)]).state.wakes


def test_a_backtest_of_a_few_rules_asks_for_no_scores() -> None:
    state = b.play([]).state
    for event in STAY:
        assert fold(state, event, b.POLICY, frozenset({"TCM-CONTACT"})) is not None

    assert state.told_scores == {}


labels = st.lists(st.sampled_from(SensitivityLabel), unique=True).map(lambda some: tuple(sorted(some)))


@given(revision=st.integers(1, 65535), essence=st.text(), carried=labels)
def test_what_was_told_comes_back_from_its_bytes(
    revision: int, essence: str, carried: tuple[SensitivityLabel, ...]
) -> None:
    held = Told(revision, stamp_of(essence), carried)

    assert told_before(held.packed()) == held
    assert len(held.packed()) == 6 + bool(carried)


def test_every_score_has_a_letter_of_its_own() -> None:
    for model in MODELS.values():
        assert named_by(key_of(model, "stay-1")) == (model, "stay-1")
