"""What stands on the interface team's desk, over HTTP: what was set aside, any message by any of its numbers."""

from dataclasses import dataclass

from pydantic import SecretStr
from starlette.requests import Request
from starlette.routing import Route

from care_intake.adapters.desk import SET_ASIDE_VERDICTS, Cause, StoredMessage
from care_intake.adapters.message_search import Period, Search
from care_intake.adapters.operator_door import guarded, said_in
from care_intake.adapters.operator_forms import Reader, Wanted
from care_intake.adapters.workbench import Workbench
from care_intake.core.effects import Verdict


@dataclass(frozen=True, slots=True)
class DeskDoor:
    """Looking only. Questions come in bodies: what they name may belong to a patient, and addresses are logged."""

    bench: Workbench

    def routes(self, token: SecretStr) -> list[Route]:
        """Where each stands."""
        return [
            guarded(token, "GET", "/ops/sources", self.sources),
            guarded(token, "GET", "/ops/causes", self.causes),
            guarded(token, "POST", "/ops/messages", self.search),
            guarded(token, "GET", "/ops/messages/{receipt_id}", self.message),
            guarded(token, "POST", "/ops/messages/{receipt_id}/values", self.values),
        ]

    async def sources(self, _: Request) -> object:
        """Who may send, by name."""
        return {"sources": self.bench.sources.names}

    async def causes(self, _: Request) -> object:
        """Why messages were set aside, and how many."""
        return {"causes": [_cause(one) for one in await self.bench.desk.causes()]}

    async def search(self, request: Request) -> object:
        """A page of messages, the newest first."""
        wanted = await said_in(request, Wanted)
        found = await self.bench.search.page(await _search(wanted, self.bench), wanted.most + 1)
        shown = found[: wanted.most]
        return {
            "messages": [_message(one) for one in shown],
            "next": shown[-1].receipt_id if len(found) > wanted.most else "",
        }

    async def message(self, request: Request) -> object:
        """One message, its values replaced."""
        return await self.bench.pages.shown(request.path_params["receipt_id"])

    async def values(self, request: Request) -> object:
        """The same with its values; the name is written down first."""
        reader = await said_in(request, Reader)
        return await self.bench.pages.values(request.path_params["receipt_id"], reader.by)


async def _search(wanted: Wanted, bench: Workbench) -> Search:
    """Raises NotFoundError when nothing waits for the cause any more."""
    return Search(
        Period(wanted.since, wanted.until),
        named=wanted.named.strip(),
        source=wanted.source,
        verdicts=wanted.verdicts or tuple(Verdict),
        cause=await bench.desk.cause(wanted.cause, SET_ASIDE_VERDICTS) if wanted.cause else None,
        after=wanted.after,
    )


def _cause(one: Cause) -> dict[str, object]:
    """Counts, times and our own words; never a value."""
    return {
        "id": one.id, "source": one.source, "verdict": one.verdict, "field": one.field, "problem": one.problem,
        "messages": one.messages, "oldest": one.oldest.isoformat(), "newest": one.newest.isoformat(),
    }  # fmt: skip


def _message(one: StoredMessage) -> dict[str, object]:
    return {
        "receipt_id": one.receipt_id, "source": one.source, "format": one.format, "control_id": one.control_id,
        "verdict": one.verdict, "field": one.field, "problem": one.problem, "received_at": one.received_at.isoformat(),
    }  # fmt: skip
