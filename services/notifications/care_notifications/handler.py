"""Alert messages of one partition are folded into the stored alerts, once each, in one transaction."""

import re
from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError

from care_notifications.core.decide import decide
from care_notifications.core.departures import Clockwork, lanes_to_ask, timed
from care_notifications.ports import AlertStore, AlertWork, RawAlert, Slot
from care_shared.contracts.care_alerts import AnyCareAlert, CareAlert, decode_alert
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.errors import OwnershipLostError, UnusableMessageError

GAP_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
LARGEST_REVISION = 2**31 - 1
LONGEST_ID = 256
KINDS = frozenset(kind.model_fields["type"].default for kind in (CareAlert, ScoreChanged))


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
        # A score that changed is no alert: it is kept, and nobody is told.
        scores = [one for raw in fresh if isinstance(one := await _fold(raw, work, now), ScoreChanged)]
        if scores:
            await work.scores.keep(scores, now)
        next_offset = fresh[-1].offset + 1
        await work.advance(next_offset)
        return next_offset


async def _fold(raw: RawAlert, work: AlertWork, now: datetime) -> AnyCareAlert | None:
    """What the record was; None when it was set aside."""
    try:
        alert = _decode(raw)
    except UnusableMessageError as error:
        await work.set_aside(raw, error, now)
        return None
    if isinstance(alert, ScoreChanged):
        return alert
    await _decide_and_keep(alert, work, now)
    return alert


async def _decide_and_keep(alert: CareAlert, work: AlertWork, now: datetime) -> None:
    known = await work.load(alert.gap_id)
    decision = decide(alert, known.record, known.told, work.directory, now, await work.around(alert))
    if decision.record is None:
        return
    traffic = await work.traffic(lanes_to_ask(decision), alert.patient_id, now)
    decision = timed(decision, alert, Clockwork(work.directory, work.policy, now), traffic)
    await work.save(alert, decision, now)


def _decode(raw: RawAlert) -> AnyCareAlert:
    """Raises UnusableMessageError naming the field, never its value."""
    try:
        alert = decode_alert(raw.value)
    except ValidationError as error:
        place = error.errors(include_input=False, include_url=False)[0]["loc"]
        named = ".".join(str(part) for part in place if part not in KINDS)
        raise UnusableMessageError(named or "value", "cannot be used") from None
    _refuse_unkeepable(alert, raw)
    return alert


def _refuse_unkeepable(alert: AnyCareAlert, raw: RawAlert) -> None:
    """What PostgreSQL or an address of a page cannot hold would stop everything behind it."""
    if isinstance(alert, CareAlert) and not GAP_ID.fullmatch(alert.gap_id):
        raise UnusableMessageError("gap_id", "is not an id")
    if isinstance(alert, ScoreChanged) and abs(alert.value or 0) > LARGEST_REVISION:
        raise UnusableMessageError("value", "is too large")
    if alert.revision > LARGEST_REVISION:
        raise UnusableMessageError("revision", "is too large")
    if b"\\u0000" in raw.value:
        raise UnusableMessageError("value", "holds a NUL")
    for field in ("patient_id", "event_id", "caused_by"):
        if len(getattr(alert, field) or "") > LONGEST_ID:
            raise UnusableMessageError(field, "is too long")
