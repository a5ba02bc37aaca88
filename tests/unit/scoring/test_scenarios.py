"""The care rules in words: every scenario under tests/scenarios is played, and what was told is compared by line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from care_scoring.core.effects import ClockTicked
from care_scoring.core.policy import Policy
from care_scoring.core.rulebook import RULES
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import Discipline, MeasurementSlot, VitalSign
from tests import builders as b
from tests.scenario_words import arrivals, follow_up, monitoring, programme
from tests.scenario_words.record import record_facts

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
Words = dict[str, object]

DAILY = {
    "daily glucose": (VitalSign.GLUCOSE, MeasurementSlot.FASTING, "07:00"),
    "daily bedtime glucose": (VitalSign.GLUCOSE, MeasurementSlot.BEDTIME, "22:00"),
    "daily systolic": (VitalSign.SYSTOLIC, MeasurementSlot.ANY, "07:00"),
    "daily weight": (VitalSign.BODY_WEIGHT, MeasurementSlot.ANY, "07:00"),
    "daily heart rate": (VitalSign.HEART_RATE, MeasurementSlot.ANY, "07:00"),
    "daily oxygen": (VitalSign.OXYGEN_SATURATION, MeasurementSlot.ANY, "07:00"),
}


@dataclass(frozen=True)
class Scenario:
    """One story of one rule."""

    rule: str
    words: Words
    file: str
    is_follow_up: bool = False

    @property
    def home(self) -> str:
        return str(self.words.get("home", b.HOME))

    @property
    def policy(self) -> Policy:
        """The shipped policy, with the thresholds that the scenario sets otherwise."""
        return b.policy_with(str(self.words["policy"])) if "policy" in self.words else b.POLICY

    def moment(self, text: object) -> datetime:
        """A local time at home."""
        return datetime.fromisoformat(str(text)).replace(tzinfo=ZoneInfo(self.home)).astimezone(UTC)


def read_scenarios(file: Path) -> Iterator[Scenario]:
    # Times stay text: YAML would read them as UTC.
    document = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)
    for words in document["scenarios"]:
        yield Scenario(document["rule"], words, file.stem, document.get("words") == "follow-up")


def scenarios() -> Iterator[Scenario]:
    for file in sorted(FOLDER.glob("*.yaml")):
        yield from read_scenarios(file)


# ---------------------------------------------------------------- words → facts


def _said(event: AnyCareEvent, at: datetime, learnt: datetime) -> AnyCareEvent:
    """The fact at the moment the scenario names."""
    return event.model_copy(update={"occurred_at": at, "recorded_at": learnt})


def _visit(words: Words, scenario: Scenario, at: datetime) -> AnyCareEvent:
    planned = scenario.moment(words.get("planned", words["at"])).astimezone(ZoneInfo(b.HOME))
    visit = b.Visit(
        f"{planned:%Y-%m-%d}",
        f"{planned:%H:%M}",
        Discipline(str(words["visit"])),
        critical=words.get("critical") == "yes",
    )
    known = b.Known(at)
    if "missed" in words:
        moved = scenario.moment(words["moved to"]) if "moved to" in words else None
        return visit.missed(str(words["missed"]), known, moved_to=moved)
    if "delivered" in words:
        return visit.delivered(known)
    if "started" in words:
        return visit.started("09:10", known)
    if "cancelled" in words:
        ahead = (visit.starts - at) / timedelta(hours=1)
        return visit.cancelled(ahead, by_patient=words["cancelled"] == "patient", known=known)
    return visit.scheduled(known)


def _options(words: Words, key: str) -> dict[str, str]:
    value = words[key]
    return {str(name): str(said) for name, said in value.items()} if isinstance(value, dict) else {}


def _discharged(words: Words, scenario: Scenario, at: datetime) -> AnyCareEvent:
    options = _options(words, "discharged")
    return b.discharged(
        0,
        to=options.get("to", "home"),
        kind=options.get("kind", "inpatient"),
        facility=options.get("from", ""),
        zone=options.get("zone", scenario.home),
        stay=options.get("stay", "stay-1"),
    )


def _assessed(words: Words, scenario: Scenario, at: datetime) -> AnyCareEvent:
    options = _options(words, "assessed")
    return b.assessed(homebound=options["homebound"] == "yes", alone=options["alone"] == "yes", known=b.Known(at))


HAPPENINGS: dict[str, Callable[[Words, Scenario, datetime], AnyCareEvent]] = {
    "discharged": _discharged,
    "admitted": lambda words, scenario, at: b.admitted(0, stay=_options(words, "admitted").get("stay", "stay-1")),
    "discharge cancelled": lambda words, scenario, at: b.discharge_cancelled(0, "12:00"),
    "admission cancelled": lambda words, scenario, at: b.admission_cancelled(0, "12:00"),
    "contact": lambda words, scenario, at: b.contacted(
        0, outcome=str(words["contact"]), party=str(words.get("party", "patient")), contact=f"contact-{at}"
    ),
    "assessed": _assessed,
    "diagnosis": lambda words, scenario, at: b.has_condition(str(words["diagnosis"])),
    "died": lambda words, scenario, at: b.died(0),
    "hospice": lambda words, scenario, at: b.chose_hospice(0),
    **programme.HAPPENINGS,
    **arrivals.HAPPENINGS,
}


def _daily(words: Words, scenario: Scenario, first: datetime) -> Iterator[AnyCareEvent]:
    for key in DAILY.keys() & words.keys():
        code, slot, clock = DAILY[key]
        values = words[key]
        assert isinstance(values, list)
        for number, value in enumerate(values):
            if value != "~":
                day = f"{first.astimezone(ZoneInfo(b.HOME)) + timedelta(days=number):%Y-%m-%d}"
                yield b.measured(code, float(value), day, clock, slot=slot)


def _facts(words: Words, scenario: Scenario) -> Iterator[AnyCareEvent]:
    at = scenario.moment(words["at"])
    if DAILY.keys() & words.keys():
        yield from sorted(_daily(words, scenario, at), key=lambda event: event.recorded_at)
        return
    learnt = scenario.moment(words["learnt"]) if "learnt" in words else at
    if (monitored := monitoring.told_in(words, at)) is not None:
        yield from monitored
        return
    if "visit" in words:
        yield _visit(words, scenario, learnt)
        return
    if scenario.is_follow_up and (followed := follow_up.happening(words, at, scenario.moment)) is not None:
        yield _said(followed, at, learnt)
        return
    recorded = record_facts(words, at, learnt, scenario.moment)
    if recorded is not None:
        yield from recorded
        return
    happening = next(name for name in HAPPENINGS if name in words)
    yield _said(HAPPENINGS[happening](words, scenario, at), at, learnt)


def history_of(scenario: Scenario) -> Iterator[b.Step]:
    yield b.lives_in(scenario.home, "2026-01-01")
    history = scenario.words["history"]
    assert isinstance(history, list)
    for words in history:
        yield from _facts(words, scenario)
    if "until" in scenario.words:
        yield ClockTicked(scenario.moment(scenario.words["until"]))


# ---------------------------------------------------------------- what was told → lines to compare


def told_line(alert: CareAlert, scenario: Scenario) -> str:
    at = alert.changed_at.astimezone(ZoneInfo(scenario.home))
    clock = f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"
    return f"{clock} {alert.change} {alert.close_reason or alert.tier} {alert.reason}"


def _expected(words: Words) -> str:
    return f"{words['at']} {words['change']} {words.get('because', words.get('tier', ''))} {words['reason']}"


def expected_lines(scenario: Scenario) -> list[str]:
    expected = scenario.words["expect"] or []
    assert isinstance(expected, list)
    return [_expected(words) for words in expected]


@pytest.mark.parametrize(
    "scenario", list(scenarios()), ids=lambda scenario: f"{scenario.file}: {scenario.words['name']}"
)
def test_scenario(scenario: Scenario) -> None:
    played = b.play(history_of(scenario), scenario.rule, scenario.policy)
    expected = scenario.words["expect"] or []
    assert isinstance(expected, list)

    assert [told_line(alert, scenario) for alert in played.alerts] == expected_lines(scenario)
    for alert, words in zip(played.alerts, expected, strict=True):
        assert str(words.get("says", "")) in alert.explanation
        if "due" in words:
            assert alert.due_at == scenario.moment(words["due"])
        assert str(words.get("next", "")) in alert.next_step
        if "labels" in words:
            assert " ".join(alert.labels) == words["labels"]
        if "for" in words:
            assert sorted(alert.audience) == sorted(str(words["for"]).split(", "))
        assert alert.private == (words.get("private", alert.private) in {"yes", True})
    if "silent" in scenario.words:
        assert played.silences[-1] == scenario.words["silent"]


def test_every_rule_has_its_scenarios() -> None:
    assert {scenario.rule for scenario in scenarios()} == {rule.rule_id for rule in RULES}
