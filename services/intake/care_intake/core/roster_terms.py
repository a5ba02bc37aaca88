"""The words of rosters: who is stated to be aligned to whom, by which numbers, and what was said before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from care_intake.core.identity import IssuedNumber, PatientKey
from care_shared.contracts.care_events import AlignmentChanged, CareEvent
from care_shared.vocabulary import OrganizationId, PersonId

Fields = Mapping[str, object]
NOTHING_SAID: Mapping[str, Fields] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a roster that calls itself complete is complete for."""

    organization: OrganizationId
    programme: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact a roster states, and the aspect of the patient that it settles: a later statement replaces it."""

    aspect: str
    fact: CareEvent


@dataclass(frozen=True, slots=True)
class StatedMember:
    """One patient of a roster; `place` is the row, or where else the roster names the patient."""

    place: str
    patient: PatientKey
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedRoster:
    """One roster as it came. With a `scope` it names everybody of that organisation and programme as of `as_of`.

    `present` are patients of rows that could not be used otherwise; `unreadable` rows could be anybody. `envelope` is
    the beginning of the facts about those whom it does not name any more.
    """

    as_of: date
    stated_at: datetime
    members: tuple[StatedMember, ...] = ()
    scope: Scope | None = None
    present: tuple[PatientKey, ...] = ()
    unreadable: int = 0
    fingerprint: str = ""
    most_ended: float = 0.0
    envelope: Fields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldMember:
    """A patient as earlier rosters of one source stated them: by aspect, the fields of the last fact."""

    member_id: str
    numbers: tuple[IssuedNumber, ...]
    as_of: date
    stated_at: datetime
    said: Mapping[str, Fields] = field(default_factory=lambda: NOTHING_SAID)

    @property
    def lead(self) -> PersonId | None:
        """Who leads this patient's care, as the roster says."""
        named = self.said.get("care-team", {}).get("lead_care_manager")
        return PersonId(named) if isinstance(named, str) and named else None


@dataclass(frozen=True, slots=True)
class LeadAbsence:
    """A Lead is away and somebody stands in; it holds for every patient whom rosters give to that Lead."""

    place: str
    lead_care_manager: PersonId
    stand_in: PersonId
    starts_on: date
    ends_on: date
    cancelled: bool = False
    envelope: Fields = field(default_factory=dict)
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What is different about one member: `kind` is new, changed, ended or unchanged; `fields` names, no values."""

    kind: str
    place: str
    patient: PatientKey
    statements: tuple[Statement, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterDiff:
    """The difference between what was said before and what is said now."""

    changes: tuple[MemberChange, ...]
    held: tuple[HeldMember, ...]
    aligned_before: int = 0
    endings_refused: str = ""

    def of(self, kind: str) -> list[MemberChange]:
        """The changes of one kind."""
        return [one for one in self.changes if one.kind == kind]

    @property
    def ended_share(self) -> float:
        """Which part of those aligned before would end; 0 when nobody was."""
        return len(self.of("ended")) / self.aligned_before if self.aligned_before else 0.0


def is_open(said: Fields, as_of: date) -> bool:
    """Whether an alignment that was stated so lasts beyond that day."""
    ends = said.get("ends_on")
    return not isinstance(ends, str) or date.fromisoformat(ends) >= as_of


def alignment_aspect(fact: AlignmentChanged) -> str:
    """One alignment per organisation and programme."""
    return f"alignment {fact.organization} {fact.programme}"
