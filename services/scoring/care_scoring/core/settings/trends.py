"""The numbers of trends, per vital sign: how many readings suffice, how large a change matters, where it worries."""

from typing import ClassVar

from pydantic import ConfigDict, RootModel

from care_scoring.core.thresholds import Looser, Mark, Section, Settings, threshold
from care_shared.vocabulary import MeasurementSlot, VitalSign


class TrendSettings(Settings):
    """One vital sign. The procedure is confirmed: seasonal Mann-Kendall and Theil-Sen slope over slot-day medians."""

    name: str = threshold("", Mark.DESIGN, "as people call it")
    unit: str = threshold("", Mark.DESIGN, "of value, change and line")
    downward: bool = threshold(False, Mark.DESIGN, "whether a fall worries instead of a rise")
    window_days: int = threshold(14, Mark.DESIGN, "days looked at", least=3, most=28)
    min_values: int = threshold(
        8, Mark.DESIGN, "fewer slot-days judge nothing", looser=Looser.HIGHER, least=4, most=100
    )
    min_days: int = threshold(6, Mark.DESIGN, "days with a reading", looser=Looser.HIGHER, least=3, most=35)
    min_span_days: int = threshold(7, Mark.DESIGN, "first to last reading", looser=Looser.HIGHER, least=3, most=35)
    max_gap_days: int = threshold(5, Mark.DESIGN, "a longer break starts anew", looser=Looser.LOWER, least=1, most=14)
    max_age_hours: int = threshold(
        48, Mark.DESIGN, "an older latest reading judges nothing", looser=Looser.LOWER, least=1, most=60
    )
    p_value: float = threshold(0.05, Mark.DESIGN, "two-sided", looser=Looser.LOWER, above=0, below=1)
    important_change: float = threshold(1.0, Mark.DESIGN, "smaller is of no matter", looser=Looser.HIGHER, above=0)
    change_days: int = threshold(14, Mark.DESIGN, "... within so many days", looser=Looser.LOWER, least=1, most=35)
    caution_line: float | None = threshold(
        None, Mark.DESIGN, "or the patient's own goal; systolic 135 is a confirmed home threshold"
    )
    line_slot: MeasurementSlot | None = threshold(
        None, Mark.DESIGN, "the line is meant for these readings, where there are any"
    )
    latest_days: int = threshold(3, Mark.DESIGN, "the latest level is the median of so many days", least=1, most=14)
    rise_gate: float = threshold(
        0.5,
        Mark.DESIGN,
        "the newest days must stand beyond the oldest by this part of the change, else no test",
        looser=Looser.HIGHER,
        least=0,
        most=1,
    )
    hold_days: int = threshold(
        2, Mark.DESIGN, "an open alert closes after so many further days without a trend", least=1, most=7
    )
    new_device_days: int = threshold(
        3, Mark.DESIGN, "a device that measures for the first time is not compared", looser=Looser.HIGHER, least=0
    )
    steroids_explain: bool = threshold(False, Mark.DESIGN, "a course of steroids on the plan explains a rise")
    only_with: str | None = threshold(None, Mark.DESIGN, "judged only in patients with this group of conditions")


SHIPPED = {
    VitalSign.GLUCOSE: TrendSettings(
        name="Glucose",
        unit="mg/dL",
        important_change=30,
        caution_line=180,
        line_slot=MeasurementSlot.FASTING,
        steroids_explain=True,
    ),
    VitalSign.SYSTOLIC: TrendSettings(
        name="Systolic blood pressure", unit="mmHg", important_change=10, caution_line=135, steroids_explain=True
    ),
    VitalSign.BODY_WEIGHT: TrendSettings(
        name="Weight", unit="kg", important_change=1.4, change_days=7, only_with="heart-failure"
    ),
    VitalSign.HEART_RATE: TrendSettings(
        name="Resting heart rate", unit="/min", important_change=10, change_days=7, caution_line=90
    ),
    VitalSign.OXYGEN_SATURATION: TrendSettings(
        name="Oxygen saturation", unit="%", downward=True, important_change=3, change_days=7, caution_line=94
    ),
}


class VitalsTrendSettings(RootModel[dict[VitalSign, TrendSettings]], Section):
    """The vital signs that are judged, each with its numbers."""

    model_config = ConfigDict(frozen=True)
    section: ClassVar[str] = "vitals_trend"

    root: dict[VitalSign, TrendSettings] = SHIPPED
