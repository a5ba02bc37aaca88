"""Receipts, claims, identities and outgoing facts in dictionaries: an IntakeStore that forgets when the test ends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from care_intake.core.assignment import Assignment, Doubt, facts_of_move, said_now
from care_intake.core.effects import Accept, Hold, Verdict
from care_intake.core.identity_book import Book
from care_intake.core.persons import squeezed
from care_intake.core.receipts import Judged, Receipt, needs_keeping, receipt_of
from care_intake.core.roster_settling import settled, settled_absences
from care_intake.core.roster_terms import HeldMember, LeadAbsence, RosterDiff
from care_intake.core.rosters import roster_diff
from care_intake.core.rulings import Decided, Ruling, apply
from care_intake.ports import Kept
from care_shared.contracts.care_events import CareEvent
from care_shared.errors import NotReadyError
from care_shared.vocabulary import SourceId


class MemoryIntakeStore:
    """Can be told to be away, or to choke on one message."""

    def __init__(self) -> None:
        self.receipts: dict[str, Receipt] = {}
        self.claims: dict[tuple[str, str], str] = {}
        self.book = Book()
        self.published: list[CareEvent] = []
        self.identity_facts: list[CareEvent] = []
        self.doubts: list[Doubt] = []
        self.groups: list[int] = []
        self.members: dict[tuple[str, str], HeldMember] = {}
        self.absences: list[LeadAbsence] = []
        self.is_away = False
        self.poison: str = ""
        self._revision = 0

    async def keep_all(self, group: Sequence[Judged]) -> list[Kept]:
        if self.is_away:
            raise NotReadyError("the store is away")
        if any(one.decision.control_id == self.poison for one in group if self.poison):
            raise RuntimeError("this message breaks its transaction")
        self.groups.append(len(group))
        return [self._keep(one) for one in group]

    def _keep(self, one: Judged) -> Kept:
        earlier = self.receipts.get(one.receipt_id)
        if earlier is not None and not needs_keeping(one, earlier):
            return Kept(earlier, is_repeat=True)
        one, members = self._settled(one)
        receipt = receipt_of(one)
        if receipt.verdict.is_yes:
            for name in {*one.decision.names, one.message.conditions.unless} - {""}:
                owner = self.claims.setdefault((one.source, name), one.receipt_id)
                if name == one.message.conditions.unless and owner != one.receipt_id:
                    return Kept(self.receipts[owner], is_repeat=True)
            owners = [self.claims.setdefault((one.source, claim), one.receipt_id) for claim in one.claims]
            if any(owner != one.receipt_id for owner in owners):
                receipt = receipt_of(one, is_used_before=True)
        if receipt.verdict is not Verdict.CONFLICT and one.is_published:
            receipt = self._assign(one)
        doubted = {number for doubt in self.doubts for number in doubt.patient.identifiers}
        self.members |= {
            (one.source, member.member_id): member for member in members if not doubted & set(member.numbers)
        }
        self.receipts[one.receipt_id] = receipt
        return Kept(receipt)

    def _settled(self, one: Judged) -> tuple[Judged, tuple[HeldMember, ...]]:
        effect = one.decision.effect
        if not isinstance(effect, Accept):
            return one, ()
        if effect.said.absences:
            self.absences += effect.said.absences
            said = settled_absences(effect.said, list(self.members.values()))
            return replace(one, decision=replace(one.decision, effect=Accept(said))), ()
        if effect.said.roster is None:
            return one, ()
        held = [member for (source, _), member in self.members.items() if source == one.source]
        diff = roster_diff(held, effect.said.roster)
        found = settled(effect.said, effect.said.roster, diff, self.absences, may_end_many=False)
        outcome = Accept(found.said) if found.held_for is None else Hold(found.held_for)
        return replace(one, decision=replace(one.decision, effect=outcome)), found.members

    async def preview(self, one: Judged) -> RosterDiff | None:
        effect = one.decision.effect
        if not isinstance(effect, Accept) or effect.said.roster is None:
            return None
        held = [member for (source, _), member in self.members.items() if source == one.source]
        return roster_diff(held, effect.said.roster)

    def _assign(self, one: Judged) -> Receipt:
        self.book.tied.clear()
        assignment = Assignment(self.book)
        self.published += assignment.take(one)
        self.doubts += assignment.doubts
        receipt = assignment.receipt_of(one)
        if self.book.tied:
            self._settle(assignment, one.message.received_at, one.source)
        return receipt

    def _settle(self, assignment: Assignment, at: datetime, source: SourceId) -> None:
        settled = assignment.settle(self.doubts)
        for facts in settled.values():
            self.published += said_now(facts, at)
        self.doubts = [doubt for place, doubt in enumerate(self.doubts) if place not in settled]
        for move in squeezed(self.book.moves):
            self._revision += 1
            self.identity_facts += facts_of_move(move, self._revision, at, source)
        self.book.moves.clear()

    async def rule(self, ruling: Ruling) -> None:
        """A person settles the oldest doubt."""
        doubt = self.doubts.pop(0)
        assignment = Assignment(self.book)
        self.published += apply(ruling, doubt, assignment)
        if ruling.decided is not Decided.KEPT:
            self._settle(assignment, ruling.at, SourceId("intake-desk"))

    async def published_ids(self) -> list[str]:
        return [fact.event_id for fact in self.published]

    async def patients_of_facts(self) -> set[str]:
        return {fact.patient_id for fact in self.published}

    async def said_of_identity(self) -> list[str]:
        return [fact.model_dump()["type"] for fact in self.identity_facts]

    async def survivors(self) -> dict[str, str]:
        return {number.value: self.book.survivor_of(record) for number, record in self.book.numbers.items()}

    async def open_doubts(self) -> int:
        return len(self.doubts)
