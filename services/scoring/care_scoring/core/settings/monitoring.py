"""The numbers of readings out of their limits: the limits, when a repeat decides, and when an alert is over."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class ThresholdAlertSettings(RuleSettings):
    """Every rule that holds single readings against a limit: repeats, symptoms, and when an alert is over."""

    section: ClassVar[str] = "threshold_alerts"

    repeat_from_minutes: int = threshold(1, Mark.DESIGN, "a repeat comes after a short rest ...", least=0, most=10)
    repeat_within_minutes: int = threshold(
        30, Mark.DESIGN, "... and before this; without one: unconfirmed, one tier lower", looser=Looser.HIGHER, least=5
    )
    symptom_hours: int = threshold(
        24, Mark.DESIGN, "a symptom said so close to a reading belongs to it", looser=Looser.LOWER, least=1, most=168
    )
    rearm_readings: int = threshold(2, Mark.DESIGN, "days with a reading in range end an alert ...", least=1, most=10)
    rearm_hours: int = threshold(72, Mark.DESIGN, "... or this long without a breach", least=1, most=336)


class BloodPressureSettings(RuleSettings):
    """Crisis, low pressure, and the mean at home (BP-1, BP-2, BP-3)."""

    section: ClassVar[str] = "blood_pressure"

    crisis_systolic: float = threshold(180, Mark.CONFIRMED, "above it: BP-1", looser=Looser.HIGHER, above=0)
    crisis_diastolic: float = threshold(120, Mark.CONFIRMED, "above it: BP-1", looser=Looser.HIGHER, above=0)
    low_systolic: float = threshold(90, Mark.CONFIRMED, "below it: BP-3 (BEAT-HF)", looser=Looser.LOWER, above=0)
    low_systolic_dizzy: float = threshold(100, Mark.DESIGN, "below it with dizziness", looser=Looser.LOWER, above=0)
    mean_systolic: float = threshold(
        135, Mark.CONFIRMED, "BP-2: mean at home, or the patient's goal; US goal 130", looser=Looser.HIGHER, above=0
    )
    mean_diastolic: float = threshold(85, Mark.CONFIRMED, "US goal 80", looser=Looser.HIGHER, above=0)
    mean_readings: int = threshold(6, Mark.DESIGN, "fewer make no mean", looser=Looser.HIGHER, least=2, most=100)
    mean_on_days: int = threshold(3, Mark.DESIGN, "on so many days ...", looser=Looser.HIGHER, least=1, most=14)
    mean_days: int = threshold(7, Mark.DESIGN, "... of the last so many", least=2, most=28)
    pre_dialysis_days: frozenset[int] = threshold(
        frozenset(), Mark.DESIGN, "weekdays (1 is Monday) whose readings before treatment the plan excludes"
    )
    pre_dialysis_until_hour: int = threshold(12, Mark.DESIGN, "local hour at which treatment begins", least=0, most=24)


class HeartRateSettings(RuleSettings):
    """HR-1: at rest, with and without symptoms."""

    section: ClassVar[str] = "heart_rate"

    high: float = threshold(110, Mark.CONFIRMED, "above it at rest, P2 (BEAT-HF)", looser=Looser.HIGHER, above=0)
    high_with_symptoms: float = threshold(100, Mark.CONFIRMED, "above it, P2", looser=Looser.HIGHER, above=0)
    low_with_symptoms: float = threshold(50, Mark.CONFIRMED, "below it, P2", looser=Looser.LOWER, above=0)
    very_high: float = threshold(130, Mark.CONFIRMED, "above it on repeat, P1 (NEWS2)", looser=Looser.HIGHER, above=0)
    very_low: float = threshold(40, Mark.CONFIRMED, "below it on repeat, P1", looser=Looser.LOWER, above=0)


class OxygenSettings(RuleSettings):
    """SP-1, SP-2, SP-3: low oxygen, with and without a recorded target of 88 to 92 %."""

    section: ClassVar[str] = "oxygen"

    low: float = threshold(91, Mark.CONFIRMED, "at or below it on repeat, P2 (NEWS2)", looser=Looser.LOWER, most=100)
    very_low: float = threshold(88, Mark.CONFIRMED, "at or below it on repeat, P1", looser=Looser.LOWER, most=100)
    at_once: float = threshold(84, Mark.CONFIRMED, "at or below it, P1 without waiting", looser=Looser.LOWER, most=100)
    target_low_most: float = threshold(
        90, Mark.DESIGN, "a recorded goal that begins at or below this is a target range for scale 2", most=100
    )
    high_on_oxygen: float = threshold(97, Mark.CONFIRMED, "at or above it on oxygen, with a target", most=100)
    oxygen_hours: int = threshold(24, Mark.DESIGN, "inhaled oxygen told within this time", least=1, most=168)
    drop: float = threshold(4, Mark.DESIGN, "points below the median, COPD or heart failure", looser=Looser.HIGHER)
    drop_days: int = threshold(14, Mark.DESIGN, "the median of so many days", least=3, most=28)
    drop_readings: int = threshold(5, Mark.DESIGN, "fewer readings make no median", looser=Looser.HIGHER, least=2)
    needs_pulse: bool = threshold(False, Mark.DESIGN, "ignore a saturation without a pulse rate of the same minute")


class TemperatureSettings(RuleSettings):
    """TE-1: fever."""

    section: ClassVar[str] = "temperature"

    fever: float = threshold(38.0, Mark.DESIGN, "at or above it, P3", looser=Looser.HIGHER, above=30)
    fever_at_risk: float = threshold(
        37.8, Mark.DESIGN, "of the immunosuppressed and shortly after surgery", looser=Looser.HIGHER, above=30
    )
    at_risk_flags: frozenset[str] = threshold(
        frozenset({"immunosuppressed", "post-operative"}), Mark.DESIGN, "flags on the record", looser=Looser.FEWER
    )
    post_operative_days: int = threshold(30, Mark.DESIGN, "how long the second flag holds", least=1, most=120)
    heart_rate: float = threshold(100, Mark.DESIGN, "above it with fever, P2", looser=Looser.HIGHER, above=0)
    respiratory_rate: float = threshold(20, Mark.DESIGN, "above it with fever, P2", looser=Looser.HIGHER, above=0)
    together_hours: int = threshold(4, Mark.DESIGN, "readings so close belong together", least=1, most=24)


class RespirationSettings(RuleSettings):
    """RR-1: breathing too fast or too slow."""

    section: ClassVar[str] = "respiration"

    fast: float = threshold(25, Mark.CONFIRMED, "at or above it, P1 (NEWS2)", looser=Looser.HIGHER, above=0)
    slow: float = threshold(8, Mark.CONFIRMED, "at or below it, P1 (NEWS2)", looser=Looser.LOWER, above=0)


class PeakFlowSettings(RuleSettings):
    """PF-1: peak flow against the personal best, which is a goal on the record."""

    section: ClassVar[str] = "peak_flow"

    red_percent: float = threshold(50, Mark.MEMORY, "below it, P1", looser=Looser.LOWER, above=0, most=100)
    yellow_percent: float = threshold(80, Mark.MEMORY, "below it, P3", looser=Looser.LOWER, above=0, most=100)


class TransmissionSettings(RuleSettings):
    """DATA-1 and DATA-2: readings that stop coming, and too few days for the programme."""

    section: ClassVar[str] = "transmission"

    silent_days: int = threshold(3, Mark.DESIGN, "whole days without a reading", looser=Looser.HIGHER, least=1, most=14)
    settle_minutes: int = threshold(
        60,
        Mark.DESIGN,
        "after readings that came late, more of them may follow",
        looser=Looser.HIGHER,
        least=0,
        most=1440,
    )
    usual_days: int = threshold(
        5, Mark.DESIGN, "days with a reading before ...", looser=Looser.HIGHER, least=1, most=14
    )
    usual_of: int = threshold(7, Mark.DESIGN, "... of so many", least=1, most=14)
    after_discharge_days: int = threshold(
        30, Mark.DESIGN, "heart failure, so long after a discharge: P2", looser=Looser.LOWER, least=0, most=90
    )
    programmes: frozenset[str] = threshold(
        frozenset({"RPM"}), Mark.DESIGN, "remote monitoring, as rosters name it", looser=Looser.FEWER
    )
    period_days: int = threshold(30, Mark.CONFIRMED, "99454 and 99445: the period", least=7, most=31)
    days_needed: int = threshold(
        16, Mark.CONFIRMED, "99454: days with data in it", looser=Looser.LOWER, least=1, most=31
    )
    told_from_day: int = threshold(20, Mark.DESIGN, "day of the period", looser=Looser.LATER, least=1, most=31)
