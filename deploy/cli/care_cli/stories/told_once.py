"""Counts, at the mailbox and at the partner's inbox, that everybody who must hear of an alert heard of it once."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence, Set

import asyncpg

from care_cli.stories.stage import Stage, StoryFailedError
from care_local.mail_catcher import CaughtMail
from care_shared.vocabulary import GapId

WAIT_SECONDS = 90.0
LOOK_AGAIN_SECONDS = 0.1
LINK = re.compile(r"/alerts/(\S+)")
UNDELIVERED = "SELECT count(*) FROM notifications.deliveries WHERE gap_id = ANY($1::text[]) AND state = 'waiting'"


async def everybody_told_once(stage: Stage, gaps: Set[GapId]) -> None:
    """Each alert is one mail to each recipient; the same mail handed over twice (one number) is a repeat."""
    waiting = stage.system.mail.until(lambda mails: len(_told_of(mails, gaps)) == len(gaps))
    await stage.step("each alert has reached a mailbox", asyncio.wait_for(waiting, WAIT_SECONDS))
    await stage.step("and no notice waits any more", _nothing_waits(stage, gaps))
    mails = [mail for mail in stage.system.mail.messages if _gap_of(mail) in gaps]
    numbers = {(mail.message_id, _gap_of(mail), mail.recipients) for mail in mails}
    told = Counter((gap, recipients) for _, gap, recipients in numbers)
    repeats = f" ({len(mails) - len(numbers)} repeated)" if len(mails) > len(numbers) else ""
    stage.require(
        f"{len(numbers)} mails{repeats} for {len(gaps)} alerts, each recipient told once",
        holds=set(told.values()) == {1} and len({number for number, _, _ in numbers}) == len(numbers),
    )
    hooks = [entry for entry in stage.system.inbox.entries.values() if any(gap in entry.body for gap in gaps)]
    stage.require("no partner was told what is not for partners", holds=not hooks)


async def _nothing_waits(stage: Stage, gaps: Set[GapId]) -> None:
    """Else a second mail could still be on its way when we count."""
    until = time.monotonic() + WAIT_SECONDS
    connection = await asyncpg.connect(stage.system.stack.postgres_dsn)
    try:
        while await connection.fetchval(UNDELIVERED, sorted(gaps)):
            if time.monotonic() > until:
                raise StoryFailedError(f"notices still wait after {WAIT_SECONDS:.0f} s")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
    finally:
        await connection.close()


def _told_of(mails: Sequence[CaughtMail], gaps: Set[GapId]) -> Set[str]:
    return {_gap_of(mail) for mail in mails} & gaps


def _gap_of(mail: CaughtMail) -> str:
    found = LINK.search(mail.text)
    return found[1] if found else ""
