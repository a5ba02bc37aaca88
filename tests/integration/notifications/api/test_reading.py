"""Reading over the API: who may, what comes back, and that it is what the description promises."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from care_notifications.core.callers import Scope
from care_shared.vocabulary import AlertChange, Role, SensitivityLabel, Tier
from tests.api_world import AIDE, DESCRIPTION, EVE, Api, keeps_promise
from tests.care_alerts import ANNA, BEN, BOTH, NOW, TEAM, care_alert

pytestmark = pytest.mark.stack


def ids(answer: httpx2.Response) -> list[str]:
    return [one["alert_id"] for one in keeps_promise(answer, "/alerts")["alerts"]]


async def test_a_list_shows_what_is_not_over_by_tier_then_deadline(api: Api) -> None:
    await api.there.hear(
        care_alert("gap-later", tier=Tier.P2, due_at=NOW + timedelta(hours=9)),
        care_alert("gap-soon", tier=Tier.P2, due_at=NOW + timedelta(hours=1)),
        care_alert("gap-never", tier=Tier.P2, due_at=None),
        care_alert("gap-now", tier=Tier.P1),
        care_alert("gap-closed"),
        care_alert("gap-closed", 2, change=AlertChange.CLOSED),
    )
    program = await api.program()

    assert ids(await program.get("/alerts")) == ["gap-now", "gap-soon", "gap-later", "gap-never"]


@pytest_asyncio.fixture
async def five(api):
    """Five alerts that differ in everything one can filter by."""
    await api.pool.execute("INSERT INTO teams (team_id, display_name) VALUES ('north', 'North')")
    await api.pool.execute("UPDATE people SET team_id = 'north' WHERE person_id = $1", BEN)
    led_by_ben = TEAM.model_copy(update={"lead_care_manager": BEN})
    await api.there.hear(
        care_alert("g1", tier=Tier.P1, patient_id="p1", rule_id="vitals-gap", opened_at=NOW - timedelta(days=3)),
        care_alert("g2", tier=Tier.P2, patient_id="p2", care_team=led_by_ben, due_at=NOW + timedelta(days=2)),
        care_alert("g3", tier=Tier.P3, patient_id="p1", due_at=NOW + timedelta(days=3), programmes=("Health Home",)),
        care_alert("g4", tier=Tier.P4, patient_id="p3", care_team=led_by_ben, rule_id="vitals-gap"),
        care_alert("g5", tier=Tier.P4, patient_id="p3"),
        care_alert("g5", 2, tier=Tier.P4, patient_id="p3", change=AlertChange.CLOSED, programmes=("LEAD", "PACE")),
    )
    await api.there.taken("g3", ANNA)
    return api


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["g1", "g2", "g3", "g4"]),
        ({"tier": "P1"}, ["g1"]),
        ({"tier": ["P1", "P4"]}, ["g1", "g4"]),
        ({"state": "acknowledged"}, ["g3"]),
        ({"state": ["open", "acknowledged", "open"]}, ["g1", "g2", "g3", "g4"]),
        ({"state": "resolved"}, ["g5"]),
        ({"state": ["resolved", "open"], "patient": "p3", "sort": "id"}, ["g4", "g5"]),
        ({"owner": BEN}, ["g2", "g4"]),
        ({"owner": "nobody"}, []),
        ({"team": "north"}, ["g2", "g4"]),
        ({"rule": "vitals-gap"}, ["g1", "g4"]),
        ({"rule": "vitals-gap", "owner": BEN}, ["g4"]),
        ({"patient": "p1"}, ["g1", "g3"]),
        ({"programme": "health-home"}, ["g3"]),
        ({"programme": "HEALTH_HOME"}, ["g3"]),
        ({"programme": "home"}, []),
        ({"programme": "pace"}, []),
        ({"programme": "pace", "state": "resolved"}, ["g5"]),
        ({"due_before": (NOW + timedelta(days=2, hours=1)).isoformat()}, ["g1", "g2", "g4"]),
        ({"opened_since": (NOW - timedelta(days=1)).isoformat()}, ["g2", "g3", "g4"]),
        ({"sort": "deadline"}, ["g1", "g4", "g2", "g3"]),
        ({"sort": "newest"}, ["g4", "g3", "g2", "g1"]),
        ({"sort": "id"}, ["g1", "g2", "g3", "g4"]),
        ({"sort": "changed"}, ["g4", "g3", "g2", "g1"]),
    ],
)
async def test_filters_narrow_and_sorts_sort(five: Api, asked: dict[str, Any], expected: list[str]) -> None:
    program = await five.program()

    assert ids(await program.get("/alerts", params=asked)) == expected


async def test_counts_are_by_state_and_tier_of_what_fits_the_filters(five: Api) -> None:
    program = await five.program()

    counts = keeps_promise(await program.get("/alerts/counts", params={"owner": ANNA}), "/alerts/counts")

    found = {name: one["count"] for name, one in (counts["by_state"] | counts["by_tier"]).items()}
    assert counts["all"] == {"count": 2, "more": False}
    assert found == {"open": 1, "acknowledged": 1, "in-progress": 0, "snoozed": 0, "P1": 1, "P2": 0, "P3": 1, "P4": 0}


async def test_counting_stops_at_its_bound(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("care_notifications.adapters.postgres_listing.COUNT_LIMIT", 2)
    monkeypatch.setattr("care_notifications.api.routes.alerts.COUNT_LIMIT", 2)
    await api.there.hear(*(care_alert(f"g{number}") for number in range(4)))
    program = await api.program()

    assert (await program.get("/alerts/counts")).json()["all"] == {"count": 2, "more": True}


async def test_one_alert_tells_its_whole_story(api: Api) -> None:
    await api.there.hear(care_alert("g1", audience=BOTH))
    program = await api.program()

    story = keeps_promise(await program.get("/alerts/g1"), "/alerts/{alert_id}")

    assert (story["patient"]["display_name"], story["owner"]["display_name"]) == ("Juniper, Carl", "Anna")
    assert [one["change"] for one in story["changes"]] == ["opened"]
    assert {one["told"] for one in story["deliveries"]} == {"Anna", "Harbor Home Health"}


async def test_an_alerts_tag_spares_whoever_knows_it_and_changes_with_it(api: Api) -> None:
    await api.there.hear(care_alert("g1"))
    program = await api.program()
    tag = (await program.get("/alerts/g1")).headers["etag"]

    known = await program.get("/alerts/g1", headers={"if-none-match": f'"other", W/{tag}'})
    await program.post("/alerts/g1/acknowledge")
    changed = await program.get("/alerts/g1", headers={"if-none-match": tag})

    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


async def test_all_alerts_of_a_patient_are_shown_those_that_are_over_too(five: Api) -> None:
    program = await five.program()

    answer = await program.get("/patients/p3/alerts")

    page = keeps_promise(answer, "/patients/{patient_id}/alerts")
    assert {one["alert_id"] for one in page["alerts"]} == {"g4", "g5"}


async def test_people_say_who_cannot_take_work_now(api: Api) -> None:
    away = "INSERT INTO leaves (leave_id, person_id, from_at, recorded_by, recorded_at) VALUES ('l', $1, $2, 'x', $2)"
    await api.pool.execute(away, BEN, NOW - timedelta(hours=1))
    program = await api.program()

    people = keeps_promise(await program.get("/people"), "/people")["people"]

    assert {one["person_id"]: one["on_leave"] for one in people}[BEN] is True
    assert {one["person_id"]: one["on_leave"] for one in people}[ANNA] is False


async def test_a_supervisor_sees_how_much_everybody_has_to_do(five: Api) -> None:
    program = await five.program(EVE)

    loads = keeps_promise(await program.get("/load"), "/load")["loads"]

    found = {one["person_id"]: (one["open"], one["by_tier"], one["overdue"]) for one in loads}
    assert found[BEN] == (2, {"P2": 1, "P4": 1}, 0)
    assert found[AIDE] == (0, {}, 0)
    assert loads[0]["open"] == 2


async def test_notices_are_listed_the_newest_first_page_by_page(five: Api) -> None:
    program = await five.program(EVE)

    async def page(**asked: Any) -> Any:
        return keeps_promise(await program.get("/deliveries", params=asked), "/deliveries")

    everything = (await page())["deliveries"]
    walked, cursor = [], None
    while True:
        part = await page(limit=1, **({"cursor": cursor} if cursor else {}))
        walked += part["deliveries"]
        cursor = part["next_cursor"]
        if cursor is None:
            break

    assert walked == everything
    assert {one["alert_id"] for one in (await page(recipient=BEN, state="waiting"))["deliveries"]} == {"g2", "g4"}
    assert (await page(alert="g1", channel="webhook"))["deliveries"] == []


async def test_a_browser_is_told_the_token_of_its_forms_a_program_is_not(api: Api) -> None:
    browser, program = await api.browser(), await api.program(scopes=frozenset({Scope.READ}))

    me, it = [keeps_promise(await one.get("/me"), "/me") for one in (browser, program)]

    assert len(me["form_token"]) == 64
    assert it["form_token"] is None
    assert (it["scopes"], it["rights"]) == (["read"], ["see-alerts"])


async def test_whoever_may_not_see_labelled_alerts_sees_what_would_be_there_without_them(api: Api) -> None:
    """The same answers, byte by byte, whether or not a labelled alert exists; also no count and no notice of it."""
    await api.there.hear(care_alert("g1", patient_id="p1"))
    limited = await api.program(EVE, frozenset({Scope.READ, Scope.ACT}))
    paths = (
        "/alerts", "/alerts?patient=p2", "/alerts/g2/explanation", "/rules/precision", "/endpoints", "/alerts/counts",
        "/alerts/g2", "/patients/p2/alerts", "/load", "/deliveries",
        "/alerts?state=open&state=resolved&sort=id",
    )  # fmt: skip
    before = [(await limited.get(path)).content for path in paths]

    await api.there.hear(care_alert("g2", patient_id="p2", labels=[SensitivityLabel.PART_2]))
    after = [(await limited.get(path)).content for path in paths]
    acted = await limited.post("/alerts/g2/acknowledge")
    full = await api.program(EVE)

    assert after == before
    assert acted.status_code == 404
    assert {one["alert_id"] for one in (await full.get("/alerts")).json()["alerts"]} == {"g1", "g2"}
    assert (await full.get("/alerts/g2")).json()["labels"] == ["42CFRPart2"]


MATRIX = {
    "/me": {"agency", "read", "act", "care", "supervisor"},
    "/me/digests": {"read", "care", "supervisor"},
    "/alerts": {"read", "care", "supervisor"},
    "/alerts/counts": {"read", "care", "supervisor"},
    "/alerts/g1": {"read", "care", "supervisor"},
    "/patients/patient-1/alerts": {"read", "care", "supervisor"},
    "/alerts/g1/explanation": {"read", "care", "supervisor"},
    "/patients/patient-1/scores": {"read", "care", "supervisor"},
    "/people": {"read", "care", "supervisor"},
    "/endpoints": {"supervisor"},
    "/rules/precision": {"supervisor"},
    "/deliveries/d1/attempts": {"supervisor"},
    "/load": {"supervisor"},
    "/deliveries": {"supervisor"},
    "/openapi.json": {"agency", "read", "act", "care", "supervisor"},
}


async def test_roles_and_scopes_decide_on_every_address_and_nobody_is_let_in_unknown(api: Api) -> None:
    await api.there.hear(care_alert("g1"))
    callers = {
        "agency": await api.program(AIDE),
        "read": await api.program(ANNA, frozenset({Scope.READ})),
        "act": await api.program(ANNA, frozenset({Scope.ACT})),
        "care": await api.program(ANNA),
        "supervisor": await api.program(EVE),
        "nobody": api.client(),
        "guesser": api.client({"authorization": "Bearer clt_guess"}),
        "foreign scheme": api.client({"authorization": "Basic YW5uYTphbm5h"}),
    }
    delivery = await api.pool.fetchval("SELECT delivery_id FROM deliveries LIMIT 1")
    for path, welcome in MATRIX.items():
        found = {name: (await one.get(path.replace("d1", delivery))).status_code for name, one in callers.items()}
        unknown = dict.fromkeys(("nobody", "guesser", "foreign scheme"), 401)
        known = {name: 200 if name in welcome else 403 for name in callers if name not in unknown}
        assert found == known | unknown, path
    templates = {route for route in DESCRIPTION["paths"] if "get" in DESCRIPTION["paths"][route]}
    named = {"g1": "{alert_id}", "patient-1": "{patient_id}", "d1": "{delivery_id}"}
    tested = {"/".join(named.get(part, part) for part in path.split("/")) for path in MATRIX}
    assert templates == tested | {"/stream"}, "a new address needs its row"


async def test_somebody_whose_role_is_taken_away_is_refused_at_the_next_request(api: Api) -> None:
    program = await api.program()
    before = (await program.get("/alerts")).status_code

    await api.pool.execute("UPDATE people SET roles = $2 WHERE person_id = $1", ANNA, [Role.AGENCY])

    assert (before, (await program.get("/alerts")).status_code) == (200, 403)


async def test_answers_are_for_one_caller_only_and_kept_by_nobody(api: Api) -> None:
    program = await api.program()

    headers = (await program.get("/alerts")).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "authorization" in headers["vary"]
