"""What waits for the interface team, over HTTP: why messages were set aside, and how many."""

from pydantic import SecretStr
from starlette.requests import Request
from starlette.routing import Route

from care_intake.adapters.desk import Cause
from care_intake.adapters.operator_door import guarded
from care_intake.adapters.workbench import Workbench


def desk_routes(token: SecretStr, bench: Workbench) -> list[Route]:
    """`GET /ops/causes`."""

    async def causes(_: Request) -> object:
        return {"causes": [cause_json(one) for one in await bench.desk.causes()]}

    return [guarded(token, "GET", "/ops/causes", causes)]


def cause_json(one: Cause) -> dict[str, object]:
    """Counts, times and our own words; never a value."""
    return {
        "id": one.id, "source": one.source, "verdict": one.verdict, "field": one.field, "problem": one.problem,
        "messages": one.messages, "oldest": one.oldest.isoformat(), "newest": one.newest.isoformat(),
    }  # fmt: skip
