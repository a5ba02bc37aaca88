"""The door into the core: deadlines before facts, time forward only, effects told once, and the oracle `evaluate`."""

from datetime import timedelta

from care_scoring.core.decide import decide
from care_scoring.core.effects import ClockTicked, RaiseAlert, Silence
from care_scoring.core.evaluate import evaluate
from care_scoring.core.fold import fold, new_state
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.reason import Reason, every_reason
from care_scoring.core.reasons.visits import VisitReason
from care_scoring.core.reconcile import CLOSED_KEPT, Moment, reconcile
from care_scoring.core.rulebook import RULES, rules_reading
from care_scoring.core.rules.discharge_contact import DischargeContact
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import CloseReason, PatientId, Tier, VitalSign
from tests.builders import PATIENT, POLICY, Known, contacted, discharged, glucose, play, tick, weight, when

MOMENT = Moment(when(0), "test", "UTC")
RULE = DischargeContact()


def opened(tier: Tier = Tier.P2, *, stamp: str = "") -> Open:
    return Open(
        episode="e",
        tier=tier,
        reason=DischargeReason.KEEP_TRYING,
        explanation="Because.",
        next_step="Do it.",
        stamp=stamp,
    )


def told(*asked: list[Verdict], moments: tuple[Moment, ...] = ()) -> list[str]:
    """What is told when a rule says one thing after another."""
    state = new_state(PATIENT)
    lines = []
    for number, verdicts in enumerate(asked):
        for effect in reconcile(state, RULE, verdicts, moments[number] if moments else MOMENT):
            lines.append(
                f"{effect.alert.revision} {effect.alert.change}" if isinstance(effect, RaiseAlert) else effect.reason
            )
    return lines


CALM: list[Verdict] = [Watching(episode="e", reason=DischargeReason.CONTACT_PENDING)]
DONE: list[Verdict] = [Settled(episode="e", close_reason=CloseReason.EVIDENCE, reason=DischargeReason.CONTACT_MADE)]


def test_a_gap_opens_once_and_the_same_verdict_tells_nothing_more() -> None:
    assert told([opened()], [opened()]) == ["1 opened"]


def test_a_graver_tier_escalates_a_lesser_one_updates() -> None:
    assert told([opened(Tier.P2)], [opened(Tier.P1)], [opened(Tier.P3)]) == ["1 opened", "2 escalated", "3 updated"]


def test_a_new_stamp_updates() -> None:
    assert told([opened(stamp="1")], [opened(stamp="1")], [opened(stamp="2")]) == ["1 opened", "2 updated"]


def test_a_settled_gap_closes_once_and_reopens_under_the_same_id() -> None:
    assert told([opened()], DONE, DONE, [opened()]) == ["1 opened", "2 closed", "3 reopened"]


def test_a_gap_the_rule_no_longer_mentions_is_withdrawn() -> None:
    state = new_state(PATIENT)
    first = list(reconcile(state, RULE, [opened()], MOMENT))
    last = list(reconcile(state, RULE, [], MOMENT))

    assert [effect.alert.close_reason for effect in last if isinstance(effect, RaiseAlert)] == [CloseReason.WITHDRAWN]
    assert {effect.alert.gap_id for effect in first + last if isinstance(effect, RaiseAlert)} == {
        derived_id(PATIENT, "TCM-CONTACT", "e")
    }


def test_a_gap_that_is_only_watched_again_is_withdrawn() -> None:
    assert told([opened()], CALM) == ["1 opened", "2 closed"]


def test_silence_is_told_when_its_reason_changes() -> None:
    assert told(CALM, CALM, DONE, DONE) == ["contact_pending", "contact_made"]


def test_a_closed_gap_is_forgotten_only_when_nothing_can_bring_it_back() -> None:
    state = new_state(PATIENT)
    late = Moment(MOMENT.now + CLOSED_KEPT + timedelta(days=1), "test", "UTC")
    for verdicts in ([opened()], DONE):
        list(reconcile(state, RULE, verdicts, MOMENT))

    list(reconcile(state, RULE, DONE, late))
    assert list(state.gaps["TCM-CONTACT"]) == ["e"]
    list(reconcile(state, RULE, [], late))
    assert state.gaps["TCM-CONTACT"] == {}


def test_a_deadline_due_when_a_fact_was_learnt_is_folded_first() -> None:
    """The contact was made at noon and learnt at noon: the deadline of noon comes first, and then closes."""
    story = play([discharged(0), contacted(2, "12:00")], "TCM-CONTACT").story

    assert story == ["opened P2 contact_due_today", "closed evidence contact_made"]


def test_every_deadline_is_folded_at_its_own_time() -> None:
    alerts = play([discharged(0), glucose(100, 9)], "TCM-CONTACT").alerts

    assert [alert.changed_at for alert in alerts] == [
        when(2, "12:00"),
        when(2, "17:00"),
        when(3, "00:00"),
    ]
    assert not any(alert.late_tick for alert in alerts)


def test_a_tick_before_the_deadline_does_nothing() -> None:
    state = new_state(PATIENT)
    fold(state, discharged(0), POLICY)
    before = state.as_of

    assert state.wakes["TCM-CONTACT"] == when(2, "12:00")
    assert fold(state, tick(0, "20:00"), POLICY) == []
    assert state.as_of == before


def test_a_fact_learnt_out_of_order_does_not_turn_time_back() -> None:
    """The tick of Wednesday noon was told; a fact learnt on Tuesday that arrives now must not withdraw it."""
    played = play([discharged(0), tick(2, "13:00"), glucose(100, 1)], "TCM-CONTACT")

    assert played.story == ["opened P2 contact_due_today"]
    assert played.state.as_of == when(2, "12:00")


def test_a_reading_asks_only_the_rules_of_its_vital_sign() -> None:
    asked = {rule.key for rule in rules_reading(glucose(100, 0))}

    assert asked == {f"VITALS-TREND/{VitalSign.GLUCOSE}", "GL-1", "GL-3", "DATA-1"}
    weighed = {rule.key for rule in rules_reading(weight(80, 0))}
    assert weighed == {"VITALS-TREND/29463-7", "HF-WEIGHT/29463-7", "HF-W3", "HF-S1", "DATA-1"}


def test_keys_of_rules_are_their_own() -> None:
    keys = [rule.key for rule in RULES]

    assert len(set(keys)) == len(keys)
    # One that judges several vital signs at once has one key all the same.
    assert all(rule.key in {rule.rule_id, f"{rule.rule_id}/{rule.scope}"} for rule in RULES)
    assert all(ClockTicked in rule.reads for rule in RULES)


def test_decide_stamps_the_event_that_caused_it() -> None:
    state = play([discharged(0)]).state

    effects = decide(state, [RULE], when(2, "12:30"), POLICY, discharged(0))

    assert [effect.alert.caused_by for effect in effects if isinstance(effect, RaiseAlert)] == [discharged(0).event_id]


def test_evaluate_plays_several_patients_and_lets_deadlines_pass() -> None:
    other = Known(patient=PatientId("patient-2"))
    history = [discharged(0), discharged(1, known=other), contacted(1)]

    effects = list(evaluate(history, POLICY, until=when(4)))

    told = [effect.alert for effect in effects if isinstance(effect, RaiseAlert)]
    alerts = [alert for alert in told if alert.rule_id == "TCM-CONTACT"]
    assert {alert.patient_id for alert in alerts} == {"patient-2"}
    assert [alert.change for alert in alerts] == ["opened", "escalated", "updated"]
    assert any(isinstance(effect, Silence) and effect.reason == DischargeReason.CONTACT_MADE for effect in effects)


def test_evaluate_without_an_end_lets_no_deadline_pass_after_the_last_fact() -> None:
    states: dict[PatientId, object] = {}

    effects = list(evaluate([discharged(0)], POLICY))

    silent = {effect.rule_id: effect.reason for effect in effects if isinstance(effect, Silence)}
    assert not any(isinstance(effect, RaiseAlert) for effect in effects)
    assert silent["TCM-CONTACT"] == "contact_pending"
    assert states == {}


def test_a_reason_is_its_code_and_says_its_sentence() -> None:
    assert DischargeReason.CONTACT_MADE == "contact_made"
    assert every_reason()["contact_made"] is DischargeReason.CONTACT_MADE
    assert VisitReason.VISIT_MISSED.say(discipline="aide", first="Mon 1 Mar", why="no proof") == (
        "The aide visit of Mon 1 Mar was missed (no proof)."
    )
    assert len(every_reason()) == sum(len(list(kind)) for kind in Reason.__subclasses__()), "no code is used twice"
