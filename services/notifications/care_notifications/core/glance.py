"""How the three services do, at a glance: which answers, which of its numbers is well, and which needs somebody now."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Service(StrEnum):
    """The parts that can be up or down."""

    INTAKE = "intake"
    SCORING = "scoring"
    NOTIFICATIONS = "notifications"


class Level(StrEnum):
    """How a number stands, the gravest first; `unknown` is what nobody could tell."""

    BAD = "bad"
    UNKNOWN = "unknown"
    WARN = "warn"
    GOOD = "good"


class State(StrEnum):
    """How a service stands, the gravest first."""

    DOWN = "down"
    PARTLY = "partly"
    NOT_READY = "not-ready"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Look:
    """What one process said of itself just now. `checks` are its own words about what it is not ready for."""

    address: str
    answered: bool
    ready: bool = False
    checks: Mapping[str, str] | None = None
    numbers: Mapping[str, float] | None = None  # by name, all labels added up


class Joined(StrEnum):
    """How the numbers of several processes make one."""

    SUM = "sum"  # each counts its own share
    MOST = "most"  # all count the same database


@dataclass(frozen=True, slots=True)
class Watched:
    """A number of one service. It is judged by `judged`, where that is another one: a backlog by its age.

    From `warn` on it is worth a look, from `bad` on somebody must do something [D].
    """

    key: str
    service: Service
    metric: str
    warn: float
    bad: float
    judged: str = ""
    joined: Joined = Joined.MOST


@dataclass(frozen=True, slots=True)
class Reading:
    """A watched number now; `measure` is what it was judged by."""

    watched: Watched
    value: float
    measure: float
    level: Level


@dataclass(frozen=True, slots=True)
class ServiceGlance:
    """One service: how many of its processes answer, what they lack, and its numbers."""

    service: Service
    state: State
    looks: Sequence[Look]
    readings: Sequence[Reading]


OUTBOX, OUTBOX_AGE = "care_outbox_waiting_messages", "care_outbox_oldest_seconds"
WATCHED = (
    Watched("inbound-lag", Service.INTAKE, "care_intake_lag_records", 1_000, 10_000, joined=Joined.SUM),
    Watched("set-aside", Service.INTAKE, "care_intake_set_aside_messages", 1, 100),
    Watched("outbox", Service.INTAKE, OUTBOX, 30, 60, OUTBOX_AGE),
    Watched("skipped", Service.SCORING, "care_scoring_offsets_skipped", 1, 1),
    Watched("scoring-lag", Service.SCORING, "care_scoring_lag_records", 1_000, 10_000, joined=Joined.SUM),
    Watched("deadlines", Service.SCORING, "care_scoring_deadlines_held_back", 1, 100, joined=Joined.SUM),
    Watched("parked", Service.SCORING, "care_scoring_patients_parked", 1, 1),
    Watched("outbox", Service.SCORING, OUTBOX, 30, 60, OUTBOX_AGE),
    Watched("unowned", Service.NOTIFICATIONS, "care_notifications_audit_findings", 1, 1),
    Watched("dead-letters", Service.NOTIFICATIONS, "care_notifications_dead_letters_waiting", 1, 1),
    Watched(
        "deliveries", Service.NOTIFICATIONS, "care_notifications_deliveries_due", 120, 900,
        "care_notifications_deliveries_oldest_seconds",
    ),
    Watched("given-up", Service.NOTIFICATIONS, "care_notifications_deliveries_failed_last_day", 1, 25),
    Watched("alert-lag", Service.NOTIFICATIONS, "care_notifications_lag_records", 1_000, 10_000, joined=Joined.SUM),
    Watched("outbox", Service.NOTIFICATIONS, OUTBOX, 30, 60, OUTBOX_AGE),
)  # fmt: skip


def glance(service: Service, looks: Sequence[Look]) -> ServiceGlance:
    """One service, from what each of its processes said; the number that needs somebody stands first."""
    readings = [_reading(one, looks) for one in WATCHED if one.service is service]
    order = list(Level)
    return ServiceGlance(service, _state(looks), looks, sorted(readings, key=lambda one: order.index(one.level)))


def _state(looks: Sequence[Look]) -> State:
    if not any(one.answered for one in looks):
        return State.DOWN
    if not all(one.answered for one in looks):
        return State.PARTLY
    return State.READY if all(one.ready for one in looks) else State.NOT_READY


def _reading(watched: Watched, looks: Sequence[Look]) -> Reading:
    value = _joined(watched.metric, watched.joined, looks)
    measure = _joined(watched.judged, watched.joined, looks) if watched.judged else value
    return Reading(watched, value, measure, _level(watched, measure))


def _joined(metric: str, joined: Joined, looks: Sequence[Look]) -> float:
    """Not a number when a process does not say: a share that nobody tells may be any size."""
    said = [(one.numbers or {}).get(metric, math.nan) for one in looks]
    if joined is Joined.SUM:
        return sum(said) if said else math.nan
    return max((one for one in said if not math.isnan(one)), default=math.nan)


def _level(watched: Watched, measure: float) -> Level:
    if math.isnan(measure):
        return Level.UNKNOWN
    if measure >= watched.bad:
        return Level.BAD
    return Level.WARN if measure >= watched.warn else Level.GOOD
