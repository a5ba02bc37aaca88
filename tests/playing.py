"""Playing a history through the core: days counted from Monday 1 March 2027, and what the history led to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from care_scoring.core.effects import ClockTicked, Effect, RaiseAlert, Silence, WouldRaise
from care_scoring.core.fold import fold, new_state
from care_scoring.core.policy import Policy, load_policy
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.resting import Resting
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import PatientId

MONDAY = date(2027, 3, 1)
HOME = "America/New_York"
PATIENT = PatientId("patient-1")

Day = int | str  # days after MONDAY, or an ISO date

DEFAULT_POLICY_TEXT = (files("care_scoring") / "policies" / "default.yaml").read_text("utf-8")
POLICY = load_policy(DEFAULT_POLICY_TEXT)


def when(day: Day, clock: str = "12:00", zone: str = HOME) -> datetime:
    """A local wall-clock time as an instant: `when(4, "14:00")` is Friday 5 March 2027, two in the afternoon."""
    local_day = MONDAY + timedelta(days=day) if isinstance(day, int) else date.fromisoformat(day)
    hour, _, minute = clock.partition(":")
    return datetime(
        local_day.year, local_day.month, local_day.day, int(hour), int(minute), tzinfo=ZoneInfo(zone)
    ).astimezone(UTC)


def tick(day: Day, clock: str = "12:00", *, late: bool = False) -> ClockTicked:
    """The clock reaches this time."""
    return ClockTicked(when(day, clock), late)


Step = AnyCareEvent | ClockTicked


@dataclass
class Played:
    """What a history led to."""

    state: PatientState
    effects: list[Effect] = field(default_factory=list)
    rule: str = ""

    @property
    def alerts(self) -> list[CareAlert]:
        """Every change of a gap of the rule under test, in order."""
        told = [effect.alert for effect in self.effects if isinstance(effect, RaiseAlert)]
        return [alert for alert in told if alert.rule_id == self.rule or not self.rule]

    @property
    def story(self) -> list[str]:
        """The changes in short: «opened P2 contact_due_today»; a closing names its close reason."""
        return [in_short(alert) for alert in self.alerts]

    @property
    def shadow_story(self) -> list[str]:
        """What the rule under test, in shadow, would have told."""
        told = [effect.alert for effect in self.effects if isinstance(effect, WouldRaise)]
        return [in_short(alert) for alert in told if alert.rule_id == self.rule or not self.rule]

    @property
    def silences(self) -> list[str]:
        """The reasons for silence of the rule under test, in order."""
        silent = [effect for effect in self.effects if isinstance(effect, Silence)]
        return [effect.reason for effect in silent if effect.rule_id == self.rule or not self.rule]

    @property
    def open_gaps(self) -> dict[tuple[str, str], tuple[str, str]]:
        """(rule, episode) → (tier, reason) of what is open at the end."""
        return {
            (rule, episode): (gap.tier.value, gap.reason)
            for rule, gaps in self.state.gaps.items()
            for episode, gap in gaps.items()
            if gap.is_open
        }


def in_short(alert: CareAlert) -> str:
    """«opened P2 contact_due_today»; a closing names its close reason."""
    return f"{alert.change} {alert.close_reason or alert.tier} {alert.reason}"


def play(history: Iterable[Step], rule: str = "", policy: Policy = POLICY, *, stored_between: bool = False) -> Played:
    """Fold a history of one patient in the order given; `stored_between` writes and reads the state after each step."""
    played, resting = Played(new_state(PATIENT), rule=rule), Resting()
    for step in history:
        played.effects += fold(played.state, step, policy)
        if stored_between:
            played.state = decode_state(encode_state(played.state, resting))
    return played


def policy_switching(rules: str, version: str = "2026-11-26") -> Policy:
    """The default policy with switches of rules, written as YAML."""
    text = DEFAULT_POLICY_TEXT.replace("  rules: {}\n", f"  rules: {rules}\n")
    return load_policy(text.replace('version: "2026-11-26"', f'version: "{version}"'))


def policy_with(thresholds: str) -> Policy:
    """The default policy with a patient override, written as YAML."""
    override = f"author: Dr Test, expires_on: 2099-01-01, thresholds: {thresholds}"
    return load_policy(DEFAULT_POLICY_TEXT.replace("patients: {}", f"patients: {{{PATIENT}: [{{{override}}}]}}"))
