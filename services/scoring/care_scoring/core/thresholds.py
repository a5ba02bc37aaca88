"""The numbers that care rules use, each a setting; where they come from stands beside them in the default policy."""

from datetime import date, time, timedelta
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

from care_scoring.core.calendar import BusinessCalendar
from care_shared.vocabulary import Discipline, Disposition, EncounterClass, MeasurementSlot, VitalSign


class Settings(BaseModel):
    """Frozen, and a name that is not known is refused: a typo in a policy must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HolidaySettings(Settings):
    """Days off beyond the federal holidays, and holidays on which this organisation works."""

    also_closed: frozenset[date] = frozenset()
    open_anyway: frozenset[date] = frozenset()

    @cached_property
    def calendar(self) -> BusinessCalendar:
        """The business days of the organisation."""
        return BusinessCalendar(self.also_closed, self.open_anyway)


class EpisodeSettings(Settings):
    """When two notices tell of one stay, and when two stays are one episode (clinical.md 1.1)."""

    same_stay_hours: float = Field(default=36, ge=0, le=168)  # [D] begun this close together in one place
    emergency_closed_after_hours: float = Field(default=48, ge=1, le=336)  # [D] an end that never came
    handover_hours: float = Field(default=12, ge=0, le=72)  # [D] between leaving the ED and the bed upstairs
    open_days: int = Field(default=7, ge=0, le=60)  # [D] admitted elsewhere while a stay has no end: a transfer
    transfer_days: int = Field(default=1, ge=0, le=7)  # [C] same or next day, acute to acute


class DischargeContactSettings(Settings):
    """TCM-CONTACT: whom we owe a call after a discharge, by when, and how we warn before that."""

    business_days: int = Field(ge=1, le=30)
    raise_at: time
    escalate_at: time
    period_days: int = Field(ge=1, le=90)
    attempts_needed: int = Field(ge=1, le=10)
    attempts_apart_hours: float = Field(ge=0, le=72)
    qualifying_stays: frozenset[EncounterClass]
    destinations: frozenset[Disposition]
    superseding_stays: frozenset[EncounterClass]

    @property
    def attempts_apart(self) -> timedelta:
        """How far apart two attempts over the same channel must lie to be two."""
        return timedelta(hours=self.attempts_apart_hours)


class MissedVisitSettings(Settings):
    """Home visits: when silence about a visit becomes a missed visit, and when misses become a pattern."""

    unverified_after_minutes: int = Field(ge=1, le=1440)
    missed_after_hours: int = Field(ge=1, le=168)
    in_a_row_for_p2: int = Field(ge=2, le=10)
    in_a_row_for_p1: int = Field(ge=2, le=10)
    pattern_count: int = Field(ge=2, le=20)
    pattern_days: int = Field(ge=1, le=60)
    cancel_notice_hours: int = Field(ge=0, le=168)
    welfare_call_minutes: int = Field(ge=0, le=1440)
    welfare_attempts: int = Field(ge=1, le=10)
    welfare_late_hours: int = Field(ge=1, le=168)
    expires_after_days: int = Field(ge=1, le=30)
    skilled: frozenset[Discipline]


class TrendSettings(Settings):
    """One vital sign: how many readings are enough, how large a change matters, and from where on it worries."""

    name: str
    unit: str
    downward: bool = False
    window_days: int = Field(ge=3, le=28)
    min_values: int = Field(ge=4, le=100)
    min_days: int = Field(ge=3, le=35)
    min_span_days: int = Field(ge=3, le=35)
    max_gap_days: int = Field(ge=1, le=14)
    max_age_hours: int = Field(ge=1, le=60)
    p_value: float = Field(gt=0, lt=1)
    important_change: float = Field(gt=0)
    change_days: int = Field(ge=1, le=35)
    caution_line: float | None = None
    line_slot: MeasurementSlot | None = None
    latest_days: int = Field(ge=1, le=14)
    rise_gate: float = Field(ge=0, le=1)
    hold_days: int = Field(ge=1, le=7)
    only_with: str | None = None


class HeartFailureWeightSettings(Settings):
    """HF-W1 and HF-W2: how fast a weight may rise, and which jump is another person on the scale."""

    gain_overnight_kg: float = Field(gt=0)
    overnight_from_hours: int = Field(ge=1, le=72)
    overnight_to_hours: int = Field(ge=1, le=72)
    gain_week_kg: float = Field(gt=0)
    week_days: int = Field(ge=2, le=14)
    wrong_person_percent: float = Field(gt=0, le=50)
    rearm_readings: int = Field(ge=1, le=10)
    rearm_hours: int = Field(ge=1, le=336)


class Thresholds(Settings):
    """All numbers that hold for one patient."""

    home_zone: str
    holidays: HolidaySettings = HolidaySettings()
    episodes: EpisodeSettings = EpisodeSettings()
    discharge_contact: DischargeContactSettings
    missed_visit: MissedVisitSettings
    vitals_trend: dict[VitalSign, TrendSettings]
    heart_failure_weight: HeartFailureWeightSettings
