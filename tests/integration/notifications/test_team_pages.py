"""Team and shift in the browser: who may open them, what stands there, leaves and hand-overs by the same door."""

import csv
import io
from datetime import timedelta

import pytest
import pytest_asyncio

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.core.acts import Acknowledge, Ask, Resolution, Resolve, Snooze, SnoozeReason
from care_shared.contracts.care_alerts import PatientSummary
from care_shared.vocabulary import AlertChange, CloseReason, PersonId, Role, SensitivityLabel, Tier
from tests.care_alerts import ANNA, BEN, DESK, NOW, care_alert
from tests.web_world import Browser

pytestmark = pytest.mark.stack

EVE, HANS = PersonId("sup-eve"), PersonId("agency-hans")
SUPERVISORS = ("/team/board", "/insight", "/insight/programme.csv", "/insight/rules", "/insight/rules/TCM-CONTACT",
               "/insight/fairness", "/insight/backtests", "/insight/backtests/00000000-0000-0000-0000-000000000000",
               "/team/shift?who=all", "/team/shift.csv?who=cm-ben")  # fmt: skip
OWN = ("/team", "/team/shift", "/team/shift.csv")
CHANGES = ("/team/leaves", "/team/leaves/end", "/team/hand-over", "/insight/backtests")


@pytest_asyncio.fixture
async def site(site):
    """Anna, a care manager; Eve, her supervisor; Hans of the agency. All are signed in."""
    people = {
        "eve": NamedPerson(EVE, "Eve", "eve@lead.example", roles=(Role.SUPERVISOR,)),
        "hans": NamedPerson(HANS, "Hans", "hans@harbor.example", roles=(Role.AGENCY,)),
    }
    passwords = await ensure_accounts(site.pool,
                                      [NewAccount(name, one) for name, one in people.items()])  # fmt: skip
    await site.browser.sign_in()
    for name in people:
        browser = Browser(site.app.doors.web, passwords[name])
        await browser.sign_in(username=name)
        setattr(site, name, browser)
    yield site
    for name in people:
        await getattr(site, name).http.aclose()


def act(site, gap, action, who=ANNA, at=NOW, number="1"):
    acts = site.app.doors.web.state.desk.acts
    return acts.act(Ask(gap, action, who, f"00000000-0000-4000-8000-00000000000{number}"), at)


async def test_attack_a_care_manager_cannot_open_the_supervisors_pages(site):
    answers = [await site.browser.http.get(path) for path in SUPERVISORS]

    assert {one.status_code for one in answers} == {403}
    assert all("for other roles than yours" in one.text for one in answers)


async def test_attack_a_partner_can_open_none_and_a_stranger_is_led_to_the_door(site):
    stranger = Browser(site.app.doors.web, "")
    for path in (*SUPERVISORS, *OWN):
        assert (await site.hans.http.get(path)).status_code == 403
        assert (await stranger.http.get(path)).headers["location"].startswith("/sign-in")
    await stranger.http.aclose()


async def test_attack_only_a_supervisor_changes_anything_here(site):
    fields = {"person": BEN, "to": ANNA, "reason": "other", "from": "2026-12-01T08:00", "file": "{}"}
    for path in CHANGES:
        assert (await site.browser.post(path, **fields)).status_code == 403
        forged = await site.eve.http.post(path, data=fields, headers={"origin": "https://evil.example"})
        assert forged.status_code == 403

    assert await site.pool.fetchval("SELECT count(*) FROM leaves") == 0
    assert await site.pool.fetchval("SELECT count(*) FROM api_audit") == 0


async def test_team_leads_each_to_their_own_page(site):
    assert (await site.eve.http.get("/team")).headers["location"] == "/team/board"
    assert (await site.browser.http.get("/team")).headers["location"] == "/team/shift"


async def test_the_board_shows_load_ages_and_piles(site):
    await site.hear(
        care_alert("gap-1", tier=Tier.P1, due_at=NOW - timedelta(hours=1), opened_at=NOW - timedelta(days=2)),
        care_alert("gap-2", patient_id="patient-2", patient=PatientSummary(display_name="Delgado, Rosa")),
        care_alert("gap-3", patient_id="patient-3", care_team={}, labels=(SensitivityLabel.PSYCHIATRIC,)),
    )
    await act(site, "gap-2", Acknowledge(), at=NOW - timedelta(days=4))
    page = (await site.eve.http.get("/team/board")).text

    row = page[page.index('<th scope="row">Anna') :]
    row = row[: row.index("</tr>")]
    figures = [cell.split("<")[0] for cell in row.split('">')[2:]]
    assert figures[:6] == ["2", "1", "1", "0", "0", "1"]
    assert "Delgado, Rosa" in page[page.index('id="stale"') :]
    unassigned = page[page.index('id="unassigned"') : page.index('id="unanswered"')]
    assert "restricted" in unassigned


async def test_a_leave_is_entered_and_ended_and_both_are_noted(site):
    said = await site.eve.post(
        "/team/leaves", person=ANNA, cover=BEN, **{"from": "2026-12-01T08:00", "until": "2026-12-05T17:00"}
    )
    assert (said.status_code, said.headers["location"]) == (303, "/team/board?done=leave")
    row = await site.pool.fetchrow("SELECT * FROM leaves")
    assert (row["person_id"], row["cover"], row["recorded_by"]) == (ANNA, BEN, EVE)
    assert row["from_at"].isoformat() == "2026-12-01T13:00:00+00:00"  # eight o'clock in New York
    assert "Anna" in (await site.eve.http.get("/team/board")).text

    assert (await site.eve.post("/team/leaves/end", person=ANNA)).status_code == 303
    lines = await site.pool.fetch("SELECT operation, subject, person_id FROM api_audit ORDER BY id")
    assert [tuple(one) for one in lines] == [("add_leave", ANNA, EVE), ("end_leave", ANNA, EVE)]


async def test_a_leave_is_entered_on_the_clock_of_whoever_enters_it(site):
    await site.pool.execute("UPDATE people SET zone = 'America/Los_Angeles' WHERE person_id = $1", EVE)

    assert "On the clock of America/Los_Angeles" in (await site.eve.http.get("/team/board")).text
    await site.eve.post("/team/leaves", person=ANNA, **{"from": "2026-12-01T08:00"})

    assert (await site.pool.fetchval("SELECT from_at FROM leaves")).isoformat() == "2026-12-01T16:00:00+00:00"
    assert "Tue 1 Dec 2026, 08:00 PST" in (await site.eve.http.get("/team/board")).text


async def test_a_leave_that_makes_no_sense_is_refused_kindly_and_echoes_nothing(site):
    begins = {"from": "2026-12-05T08:00"}
    for fields, sentence in (
        ({"person": ANNA}, "say from when on the person is away"),
        ({"person": ANNA, "from": "soon"}, "a time reads like"),
        ({"person": ANNA, "from": "9999-12-31T23:59"}, "a time reads like"),
        ({"person": ANNA, "until": "2026-12-01T08:00"} | begins, "ends after it begins"),
        ({"person": ANNA, "cover": ANNA} | begins, "covers for themselves"),
        ({"person": "somebody-else"} | begins, "nobody of that name"),
    ):
        answer = await site.eve.post("/team/leaves", **fields)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "somebody-else" not in answer.text

    assert (await site.eve.post("/team/leaves/end", person=ANNA)).status_code == 422
    assert await site.pool.fetchval("SELECT count(*) FROM leaves") == 0


async def test_all_work_of_a_person_moves_to_a_colleague_with_a_line_each(site):
    await site.hear(care_alert("gap-1"), care_alert("gap-2", patient_id="patient-2"))
    await act(site, "gap-1", Acknowledge())

    answer = await site.eve.post("/team/hand-over", person=ANNA, to=BEN, reason="absence")
    assert answer.headers["location"] == "/team/board?done=handed"
    rows = await site.pool.fetch("SELECT gap_id, owner, state, backup FROM alerts ORDER BY gap_id")
    assert [(row["owner"], row["state"]) for row in rows] == [(BEN, "open"), (BEN, "open")]
    acts = await site.pool.fetch("SELECT gap_id, done_by, to_person, reason FROM acts WHERE kind = 'handed-over'")
    assert sorted(tuple(one) for one in acts) == [("gap-1", EVE, BEN, "absence"), ("gap-2", EVE, BEN, "absence")]
    assert (
        (await site.eve.post("/team/hand-over", person=ANNA, to=BEN, reason="absence"))
        .headers["location"]
        .endswith("nothing")
    )


async def test_work_is_handed_only_to_a_colleague_who_is_here(site):
    await site.hear(care_alert("gap-1"))
    for to in (ANNA, "nobody", ""):
        assert (await site.eve.post("/team/hand-over", person=ANNA, to=to, reason="other")).status_code == 422
    assert (await site.eve.post("/team/hand-over", person="nobody", to=BEN, reason="other")).status_code == 422
    assert (await site.eve.post("/team/hand-over", person=ANNA, to=BEN, reason="left")).status_code == 422

    assert await site.pool.fetchval("SELECT owner FROM alerts") == ANNA


async def test_the_shift_report_tells_what_happened_and_what_comes(site):
    ago, ahead = (lambda **span: NOW - timedelta(**span)), (lambda **span: NOW + timedelta(**span))
    await site.hear(
        care_alert("gap-1", opened_at=ago(hours=2), changed_at=ago(hours=2), due_at=ahead(hours=3)),
        care_alert("gap-2", opened_at=ago(days=2), changed_at=ago(days=2), due_at=ahead(days=9)),
        care_alert("gap-3", opened_at=ago(days=2), changed_at=ago(days=2), due_at=ahead(days=9)),
        care_alert("gap-4", opened_at=ago(days=2), changed_at=ago(days=2), due_at=ahead(days=9)),
    )
    closed = {"revision": 2, "change": AlertChange.CLOSED, "close_reason": CloseReason.EVIDENCE}
    await site.hear(care_alert("gap-4", opened_at=ago(days=2), changed_at=ago(hours=1), **closed))
    await act(site, "gap-2", Resolve(Resolution.CONTACT_MADE), at=ago(hours=1))
    await act(site, "gap-3", Snooze(ahead(hours=2), SnoozeReason.PATIENT_ASKED), at=ago(hours=1), number="2")
    await act(site, "gap-1", Acknowledge(), at=ago(minutes=9), number="3")

    text = (await site.browser.http.get("/team/shift.csv")).text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:]
    assert [(row[0], row[9]) for row in rows] == [
        ("Opened", "gap-1"),
        ("Acknowledged", "gap-1"),
        ("Resolved by a person", "gap-2"),
        ("Closed by what became known", "gap-4"),
        ("Still open and due in the next shift", "gap-1"),
        ("Snoozes that wake in the next shift", "gap-3"),
    ]
    page = (await site.browser.http.get("/team/shift")).text
    assert page.count("Juniper, Carl") == 6
    assert (await site.eve.http.get("/team/shift?who=cm-ben")).text.count("Juniper, Carl") == 0
    assert (await site.eve.http.get("/team/shift?who=all&shift=today")).text.count("Juniper, Carl") >= 5


async def test_a_check_in_without_an_answer_is_told_to_whoever_answers_for_the_patient(site):
    await site.hear(care_alert("gap-1"))
    await site.pool.execute(
        "INSERT INTO check_ins (check_in_id, patient_id, check_in, party, occurrence, state, decided_at, answer_hours,"
        " send_until, next_attempt_at, ended_at) VALUES ('c-1', 'patient-1', 'mood', 'patient', 'o', 'unanswered',"
        " $1, 24, $1, $1, $1)",
        NOW - timedelta(hours=1),
    )

    page = (await site.browser.http.get("/team/shift")).text
    silent = page[page.index('id="unanswered"') : page.index('id="due"')]
    assert "Juniper, Carl" in silent
    assert "Mood, patient" in silent
    assert "Juniper" not in (await site.eve.http.get("/team/shift")).text


async def test_a_name_that_looks_like_a_formula_is_text_in_the_file_and_the_export_is_noted(site):
    evil = PatientSummary(display_name='=HYPERLINK("http://evil.example")')
    await site.hear(
        care_alert("gap-1", patient=evil, opened_at=NOW - timedelta(hours=1), changed_at=NOW - timedelta(hours=1))
    )

    answer = await site.browser.http.get("/team/shift.csv?shift=12h")
    row = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1]
    assert row[3] == '\'=HYPERLINK("http://evil.example")'
    assert answer.headers["content-disposition"] == 'attachment; filename="carelead-shift-2026-11-23.csv"'
    line = await site.pool.fetchrow("SELECT operation, subject, person_id, caller FROM api_audit")
    assert tuple(line) == ("export_shift", "me", ANNA, "session:anna")


async def test_what_no_form_of_ours_asks_for_is_not_there(site):
    for query in ("shift=forever", "who=nobody", "shift=&who=me"):
        assert (await site.eve.http.get(f"/team/shift?{query}")).status_code == 404
    for name in (DESK, "nobody"):  # whether somebody of that name exists is not told
        assert (await site.browser.http.get(f"/team/shift?who={name}")).status_code == 403
