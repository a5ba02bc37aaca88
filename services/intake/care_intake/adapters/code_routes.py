"""Which codes of a sender mean nothing to us, over HTTP, so that somebody can ask what they mean."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr
from starlette.requests import Request
from starlette.routing import Route

from care_intake.adapters.operator_door import guarded, said_in
from care_intake.adapters.operator_forms import OfSource
from care_intake.adapters.retranslation import Range
from care_intake.adapters.unread_codes import AskedCode, codes_of_source
from care_intake.adapters.workbench import Workbench
from care_shared.vocabulary import SourceId

LOOKED_BACK = timedelta(days=7)
NEWEST_MESSAGES = 300  # read again for this answer, beside hospitals that wait for theirs


@dataclass(frozen=True, slots=True)
class CodeDoor:
    """`POST /ops/codes`: found in the newest messages of a source, under today's sources file."""

    bench: Workbench

    def routes(self, token: SecretStr) -> list[Route]:
        """Where it stands."""
        return [guarded(token, "POST", "/ops/codes", self.codes)]

    async def codes(self, request: Request) -> object:
        """The most frequent first."""
        source, now = SourceId((await said_in(request, OfSource)).source), self.bench.clock()
        wanted = Range(source, now - LOOKED_BACK, now)
        found = await codes_of_source(self.bench.pool, self.bench.sources, wanted, NEWEST_MESSAGES)
        return {"codes": [_code(one) for one in found.asked], "messages": found.messages}


def _code(one: AskedCode) -> dict[str, object]:
    return {
        "kind": one.code.kind, "where": one.code.where, "code": one.code.code, "messages": one.messages,
        "last_receipt_id": one.last_receipt_id, "last_at": one.last_at.isoformat(),
    }  # fmt: skip
