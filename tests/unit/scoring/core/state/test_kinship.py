"""Merged, parted, late, doubled or out of order: every fact ends with whoever answers for its record."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_scoring.core.effects import ClockTicked, Effect, HandOver, RaiseAlert, TellScore
from care_scoring.core.fold import fold, new_state
from care_scoring.core.handing_over import handed_over
from care_scoring.core.patient_scores.book import WITHDRAWN
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.kin import Kin
from care_scoring.core.state.kinship import WHO_IS_WHO, note_kin
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.union import BELIEFS
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import CloseReason, PatientId
from tests import builders as b
from tests.score_builders import as_they_stand
from tests.unit.scoring.core.test_properties import facts as any_fact
from tests.unit.scoring.core.test_properties import open_gaps as open_with_words
from tests.unit.scoring.core.test_properties import rising

few = st.one_of(st.lists(any_fact, max_size=8), rising.map(lambda readings: readings[-4:]))
relaxed = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ADA, BEA, CAM = PatientId("ada"), PatientId("bea"), PatientId("cam")


def about(event: AnyCareEvent, patient: PatientId, record: PatientId | None = None) -> AnyCareEvent:
    """The fact, told of that patient; `record` when it came under a number of a merged record."""
    return event.model_copy(update={"patient_id": patient, "recorded_under": record})


def _body(kind: str, patient: PatientId, revision: int, day: int) -> dict[str, object]:
    at = b.when(day)
    identity = f"{kind}-{patient}-{revision}"
    return {
        "event_id": identity, "patient_id": patient, "occurred_at": at, "recorded_at": at, "source": "intake",
        "revision": revision,
    }  # fmt: skip


def merged(survivor: PatientId, record: PatientId, revision: int, day: int = 5) -> list[AnyCareEvent]:
    """What intake says of a merge: one fact to each side."""
    to_survivor = _body(f"merged-{record}", survivor, revision, day) | {"absorbed_patient_id": record}
    to_record = _body("absorbed", record, revision, day) | {"survivor_patient_id": survivor}
    return [facts.PatientMerged.model_validate(to_survivor), facts.PatientAbsorbed.model_validate(to_record)]


def parted(survivor: PatientId, record: PatientId, revision: int, day: int = 9) -> list[AnyCareEvent]:
    """What intake says when a merge was a mistake."""
    to_survivor = _body(f"unmerged-{record}", survivor, revision, day) | {"separated_patient_id": record}
    to_record = _body("separated", record, revision, day) | {"former_survivor_patient_id": survivor}
    return [facts.PatientUnmerged.model_validate(to_survivor), facts.PatientSeparated.model_validate(to_record)]


@dataclass
class Ward:
    """Several patients; what one hands over reaches the other through the log, like any fact."""

    states: dict[PatientId, PatientState] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)

    def tell(self, *events: AnyCareEvent, data: st.DataObject | None = None) -> "Ward":
        """Fold these facts and all that follows from them, in this order or in one that `data` draws."""
        waiting = list(events)
        while waiting:
            place = data.draw(st.integers(0, len(waiting) - 1)) if data else 0
            event = waiting.pop(place)
            state = self.states.setdefault(event.patient_id, new_state(event.patient_id))
            said = fold(state, event, b.POLICY)
            self.effects += said
            follow = [handed_over(effect) for effect in said if isinstance(effect, HandOver)]
            waiting = [*follow, *waiting] if data is None else [*waiting, *follow, *follow]  # and some twice
            self.states[event.patient_id] = decode_state(encode_state(state))
        return self

    def beliefs(self, patient: PatientId) -> dict[str, object]:
        state = self.states.get(patient, new_state(patient))
        return {name: getattr(state, name) for name in BELIEFS}

    def until(self, end: ClockTicked) -> "Ward":
        """Every deadline up to that moment comes."""
        for state in self.states.values():
            self.effects += fold(state, end, b.POLICY)
        return self

    def stands(self, patient: PatientId) -> tuple[object, ...]:
        """What is open, with all that a person reads of it but labels, which never shrink; and what is awaited."""
        state = self.states[patient]
        return {key: told[:-1] for key, told in open_with_words(state).items()}, state.wakes

    def open_gaps(self, patient: PatientId) -> set[tuple[str, str]]:
        state = self.states[patient]
        return {(rule, episode) for rule, gaps in state.gaps.items() for episode, gap in gaps.items() if gap.is_open}


def one_record(patient: PatientId, history: Sequence[AnyCareEvent]) -> Ward:
    """Somebody who never had two records."""
    ward = Ward().tell(*(about(event, patient) for event in history))
    ward.states.setdefault(patient, new_state(patient))
    return ward


def in_one(patient: PatientId, history: Sequence[AnyCareEvent]) -> dict[str, object]:
    """The beliefs of somebody who never had two records."""
    return one_record(patient, history).beliefs(patient)


THE_END = b.tick(30)  # nothing is learnt later
STAY = [b.admitted(0, "08:00"), b.discharged(2, "10:00")]
CALL = b.contacted(3, "09:00")


def test_the_survivor_knows_what_came_under_both_numbers() -> None:
    ward = Ward().tell(about(STAY[0], ADA), about(STAY[1], BEA), *merged(ADA, BEA, 1))

    assert ward.beliefs(ADA) == in_one(ADA, STAY)


def test_an_absorbed_record_closes_what_is_open_and_asks_for_no_waking() -> None:
    ward = Ward().tell(*(about(one, BEA) for one in [*STAY, b.weight(80.0, 6)]))
    assert ward.open_gaps(BEA)
    before = len(ward.effects)

    ward.tell(*merged(ADA, BEA, 1, day=6))

    assert not ward.open_gaps(BEA)
    assert ward.states[BEA].next_wake_at is None
    closed = [one.alert for one in ward.effects[before:] if isinstance(one, RaiseAlert) and one.alert.close_reason]
    assert {(one.close_reason, one.reason) for one in closed} == {(CloseReason.SUPERSEDED, "merged")}


def test_the_survivor_goes_on_with_what_the_absorbed_record_had_open() -> None:
    ward = Ward().tell(*(about(one, BEA) for one in [*STAY, b.weight(80.0, 6)]))
    before = ward.open_gaps(BEA)

    ward.tell(*merged(ADA, BEA, 1, day=6))

    assert ward.open_gaps(ADA) == before


def test_the_survivor_is_scored_by_what_came_under_both_numbers() -> None:
    ward = Ward().tell(*(about(one, BEA) for one in STAY), *merged(ADA, BEA, 1, day=6))
    alone = Ward().tell(*(about(one, ADA) for one in [*STAY, b.weight(80.0, 6)]))

    assert as_they_stand(ward.states[ADA]).keys() == {"Lstay-1", "Hstay-1", "O"}
    assert ward.states[ADA].told_scores.keys() == alone.states[ADA].told_scores.keys()
    assert ward.states[ADA].wakes["~"] == alone.states[ADA].wakes["~"]


def test_after_a_parting_the_scores_of_the_others_stay_are_withdrawn() -> None:
    """They were told of the survivor; the record they belong to is told them for itself."""
    ward = Ward().tell(*(about(one, BEA) for one in STAY), *merged(ADA, BEA, 1, day=6))
    before = len(ward.effects)

    ward.tell(*parted(ADA, BEA, 2))

    said = [one.change for one in ward.effects[before:] if isinstance(one, TellScore)]
    assert [(one.score, one.value, one.notes) for one in said if one.patient_id == ADA] == [
        ("lace", None, (WITHDRAWN,)),
        ("hospital", None, (WITHDRAWN,)),
        ("outreach-priority", 0, ()),
    ]
    assert as_they_stand(ward.states[BEA]).keys() >= {"Lstay-1", "Hstay-1"}
    assert "Lstay-1" not in as_they_stand(ward.states[ADA])


def test_a_contact_known_under_the_other_number_keeps_a_gap_from_opening() -> None:
    ward = Ward().tell(*(about(one, BEA) for one in STAY), about(CALL, ADA), *merged(ADA, BEA, 1, day=3))

    ward.tell(about(b.weight(80.0, 6), ADA))

    assert "TCM-CONTACT" not in {rule for rule, _ in ward.open_gaps(ADA)}


def test_a_fact_that_still_reaches_the_absorbed_record_is_passed_on() -> None:
    ward = Ward().tell(*(about(one, BEA) for one in STAY), *merged(ADA, BEA, 1, day=3), about(CALL, BEA))

    assert ward.beliefs(ADA) == in_one(ADA, [*STAY, CALL])


def test_a_parting_gives_each_record_its_own_back() -> None:
    ward = Ward().tell(about(STAY[0], BEA), about(CALL, ADA), *merged(ADA, BEA, 1))
    ward.tell(about(STAY[1], ADA, BEA), *parted(ADA, BEA, 2))

    assert ward.beliefs(ADA) == in_one(ADA, [CALL])
    assert ward.beliefs(BEA) == in_one(BEA, STAY)
    assert ward.states[BEA].next_wake_at is not None or ward.open_gaps(BEA)


def test_a_fact_of_the_separated_record_that_comes_late_to_the_survivor_is_given_back() -> None:
    ward = Ward().tell(about(STAY[0], BEA), *merged(ADA, BEA, 1), *parted(ADA, BEA, 2), about(STAY[1], ADA, BEA))

    assert ward.beliefs(ADA) == in_one(ADA, [])
    assert ward.beliefs(BEA) == in_one(BEA, STAY)


def test_a_chain_brings_everything_to_its_end() -> None:
    ward = Ward().tell(about(STAY[0], ADA), about(STAY[1], BEA), about(CALL, CAM), *merged(BEA, ADA, 1))
    moved = [parted(BEA, ADA, 2)[0], *merged(CAM, ADA, 2), *merged(CAM, BEA, 3)]

    ward.tell(*moved)

    assert ward.beliefs(CAM) == in_one(CAM, [*STAY, CALL])


def test_who_was_never_merged_has_no_kin() -> None:
    assert Ward().tell(*(about(one, ADA) for one in STAY)).states[ADA].kin is None


def test_a_repeated_merge_tells_nobody_anything() -> None:
    ward = Ward().tell(*(about(one, BEA) for one in [*STAY, b.weight(80.0, 6)]), *merged(ADA, BEA, 1, day=6))
    before = len(ward.effects)

    ward.tell(*merged(ADA, BEA, 1, day=6))

    assert len(ward.effects) == before


def test_a_hand_over_has_the_same_id_whenever_it_is_said() -> None:
    def once() -> list[str]:
        said = Ward().tell(about(STAY[0], BEA), *merged(ADA, BEA, 1)).effects
        return [handed_over(one).event_id for one in said if isinstance(one, HandOver)]

    assert once() == once() != []


def test_beliefs_that_no_release_can_read_stop_only_this_patient() -> None:
    body = _body("handed", ADA, 1, 5) | {"record_patient_id": BEA, "beliefs": "%"}
    broken = facts.PatientStateHandedOver.model_validate(body)

    with pytest.raises(UnusableMessageError):
        note_kin(new_state(ADA), broken, broken.recorded_at)


def test_beliefs_with_a_character_that_is_none_of_base64_are_not_believed() -> None:
    """A lenient reader would pass over it and believe what is left."""
    [handed] = [
        one for one in Ward().tell(about(STAY[0], BEA), *merged(ADA, BEA, 1)).effects if isinstance(one, HandOver)
    ]
    whole = handed_over(handed)
    broken = whole.model_copy(update={"beliefs": f"{whole.beliefs[:8]}%{whole.beliefs[8:]}"})

    assert note_kin(new_state(ADA), whole, whole.recorded_at)
    with pytest.raises(UnusableMessageError):
        note_kin(new_state(ADA), broken, broken.recorded_at)


def test_the_facts_about_who_is_who_are_named_once() -> None:
    assert len(WHO_IS_WHO) == 5
    assert Kin(b"").survivor_of(ADA) == ADA


@relaxed
@given(own=few, other=few, later=few, data=st.data())
def test_in_any_order_the_survivor_believes_the_facts_of_both(
    own: list[AnyCareEvent], other: list[AnyCareEvent], later: list[AnyCareEvent], data: st.DataObject
) -> None:
    """Some of the later ones were sent under the survivor already, some still under the absorbed record."""
    told = [about(one, ADA) for one in own] + [about(one, BEA) for one in other]
    told += [about(one, ADA, BEA) if place % 2 else about(one, BEA) for place, one in enumerate(later)]

    ward = Ward().tell(*told, *merged(ADA, BEA, 1), data=data)
    alone = one_record(ADA, [*own, *other, *later]).until(THE_END)

    assert ward.beliefs(ADA) == in_one(ADA, [*own, *other, *later])
    assert ward.until(THE_END).stands(ADA) == alone.stands(ADA)
    assert not ward.open_gaps(BEA)
    assert ward.states[BEA].next_wake_at is None


@relaxed
@given(own=few, other=few, later=few, data=st.data())
def test_in_any_order_a_parting_leaves_each_with_its_own(
    own: list[AnyCareEvent], other: list[AnyCareEvent], later: list[AnyCareEvent], data: st.DataObject
) -> None:
    told = [about(one, ADA) for one in own] + [about(one, BEA) for one in other]
    told += [about(one, ADA, BEA) if place % 2 else about(one, BEA) for place, one in enumerate(later)]

    ward = Ward().tell(*told, *merged(ADA, BEA, 1), *parted(ADA, BEA, 2), data=data)

    assert ward.beliefs(ADA) == in_one(ADA, own)
    assert ward.beliefs(BEA) == in_one(BEA, [*other, *later])
    ward.until(THE_END)
    assert ward.stands(ADA) == one_record(ADA, own).until(THE_END).stands(ADA)
    assert ward.stands(BEA) == one_record(BEA, [*other, *later]).until(THE_END).stands(BEA)


def test_a_source_that_counts_no_changes_of_who_is_who_may_join_two_records() -> None:
    told, _ = merged(ADA, BEA, revision=0)

    assert note_kin(survivor := new_state(ADA), told, b.when(5))[0]
    assert survivor.kin is not None
    assert survivor.kin.absorbed == {BEA: (0, True)}
    assert note_kin(survivor, told, b.when(5)) == (False, []), "said twice it is no news"
