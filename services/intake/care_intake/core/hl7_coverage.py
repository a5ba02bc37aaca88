"""Who pays for the patient, and from when to when, as the insurance segments of a hospital message say."""

from collections.abc import Iterator
from datetime import date, datetime

from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7.timestamps import Precision
from care_intake.core.hl7_person import readable_time
from care_intake.core.payers import AGREED_KINDS, DUAL, MEDICAID, MEDICARE, SELF_PAY, is_self_pay, payer_kinds
from care_intake.core.translation import Ignored, Reception
from care_shared.contracts.care_events import CoverageChanged

_LONGEST_PLAN = 256
# Plan (words, code), company (words, code), company name, type of plan (words, code), group name; the best first.
_NAMES = ((2, 2), (2, 1), (3, 2), (4, 1), (15, 2), (15, 1), (3, 1), (9, 1))

_BY_NUMBER = {(True, True): DUAL, (True, False): MEDICARE, (False, True): MEDICAID, (False, False): ""}
PAYER_PLACES = ((2, 1), (2, 2), (3, 1), (3, 2))  # where a sender's own code for a plan or company may stand


def coverage_facts(
    message: Message, reception: Reception, said: datetime | None
) -> tuple[list[CoverageChanged], list[Ignored]]:
    """One fact per plan and kind of payer; what names no payer is left aside."""
    facts: dict[tuple[str, str, date | None, date | None], CoverageChanged] = {}
    ignored: list[Ignored] = []
    for segment, more in _plans(message):
        names = _names(segment)
        agreed = _agreed(segment, reception) or _numbered(names, more)
        if agreed == SELF_PAY or (not agreed and (not names or is_self_pay(names))):
            ignored.append(Ignored(segment.location(2), "names no insurance"))
            continue
        starts, late = _day(segment, 12, reception)
        ends, later = _day(segment, 13, reception)
        ignored += [*late, *later]
        plan = next(iter(names), agreed)[:_LONGEST_PLAN]
        for kind in AGREED_KINDS.get(agreed) or payer_kinds(names):
            facts.setdefault(
                (kind, plan, starts, ends),
                CoverageChanged(
                    **reception.envelope(said or reception.received_at, said),
                    payer_kind=kind, plan=plan, starts_on=starts, ends_on=ends,
                ),
            )  # fmt: skip
    return list(facts.values()), ignored


def _plans(message: Message) -> Iterator[tuple[Segment, Segment | None]]:
    """Each IN1 with the IN2 that belongs to it."""
    plans: list[tuple[Segment, Segment | None]] = []
    for segment in message:
        if segment.name == "IN1":
            plans.append((segment, None))
        elif segment.name == "IN2" and plans:
            plans[-1] = (plans[-1][0], segment)
    yield from plans


def _numbered(names: tuple[str, ...], more: Segment | None) -> str:
    """A plan without a name is Medicare's or Medicaid's by its number (IN2-6, IN2-8); a named plan may just know it."""
    if more is None or names:
        return ""
    return _BY_NUMBER[bool(more.text(6)), bool(more.text(8))]


def _agreed(segment: Segment, reception: Reception) -> str:
    """What was agreed of the plan's code, its words, or the company's code."""
    found = (reception.feed.agreed("payer", segment.text(*place)) for place in PAYER_PLACES)
    return next(filter(None, found), "")


def _names(segment: Segment) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_texts(segment)))


def _texts(segment: Segment) -> Iterator[str]:
    for field, component in _NAMES:
        text = segment.text(field, component)
        # A bare number is some table's code, and tells nothing by itself.
        if text and not text.isdigit():
            yield text


def _day(segment: Segment, field: int, reception: Reception) -> tuple[date | None, list[Ignored]]:
    # A wrong date on an insurance card is no reason to keep an admission from the care manager.
    stated, ignored = readable_time(segment.text(field), segment.location(field), reception)
    return stated.day if stated and stated.precision >= Precision.DAY else None, ignored
