"""Who is who, over HTTP: what is in doubt, what speaks for and against, and a person's word about it."""

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


def identity_routes(token: SecretStr, bench: Workbench) -> list[Route]:
    """Each word of a person is one transaction with name and reason; repeating it changes nothing."""

    async def doubts(_: Request) -> object:
        found = await bench.identities.doubts(MOST_DOUBTS + 1)
        return {"doubts": [in_short(one) for one in found[:MOST_DOUBTS]], "is_cut": len(found) > MOST_DOUBTS}

    async def doubt(request: Request) -> object:
        return await bench.evidence.of(await _doubt(request, bench))

    async def values(request: Request) -> object:
        reader = await said_in(request, Reader)
        return await bench.evidence.of(await _doubt(request, bench), reader.by)

    async def settle(request: Request) -> object:
        asked = await said_in(request, Settle)
        if bool(asked.record) is not (asked.decided in NEEDS_RECORD):
            raise UnusableMessageError("record", "goes with «named» and «given», and with nothing else")
        record = await bench.identities.record(asked.record.strip()) if asked.record else NO_RECORD
        ruling = Ruling(asked.decided, asked.by, asked.reason, bench.clock(), record)
        sent = await bench.identities.settle(_number(request), ruling)
        return {"is_settled": sent is not None, "facts": sent or 0}

    async def tie(request: Request) -> object:
        asked = await said_in(request, Tie)
        ruling = Ruling(Decided.UNITED, asked.by, asked.reason, bench.clock())
        changed = await bench.identities.tie(asked.survivor.strip(), asked.other.strip(), ruling, is_one=asked.is_one)
        return {"is_changed": changed}

    return [
        guarded(token, "GET", "/ops/doubts", doubts),
        guarded(token, "GET", "/ops/doubts/{number}", doubt),
        guarded(token, "POST", "/ops/doubts/{number}/values", values),
        guarded(token, "POST", "/ops/doubts/{number}/settle", settle),
        guarded(token, "POST", "/ops/records/tie", tie),
    ]


async def _doubt(request: Request, bench: Workbench) -> OpenDoubt:
    return await bench.identities.doubt(_number(request))


def _number(request: Request) -> int:
    try:
        return NUMBER.validate_python(request.path_params["number"])
    except ValidationError:
        raise NotFoundError("there is no doubt of that number") from None
