"""Receipts, claims, identities and outgoing facts in dictionaries: an IntakeStore that forgets when the test ends."""

from collections.abc import Sequence

from care_intake.core.effects import Verdict
from care_intake.core.identity import IssuedNumber
from care_intake.core.receipts import Assignment, Doubt, Judged, Receipt, identifiers_of, needs_keeping, receipt_of
from care_intake.ports import Kept
from care_shared.contracts.care_events import CareEvent
from care_shared.errors import NotReadyError
from care_shared.vocabulary import PatientId


class MemoryIntakeStore:
    """Can be told to be away, or to choke on one message."""

    def __init__(self) -> None:
        self.receipts: dict[str, Receipt] = {}
        self.claims: dict[tuple[str, str], str] = {}
        self.identifiers: dict[IssuedNumber, PatientId] = {}
        self.published: list[CareEvent] = []
        self.doubts: list[Doubt] = []
        self.groups: list[int] = []
        self.is_away = False
        self.poison: str = ""

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
        facts: list[CareEvent] = []
        if receipt.verdict.is_yes:
            for name in {*one.decision.names, one.message.conditions.unless} - {""}:
                owner = self.claims.setdefault((one.source, name), one.receipt_id)
                if name == one.message.conditions.unless and owner != one.receipt_id:
                    return Kept(self.receipts[owner], is_repeat=True)
            owners = [self.claims.setdefault((one.source, claim), one.receipt_id) for claim in one.claims]
            if any(owner != one.receipt_id for owner in owners):
                receipt = receipt_of(one, is_used_before=True)
        if receipt.verdict is not Verdict.CONFLICT:
            known = {key: self.identifiers[key] for key in identifiers_of([one]) if key in self.identifiers}
            assignment = Assignment(known)
            facts = assignment.facts_of(one)
            self.identifiers |= assignment.new
            self.doubts += assignment.doubts
            if assignment.doubts:
                receipt = receipt_of(one, is_doubtful=True)
        self.receipts[one.receipt_id] = receipt
        self.published += facts
        return Kept(receipt)

    async def published_ids(self) -> list[str]:
        return [fact.event_id for fact in self.published]

    async def patients_of_facts(self) -> set[str]:
        return {fact.patient_id for fact in self.published}

    async def open_doubts(self) -> int:
        return len(self.doubts)
