"""What earns a patient outreach priority, domain by domain, each with what would lower it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from care_scoring.core.scores.outreach_input import AlertCause, DueGap, OutreachInput
from care_scoring.core.scores.outreach_settings import (
    ActionabilityPoints,
    GapPoints,
    InstabilityPoints,
    TransitionPoints,
    VulnerabilityPoints,
)
from care_scoring.core.scores.score import Answer, Item, ScalarT, points_at, worth


class Domain(StrEnum):
    """The five capped domains."""

    TRANSITION = "transition"
    INSTABILITY = "instability"
    GAPS = "gaps"
    VULNERABILITY = "vulnerability"
    ACTIONABILITY = "actionability"


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that earned points, and what would take them away."""

    domain: Domain
    item: Item
    lowered_by: str


LOWERED_BY = {
    "days_since_discharge": "Time: the points fall as the discharge recedes.",
    "days_since_ed_release": "Time: the points end when the emergency visit recedes.",
    "lace": "Nothing: the score of a stay stays with the stay.",
    "readmitted_within_30_days": "Nothing: it is a fact of the stay.",
    "open_p1": "Resolve the open P1 alert.",
    "open_p2": "Resolve the open P2 alert.",
    "trend_alert": "Readings that no longer trend, or a resolved alert.",
    "critical_visit_missed": "The visit made up, or the patient reached.",
    "missed_visits_in_a_row": "The next visit delivered.",
    "device_silent": "A new reading from the device.",
    "gap": "Do it and record it.",
    "high_needs": "A review that finds High Needs criteria no longer met.",
    "homebound": "An assessment that finds the patient no longer homebound.",
    "lives_alone": "Somebody who lives with the patient.",
    "cognitive_impairment": "Nothing: it tells how much help is needed.",
    "dual_eligible": "Nothing: it tells whom to involve.",
    "caregiver_burden_high": "Support for the caregiver and a lower Zarit score.",
    "positive_social_needs": "Each need met and screened again.",
    "pdc": "Refills picked up until the proportion of days covered is high enough.",
    "medicines_unreconciled": "Reconcile the medicines.",
    "days_since_primary_care": "A contact with primary care.",
    "ed_visits_6_months": "Time without emergency visits.",
    "working_channel": "Nothing to lower: it says that a call can reach the patient.",
}


def transition(asked: OutreachInput, points: TransitionPoints) -> Iterator[Factor]:
    """Domain A."""
    discharged = ((points.recent_days, points.recent_discharge), (points.earlier_days, points.earlier_discharge))
    released = ((points.ed_days, points.ed_release),)
    again = worth(points.readmission)
    a = Domain.TRANSITION
    yield from _earned(a, "days_since_discharge", asked.days_since_discharge, lambda days: within(days, discharged))
    yield from _earned(a, "days_since_ed_release", asked.days_since_ed_release, lambda days: within(days, released))
    yield from _earned(a, "lace", asked.lace, lambda total: _lace(total, points))
    yield from _earned(a, "readmitted_within_30_days", asked.readmitted_within_30_days, again)


def _lace(total: int, points: TransitionPoints) -> int:
    if total >= points.lace_high_from:
        return points.lace_high
    return points.lace_moderate if total >= points.lace_moderate_from else 0


def instability(asked: OutreachInput, points: InstabilityPoints) -> Iterator[Factor]:
    """Domain B. A P2 alert whose cause has points of its own is not counted a second time."""
    own = tuple(_named_instability(asked, points))
    yield from _earned(Domain.INSTABILITY, "open_p1", asked.open_p1, worth(points.open_p1))
    yield from _earned(Domain.INSTABILITY, "open_p2", _uncounted(asked.open_p2, own), worth(points.open_p2))
    yield from own


def _named_instability(asked: OutreachInput, points: InstabilityPoints) -> Iterator[Factor]:
    missed = ((points.missed_from, points.missed_in_a_row),)
    b, critical = Domain.INSTABILITY, worth(points.critical_visit_missed)
    yield from _earned(b, "trend_alert", asked.trend_alert, worth(points.trend_alert))
    yield from _earned(b, "critical_visit_missed", asked.critical_visit_missed, critical)
    yield from _earned(b, "missed_visits_in_a_row", asked.missed_visits_in_a_row, lambda n: points_at(n, missed))
    yield from _earned(b, "device_silent", asked.device_silent, worth(points.device_silent))


COUNTED_BY = {
    "trend_alert": AlertCause.TREND,
    "critical_visit_missed": AlertCause.CRITICAL_VISIT,
    "missed_visits_in_a_row": AlertCause.MISSED_VISITS,
    "device_silent": AlertCause.SILENCE,
}


def _uncounted(open_p2: Answer[tuple[AlertCause, ...]] | None, own: Iterable[Factor]) -> Answer[bool] | None:
    """Whether a P2 alert is open that no factor of its own stands for."""
    if open_p2 is None:
        return None
    counted = {COUNTED_BY[factor.item.name] for factor in own}
    return Answer(bool(set(open_p2.value) - counted), open_p2.at, open_p2.source)


def gaps(asked: OutreachInput, points: GapPoints) -> Iterator[Factor]:
    """Domain C: one factor for each thing due."""
    for gap in asked.gaps:
        earned = _gap(gap, points)
        if earned:
            item = Item(f"gap: {gap.name}", gap.due_in_hours, earned, gap.at, gap.source)
            yield Factor(Domain.GAPS, item, LOWERED_BY["gap"])


def _gap(gap: DueGap, points: GapPoints) -> int:
    if gap.due_in_hours < 0:
        return points.overdue
    return within(gap.due_in_hours, ((points.soon_hours, points.soon), (points.later_hours, points.later)))


def vulnerability(asked: OutreachInput, points: VulnerabilityPoints) -> Iterator[Factor]:
    """Domain D."""
    d, burden, impaired = Domain.VULNERABILITY, worth(points.caregiver_burden), worth(points.cognitive_impairment)
    yield from _earned(d, "high_needs", asked.high_needs, worth(points.high_needs))
    yield from _earned(d, "homebound", asked.homebound, worth(points.homebound))
    yield from _earned(d, "lives_alone", asked.lives_alone, worth(points.lives_alone))
    yield from _earned(d, "cognitive_impairment", asked.cognitive_impairment, impaired)
    yield from _earned(d, "dual_eligible", asked.dual_eligible, worth(points.dual_eligible))
    yield from _earned(d, "caregiver_burden_high", asked.caregiver_burden_high, burden)
    yield from _earned(d, "positive_social_needs", asked.positive_social_needs, lambda count: _needs(count, points))


def _needs(count: int, points: VulnerabilityPoints) -> int:
    return min(count * points.per_social_need, points.social_needs_most)


def actionability(asked: OutreachInput, points: ActionabilityPoints) -> Iterator[Factor]:
    """Domain E."""
    long_ago = ((points.primary_care_days, points.no_primary_care),)
    often = ((points.ed_visits_from, points.ed_visits),)
    e, unreconciled = Domain.ACTIONABILITY, worth(points.unreconciled)
    yield from _earned(e, "pdc", asked.pdc, lambda covered: points.low_pdc if covered < points.pdc_below else 0)
    yield from _earned(e, "medicines_unreconciled", asked.medicines_unreconciled, unreconciled)
    yield from _earned(e, "days_since_primary_care", asked.days_since_primary_care, lambda n: points_at(n, long_ago))
    yield from _earned(e, "ed_visits_6_months", asked.ed_visits_6_months, lambda n: points_at(n, often))
    yield from _earned(e, "working_channel", asked.working_channel, worth(points.working_channel))


def within(value: float, steps: tuple[tuple[int, int], ...]) -> int:
    """The points of the first limit that `value` does not exceed; none beyond the last."""
    return next((points for limit, points in steps if value <= limit), 0)


def _earned(
    domain: Domain, name: str, answer: Answer[ScalarT] | None, points: Callable[[ScalarT], int]
) -> Iterator[Factor]:
    """The factor, if the answer earns any points."""
    if answer is not None and (earned := points(answer.value)):
        yield Factor(domain, Item(name, answer.value, earned, answer.at, answer.source), LOWERED_BY[name])
