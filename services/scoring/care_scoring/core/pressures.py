"""Blood pressure as a pair: what the systolic and the diastolic reading of one moment say together."""

from typing import NamedTuple

from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.vitals import THOUSANDTHS, Series
from care_scoring.core.thresholding import readings_at_home
from care_shared.vocabulary import VitalSign


class Pressure(NamedTuple):
    """One measurement; a half that has not come yet is 0."""

    at: int
    systolic: int
    diastolic: int

    @property
    def words(self) -> str:
        """186/104 mmHg, as people say it."""
        high = f"{self.systolic / THOUSANDTHS:.0f}" if self.systolic else "?"
        low = f"/{self.diastolic / THOUSANDTHS:.0f}" if self.diastolic else ""
        return f"{high}{low} mmHg"

    @property
    def is_plausible(self) -> bool:
        """A diastolic value that is not below the systolic one is an artifact."""
        return not (self.systolic and self.diastolic) or self.diastolic < self.systolic


def pressures_at_home(state: PatientState) -> list[Pressure]:
    """Every measurement since the patient came home that may be judged, oldest first."""
    systolic, diastolic = _by_time(state, VitalSign.SYSTOLIC), _by_time(state, VitalSign.DIASTOLIC)
    pairs = (Pressure(at, systolic.get(at, 0), diastolic.get(at, 0)) for at in sorted(systolic.keys() | diastolic))
    return [pair for pair in pairs if pair.is_plausible]


def _by_time(state: PatientState, code: VitalSign) -> dict[int, int]:
    series: Series | None = state.vitals.get(code)
    return {one.at: one.value for one in readings_at_home(state, series)} if series else {}
