"""What scoring must have said and must believe, computed by the pure core from the topic itself."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any

from care_scoring.core.effects import RaiseAlert, TellScore
from care_scoring.core.evaluate import evaluate
from care_scoring.core.policy import Policy, load_policy
from care_scoring.core.state.encoding import decode_state
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_alerts import CareAlert, decode_alert
from care_shared.contracts.care_events import decode_event
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.vocabulary import EventId, PatientId
from tests.scoring_world import World


@dataclass(slots=True)
class Oracle:
    """The alerts and states of a history."""

    alerts: list[CareAlert] = field(default_factory=list)
    scores: list[ScoreChanged] = field(default_factory=list)
    states: dict[PatientId, PatientState] = field(default_factory=dict)

    @property
    def alert_ids(self) -> list[EventId]:
        """In a fixed order."""
        return sorted(alert.event_id for alert in self.alerts)

    @property
    def told_ids(self) -> set[EventId]:
        """Of alerts and scores."""
        return {one.event_id for one in (*self.alerts, *self.scores)}


def default_policy() -> Policy:
    """The policy we ship."""
    return load_policy((files("care_scoring") / "policies" / "default.yaml").read_text("utf-8"))


def oracle_of(records: Iterable[Any], until: datetime) -> Oracle:
    """Play these records, partition by partition, and then the deadlines up to `until`."""
    oracle = Oracle()
    facts = (decode_event(record.value) for record in records)
    for effect in evaluate(facts, default_policy(), until, oracle.states):
        if isinstance(effect, RaiseAlert):
            oracle.alerts.append(effect.alert)
        elif isinstance(effect, TellScore):
            oracle.scores.append(effect.change)
    return oracle


def _kinds(alerts: Iterable[CareAlert]) -> Counter[tuple[str, str, bool]]:
    return Counter((alert.rule_id, alert.change, alert.caused_by is None) for alert in alerts)


def _differing(one: PatientState, other: PatientState) -> list[str]:
    return [name for name in one.__struct_fields__ if getattr(one, name) != getattr(other, name)]


def _score_kinds(scores: Iterable[ScoreChanged]) -> Counter[tuple[str, bool]]:
    return Counter((one.score, one.caused_by is None) for one in scores)


async def assert_like_oracle(world: World, until: datetime) -> Oracle:
    """States equal, every alert said, none said that should not be, and what was said twice has the same id.

    Everything is compared before anything fails: what differs besides tells where to look.
    """
    oracle = oracle_of(await world.records(world.events), until)
    decided = await world.query("SELECT event_id, value FROM outbox WHERE topic = $1", world.alerts)
    ids, wanted = Counter(row[0] for row in decided), oracle.told_ids
    scores = [one for one in oracle.scores if one.event_id not in ids]
    alerts = [one for one in oracle.alerts if one.event_id not in ids]
    extra = [decode_alert(row[1]) for row in decided if row[0] not in wanted]
    kept = Counter(row[0] for row in await world.query("SELECT event_id FROM scores"))
    said = {alert.event_id for alert in await world.alerts_said()}
    found = [
        ("alerts decided twice", Counter(one for one, times in ids.items() if times > 1)),
        (f"of {len(oracle.scores)} score changes are missing", _score_kinds(scores)),
        (f"of {len(oracle.alerts)} alerts are missing", _kinds(alerts)),
        ("messages should not be there", Counter(one.type for one in extra)),
        ("rows of the history of scores are others", _unlike(kept, Counter(one.event_id for one in oracle.scores))),
        ("alerts on the topic are others", Counter(said ^ {alert.event_id for alert in oracle.alerts})),
        (f"of {len(oracle.states)} states are others", await _other_states(world, oracle)),
    ]
    wrong = [f"{differ.total()} {what}: {differ.most_common(20)}" for what, differ in found if differ]
    assert not wrong, "\n".join(wrong)
    return oracle


def _unlike(one: Counter[str], other: Counter[str]) -> Counter[str]:
    return (one - other) + (other - one)


async def _other_states(world: World, oracle: Oracle) -> Counter[str]:
    """How many patients are not believed as the pure core believes, by what is different about them."""
    stored = {row[0]: decode_state(row[1]) for row in await world.query("SELECT patient_id, state FROM patient_states")}
    different = [one for one in stored.keys() & oracle.states.keys() if stored[one] != oracle.states[one]]
    fields = Counter(", ".join(_differing(stored[one], oracle.states[one])) for one in different)
    return fields + Counter("is no patient of both" for _ in stored.keys() ^ oracle.states.keys())
