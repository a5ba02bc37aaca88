"""`carelead evaluate`: play a file of facts through the care rules, without any server, and print every effect."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say_json, warn

if TYPE_CHECKING:
    from care_scoring.core.effects import Effect
    from care_scoring.core.policy import Policy
    from care_scoring.core.state.patient import PatientState
    from care_shared.vocabulary import PatientId

History = Annotated[Path, typer.Argument(help="Facts, one JSON object per line, in the order they became known.")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="Thresholds in YAML; by default those we ship.")]
Until = Annotated[str, typer.Option(help="Let deadlines pass up to this time, such as 2027-03-04T00:00:00-05:00.")]
At = Annotated[str, typer.Option(help="Only what every rule says at this time: one line per episode, with its reason.")]
OnlyRules = Annotated[list[str] | None, typer.Option("--rule", help="This rule only; may be given several times.")]


def evaluate(
    history: History, policy: PolicyFile = None, until: Until = "", at: At = "", rule: OnlyRules = None
) -> None:
    """Print what the rules would have told, one JSON object per effect, each with its reason.

    Fields that we do not know are passed over, as the service does with facts of a newer writer.
    """
    from care_cli.commands.policy import policy_in
    from care_cli.fact_files import facts_in
    from care_cli.moments import moment
    from care_scoring.core.evaluate import evaluate as play
    from care_scoring.core.rulebook import known_rules
    from care_shared.errors import UnusableMessageError

    if at and until:
        raise UnusableMessageError("--at", "and --until exclude one another")
    end = moment("--at" if at else "--until", at or until) if at or until else None
    only = known_rules(rule or ())
    facts = list(facts_in(history))
    if not facts:
        warn(f"carelead: {history} holds no facts")
    if at:
        facts = [event for event in facts if end is not None and event.recorded_at <= end]
    states: dict[PatientId, PatientState] = {}
    effects = play(facts, policy_in(policy), end, states, only)
    for effect in effects:
        if not at:
            say_json(described(effect))
    for line in standings(states.values()) if at else ():
        say_json(line)
    for line in scores_standing(states.values(), policy_in(policy)) if at and not rule else ():
        say_json(line)


def standings(states: "Iterable[PatientState]") -> Iterable[dict[str, object]]:
    """What each rule says of each episode now: open, in shadow, closed, or silent; and when it looks again."""
    from care_scoring.core.rulebook import RULES, sentence_of_reason

    for state in states:
        for rule in RULES:
            head = {"patient_id": state.patient_id, "rule_id": rule.rule_id}
            wake_at = state.wakes.get(rule.key)
            looks = {"looks_again_at": wake_at.isoformat()} if wake_at is not None else {}
            for episode, gap in state.gaps.get(rule.key, {}).items():
                says = ("in shadow" if gap.shadow else "open") if gap.is_open else "closed"
                about = {"tier": gap.tier, "reason": gap.reason, "close_reason": gap.closed, "due_at": gap.due_at}
                told = {name: value for name, value in about.items() if value is not None}
                sentence = sentence_of_reason(gap.reason)
                yield {**head, "episode": episode, "says": says, **told, "explanation": sentence, **looks}
            for episode, reason in state.silences.get(rule.key, {}).items():
                sentence = sentence_of_reason(reason)
                yield {**head, "episode": episode, "says": "silent", "reason": reason, "explanation": sentence, **looks}


def scores_standing(states: "Iterable[PatientState]", policy: "Policy") -> Iterable[dict[str, object]]:
    """Every score as it stands now, with all its lines."""
    from care_cli.commands.clinical_scores import as_json
    from care_scoring.core.patient_scores.book import standings as scores

    for state in states:
        if state.as_of is None:
            continue
        for one in scores(state, policy.for_patient(state, state.as_of), state.as_of):
            head = {"patient_id": state.patient_id, "says": "score", "subject": one.subject}
            yield {**head, **as_json(one.score), "labels": one.labels}


def described(effect: "Effect") -> dict[str, object]:
    """An effect as JSON people can read: the whole alert or score, or the silence and its reason."""
    from care_scoring.core.effects import HandOver, RaiseAlert, TellScore, WouldRaise
    from care_scoring.core.rulebook import sentence_of_reason

    if isinstance(effect, TellScore):
        return {"effect": "score", **effect.change.model_dump(mode="json", exclude_none=True)}

    if isinstance(effect, RaiseAlert | WouldRaise):
        kind = "alert" if isinstance(effect, RaiseAlert) else "shadow"
        return {"effect": kind, **effect.alert.model_dump(mode="json", exclude_none=True)}
    if isinstance(effect, HandOver):
        return {"effect": "hand-over", "record": effect.record, "from": effect.sender, "to": effect.receiver}
    return {
        "effect": "silence",
        "patient_id": effect.patient_id,
        "rule_id": effect.rule_id,
        "episode": effect.episode,
        "reason": effect.reason,
        "explanation": sentence_of_reason(effect.reason),
        "at": effect.at.isoformat(),
    }
