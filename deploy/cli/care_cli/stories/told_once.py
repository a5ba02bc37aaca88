"""Counts, at the mailbox and at the partner's inbox, that everybody who must hear of an alert heard of it once."""

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Set

import asyncpg

from care_cli.stories.stage import Stage, StoryFailedError
from care_local.mail_catcher import CaughtMail
from care_shared.vocabulary import GapId

WAIT_SECONDS = 150.0  # what is folded waits a minute for others
LOOK_AGAIN_SECONDS = 0.1
LINK = re.compile(r"/alerts/(\S+)")
# Told alone, or in a notice that lists several: of a thousand alerts at once nobody gets a thousand mails.
MAILED = """
SELECT one.gap_id, one.recipient, one.fold_id FROM notifications.deliveries AS one
LEFT JOIN notifications.folds USING (fold_id)
WHERE one.gap_id = ANY($1::text[]) AND one.channel = 'email' AND one.notice = 'attention'
    AND (one.state = 'delivered' OR (one.state = 'folded' AND folds.state = 'delivered'))
"""
UNTOLD = f"SELECT cardinality($1::text[]) - count(DISTINCT gap_id) FROM ({MAILED}) AS mailed"  # noqa: S608  # our own text
UNDELIVERED = """
SELECT count(*) FROM notifications.deliveries LEFT JOIN notifications.folds USING (fold_id)
WHERE gap_id = ANY($1::text[]) AND (deliveries.state IN ('waiting', 'held') OR folds.state = 'waiting')
"""


async def everybody_told_once(stage: Stage, gaps: Set[GapId]) -> None:
    """Each alert reaches each recipient once, by a mail of its own or by one that counts several."""
    await stage.step("each alert has been told by mail, alone or with others", _becomes_zero(stage, UNTOLD, gaps))
    await stage.step("and no notice waits any more", _becomes_zero(stage, UNDELIVERED, gaps))
    async with connected(stage) as connection:
        mailed = await connection.fetch(MAILED, sorted(gaps))
    told = Counter((row["gap_id"], row["recipient"]) for row in mailed)
    folds = {row["fold_id"] for row in mailed if row["fold_id"] is not None}
    alone = [row for row in mailed if row["fold_id"] is None]
    stage.require(
        f"{len(alone)} mails and {len(folds)} that list several, for {len(gaps)} alerts: each recipient told once",
        holds=set(told.values()) == {1},
    )
    mails = [mail for mail in stage.system.mail.messages if _gap_of(mail) in gaps]
    numbers = {(mail.message_id, _gap_of(mail)) for mail in mails}
    repeats = f", {len(mails) - len(numbers)} of them repeated" if len(mails) > len(numbers) else ""
    # A mail that lists several links to the gravest of them.
    expected = range(len(alone), len(alone) + len(folds) + 1)
    stage.require(f"{len(mails)} such mails are in the mailbox{repeats}", holds=len(numbers) in expected)
    hooks = [entry for entry in stage.system.inbox.entries.values() if any(gap in entry.body for gap in gaps)]
    stage.require("no partner was told what is not for partners", holds=not hooks)


@contextlib.asynccontextmanager
async def connected(stage: Stage) -> AsyncIterator[asyncpg.Connection]:
    """A look into the database."""
    connection = await asyncpg.connect(stage.system.stack.postgres_dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def _becomes_zero(stage: Stage, query: str, gaps: Set[GapId]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    async with connected(stage) as connection:
        while left := await connection.fetchval(query, sorted(gaps)):
            if time.monotonic() > until:
                raise StoryFailedError(f"{left} are left after {WAIT_SECONDS:.0f} s")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _gap_of(mail: CaughtMail) -> str:
    found = LINK.search(mail.text)
    return found[1] if found else ""
