"""Who is who, over HTTP: what is in doubt, what speaks for and against, and a person's word about it."""

from dataclasses import dataclass

from pydantic import SecretStr, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.routing import Route

from care_intake.adapters.identity_desk import OpenDoubt
from care_intake.adapters.identity_evidence import in_short
from care_intake.adapters.operator_door import guarded, said_in
from care_intake.adapters.operator_forms import DoubtId, Reader, Settle, Tie
from care_intake.adapters.workbench import Workbench
from care_intake.core.rulings import NO_RECORD, Decided, Ruling
from care_shared.errors import NotFoundError, UnusableMessageError

MOST_DOUBTS = 200
NUMBER = TypeAdapter[int](DoubtId)
NEEDS_RECORD = frozenset({Decided.NAMED, Decided.GIVEN})


@dataclass(frozen=True, slots=True)
class IdentityDoor:
    """Each word of a person is one transaction with name and reason; repeating it changes nothing."""

    bench: Workbench

    def routes(self, token: SecretStr) -> list[Route]:
        """Where each stands."""
        return [
            guarded(token, "GET", "/ops/doubts", self.doubts),
            guarded(token, "GET", "/ops/doubts/{number}", self.doubt),
            guarded(token, "POST", "/ops/doubts/{number}/values", self.values),
            guarded(token, "POST", "/ops/doubts/{number}/settle", self.settle),
            guarded(token, "POST", "/ops/records/tie", self.tie),
        ]

    async def doubts(self, _: Request) -> object:
        """What waits, the oldest first."""
        found = await self.bench.identities.doubts(MOST_DOUBTS + 1)
        return {"doubts": [in_short(one) for one in found[:MOST_DOUBTS]], "is_cut": len(found) > MOST_DOUBTS}

    async def doubt(self, request: Request) -> object:
        """One doubt, its values replaced."""
        return await self.bench.evidence.of(await _doubt(request, self.bench))

    async def values(self, request: Request) -> object:
        """The same with its values; the name is written down first."""
        reader = await said_in(request, Reader)
        return await self.bench.evidence.of(await _doubt(request, self.bench), reader.by)

    async def settle(self, request: Request) -> object:
        """Whose the numbers and facts are, or that nobody hears of them."""
        asked = await said_in(request, Settle)
        if bool(asked.record) is not (asked.decided in NEEDS_RECORD):
            raise UnusableMessageError("record", "goes with «named» and «given», and with nothing else")
        record = await self.bench.identities.record(asked.record.strip()) if asked.record else NO_RECORD
        ruling = Ruling(asked.decided, asked.by, asked.reason, self.bench.clock(), record)
        sent = await self.bench.identities.settle(_number(request), ruling)
        return {"is_settled": sent is not None, "facts": sent or 0}

    async def tie(self, request: Request) -> object:
        """Two records are one person, or two."""
        asked = await said_in(request, Tie)
        ruling = Ruling(Decided.UNITED, asked.by, asked.reason, self.bench.clock())
        changed = await self.bench.identities.tie(
            asked.survivor.strip(), asked.other.strip(), ruling, is_one=asked.is_one
        )
        return {"is_changed": changed}


async def _doubt(request: Request, bench: Workbench) -> OpenDoubt:
    return await bench.identities.doubt(_number(request))


def _number(request: Request) -> int:
    try:
        return NUMBER.validate_python(request.path_params["number"])
    except ValidationError:
        raise NotFoundError("there is no doubt of that number") from None
