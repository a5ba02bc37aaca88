"""Every number of the outreach priority: points, caps, cuts and bands are our own proposal, so all are settings."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from care_scoring.core.scores.questions import Asks
from care_scoring.core.scores.score import STRICT

Points = Annotated[int, Field(ge=0, le=100)]
Days = Annotated[int, Field(ge=0, le=3650)]
Hours = Annotated[int, Field(ge=0, le=8760)]
Count = Annotated[int, Field(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class TransitionPoints:
    """Domain A: somebody came out of a hospital."""

    __pydantic_config__ = STRICT

    cap: Points = 30
    recent_days: Days = 7
    recent_discharge: Points = 20
    earlier_days: Days = 30
    earlier_discharge: Points = 10
    ed_days: Days = 7
    ed_release: Points = 8
    lace_high_from: Annotated[int, Field(ge=0, le=19)] = 10
    lace_high: Points = 6
    lace_moderate_from: Annotated[int, Field(ge=0, le=19)] = 5
    lace_moderate: Points = 3
    readmission: Points = 8


@dataclass(frozen=True, slots=True)
class InstabilityPoints:
    """Domain B: something goes wrong now."""

    __pydantic_config__ = STRICT

    cap: Points = 30
    open_p1: Points = 30
    open_p2: Points = 15
    trend_alert: Points = 10
    critical_visit_missed: Points = 15
    missed_from: Count = 2
    missed_in_a_row: Points = 12
    device_silent: Points = 6


@dataclass(frozen=True, slots=True)
class GapPoints:
    """Domain C: something is due, or overdue."""

    __pydantic_config__ = STRICT

    cap: Points = 20
    overdue: Points = 10
    soon_hours: Hours = 48
    soon: Points = 6
    later_hours: Hours = 168
    later: Points = 3


@dataclass(frozen=True, slots=True)
class VulnerabilityPoints:
    """Domain D: who can bear little."""

    __pydantic_config__ = STRICT

    cap: Points = 15
    high_needs: Points = 5
    homebound: Points = 3
    lives_alone: Points = 3
    cognitive_impairment: Points = 3
    dual_eligible: Points = 2
    caregiver_burden: Points = 4
    per_social_need: Points = 2
    social_needs_most: Points = 4


@dataclass(frozen=True, slots=True)
class ActionabilityPoints:
    """Domain E: where a call can change something."""

    __pydantic_config__ = STRICT

    cap: Points = 15
    pdc_below: Annotated[float, Field(ge=0, le=1)] = 0.80
    low_pdc: Points = 5
    unreconciled: Points = 4
    primary_care_days: Days = 180
    no_primary_care: Points = 4
    ed_visits_from: Count = 2
    ed_visits: Points = 4
    working_channel: Points = 2


@dataclass(frozen=True, slots=True)
class OutreachSettings:
    """The domains, what a recent conversation takes off, and the bands."""

    __pydantic_config__ = STRICT

    transition: Annotated[TransitionPoints, Asks("domain A")] = field(default_factory=TransitionPoints)
    instability: Annotated[InstabilityPoints, Asks("domain B")] = field(default_factory=InstabilityPoints)
    gaps: Annotated[GapPoints, Asks("domain C")] = field(default_factory=GapPoints)
    vulnerability: Annotated[VulnerabilityPoints, Asks("domain D")] = field(default_factory=VulnerabilityPoints)
    actionability: Annotated[ActionabilityPoints, Asks("domain E")] = field(default_factory=ActionabilityPoints)
    contact_days: Annotated[Days, Asks("a conversation counts as recent for so long", "days")] = 3
    contact_minus: Annotated[Points, Asks("what a recent conversation takes off")] = 8
    today_from: Annotated[Points, Asks("lowest total for today")] = 60
    two_days_from: Annotated[Points, Asks("lowest total for the next two business days")] = 40
    week_from: Annotated[Points, Asks("lowest total for this week")] = 20
    factors_told: Annotated[Count, Asks("how many factors are explained")] = 5

    def __post_init__(self) -> None:
        """Bands in their order."""
        if not self.week_from <= self.two_days_from <= self.today_from:
            raise ValueError("week_from, two_days_from and today_from should rise")
