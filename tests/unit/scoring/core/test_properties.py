"""In whatever order, however often, in whatever batches facts arrive: one belief, the same open gaps, nothing twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_scoring.core.decide import decide
from care_scoring.core.effects import ClockTicked, Effect, RaiseAlert, Silence, TellScore, WouldRaise
from care_scoring.core.evaluate import evaluate
from care_scoring.core.patient_scores.told import CODES, stamp_of, told_before
from care_scoring.core.policy import load_policy
from care_scoring.core.reasons.vitals import TrendReason
from care_scoring.core.rulebook import RULES
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import (
    ContactChannel,
    ContactOutcome,
    ContactParty,
    Discipline,
    Disposition,
    EncounterClass,
    MissedVisitReason,
    PatientId,
    ReadingQuality,
    VitalSign,
)
from tests import builders as b
from tests import chart_builders as c
from tests.score_builders import as_they_stand
from tests.unit.scoring.core.state.test_noun_properties import FOLLOW_UP, RECORD

TOLD = ("gaps", "silences", "wakes", "as_of", "told_scores")
UNTIL = b.tick(70)
DAYS = st.integers(0, 20)
CLOCKS = st.sampled_from(["00:30", "07:00", "09:00", "11:59", "12:00", "15:30", "23:45"])
STAYS = st.sampled_from(["stay-1", "stay-2"])
LEARNT_LATER = st.sampled_from([0, 0, 0, 1, 30, 200])


def learnt(event: AnyCareEvent, hours: int) -> AnyCareEvent:
    """The same fact, learnt hours later, and so with another id."""
    return event.model_copy(
        update={"recorded_at": event.recorded_at + timedelta(hours=hours), "event_id": f"{event.event_id}+{hours}"}
    )


stays = st.one_of(
    st.builds(b.admitted, DAYS, CLOCKS, stay=STAYS, kind=st.sampled_from(EncounterClass)),
    st.builds(
        b.discharged,
        DAYS,
        CLOCKS,
        stay=STAYS,
        kind=st.sampled_from([EncounterClass.INPATIENT, EncounterClass.OBSERVATION, EncounterClass.UNKNOWN]),
        to=st.sampled_from([Disposition.HOME, Disposition.SKILLED_NURSING, Disposition.UNKNOWN, Disposition.HOSPICE]),
    ),
    st.builds(b.discharge_cancelled, DAYS, CLOCKS, stay=STAYS),
    st.builds(b.admission_cancelled, DAYS, CLOCKS, stay=STAYS),
)
CONTACTS = st.sampled_from(["c1", "c2", "c3"])
contacts = st.one_of(
    st.builds(
        b.contacted,
        DAYS,
        CLOCKS,
        st.sampled_from(ContactOutcome),
        channel=st.sampled_from([ContactChannel.PHONE, ContactChannel.PORTAL, ContactChannel.TEXT_MESSAGE]),
        party=st.sampled_from(ContactParty),
        contact=CONTACTS,
    ),
    st.builds(b.contact_retracted, DAYS, CLOCKS, CONTACTS),
)
plans = st.builds(
    b.Visit,
    DAYS,
    st.sampled_from(["09:00", "16:00"]),
    st.sampled_from([Discipline.AIDE, Discipline.SKILLED_NURSING]),
    st.booleans(),
)


@st.composite
def visit_notices(draw: st.DrawFn) -> AnyCareEvent:
    visit = draw(plans)
    # Critical or not is part of the plan: the same visit may be told both ways.
    kind = draw(st.sampled_from(["scheduled", "started", "delivered", "missed", "missed", "missed", "cancelled"]))
    if kind == "started":
        return visit.started("09:05")
    if kind == "missed":
        return visit.missed(draw(st.sampled_from(MissedVisitReason)))
    if kind == "cancelled":
        return visit.cancelled(draw(st.sampled_from([2, 30])), by_patient=draw(st.booleans()))
    return visit.scheduled() if kind == "scheduled" else visit.delivered()


readings = st.one_of(
    st.builds(
        b.weight, st.floats(78, 84).map(lambda value: round(value, 1)), DAYS, st.sampled_from(["07:00", "19:00"])
    ),
    st.builds(b.glucose, st.integers(150, 260).map(float), DAYS),
    st.builds(
        b.measured,
        st.just(VitalSign.SYSTOLIC),
        st.integers(120, 170).map(float),
        DAYS,
        observation=st.sampled_from(["o1", "o2", "o3", ""]),
    ),
    st.builds(
        b.measured,
        st.sampled_from([VitalSign.SYSTOLIC, VitalSign.DIASTOLIC]),
        st.sampled_from([85.0, 95.0, 110.0, 125.0, 140.0, 186.0]),
        DAYS,
        st.sampled_from(["07:00", "07:05", "07:20"]),
    ),
    st.builds(
        b.measured,
        st.sampled_from([VitalSign.OXYGEN_SATURATION, VitalSign.GLUCOSE, VitalSign.HEART_RATE]),
        st.sampled_from([48.0, 68.0, 84.0, 90.0, 97.0, 114.0, 135.0, 260.0, 310.0]),
        DAYS,
        st.sampled_from(["07:00", "07:05", "22:00"]),
        quality=st.sampled_from([ReadingQuality.VALID, ReadingQuality.VALID, ReadingQuality.ARTIFACT]),
        observation=st.sampled_from(["r1", "r2", "", ""]),
    ),
    st.builds(c.symptoms, DAYS, CLOCKS, dyspnoea=st.booleans(), dizziness=st.booleans()),
    st.builds(c.prescribed, st.sampled_from(["insulin", "prednisone"]), DAYS),
    st.builds(b.reading_retracted, st.just(VitalSign.SYSTOLIC), DAYS, CLOCKS, st.sampled_from(["o1", "o2", "o3"])),
)
person = st.one_of(
    st.builds(b.lives_in, st.sampled_from(["America/New_York", "America/Los_Angeles"]), DAYS),
    st.builds(b.assessed, DAYS, homebound=st.booleans(), alone=st.sampled_from([True, False, None])),
    st.builds(b.has_condition, st.sampled_from(["I50.22", "E11.9"]), DAYS, active=st.booleans()),
    st.builds(b.cared_for_by, st.sampled_from(["a", "b"]), day=DAYS),
)
endings = st.one_of(st.builds(b.died, st.just(19)), st.builds(b.chose_hospice, DAYS))

facts = st.one_of(stays, contacts, visit_notices(), visit_notices(), readings, person)
histories = st.lists(st.builds(learnt, facts, LEARNT_LATER), min_size=1, max_size=24)
with_ending = st.builds(lambda history, ending: history + ending, histories, st.lists(endings, max_size=1))
rising = st.lists(st.integers(-3, 8), min_size=12, max_size=14).map(
    lambda noise: [b.measured(VitalSign.SYSTOLIC, 120 + 2.5 * day + jitter, day) for day, jitter in enumerate(noise)]
)
mixed = st.one_of(with_ending, st.builds(lambda few, many: few + many, st.lists(facts, max_size=6), rising))
# Every kind of fact there is, in one history.
everything = st.builds(
    lambda history, record: history + record, mixed, st.lists(st.one_of(RECORD, FOLLOW_UP), max_size=12)
)
relaxed = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def belief(state: PatientState) -> dict[str, object]:
    """Everything but what was told and asked, and when we last looked."""
    return {name: getattr(state, name) for name in state.__struct_fields__ if name not in TOLD}


def open_gaps(state: PatientState) -> dict[tuple[str, str], tuple[object, ...]]:
    """What is open, with everything that a person reads of it."""
    return {
        (rule, episode): (gap.tier, gap.reason, gap.due_at, gap.stamp, gap.occurrences, gap.late_notice, gap.labels)
        for rule, gaps in state.gaps.items()
        for episode, gap in gaps.items()
        if gap.is_open
    }


def in_order(history: list[AnyCareEvent]) -> list[AnyCareEvent]:
    return sorted(history, key=lambda event: (event.recorded_at, event.event_id))


@relaxed
@given(history=mixed, data=st.data(), until=st.integers(0, 45))
def test_any_order_and_any_duplicates_give_the_same_belief_and_the_same_open_gaps(
    history: list[AnyCareEvent], data: st.DataObject, until: int
) -> None:
    """A gap that opened while a fact was still on its way may be open and closed again in one order and unheard of in
    another: it was told. What is open at the end, under which id and with which words, is the same in all of them."""
    end = b.tick(until)
    expected = b.play([*in_order(history), end])
    shuffled = data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history), max_size=5))))

    other = b.play([*shuffled, end])

    assert belief(other.state) == belief(expected.state)
    assert open_gaps(other.state) == open_gaps(expected.state)
    assert other.state.wakes == expected.state.wakes


@relaxed
@given(history=everything, data=st.data(), until=st.integers(0, 45))
def test_every_rule_when_asked_again_says_what_it_said(
    history: list[AnyCareEvent], data: st.DataObject, until: int
) -> None:
    """Nothing passes unnoticed: where time alone changes what a rule says, it had asked to be woken."""
    state = b.play([*data.draw(st.permutations(history)), b.tick(until)]).state
    told, now = open_gaps(state), state.as_of or UNTIL.due_at

    said = [one for one in decide(state, RULES, now, b.POLICY) if isinstance(one, RaiseAlert | WouldRaise)]

    assert said == []
    assert open_gaps(state) == told


@relaxed
@given(history=mixed, data=st.data(), until=st.integers(0, 45))
def test_what_was_told_of_a_score_is_what_stands_whatever_the_order(
    history: list[AnyCareEvent], data: st.DataObject, until: int
) -> None:
    """No fact and no passing of time that changes a score is missed, although scores are not worked out every time."""
    end = b.tick(until)
    expected = b.play([*in_order(history), end]).state
    other = b.play([*data.draw(st.permutations(history)), end]).state

    scores = as_they_stand(expected)
    assert as_they_stand(other) == scores
    for state in (expected, other):
        told = {key: told_before(packed).stamp for key, packed in state.told_scores.items()}
        assert {key: told[key] for key in told if key in scores} == {
            key: stamp_of(essence) for key, essence in scores.items() if key in told
        }
        # A priority of which nothing was ever said is that of a patient of whom nothing is known.
        assert scores.keys() - told.keys() <= {CODES["outreach-priority"]}


@relaxed
@given(history=everything)
def test_a_second_replay_adds_nothing(history: list[AnyCareEvent]) -> None:
    """But that a trend grew stale: a deadline for it would move with every reading, so it is noted when next asked."""
    once = [*in_order(history), b.tick(21)]
    told, again = b.play(once).effects, b.play([*once, *once]).effects

    assert again[: len(told)] == told
    assert [effect for effect in again[len(told) :] if not _grew_stale(effect)] == []
    assert b.play([*once, *once, *once]).effects == again


def _grew_stale(effect: Effect) -> bool:
    return isinstance(effect, Silence) and effect.reason == TrendReason.STALE


@relaxed
@given(history=mixed)
def test_a_replay_months_later_tells_nobody_anything(history: list[AnyCareEvent]) -> None:
    """What was forgotten may be noted as silent again; it is too old to be told."""
    once = [*in_order(history), UNTIL]

    assert b.play([*once, *once]).alerts == b.play(once).alerts


@relaxed
@given(history=everything)
def test_storing_between_the_steps_changes_nothing(history: list[AnyCareEvent]) -> None:
    steps = [*in_order(history), UNTIL]
    straight, stored = b.play(steps), b.play(steps, stored_between=True)

    assert stored.effects == straight.effects
    assert stored.state == straight.state
    assert decode_state(encode_state(straight.state)) == straight.state


@relaxed
@given(history=everything, ticks=st.lists(st.integers(0, 40), max_size=12))
def test_ticks_of_the_clock_between_the_facts_change_nothing(history: list[AnyCareEvent], ticks: list[int]) -> None:
    """Live, the owner folds deadlines as they come due; in a replay the next fact does. The story is the same."""
    facts_only = in_order(history)
    live: list[b.Step] = [*facts_only]
    for day in sorted(ticks):
        moment = b.when(day, "03:21")
        place = sum(1 for step in live if _moment(step) <= moment)
        live.insert(place, ClockTicked(moment))

    assert b.play([*live, UNTIL]).effects == b.play([*facts_only, UNTIL]).effects


def _moment(step: b.Step) -> object:
    return step.due_at if isinstance(step, ClockTicked) else step.recorded_at


@relaxed
@given(history=everything)
def test_revisions_are_counted_without_a_hole_and_no_alert_is_told_twice(history: list[AnyCareEvent]) -> None:
    told = [effect.alert for effect in b.play([*history, UNTIL]).effects if isinstance(effect, RaiseAlert)]

    assert len({alert.event_id for alert in told}) == len(told)
    for gap_id in {alert.gap_id for alert in told}:
        revisions = [alert.revision for alert in told if alert.gap_id == gap_id]
        assert revisions == list(range(1, len(revisions) + 1))


@relaxed
@given(history=histories, day=DAYS)
def test_after_a_death_nothing_is_open_and_nobody_is_woken(history: list[AnyCareEvent], day: int) -> None:
    played = b.play([*history, b.died(day), UNTIL])

    assert open_gaps(played.state) == {}
    assert played.state.next_wake_at is None


@relaxed
@given(history=everything)
def test_a_rule_never_asks_to_be_woken_in_the_past(history: list[AnyCareEvent]) -> None:
    played = b.play(history)

    assert all(wake_at > (played.state.as_of or wake_at) for wake_at in played.state.wakes.values())


@relaxed
@given(history=everything, cut=st.integers(0, 40))
def test_what_was_told_of_the_beginning_of_a_history_stays_told_however_it_goes_on(
    history: list[AnyCareEvent], cut: int
) -> None:
    """Prefix consistency: nothing that comes later changes what was said before."""
    facts_only = in_order(history)
    beginning = b.play(facts_only[:cut]).effects

    assert b.play(facts_only).effects[: len(beginning)] == beginning


@relaxed
@given(history=everything, more=st.data())
def test_a_fact_that_is_said_again_tells_nothing_more(history: list[AnyCareEvent], more: st.DataObject) -> None:
    """Duplicates: the same message a second time, right behind the first or any number of facts later."""
    once = in_order(history)
    again = more.draw(st.lists(st.integers(0, len(once) - 1), max_size=5))
    twice = [fact for place, one in enumerate(once) for fact in [one] * (1 + again.count(place))]

    assert b.play([*twice, UNTIL]).alerts == b.play([*once, UNTIL]).alerts


OTHERS = (b.PATIENT, PatientId("patient-2"), PatientId("patient-3"))


@relaxed
@given(histories_of=st.lists(everything, min_size=2, max_size=3), data=st.data())
def test_patients_do_not_know_of_one_another(histories_of: list[list[AnyCareEvent]], data: st.DataObject) -> None:
    """Permutation across patients: however their facts are mixed, each is told what they would be told alone."""
    people = [
        [fact.model_copy(update={"patient_id": one}) for fact in in_order(history)]
        for one, history in zip(OTHERS, histories_of, strict=False)
    ]
    turns = data.draw(st.permutations([place for place, facts_of in enumerate(people) for _ in facts_of]))
    ahead = [iter(facts_of) for facts_of in people]
    states: dict[PatientId, PatientState] = {}

    told = list(evaluate((next(ahead[place]) for place in turns), b.POLICY, UNTIL.due_at, states))

    for one, facts_of in zip(OTHERS, people, strict=False):
        alone: dict[PatientId, PatientState] = {}
        expected = list(evaluate(facts_of, b.POLICY, UNTIL.due_at, alone))
        assert [effect for effect in told if _whose(effect) == one] == expected
        assert states[one] == alone[one]


def _whose(effect: Effect) -> PatientId:
    if isinstance(effect, RaiseAlert | WouldRaise):
        return effect.alert.patient_id
    if isinstance(effect, TellScore):
        return effect.change.patient_id
    return effect.patient_id if isinstance(effect, Silence) else effect.sender


WEST = "America/Los_Angeles"
WESTERN_POLICY = load_policy(b.DEFAULT_POLICY_TEXT.replace(f"home_zone: {b.HOME}", f"home_zone: {WEST}"))
# Where somebody lives is what this test turns; alignments begin and end with the day of UTC.
OF_NO_ZONE = everything.map(
    lambda history: [one for one in history if one.type not in {"patient-updated", "alignment-changed"}]
)


def _westward(moment: datetime) -> datetime:
    """The moment at which clocks in the west show what clocks in the east show now."""
    return moment.astimezone(ZoneInfo(b.HOME)).replace(tzinfo=ZoneInfo(WEST)).astimezone(UTC)


def _moved(event: AnyCareEvent) -> AnyCareEvent:
    moved: dict[str, object] = {name: _westward(at) for name, at in event if isinstance(at, datetime)}
    # The day of a discharge is that of the facility; it stands in the west too.
    zones = {"facility_zone": WEST} if getattr(event, "facility_zone", None) else {}
    return event.model_copy(update=moved | zones)


def _by_the_clock(effects: list[Effect], zone: str) -> list[tuple[object, ...]]:
    """What was told, with every moment as the clocks at home showed it."""

    def shown(moment: datetime | None) -> object:
        return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment else None

    told = [one.alert for one in effects if isinstance(one, RaiseAlert)]
    return [
        (alert.rule_id, alert.change, alert.tier, alert.reason, shown(alert.changed_at), shown(alert.due_at))
        for alert in told
    ]


@relaxed
@given(history=OF_NO_ZONE)
def test_the_same_days_by_the_clock_lead_to_the_same_hours_by_the_clock_in_another_zone(
    history: list[AnyCareEvent],
) -> None:
    """Metamorphic: people in the west who live the same days by their clocks are told the same by their clocks."""
    east = b.play([*in_order(history), UNTIL]).effects
    west = b.play(
        [*map(_moved, in_order(history)), ClockTicked(_westward(UNTIL.due_at))], policy=WESTERN_POLICY
    ).effects

    assert _by_the_clock(west, WEST) == _by_the_clock(east, b.HOME)
