"""Each alert offers a few next steps, in order, each with the reason why it is offered here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time

from care_notifications.core.next_steps.library import Library, Link, OfferedStep, Situation, Step
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange

MOST_STEPS = 4  # a short list is read, a long one is not
RESCHEDULE = "visit-reschedule"


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around the alert: the patient's programmes and times, and the links of this installation."""

    programmes: frozenset[str] = frozenset()
    reach_from: time | None = None
    reach_until: time | None = None
    links: Mapping[Link, str] = field(default_factory=dict)
    sends_leaflets: bool = False


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step as it is offered; `link` is empty where the installation has none. Logging it may send a leaflet."""

    step: Step
    why: str
    link: str = ""
    sends: bool = False


def next_steps(alert: CareAlert, around: Around, library: Library) -> tuple[NextStep, ...]:
    """The steps for this alert now; none when it is closed."""
    if alert.change is AlertChange.CLOSED:
        return ()
    chosen: dict[str, NextStep] = {}
    for offered in _offered(alert, around, library):
        step = library.step(offered.step)
        if step is not None and step.code not in chosen:
            chosen[step.code] = _named(step, offered, around)
    return tuple(chosen.values())[:MOST_STEPS]


def _offered(alert: CareAlert, around: Around, library: Library) -> Iterator[OfferedStep]:
    matching = [offer for offer in library.offers if alert.rule_id in offer.rules and _holds(offer.when, alert, around)]
    for offer in matching:
        yield from offer.steps
    if not matching:
        yield from library.otherwise


def _holds(when: Situation, alert: CareAlert, around: Around) -> bool:
    return (
        (not when.tiers or alert.tier in when.tiers)
        and (not when.reasons or alert.reason in when.reasons)
        and (not when.programmes or bool(around.programmes & set(when.programmes)))
        and (when.private is None or alert.private is when.private)
    )


def _named(step: Step, offered: OfferedStep, around: Around) -> NextStep:
    why = offered.why
    if step.code == RESCHEDULE and around.reach_from and around.reach_until:
        why = f"{why} The patient prefers {around.reach_from:%H:%M} to {around.reach_until:%H:%M}."
    link = around.links.get(step.link, "") if step.link else ""
    return NextStep(step, why, link, around.sends_leaflets and bool(step.leaflet))
