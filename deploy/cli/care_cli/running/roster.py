"""A roster from a file: its difference against what was said before, and its application by a person."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from care_cli.files import read_bytes
from care_cli.running.front_desk import FrontDesk, front_desk
from care_intake.adapters.replays import Asker
from care_intake.core.decide import decide
from care_intake.core.effects import Verdict
from care_intake.core.formats import Format, RawMessage, sniff
from care_intake.core.previews import Preview, preview_of
from care_intake.core.receipts import Judged, judged
from care_shared.errors import NotFoundError, UnusableMessageError
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import SourceId

MOST_LINES = 200


class Hand(Protocol):
    """Who asks, and what that person says."""

    @property
    def name(self) -> str: ...
    @property
    def is_dry_run(self) -> bool: ...
    @property
    def may_end_many(self) -> bool: ...


async def apply_roster(file: Path, source: str, hand: Hand) -> tuple[list[str], bool]:
    """The lines to show, and whether all is well. Raises NotFoundError for a source that is not agreed."""
    body = read_bytes(file)
    form = sniff(body)
    if form not in (Format.ROSTER, Format.ABSENCES):
        raise UnusableMessageError("the file", "is neither a roster nor a plan of absences by its headings")
    async with front_desk() as front:
        feed = front.sources.by_name(SourceId(source))
        if feed is None:
            raise NotFoundError("the sources file names no such source")
        message = RawMessage(body, form, utc_now())
        one = judged(message, feed.source, decide(message, feed))
        shown = preview_of(one.decision, await front.store.preview(one))
        lines = list(told(shown))
        if hand.is_dry_run:
            is_good = shown.verdict == Verdict.ACCEPTED or (shown.verdict == Verdict.HELD and hand.may_end_many)
            return [*lines, "nothing was changed"], is_good
        verdict, receipt = await _keep(front, one, hand)
        return [*lines, f"{verdict}: receipt {receipt}"], verdict.is_yes and verdict is not Verdict.HELD


async def _keep(front: FrontDesk, one: Judged, hand: Hand) -> tuple[Verdict, str]:
    """Keep it; one that waits for a person's word is decided again with that word."""
    [kept] = await front.store.keep_all([one])
    receipt = kept.receipt
    if receipt.verdict is Verdict.HELD and hand.may_end_many:
        done = await front.replays.replay(receipt.receipt_id, Asker(hand.name, may_end_many=True))
        receipt = done.receipt
    return receipt.verdict, receipt.receipt_id


def told(shown: Preview) -> Iterator[str]:
    """Row by row what is different, the refused rows, and the sums."""
    for where, kind, fields in shown.changes[:MOST_LINES]:
        yield f"{kind:>9}  {where}  {', '.join(fields)}".rstrip()
    if len(shown.changes) > MOST_LINES:
        yield f"           and {len(shown.changes) - MOST_LINES} more"
    for one in shown.remarks:
        yield f"{'refused' if one.is_refused else 'remark':>9}  {one.where} {one.reason}"
    counts = ", ".join(f"{count} {kind}" for kind, count in shown.counts.items())
    yield f"{shown.verdict}{': ' if counts else ''}{counts}"
