"""Whoever reads page by page sees each alert once and in order, whatever others do meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import Tier
from tests.api_world import Api
from tests.care_alerts import ANNA, NOW, care_alert

pytestmark = pytest.mark.stack


tiers = st.sampled_from(list(Tier))
minutes = st.integers(0, 3)  # few, so that many alerts tie
described = st.tuples(tiers, minutes)
happenings = st.lists(
    st.tuples(st.sampled_from(["insert", "acknowledge", "worsen"]), described, st.integers(0, 30)), max_size=4
)


def alert(name: str, what: tuple[Tier, int], revision: int = 1) -> Any:
    tier, offset = what
    at = NOW + timedelta(minutes=offset)
    return care_alert(name, revision, tier=tier, due_at=at, opened_at=at - timedelta(days=1), changed_at=at)


async def happens(api: Api, happening: tuple[str, tuple[Tier, int], int], names: list[str], made: list[str]) -> str:
    """One thing that others do; returns the alert whose place in the order it may have changed."""
    kind, what, number = happening
    name = names[number % len(names)]
    if kind == "insert":
        name = derived_id("later", str(len(made)), names[0])
        made.append(name)
        await api.there.hear(alert(name, what))
    elif kind == "acknowledge":
        await api.there.taken(name, ANNA)
        return ""
    else:
        revision = await api.pool.fetchval("SELECT revision FROM alerts WHERE gap_id = $1", name)
        await api.there.hear(alert(name, what, revision + 1))
    return name


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sort=st.sampled_from(["urgency", "deadline", "newest", "changed", "id"]),
    begin=st.lists(described, min_size=1, max_size=14),
    limit=st.integers(1, 5),
    meanwhile=st.lists(happenings, min_size=1, max_size=6),
)
async def test_each_alert_is_seen_once_and_in_order_whatever_happens_between_two_pages(
    api: Api, sort: str, begin: list[tuple[Tier, int]], limit: int, meanwhile: list[Any]
) -> None:
    await api.pool.execute("TRUNCATE alerts CASCADE")
    names = [derived_id("paged", str(number)) for number in range(len(begin))]
    await api.there.hear(*(alert(name, what) for name, what in zip(names, begin, strict=True)))
    program = await api.program()
    order = (await program.get("/alerts", params={"sort": sort, "limit": 200})).json()["alerts"]
    seen: list[str] = []
    moved: set[str] = set()
    made: list[str] = []
    asked: dict[str, Any] = {"sort": sort, "limit": limit}
    for turn in range(200):
        page = (await program.get("/alerts", params=asked)).json()
        seen += [one["alert_id"] for one in page["alerts"]]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
        for happening in meanwhile[turn] if turn < len(meanwhile) else ():
            moved.add(await happens(api, happening, names, made))

    if sort == "id":  # nothing moves an alert in this order
        moved &= set(made)
    stayed = [one["alert_id"] for one in order if one["alert_id"] not in moved]
    assert [name for name in seen if name in set(stayed)] == stayed
    assert {name for name in seen if seen.count(name) > 1} <= moved


async def test_a_cursor_outlives_the_alert_it_was_made_from(api: Api) -> None:
    await api.there.hear(*(alert(f"g{number}", (Tier.P2, number)) for number in range(4)))
    program = await api.program()
    first = (await program.get("/alerts", params={"limit": 2})).json()

    await api.there.hear(alert("g1", (Tier.P1, 0), 2))  # the last one of the first page moves to the front
    second = (await program.get("/alerts", params={"limit": 2, "cursor": first["next_cursor"]})).json()

    assert [one["alert_id"] for one in second["alerts"]] == ["g2", "g3"]


@pytest.mark.parametrize("other", [{"tier": "P2"}, {"sort": "id"}, {"owner": "cm-anna"}])
async def test_a_cursor_of_other_filters_is_refused(api: Api, other: dict[str, str]) -> None:
    await api.there.hear(*(alert(f"g{number}", (Tier.P2, number)) for number in range(3)))
    program = await api.program()
    cursor = (await program.get("/alerts", params={"limit": 1})).json()["next_cursor"]

    answer = await program.get("/alerts", params={"limit": 1, "cursor": cursor} | other)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "query.cursor", "problem": "is not a cursor of this listing with these filters"}
    ]
