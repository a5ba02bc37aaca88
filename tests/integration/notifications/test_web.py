"""The worklist over HTTP: nobody in without a session, nothing changed by another site, every word escaped."""

import re
from datetime import timedelta

import httpx2
import pytest

from care_local.addresses import free_ports
from care_shared.contracts.care_alerts import CareTeam, PatientSummary
from care_shared.contracts.care_events import ContactLogged, decode_event
from care_shared.runtime.health import serving
from care_shared.topics import CARE_ALERT_ACTIVITY, CARE_EVENTS
from care_shared.vocabulary import AlertChange, CloseReason, Tier
from tests.care_alerts import ANNA, BEN, NOW, care_alert
from tests.web_world import OURS, SITE, token_in

pytestmark = pytest.mark.stack

CONTACT = {
    "contact_id": "0b1f6a3e-1f1c-4f43-9f0e-1d2c3b4a5f60",
    "outcome": "reached",
    "channel": "phone",
    "party": "patient",
    "purpose": "care",
    "from": "mine",
}


def paths(web):
    """Every route of the application with a way to ask for it."""
    for route in web.routes:
        methods = getattr(route, "methods", None) or {"GET"}
        for method in sorted(methods - {"HEAD"}):
            yield method, route.path.replace("{gap_id}", "gap-1")


async def test_no_route_but_sign_in_and_static_answers_without_a_session(site):
    await site.hear(care_alert())
    seen = list(paths(site.app.doors.web))
    public = ("/sign-in", "/static", "/c/")
    guarded = [one for one in seen if not one[1].startswith(public)]
    assert len(guarded) >= 6
    for method, path in guarded:
        page = await site.browser.http.get("/sign-in")
        answer = await site.browser.http.request(
            method, path, headers=OURS, data={"form_token": token_in(page.text)} if method == "POST" else None
        )
        assert answer.status_code in (303, 401, 403), path
        assert "Juniper" not in answer.text
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/sign-in")


async def test_signing_in_leads_to_the_list_and_out_again(site):
    await site.hear(care_alert())

    answer = await site.browser.sign_in()
    page = await site.browser.http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Juniper, Carl" in page.text
    stolen = site.browser.http.cookies["carelead"]

    await site.browser.post("/sign-out")
    site.browser.http.cookies.set("carelead", stolen)
    assert (await site.browser.http.get("/")).status_code == 303, "the token is dead on the server too"


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site):
    answer = await site.browser.sign_in()

    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("carelead="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    stored = await site.pool.fetchval("SELECT token_hash FROM sessions")
    assert cookie.partition("=")[2].partition(";")[0].encode() != stored


async def test_a_session_that_was_there_before_is_not_taken_over(site):
    site.browser.http.cookies.set("carelead", "chosen-by-somebody-else")
    await site.browser.sign_in()

    assert site.browser.http.cookies.get("carelead", domain="127.0.0.1") != "chosen-by-somebody-else"


async def test_a_session_ends_after_fifteen_minutes_without_use_and_refreshing_is_no_use(site):
    await site.browser.sign_in()
    by_itself = {"x-carelead-refresh": "1", "x-carelead-part": "1"}
    for _ in range(3):
        site.clock.forward(minutes=5)
        assert (await site.browser.http.get("/", headers=by_itself)).status_code == (401 if _ == 2 else 200)
    assert (await site.browser.http.get("/")).status_code == 303


async def test_a_session_ends_after_twelve_hours_whatever_one_does(site):
    await site.browser.sign_in()
    statuses = []
    for _ in range(73):
        site.clock.forward(minutes=10)
        statuses.append((await site.browser.http.get("/")).status_code)

    assert statuses.count(200) == 71
    assert statuses[-1] == 303


async def test_a_person_who_leaves_is_out_at_the_next_click(site):
    await site.browser.sign_in()
    await site.pool.execute("UPDATE people SET active = false WHERE person_id = $1", ANNA)

    assert (await site.browser.http.get("/")).status_code == 303


@pytest.mark.parametrize(
    "fields", [{"password": "wrong"}, {"username": "nobody"}, {"username": "anna\x00"}], ids=["password", "name", "odd"]
)
async def test_a_wrong_name_or_password_says_the_same(site, fields):
    answer = await site.browser.sign_in(**fields)

    assert answer.status_code == 401
    assert "That name or password is not right." in answer.text


async def test_guessing_is_slowed_down_even_with_the_right_password(site):
    for _ in range(5):
        assert (await site.browser.sign_in(password="guess")).status_code == 401
    assert (await site.browser.sign_in()).status_code == 429

    site.clock.forward(minutes=16)
    assert (await site.browser.sign_in()).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/alerts/gap-1", "/alerts/gap-1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/alerts/..%2f..", "/"),
        ("/sign-out", "/"),
    ],
)
async def test_after_signing_in_nobody_is_led_away(site, wanted, led_to):
    assert (await site.browser.sign_in(next=wanted)).headers["location"] == led_to


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        pytest.param({}, {}, id="no origin"),
        pytest.param({"origin": "null"}, {}, id="origin null"),
        pytest.param({"origin": "https://evil.example"}, {}, id="another site"),
        pytest.param({"origin": SITE + ".evil.example"}, {}, id="a look-alike"),
        pytest.param(OURS, {"form_token": ""}, id="no token"),
        pytest.param(OURS, {"form_token": "0" * 64}, id="a forged token"),
        pytest.param(OURS, {"form_token": "ä"}, id="a token of odd letters"),
    ],
)
async def test_a_request_that_our_page_did_not_make_changes_nothing(site, headers, fields):
    await site.hear(care_alert())
    await site.browser.sign_in()

    for path in ("/alerts/gap-1/acknowledge", "/alerts/gap-1/contacts", "/sign-out"):
        assert (await site.browser.post(path, headers=headers, **(CONTACT | fields))).status_code == 403
    assert (await site.states())["gap-1"][0] == "open"
    assert (await site.browser.http.get("/")).status_code == 200


async def test_a_huge_form_is_refused(site):
    await site.browser.sign_in()

    assert (await site.browser.post("/alerts/gap-1/contacts", note="x" * 20_000)).status_code == 413


async def test_pages_are_locked_down_and_not_kept(site):
    await site.browser.sign_in()
    page = await site.browser.http.get("/")

    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]*\bsrc=)| style=| on[a-z]+=", page.text)


async def test_a_name_that_is_markup_is_shown_as_text(site):
    evil = "<img src=x onerror=alert(1)> {{7*7}} \u202e\r\n\x1b[31m"
    await site.hear(care_alert(patient=PatientSummary(display_name=evil), explanation=evil, next_step=evil))
    await site.browser.sign_in()

    for path in ("/", "/alerts/gap-1"):
        page = (await site.browser.http.get(path)).text
        assert "<img" not in page
        assert "&lt;img src=x onerror=alert(1)&gt; {{7*7}}" in page
        assert "<bdi>" in page


async def test_acknowledging_is_published_and_shown(site):
    await site.hear(care_alert())
    await site.browser.sign_in()

    answer = await site.browser.post("/alerts/gap-1/acknowledge", **{"from": "mine"})
    again = await site.browser.post("/alerts/gap-1/acknowledge", **{"from": "mine"})

    assert (answer.status_code, again.status_code) == (303, 303)
    assert (await site.states())["gap-1"][0] == "acknowledged"
    assert len(await site.published(CARE_ALERT_ACTIVITY.name)) == 1
    assert "Acknowledged by Anna" in (await site.browser.http.get("/alerts/gap-1")).text


async def test_a_contact_goes_out_as_a_fact_once_however_often_the_form_is_sent(site):
    await site.hear(care_alert())
    await site.browser.sign_in()

    for _ in range(3):
        assert (await site.browser.post("/alerts/gap-1/contacts", **CONTACT)).headers["location"] == "/?tab=mine"

    (fact,) = [decode_event(value) for value in await site.published(CARE_EVENTS.name)]
    assert isinstance(fact, ContactLogged)
    assert (fact.patient_id, fact.outcome, fact.by, fact.occurred_at) == ("patient-1", "reached", ANNA, NOW)
    assert (await site.states())["gap-1"][0] == "open", "only evidence closes a gap, and scoring judges that"
    assert "Reached, Anna" in (await site.browser.http.get("/")).text


@pytest.mark.parametrize(
    "fields",
    [{"outcome": "charmed"}, {"contact_id": "1"}, {"contact_id": "' OR 1=1 --"}, {"party": ""}],
    ids=["outcome", "id", "sql", "party"],
)
async def test_a_form_of_somebody_elses_making_is_refused(site, fields):
    await site.hear(care_alert())
    await site.browser.sign_in()

    assert (await site.browser.post("/alerts/gap-1/contacts", **(CONTACT | fields))).status_code == 422
    assert await site.published(CARE_EVENTS.name) == []


async def test_a_script_gets_the_changed_row_and_a_sentence(site):
    await site.hear(care_alert())
    await site.browser.sign_in()

    answer = await site.browser.post("/alerts/gap-1/contacts", headers=OURS | {"hx-request": "true"}, **CONTACT)

    assert answer.text.lstrip().startswith('<li class="row is-P2 is-open" id="alert-gap-1"')
    assert "Contact logged: reached." in answer.headers["hx-trigger"]


async def test_who_takes_what_is_taken_or_over_reads_why_nothing_changed(site):
    await site.hear(care_alert(), care_alert("gap-2"))
    await site.browser.sign_in()
    await site.taken("gap-1", BEN)
    await site.hear(care_alert("gap-2", revision=2, change=AlertChange.CLOSED))
    by_script = OURS | {"hx-request": "true"}

    late = await site.browser.post("/alerts/gap-1/acknowledge", headers=by_script, **{"from": "all"})
    over = await site.browser.post("/alerts/gap-2/acknowledge", headers=by_script)

    assert "Nothing was changed: somebody has it already." in late.headers["hx-trigger"]
    assert "Nothing was changed: the alert is closed; reopen it first." in over.headers["hx-trigger"]


async def test_mine_all_and_closed(site):
    await site.hear(
        care_alert("gap-1", tier=Tier.P3),
        care_alert("gap-2", tier=Tier.P1, care_team=CareTeam(lead_care_manager=BEN)),
        care_alert("gap-3", due_at=NOW + timedelta(hours=9)),
        care_alert("gap-4", due_at=NOW + timedelta(hours=1)),
        care_alert("gap-5"),
        care_alert("gap-5", revision=2, change=AlertChange.CLOSED, close_reason=CloseReason.LATE_EVIDENCE),
    )
    await site.browser.sign_in()

    assert await rows(site, "/") == ["gap-4", "gap-3", "gap-1"]
    assert await rows(site, "/?tab=all") == ["gap-2", "gap-4", "gap-3", "gap-1"]
    assert await rows(site, "/?tab=closed") == ["gap-5"]
    assert "late evidence arrived" in (await site.browser.http.get("/?tab=closed")).text


async def rows(site, path):
    return re.findall(r'<li class="row[^>]*id="alert-([^"]+)"', (await site.browser.http.get(path)).text)


async def test_pages_follow_one_another_without_gap_or_repeat(site):
    alerts = [care_alert(f"gap-{number:03}", due_at=NOW + timedelta(minutes=number % 7)) for number in range(120)]
    await site.hear(*alerts)
    await site.browser.sign_in()

    seen, path = [], "/"
    while path:
        page = (await site.browser.http.get(path)).text
        seen += re.findall(r'<li class="row[^>]*id="alert-([^"]+)"', page)
        following = re.search(r'href="(/\?[^"]+)" rel="next"', page)
        path = following.group(1).replace("&amp;", "&") if following else ""

    assert len(seen) == len(set(seen)) == 120
    assert "rows" in page


@pytest.mark.parametrize(
    "path", ["/alerts/nobody", "/?tab=x", "/?after=nobody", "/?after='--", "/alerts/%27%20OR%201=1", "/nothing"]
)
async def test_what_is_not_there_is_said_in_a_sentence(site, path):
    await site.browser.sign_in()
    answer = await site.browser.http.get(path)

    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text


async def test_why_am_i_seeing_this(site):
    await site.hear(care_alert(), care_alert(revision=2))
    await site.browser.sign_in()
    page = (await site.browser.http.get("/alerts/gap-1")).text

    assert "Why am I seeing this?" in page
    assert "discharge-follow-up, version 1" in page
    assert "was told before, at the same or a graver tier" in page
    assert "Mon 23 Nov, 13:00 EST" in page


async def test_a_page_that_reconnects_hears_what_it_missed_by_id_only(site):
    await site.hear(care_alert("gap-1"), care_alert("gap-2"))
    await site.browser.sign_in()
    cookie = {"cookie": f"carelead={site.browser.http.cookies['carelead']}"}
    port = free_ports(1)[0]
    async with (
        serving(site.app.doors.web, "127.0.0.1", port, drain_seconds=1),
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        assert (await http.get("/events/stream", headers={"accept": "text/event-stream"})).status_code == 401
        async with http.stream("GET", "/events/stream", headers=cookie | {"last-event-id": "0-0"}) as answer:
            heard = [line async for line in until_data(answer)]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert heard[-1] == 'data: {"gaps": ["gap-1", "gap-2"]}'
    assert "event: alerts" in heard
    assert not any("Juniper" in line or "patient" in line for line in heard)


async def until_data(answer):
    async for line in answer.aiter_lines():
        yield line
        if line.startswith("data:") and "gaps" in line:
            return


async def test_the_words_of_a_complaint_are_shown_to_who_handles_it_and_to_nobody_else(site):
    await site.hear(care_alert(rule_id="SERVICE-RECOVERY"))
    await site.pool.execute(
        "INSERT INTO check_ins (check_in_id, patient_id, check_in, party, occurrence, state, decided_at, answer_hours,"
        " send_until, next_attempt_at, ended_at, remark) SELECT 'one', patient_id, 'feeling-heard', 'patient', 'o',"
        " 'answered', $1, 72, $1, $1, $1, 'Nobody came' FROM alerts", NOW,
    )  # fmt: skip
    await site.browser.sign_in()
    assert "Nobody came" in (await site.browser.http.get("/alerts/gap-1")).text

    await site.pool.execute("UPDATE alerts SET owner = $1, backup = NULL", BEN)
    await site.pool.execute("UPDATE people SET roles = '{nurse}' WHERE person_id = $1", ANNA)

    page = await site.browser.http.get("/alerts/gap-1")
    assert page.status_code == 200
    assert "Nobody came" not in page.text
