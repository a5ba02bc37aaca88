"""Reading over the API: who may, what comes back, and that it is what the description promises."""

import pytest
import pytest_asyncio

from care_shared.vocabulary import AlertChange, Tier
from tests.api_world import Api, api_world
from tests.care_alerts import care_alert

pytestmark = pytest.mark.stack


@pytest_asyncio.fixture
async def api(postgres_dsn):
    async with api_world(postgres_dsn) as there:
        yield there


async def test_a_list_shows_open_alerts_by_tier_then_deadline(api: Api) -> None:
    await api.there.hear(
        care_alert("gap-late", tier=Tier.P2),
        care_alert("gap-now", tier=Tier.P1),
        care_alert("gap-closed"),
        care_alert("gap-closed", 2, change=AlertChange.CLOSED),
    )
    program = await api.program()

    answer = await program.get("/alerts")

    assert answer.status_code == 200
    assert [one["alert_id"] for one in answer.json()["alerts"]] == ["gap-now", "gap-late"]
    assert answer.json()["next_cursor"] is None
