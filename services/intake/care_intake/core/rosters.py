"""What a roster says that was not said before: who is new, what changed, whose alignment ended, pure and by number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from care_intake.core.identity import IssuedNumber, PatientKey
from care_intake.core.roster_terms import (
    Fields,
    HeldMember,
    MemberChange,
    RosterDiff,
    Scope,
    StatedMember,
    StatedRoster,
    Statement,
    alignment_aspect,
    is_open,
)
from care_shared.contracts.care_events import AlignmentChanged, CareEvent, PatientUpdated
from care_shared.contracts.envelope import CareEvent as Envelope
from care_shared.contracts.envelope import derived_id

_ENVELOPE = frozenset({*Envelope.model_fields, "type", "identifiers"})
UNREADABLE = "because rows without a usable number could be anybody"
TOO_MANY = "would end the alignment of more patients than is usual; a person must say that the file is whole"


def roster_diff(held: Sequence[HeldMember], stated: StatedRoster) -> RosterDiff:
    """The difference. Saying the same again changes nothing, and an older roster never beats a newer one."""
    book = _Book(held, stated)
    for member in stated.members:
        book.read(member)
    return book.closed()


def fields_of(fact: CareEvent) -> Fields:
    """What a fact says beside its envelope, as it is held."""
    whole: dict[str, object] = fact.model_dump(mode="json", exclude=set(_ENVELOPE))
    # Demographics that are not there say nothing; everywhere else «none» is a statement.
    return {name: value for name, value in whole.items() if value is not None} if _says_only_more(fact) else whole


class _Book:
    """The members of one source while a roster is read."""

    def __init__(self, held: Sequence[HeldMember], stated: StatedRoster) -> None:
        self._stated = stated
        self._before = {one.member_id: one for one in held}
        self._members = dict(self._before)
        self._by_number: dict[IssuedNumber, str] = {number: one.member_id for one in held for number in one.numbers}
        self._named: set[str] = set()
        self._in_scope: set[str] = set()
        self._changes: list[MemberChange] = []

    def read(self, stated: StatedMember) -> None:
        """One row. Several rows may be about one patient."""
        member = self._member(stated.patient)
        self._in_scope.update(member.member_id for one in stated.statements if _is_in(one.fact, self._stated.scope))
        if self._is_older(member):
            self._changes.append(MemberChange("unchanged", stated.place, stated.patient))
            return
        said = dict(member.said)
        news: list[Statement] = []
        names: list[str] = []
        for one in stated.statements:
            was, now = said.get(one.aspect), fields_of(one.fact)
            now = {**(was or {}), **now} if _says_only_more(one.fact) else now
            if was != now:
                news.append(one)
                names += [name for name in now if was is None or was.get(name) != now[name]]
                said[one.aspect] = now
        is_new = member.member_id not in self._before
        kind = "new" if is_new else "changed" if news else "unchanged"
        self._changes.append(MemberChange(kind, stated.place, stated.patient, tuple(news), tuple(dict.fromkeys(names))))
        self._keep(replace(member, said=said, numbers=_all(member.numbers, stated.patient)))

    def closed(self) -> RosterDiff:
        """The whole difference, with the endings of those whom a complete roster does not name any more."""
        scope = self._stated.scope
        if scope is None:
            return RosterDiff(tuple(self._changes), self._touched())
        aspect = alignment_aspect_of(scope)
        aligned = [
            one for one in self._before.values()
            if aspect in one.said and is_open(one.said[aspect], self._stated.as_of)
        ]  # fmt: skip
        refused = UNREADABLE if self._stated.unreadable else ""
        if not refused:
            present = {number for key in self._stated.present for number in key.identifiers}
            for one in aligned:
                is_here = one.member_id in self._in_scope or any(number in present for number in one.numbers)
                if not is_here and not self._is_older(one):
                    self._end(one, aspect)
        return RosterDiff(tuple(self._changes), self._touched(), len(aligned), refused)

    def _end(self, held: HeldMember, aspect: str) -> None:
        member = self._members[held.member_id]
        was = member.said[aspect]
        begun = date.fromisoformat(str(was["starts_on"]))
        ends_on = max(begun, self._stated.as_of - timedelta(days=1))
        fact = AlignmentChanged.model_validate({**self._stated.envelope, **was, "ends_on": ends_on})
        key = PatientKey(member.numbers)
        self._changes.append(
            MemberChange("ended", f"member {member.member_id}", key, (Statement(aspect, fact),), ("ends_on",))
        )
        self._keep(replace(member, said={**member.said, aspect: fields_of(fact)}))

    def _member(self, key: PatientKey) -> HeldMember:
        known = next((self._by_number[one] for one in key.identifiers if one in self._by_number), None)
        if known is not None:
            return self._members[known]
        member_id = derived_id("member", str(self._stated.envelope["source"]), *key.primary)
        return HeldMember(member_id, key.identifiers, self._stated.as_of, self._stated.stated_at)

    def _is_older(self, member: HeldMember) -> bool:
        return (self._stated.as_of, self._stated.stated_at) < (member.as_of, member.stated_at)

    def _keep(self, member: HeldMember) -> None:
        self._named.add(member.member_id)
        now = replace(member, as_of=self._stated.as_of, stated_at=self._stated.stated_at)
        self._members[member.member_id] = now
        self._by_number |= dict.fromkeys(now.numbers, member.member_id)

    def _touched(self) -> tuple[HeldMember, ...]:
        return tuple(self._members[one] for one in sorted(self._named) if one in self._members)


def alignment_aspect_of(scope: Scope) -> str:
    """The aspect that a complete roster settles for everybody."""
    return f"alignment {scope.organization} {scope.programme}"


def _is_in(fact: CareEvent, scope: Scope | None) -> bool:
    return (
        scope is not None
        and isinstance(fact, AlignmentChanged)
        and alignment_aspect(fact) == alignment_aspect_of(scope)
    )


def _says_only_more(fact: CareEvent) -> bool:
    return isinstance(fact, PatientUpdated)


def _all(numbers: Iterable[IssuedNumber], key: PatientKey) -> tuple[IssuedNumber, ...]:
    return tuple(dict.fromkeys([*numbers, *key.identifiers]))


def counts_of(diff: RosterDiff) -> Mapping[str, int]:
    """How many of each kind, for a person."""
    return {kind: len(diff.of(kind)) for kind in ("new", "changed", "ended", "unchanged")}
