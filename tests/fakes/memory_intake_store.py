"""Receipts, claims, identities and outgoing facts in dictionaries: an IntakeStore that forgets when the test ends."""

from collections.abc import Sequence
from datetime import datetime

from care_intake.core.assignment import Assignment, Doubt, facts_of_move, said_now
from care_intake.core.effects import Verdict
from care_intake.core.identity_book import Book
from care_intake.core.persons import squeezed
from care_intake.core.receipts import Judged, Receipt, needs_keeping, receipt_of
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
        receipt = receipt_of(one)
        if receipt.verdict.is_yes and one.decision.claim:
            owner = self.claims.setdefault((one.source, one.decision.claim), one.receipt_id)
            if owner != one.receipt_id:
                receipt = receipt_of(one, is_used_before=True)
        if receipt.verdict is not Verdict.CONFLICT and one.is_published:
            receipt = self._assign(one)
        self.receipts[one.receipt_id] = receipt
        return Kept(receipt)

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
