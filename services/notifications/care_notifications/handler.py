"""What one look at Kafka brought is folded into the stored alerts, each message once, in one transaction."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from care_notifications.core.departures import Clockwork, lanes_to_ask
from care_notifications.core.folding import Folding
from care_notifications.core.leaving import Leaving
from care_notifications.ports import AlertStore, AlertWork, Poll, RawAlert, Slot, Unusable
from care_shared.contracts.care_alerts import AnyCareAlert, CareAlert, decode_alert
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.errors import OwnershipLostError, UnusableMessageError

GAP_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
LARGEST_REVISION = 2**31 - 1
LONGEST_ID = 256
KINDS = frozenset(kind.model_fields["type"].default for kind in (CareAlert, ScoreChanged))


async def handle(poll: Poll, store: AlertStore, now: datetime) -> Mapping[Slot, int]:
    """Fold what is new. Returns the next offset to read of each slot.

    Raises OwnershipLostError when a batch does not follow what is stored: read again from the stored positions.
    """
    async with store.begin(poll.keys()) as work:
        fresh = {slot: _fresh(batch, work.positions[slot]) for slot, batch in poll.items()}
        await _fold(fresh, work, now)
        read = {slot: raws[-1].offset + 1 for slot, raws in fresh.items() if raws}
        if read:
            await work.advance(read)
        return {**work.positions, **read}


def _fresh(batch: Sequence[RawAlert], position: int) -> Sequence[RawAlert]:
    fresh = [raw for raw in batch if raw.offset >= position]
    if fresh and fresh[0].offset > position:
        raise OwnershipLostError("the batch does not follow the stored position")
    return fresh


async def _fold(fresh: Poll, work: AlertWork, now: datetime) -> None:
    read = [_read(slot, raw) for slot, raws in fresh.items() for raw in raws]
    unusable = [one for one in read if isinstance(one, Unusable)]
    if unusable:
        await work.set_aside(unusable, now)
    # A score that changed is no alert: it is kept, and nobody is told.
    scores = [one for one in read if isinstance(one, ScoreChanged)]
    if scores:
        await work.scores.keep(scores, now)
    alerts = [one for one in read if isinstance(one, CareAlert)]
    if alerts:
        await _decide_and_keep(alerts, work, now)


async def _decide_and_keep(alerts: Sequence[CareAlert], work: AlertWork, now: datetime) -> None:
    clockwork = Clockwork(work.directory, work.policy, now)
    folding = Folding(await work.know(alerts), clockwork)
    news = [one for alert in alerts if (one := folding.hear(alert)) is not None]
    if not news:
        return
    lanes = dict.fromkeys(lane for one in news for lane in lanes_to_ask(one.effects))
    leaving = Leaving(await work.recent(tuple(lanes), [one.alert for one in news], now), clockwork)
    await work.save(leaving.time(news), now)


def _read(slot: Slot, raw: RawAlert) -> AnyCareAlert | Unusable:
    try:
        return _decode(raw)
    except UnusableMessageError as error:
        return Unusable(slot, raw, error)


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
