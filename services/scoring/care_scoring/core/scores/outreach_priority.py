"""Outreach priority: whom to call first, why, and what would lower it; additive, capped by domain, explained."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from care_scoring.core.scores.outreach_factors import (
    Domain,
    Factor,
    actionability,
    gaps,
    instability,
    transition,
    vulnerability,
    within,
)
from care_scoring.core.scores.outreach_input import MUST_BE_ASKED, OutreachInput
from care_scoring.core.scores.outreach_settings import OutreachSettings
from care_scoring.core.scores.score import Item, Scalar, Score, band_of, settings_of

VERSION = "2026.1"
ALWAYS, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Queue(StrEnum):
    """Which worklist a patient belongs to."""

    OUTREACH = "outreach"
    TRANSITION = "transition"
    HOSPICE = "hospice"
    NONE = "none"


@dataclass(frozen=True, slots=True, order=True)
class SortKey:
    """The order of the worklist: the smaller key is called first."""

    without_p1: bool
    without_p2: bool
    earliest_deadline: datetime
    minus_total: int
    last_contact: datetime
    patient_id: str


@dataclass(frozen=True, slots=True)
class DomainPoints:
    """What a domain earned, and what of it counts under its cap."""

    domain: Domain
    earned: int
    cap: int

    @property
    def counted(self) -> int:
        """The points that count."""
        return min(self.earned, self.cap)


@dataclass(frozen=True, slots=True)
class OutreachPriority:
    """The score with its domains, its leading factors, and the place in the worklist; no place without a total."""

    score: Score
    queue: Queue
    domains: tuple[DomainPoints, ...]
    factors: tuple[Factor, ...]
    sort_key: SortKey | None


USUAL = OutreachSettings()
USUAL_NUMBERS = frozenset(settings_of(USUAL))  # they belong to the version; a score names only what was set otherwise


def outreach_priority(asked: OutreachInput, settings: OutreachSettings = USUAL) -> OutreachPriority:
    """The priority of one patient. What nobody asked yet earns nothing and is listed as missing.

    Of somebody who died nothing counts and nothing is to be asked: what is said then goes on standing.
    """
    if asked.deceased:
        asked = OutreachInput(patient_id=asked.patient_id, as_of=asked.as_of, deceased=True)
    found = _factors(asked, settings)
    domains = _domains(found, settings)
    contact = _contact(asked, settings)
    queue, why = _queue(asked)
    minus = sum(item.points for item in contact)
    total = max(0, sum(one.counted for one in domains) + minus) if queue is Queue.OUTREACH else None
    score = Score(
        model="outreach-priority",
        version=VERSION,
        label="outreach priority",
        total=total,
        band=band_of(total, _bands(settings)),
        items=(*(factor.item for factor in found), *contact),
        missing=_missing(asked, settings),
        notes=why,
        derived=(*((one.domain.value, one.counted) for one in domains), ("recent_contact", minus)),
        settings=_set_otherwise(settings),
    )
    told = sorted(found, key=lambda factor: -factor.item.points)[: settings.factors_told]
    return OutreachPriority(score, queue, domains, tuple(told), None if total is None else _sort_key(asked, total))


def _set_otherwise(settings: OutreachSettings) -> tuple[tuple[str, Scalar], ...]:
    """The numbers that are not those of the version."""
    if settings is USUAL:
        return ()
    return tuple(number for number in settings_of(settings) if number not in USUAL_NUMBERS)


def _factors(asked: OutreachInput, settings: OutreachSettings) -> tuple[Factor, ...]:
    return (
        *transition(asked, settings.transition),
        *instability(asked, settings.instability),
        *gaps(asked, settings.gaps),
        *vulnerability(asked, settings.vulnerability),
        *actionability(asked, settings.actionability),
    )


def _domains(found: Iterable[Factor], settings: OutreachSettings) -> tuple[DomainPoints, ...]:
    caps = {
        Domain.TRANSITION: settings.transition.cap,
        Domain.INSTABILITY: settings.instability.cap,
        Domain.GAPS: settings.gaps.cap,
        Domain.VULNERABILITY: settings.vulnerability.cap,
        Domain.ACTIONABILITY: settings.actionability.cap,
    }
    held = tuple(found)
    return tuple(
        DomainPoints(domain, sum(factor.item.points for factor in held if factor.domain is domain), cap)
        for domain, cap in caps.items()
    )


def _contact(asked: OutreachInput, settings: OutreachSettings) -> Sequence[Item]:
    """A recent conversation takes points off."""
    answer = asked.days_since_contact
    if answer is None or not (minus := within(answer.value, ((settings.contact_days, settings.contact_minus),))):
        return ()
    return (Item("days_since_contact", answer.value, -minus, answer.at, answer.source),)


def _queue(asked: OutreachInput) -> tuple[Queue, tuple[str, ...]]:
    """Some patients stand in another queue, or in none."""
    if asked.deceased:
        return Queue.NONE, ("The patient died.",)
    if asked.opted_out:
        return Queue.NONE, ("The patient wants no outreach.",)
    if asked.in_hospice:
        return Queue.HOSPICE, ("Hospice care has its own queue.",)
    if asked.inpatient:
        return Queue.TRANSITION, ("In hospital now: the transition queue.",)
    return Queue.OUTREACH, ()


def _bands(settings: OutreachSettings) -> tuple[tuple[int, str], ...]:
    return (
        (0, "routine"),
        (settings.week_from, "this-week"),
        (settings.two_days_from, "within-2-business-days"),
        (settings.today_from, "today"),
    )


def _missing(asked: OutreachInput, settings: OutreachSettings) -> tuple[str, ...]:
    """What somebody should have asked; LACE only while the discharge is recent, and nothing of the dead."""
    if asked.deceased:
        return ()
    unknown = tuple(name for name in MUST_BE_ASKED if getattr(asked, name) is None)
    discharge = asked.days_since_discharge
    recent = discharge is not None and discharge.value <= settings.transition.earlier_days
    return ("lace", *unknown) if recent and asked.lace is None else unknown


def _sort_key(asked: OutreachInput, total: int) -> SortKey:
    return SortKey(
        without_p1=asked.open_p1 is None or not asked.open_p1.value,
        without_p2=asked.open_p2 is None or not asked.open_p2.value,
        earliest_deadline=_earliest_deadline(asked),
        minus_total=-total,
        last_contact=_last_contact(asked),
        patient_id=asked.patient_id,
    )


def _earliest_deadline(asked: OutreachInput) -> datetime:
    """The earliest regulatory deadline; without one, or without knowing the time, after all others."""
    hours = [gap.due_in_hours for gap in asked.gaps if gap.regulatory]
    if asked.as_of is None or not hours:
        return NEVER
    return asked.as_of.astimezone(UTC) + timedelta(seconds=round(min(hours) * 3600))


def _last_contact(asked: OutreachInput) -> datetime:
    """When the patient was last reached; never reached comes before all others."""
    answer = asked.days_since_contact
    if answer is None:
        return ALWAYS
    if answer.at is not None:
        return answer.at.astimezone(UTC)
    return ALWAYS if asked.as_of is None else asked.as_of.astimezone(UTC) - timedelta(days=answer.value)
