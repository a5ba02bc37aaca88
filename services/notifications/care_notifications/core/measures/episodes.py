"""Stays that belong together are one: told twice, moved to another hospital, admitted from the emergency room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from care_notifications.core.measures.book import Book, Stay
from care_shared.business_days import known_zone
from care_shared.vocabulary import Disposition
from care_shared.vocabulary import EncounterClass as Kind

POST_ACUTE = frozenset({Kind.SKILLED_NURSING, Kind.REHABILITATION, Kind.LONG_TERM_ACUTE})
NOT_A_STAY = frozenset({Kind.AMBULATORY, Kind.HOME_HEALTH, Kind.PRE_ADMISSION})
WENT_HOME = frozenset({Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE})
HANDOVER = timedelta(hours=24)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Leg:
    """One stay with its begin; what has neither begin nor end is none."""

    number: str
    began_at: datetime
    ended_at: datetime | None
    kind: Kind
    went: Disposition
    zone: ZoneInfo
    code: str
    elective: bool


@dataclass(frozen=True, slots=True)
class Episode:
    """Legs without a day at home between them; the end of the last one starts the clocks."""

    legs: tuple[Leg, ...]

    @property
    def name(self) -> str:
        """Under which number it is counted."""
        return self.legs[0].number

    @property
    def last(self) -> Leg:
        """One that goes on, else the one that ended last."""
        return max(self.legs, key=lambda leg: (leg.ended_at is None, leg.ended_at or leg.began_at))

    @property
    def beds(self) -> tuple[Leg, ...]:
        """Its legs in a bed."""
        return tuple(leg for leg in self.legs if leg.kind is not Kind.EMERGENCY)

    @property
    def kind(self) -> Kind:
        """Inpatient over observation over emergency."""
        kinds = [leg.kind for leg in self.beds]
        bedded = [kind for kind in kinds if kind is not Kind.OBSERVATION]
        return (bedded or kinds or [Kind.EMERGENCY])[-1]

    @property
    def began_at(self) -> datetime:
        """When the patient came."""
        return self.legs[0].began_at

    @property
    def bedded_on(self) -> date | None:
        """The date of admission to a bed, local to the facility."""
        return self.beds[0].began_at.astimezone(self.beds[0].zone).date() if self.beds else None

    @property
    def ended_at(self) -> datetime | None:
        """When the patient left; None while it goes on."""
        return self.last.ended_at

    @property
    def day(self) -> date:
        """The date of discharge, local to the facility; only asked of one that ended."""
        return (self.last.ended_at or self.last.began_at).astimezone(self.last.zone).date()

    @property
    def principal(self) -> str:
        """The principal diagnosis of the last leg that names one; a bed weighs more than the emergency room."""
        naming = [leg for leg in self.legs if leg.code]
        bedded = [leg for leg in naming if leg.kind is not Kind.EMERGENCY]
        return (bedded or naming)[-1].code if naming else ""


def episodes_of(book: Book, home: ZoneInfo) -> list[Episode]:
    """Every episode, by when it began."""
    legs = [leg for number, stay in book.stays.items() if (leg := _leg(number, stay, home)) is not None]
    chains: list[list[Leg]] = []
    for leg in sorted(legs, key=lambda leg: (leg.began_at, leg.number)):
        if chains and _goes_on(Episode(tuple(chains[-1])).last, chains[-1], leg):
            chains[-1].append(leg)
        else:
            chains.append([leg])
    return [Episode(tuple(chain)) for chain in chains]


def _leg(number: str, stay: Stay, home: ZoneInfo) -> Leg | None:
    ended_at = stay.ended[1] if stay.ended else None
    if stay.began is not None and stay.began[1] is None:
        return None  # it never happened
    began_at = stay.began[1] if stay.began else ended_at
    kind = stay.kind[1] if stay.kind else Kind.UNKNOWN
    if began_at is None or kind in NOT_A_STAY:
        return None
    return Leg(
        number=number,
        began_at=min(began_at, ended_at) if ended_at else began_at,
        ended_at=ended_at,
        kind=kind,
        went=stay.went[1] if stay.went else Disposition.UNKNOWN,
        zone=(known_zone(stay.zone[1]) if stay.zone else None) or home,
        code=stay.codes[1][0] if stay.codes and stay.codes[1] else "",
        elective=bool(stay.elective and stay.elective[1]),
    )


def _goes_on(before: Leg, chain: Sequence[Leg], leg: Leg) -> bool:
    """Whether a stay goes on what the chain began. A nursing facility or rehabilitation is an episode of its own."""
    if leg.kind in POST_ACUTE or before.kind in POST_ACUTE:
        return False
    if before.ended_at is None:
        return leg.began_at - before.began_at <= HANDOVER
    if leg.began_at < before.ended_at:
        return True  # one person is in one place
    if leg.kind is Kind.EMERGENCY:
        return False
    if all(one.kind is Kind.EMERGENCY for one in chain):
        return before.went not in WENT_HOME and leg.began_at - before.ended_at <= HANDOVER
    apart = leg.began_at.astimezone(leg.zone).date() - before.ended_at.astimezone(before.zone).date()
    return apart <= DAY  # a transfer
