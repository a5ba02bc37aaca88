"""Alert messages of one partition are folded into the stored alerts, once each, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError

from care_notifications.core.decide import decide
from care_notifications.ports import AlertStore, AlertWork, RawAlert, Slot
from care_shared.contracts.care_alerts import CareAlert
from care_shared.errors import OwnershipLostError, UnusableMessageError


async def handle(slot: Slot, batch: Sequence[RawAlert], store: AlertStore, now: datetime) -> int:
    """Fold what is new. Returns the next offset to read.

    Raises OwnershipLostError when the batch does not follow what is stored: read again from the stored position.
    """
    async with store.begin(slot) as work:
        fresh = [raw for raw in batch if raw.offset >= work.next_offset]
        if not fresh:
            return work.next_offset
        if fresh[0].offset > work.next_offset:
            raise OwnershipLostError("the batch does not follow the stored position")
        for raw in fresh:
            await _fold(raw, work, now)
        next_offset = fresh[-1].offset + 1
        await work.advance(next_offset)
        return next_offset


async def _fold(raw: RawAlert, work: AlertWork, now: datetime) -> None:
    try:
        alert = _decode(raw)
    except UnusableMessageError as error:
        await work.set_aside(raw, error, now)
        return
    known = await work.load(alert.gap_id)
    decision = decide(alert, known.record, known.told, work.directory, now)
    if decision.record is not None:
        await work.save(alert, decision, now)


def _decode(raw: RawAlert) -> CareAlert:
    """Raises UnusableMessageError naming the field, never its value."""
    try:
        return CareAlert.model_validate_json(raw.value)
    except ValidationError as error:
        place = error.errors(include_input=False, include_url=False)[0]["loc"]
        raise UnusableMessageError(".".join(str(part) for part in place) or "value", "cannot be used") from None
