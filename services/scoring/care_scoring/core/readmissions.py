"""A new stay within 30 days of a discharge, and which measures count it: CMS's and HEDIS's rules differ (1.5)."""

from dataclasses import dataclass

from care_scoring.core.calendar import local_date
from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.codes.planned_care import is_cancer_treatment
from care_scoring.core.episodes import Episode
from care_scoring.core.settings.arrivals import Measure
from care_shared.vocabulary import Disposition, EncounterClass

INPATIENT = frozenset({EncounterClass.INPATIENT, EncounterClass.PSYCHIATRIC, EncounterClass.UNKNOWN})
# Observation counts for HEDIS, not for CMS. Nursing facility, rehabilitation and long-term care count for neither.
COUNTED = {Measure.HWR: INPATIENT, Measure.PCR: INPATIENT | {EncounterClass.OBSERVATION}}
NOT_AN_INDEX = {
    Measure.HWR: frozenset({Disposition.LEFT_AGAINST_ADVICE, Disposition.OTHER_HOSPITAL, Disposition.EXPIRED}),
    Measure.PCR: frozenset({Disposition.OTHER_HOSPITAL, Disposition.EXPIRED}),
}


@dataclass(frozen=True)
class Return:
    """One stay, and the stay before it from which it is counted."""

    stay: Episode
    before: Episode
    days: int  # from the discharge to the admission, by the facilities' calendars
    measures: frozenset[Measure]  # those that count it, if it was not planned

    @property
    def spoken_measures(self) -> str:
        """As people say it: HWR and PCR."""
        return " and ".join(sorted(self.measures))


def return_of(stay: Episode, episodes: list[Episode], within_days: int) -> Return | None:
    """How a stay counts; None when it follows no other closely enough.

    A measure counts only the first stay after a discharge, so it is counted from the latest before it, of the kinds
    that the measure looks at: whichever stay lies between is an index of its own, or takes the count with it.
    """
    found = {measure: _counted_from(measure, stay, episodes) for measure in Measure}
    close = {
        measure: (before, days)
        for measure, pair in found.items()
        if pair is not None
        for before, days in [pair]
        if 0 <= days <= within_days
    }
    if not close:
        return None
    counting = frozenset(
        measure for measure, (before, _) in close.items() if is_index(measure, before) and _is_return(measure, stay)
    )
    leading = min(counting or close)  # HWR before PCR
    before, days = close[leading]
    return Return(stay, before, days, counting)


def _counted_from(measure: Measure, stay: Episode, episodes: list[Episode]) -> tuple[Episode, int] | None:
    """The latest stay of the measure's kinds that ended before this one began, and how many days lie between."""
    begins = stay.bedded_at if measure is Measure.PCR else (stay.inpatient_at or stay.bedded_at)
    if begins is None:
        return None
    ended = [
        one
        for one in episodes
        if one is not stay and one.kind in COUNTED[measure] and one.ended_at is not None and one.ended_at <= begins
    ]
    if not ended:
        return None
    before = max(ended, key=lambda one: (one.ended_at, one.first_told_as))
    left_on = before.last.ended_on
    assert left_on is not None
    return before, (local_date(begins, stay.last.zone) - left_on).days


def is_index(measure: Measure, stay: Episode) -> bool:
    """Whether readmissions are counted from a stay: alive, not sent on to acute care; each measure has its own more."""
    if stay.kind not in COUNTED[measure] or stay.went in NOT_AN_INDEX[measure] or stay.ended_at is None:
        return False
    if measure is Measure.PCR:
        return not _within_one_day(stay) and not _in_groups(stay, "pregnancy")
    if stay.kind is EncounterClass.PSYCHIATRIC or _in_groups(stay, "mental-illness"):
        return False
    return not is_cancer_treatment(_principal(stay))


def _is_return(measure: Measure, stay: Episode) -> bool:
    if measure is Measure.HWR:
        return stay.kind in COUNTED[measure]
    return stay.kind in COUNTED[measure] and not _within_one_day(stay) and not _in_groups(stay, "pregnancy")


def _within_one_day(stay: Episode) -> bool:
    """Admitted and discharged on one date; where nobody stated the admission, we do not know."""
    if not any(one.began_at for bed in stay.bedded for _, one in bed.notices):
        return False
    return stay.bedded_on is not None and stay.bedded_on == stay.last.ended_on


def _principal(stay: Episode) -> str:
    return stay.last.codes[0] if stay.last.codes else ""


def _in_groups(stay: Episode, group: str) -> bool:
    return group in groups_of_plain(_principal(stay))
