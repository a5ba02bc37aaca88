"""Mending and replaying over HTTP: each asks who and why, shows first what would happen, and repeats nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr
from starlette.requests import Request
from starlette.routing import Route

from care_intake.adapters.desk import SET_ASIDE_VERDICTS
from care_intake.adapters.fixes import Edit, Fixed
from care_intake.adapters.message_search import Period
from care_intake.adapters.operator_door import guarded, said_in
from care_intake.adapters.operator_forms import Act, Fix, ReplayMany
from care_intake.adapters.replays import Asker
from care_intake.adapters.workbench import Workbench
from care_intake.core.feed import Feed
from care_intake.core.fixes import edited
from care_intake.core.formats import Format
from care_intake.core.replays import Replay
from care_shared.errors import ConfigurationError, ConflictError


@dataclass(frozen=True, slots=True)
class MendingDoor:
    """`dry_run` does the same and takes it all back."""

    bench: Workbench

    def routes(self, token: SecretStr) -> list[Route]:
        """Where each stands."""
        return [
            guarded(token, "POST", "/ops/messages/{receipt_id}/fix", self.fix),
            guarded(token, "POST", "/ops/messages/{receipt_id}/replay", self.replay),
            guarded(token, "POST", "/ops/causes/{cause}/replay", self.replay_many),
        ]

    async def fix(self, request: Request) -> object:
        """Keep a copy with other values at some places."""
        asked = await said_in(request, Fix)
        receipt_id, places = request.path_params["receipt_id"], ", ".join(asked.changes)
        done = await self.bench.fixes.fix(receipt_id, edit_of(asked.changes), places, _asker(asked))
        return _fixed(done) | {"dry_run": asked.dry_run}

    async def replay(self, request: Request) -> object:
        """Decide one message again."""
        asked = await said_in(request, Act)
        return _replayed(await self.bench.replays.replay(request.path_params["receipt_id"], _asker(asked)))

    async def replay_many(self, request: Request) -> object:
        """Decide messages of one cause again, the oldest first."""
        asked = await said_in(request, ReplayMany)
        cause = await self.bench.desk.cause(request.path_params["cause"], SET_ASIDE_VERDICTS)
        period = Period(asked.since, asked.until)
        found = await self.bench.search.of_cause(cause, period, asked.after, asked.most + 1)
        chosen = found[: asked.most]
        return {
            "done": [await _one_of_many(receipt_id, self.bench, _asker(asked)) for receipt_id in chosen],
            "next": chosen[-1] if len(found) > asked.most else "",
            "dry_run": asked.dry_run,
        }


def edit_of(changes: Mapping[str, str]) -> Edit:
    """The edit that puts these values at these places."""

    def edit(body: bytes, form: Format, feed: Feed) -> bytes:
        return edited(body, form, changes, feed.charset)

    return edit


async def _one_of_many(receipt_id: str, bench: Workbench, asker: Asker) -> dict[str, object]:
    """One that cannot be read again stops no other."""
    try:
        return _replayed(await bench.replays.replay(receipt_id, asker))
    except (ConfigurationError, ConflictError) as error:
        return _nothing_done(receipt_id, str(error))


def _asker(asked: Act) -> Asker:
    return Asker(asked.by, asked.dry_run, asked.reason)


def _fixed(done: Fixed) -> dict[str, object]:
    receipt = done.receipt
    return {
        "receipt_id": receipt.receipt_id, "verdict": receipt.verdict, "field": receipt.field,
        "problem": receipt.problem, "facts": list(done.facts), "is_kept": done.is_kept,
    }  # fmt: skip


def _replayed(done: Replay) -> dict[str, object]:
    receipt, change = done.receipt, done.difference
    return {
        "receipt_id": receipt.receipt_id, "before": done.before, "after": receipt.verdict,
        "is_applied": done.is_applied, "field": receipt.field, "problem": receipt.problem,
        "added": list(change.added), "repeated": list(change.repeated), "unsaid": list(change.unsaid),
    }  # fmt: skip


def _nothing_done(receipt_id: str, why: str) -> dict[str, object]:
    return {
        "receipt_id": receipt_id, "before": "", "after": "", "is_applied": False, "field": "", "problem": why,
        "added": [], "repeated": [], "unsaid": [],
    }  # fmt: skip
