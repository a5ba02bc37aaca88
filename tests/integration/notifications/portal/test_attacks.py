"""Nobody sees or changes what is another's: other partners' ids, other sites' forms, dead sessions, wrong doors."""

import re
from datetime import timedelta

import pytest

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.adapters.postgres_partner_users import (
    PartnerAccount,
    disable_partner_account,
    put_partner_account,
)
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.vocabulary import OrganizationId, PersonId, SensitivityLabel
from tests.care_alerts import ANNA, HARBOR, NOW, TEAM
from tests.portal_world import OF_TIDE, OURS, SITE, TIDE

pytestmark = pytest.mark.stack


def every_route(portal, task="task", delivery="delivery", endpoint="endpoint-harbor"):
    """Each address of the portal with a way to ask for it; a new route is asked here without anybody adding it."""
    names = {
        "{task_id}": task, "{gap_id}": "gap-1", "{endpoint_id}": endpoint, "{delivery_id}": delivery, "{number}": "1",
        "{deed}": "pause",
    }  # fmt: skip
    for route in portal.app.doors.portal.routes:
        path = route.path
        for name, value in names.items():
            path = path.replace(name, value)
        assert "{" not in path, "name the new parameter above"
        for method in sorted(route.methods - {"HEAD"}):
            yield method, f"/portal{path}"


async def fill(portal):
    """An alert and a delivered notice of Harbor's; the ids of both."""
    await portal.open_gaps("gap-1")
    delivery = await portal.pool.fetchval("SELECT delivery_id FROM deliveries WHERE channel = 'webhook'")
    await portal.pool.execute(
        "UPDATE deliveries SET state = 'delivered', sequence = 1, ended_at = $2 WHERE delivery_id = $1", delivery, NOW
    )
    await portal.pool.execute("INSERT INTO attempts VALUES ($1, 1, $2, $2, '204')", delivery, NOW)
    return await portal.task_of("gap-1"), delivery


async def everything(portal):
    """All that an attack could have changed."""
    tables = ("partner_tasks", "endpoints", "deliveries", "probes", "acts", "outbox")
    return [str(await portal.pool.fetch(f"SELECT * FROM {table} ORDER BY 1")) for table in tables]


async def test_with_ids_of_another_partner_there_is_nothing_at_any_address(portal):
    task, delivery = await fill(portal)
    before = await everything(portal)
    of_one = [one for one in every_route(portal, task, delivery) if re.search(r"task|gap-1|endpoint-harbor", one[1])]
    fields = {"status": "accepted", "version": "1", "overlap": "24", "hours": "1"}

    for method, path in of_one:
        answer = await (portal.tide.get(path) if method == "GET" else portal.tide.post(path, **fields))
        assert answer.status_code == 404, (method, path)
        assert "Juniper" not in answer.text

    assert len(of_one) >= 9
    assert await everything(portal) == before
    assert "Juniper" not in (await portal.tide.get("/portal/")).text
    assert "endpoint-harbor" not in (await portal.tide.get("/portal/endpoints")).text


async def test_an_own_endpoint_and_another_partners_delivery_do_not_go_together(portal):
    _, delivery = await fill(portal)
    before = await everything(portal)

    assert (await portal.tide.get(f"/portal/endpoints/endpoint-tide/attempts/{delivery}/1")).status_code == 404
    assert (await portal.tide.post(f"/portal/endpoints/endpoint-tide/attempts/{delivery}/resend")).status_code == 404
    assert await everything(portal) == before


async def test_without_a_session_every_address_leads_to_the_sign_in_page(portal):
    task, delivery = await fill(portal)
    await portal.harbor.post("/portal/sign-out")
    page = await portal.harbor.get("/sign-in")
    token = re.search(r'name="form_token" value="([0-9a-f]{64})"', page.text).group(1)

    for method, path in every_route(portal, task, delivery):
        answer = await portal.harbor.http.request(
            method, path, headers=OURS, data={"form_token": token} if method == "POST" else None
        )
        assert answer.status_code in (303, 401, 403), path
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/sign-in"), path


async def test_no_form_of_another_site_and_none_without_its_token_changes_anything(portal):
    task, delivery = await fill(portal)
    token, before = await portal.harbor.token(), await everything(portal)
    form = {"status": "accepted", "version": "1", "overlap": "24", "hours": "1"}
    foreign = [
        ({"origin": "https://evil.example"}, form | {"form_token": token}),
        ({}, form | {"form_token": token}),
        ({"origin": "null"}, form | {"form_token": token}),
        (OURS, form),
        (OURS, form | {"form_token": "0" * 64}),
        (OURS, form | {"form_token": await portal.tide.token()}),
    ]

    for method, path in every_route(portal, task, delivery):
        if method == "POST":
            for headers, fields in foreign:
                answer = await portal.harbor.http.post(path, data=fields, headers=headers)
                assert answer.status_code == 403, (path, headers)

    assert await everything(portal) == before


async def test_a_session_that_ended_is_dead_on_the_server_too(portal):
    stolen = portal.harbor.http.cookies["carelead"]
    await portal.harbor.post("/portal/sign-out")
    portal.harbor.http.cookies.set("carelead", stolen)
    assert (await portal.harbor.get("/portal/")).headers["location"].startswith("/sign-in")

    portal.clock.forward(minutes=14)
    assert (await portal.tide.get("/portal/", x_carelead_refresh="1")).status_code == 200
    portal.clock.forward(minutes=2)
    assert (await portal.tide.get("/portal/")).status_code == 303, "looking by itself did not keep it alive"


async def test_whoever_is_disabled_is_out_at_the_next_click_and_a_new_password_ends_the_old_sessions(portal):
    await disable_partner_account(portal.pool, "harbor", NOW)
    assert (await portal.harbor.get("/portal/")).status_code == 303
    assert (await portal.harbor.sign_in()).status_code == 401

    await put_partner_account(portal.pool, PartnerAccount("tide", "Pat", TIDE), "another password", NOW)
    assert (await portal.tide.get("/portal/")).status_code == 303
    with pytest.raises(NotFoundError):
        await disable_partner_account(portal.pool, "anna", NOW)


async def test_a_partner_reaches_no_page_and_no_interface_of_our_own_people(portal):
    await portal.open_gaps("gap-1")
    ours = [route.path for route in portal.app.doors.web.routes if getattr(route, "methods", None)]
    token = await portal.harbor.token()

    for path in [*ours, "/api/v1/alerts", "/fhir/Task", "/fhir/DetectedIssue", "/events/stream"]:
        if path.startswith(("/sign-in", "/c/")):
            continue
        place = re.sub(r"\{\w+\}", "gap-1", path)
        for answer in (
            await portal.harbor.get(place),
            await portal.harbor.http.post(place, data={"form_token": token}, headers=OURS),
        ):
            assert answer.status_code in (303, 401, 403, 404, 405), place
            assert "Juniper" not in answer.text, place
            assert answer.headers.get("location", "/portal").startswith("/portal"), place
    assert await portal.pool.fetchval("SELECT state FROM alerts") == "open"


async def test_our_own_people_are_led_to_the_worklist_and_change_nothing_at_the_portal(portal):
    task, delivery = await fill(portal)
    before = await everything(portal)

    for method, path in every_route(portal, task, delivery):
        if method == "GET":
            answer = await portal.anna.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/"), path
        else:
            assert (await portal.anna.post(path, status="accepted", version="1")).status_code == 403, path

    assert await everything(portal) == before


async def test_an_account_is_of_one_house_and_a_name_cannot_be_taken_over(portal):
    with pytest.raises(ConfigurationError):
        await put_partner_account(portal.pool, PartnerAccount("anna", "Pat", HARBOR), "password", NOW)
    with pytest.raises(ConfigurationError):
        await put_partner_account(portal.pool, PartnerAccount("harbor", "Pat", TIDE), "password", NOW)
    with pytest.raises(ConfigurationError):
        await ensure_accounts(portal.pool, [NewAccount("harbor", NamedPerson(PersonId("cm-pat"), "Pat"))])
    with pytest.raises(NotFoundError):
        await put_partner_account(portal.pool, PartnerAccount("new", "Pat", OrganizationId("nobody")), "password", NOW)

    assert (await portal.harbor.get("/portal/")).status_code == 200
    assert (await portal.anna.get("/")).status_code == 200


async def test_a_labelled_alert_and_one_that_is_meant_for_the_care_team_only_do_not_exist(portal):
    await portal.open_gaps("gap-1", labels=(SensitivityLabel.PART_2,))
    await portal.open_gaps("gap-2", patient_id="patient-2", private=True)
    await portal.open_gaps("gap-3", patient_id="patient-3", care_team=TEAM.model_copy(update={"agency": None}))

    page = (await portal.harbor.get("/portal/")).text

    assert "Nothing waits for your answer." in page
    for gap in ("gap-1", "gap-2", "gap-3"):
        assert (await portal.harbor.get(f"/portal/alerts/{gap}")).status_code == 404


async def test_a_patient_who_goes_to_another_agency_takes_the_alert_along(portal):
    await portal.open_gaps("gap-1")
    task = await portal.task_of("gap-1")
    await portal.open_gaps("gap-1", revision=2, care_team=OF_TIDE)

    assert (await portal.harbor.get(f"/portal/tasks/{task}")).status_code == 404
    assert (await portal.harbor.post(f"/portal/tasks/{task}", status="accepted", version="1")).status_code == 404
    assert "Juniper" in (await portal.tide.get("/portal/")).text


async def test_when_the_agreement_ends_the_portal_is_closed_and_says_so(portal):
    task, delivery = await fill(portal)
    await portal.agree(HARBOR, end=NOW)
    before = await everything(portal)

    for method, path in every_route(portal, task, delivery):
        if path.endswith("sign-out"):
            continue
        answer = await (portal.harbor.get(path) if method == "GET" else portal.harbor.post(path, status="accepted"))
        assert answer.status_code == 403, path
        assert "No agreement that opens the portal is in force" in answer.text
        assert "Juniper" not in answer.text
    assert await everything(portal) == before


async def test_an_agreement_about_one_rule_shows_alerts_of_that_rule_only(portal):
    await portal.agree(HARBOR, rules=frozenset({"missed-visit"}))
    await portal.open_gaps("gap-1")
    await portal.open_gaps("gap-2", rule_id="missed-visit", explanation="The aide did not come.")

    page = (await portal.harbor.get("/portal/")).text

    assert "The aide did not come." in page
    assert "two business days" not in page


async def test_every_answer_is_kept_by_no_browser_and_shown_in_no_frame(portal):
    for path in ("/portal/", "/portal/endpoints", "/portal/tasks/nobody"):
        headers = (await portal.harbor.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]


async def test_signing_in_leads_a_partner_to_the_portal_and_to_no_other_site(portal):
    await portal.harbor.post("/portal/sign-out")
    first = await portal.harbor.get("/portal/endpoints")
    answer = await portal.harbor.sign_in()
    second = await portal.harbor.get(answer.headers["location"])

    assert first.headers["location"].startswith("/sign-in?next=")
    assert second.headers["location"] == "/portal/"
    assert str((await portal.harbor.http.get("/portal", follow_redirects=True)).url) == f"{SITE}/portal/"


async def test_guessing_a_partners_password_is_slowed_down(portal):
    await portal.harbor.post("/portal/sign-out")
    right, portal.harbor.password = portal.harbor.password, "guess"
    for _ in range(5):
        assert (await portal.harbor.sign_in()).status_code == 401
    portal.harbor.password = right
    assert (await portal.harbor.sign_in()).status_code == 429
    portal.clock.forward(minutes=16)
    assert (await portal.harbor.sign_in()).status_code == 303


async def test_words_that_are_markup_stay_words(portal):
    evil = "<img src=x onerror=alert(1)>{{7*7}}"
    await portal.open_gaps("gap-1", explanation=evil, due_at=NOW + timedelta(hours=1))

    page = (await portal.harbor.get("/portal/")).text

    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert ANNA not in page, "our people's ids are ours"
