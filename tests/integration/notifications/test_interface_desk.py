"""Work at the interface desk, on a real intake: find, read, mend, replay, say who is who; each act with its name."""

import re
from dataclasses import replace

import pytest
import pytest_asyncio

from care_intake.adapters.sources import Source, Sources
from care_shared.vocabulary import EventId
from tests.care_alerts import care_alert
from tests.intake_beside import GENERAL
from tests.intake_builders import adt, oru
from tests.interface_site import interface_site
from tests.web_world import OURS

pytestmark = pytest.mark.stack

GOOD = "4711^^^1.2.3&1.2.3&ISO^MR"
ADA, BEA = "1^^^1.2.3&1.2.3&ISO^MR", "2^^^OTHER^MR"
SECRETS = ("SIM", "4711", "19410322", "555-0100")
WHY = "the hospital confirmed it"


@pytest_asyncio.fixture
async def site(postgres_dsn):
    async with interface_site(postgres_dsn) as real:
        yield real


async def audited(site):
    rows = await site.pool.fetch("SELECT caller, person_id, operation, subject FROM api_audit ORDER BY at, operation")
    return [tuple(row) for row in rows]


async def refused(site, **other):
    [receipt] = await site.intake.hear(adt("A03", pid3="", **other))
    return receipt, f"/interfaces/messages/{receipt}"


async def test_a_message_is_asked_for_in_a_form_and_never_in_an_address(site):
    receipt, other = await site.intake.hear(adt("A03", control_id="M1"), adt("A01", control_id="M2", pid3=""))
    patient = await site.intake.pool.fetchval("SELECT patient_id FROM receipt_facts LIMIT 1")

    for named in ("M1", patient, receipt):
        page = (await site.ivy.post("/interfaces/messages", named=named)).text
        assert f"/interfaces/messages/{receipt}" in page
        assert f"/interfaces/messages/{other}" not in page
    narrowed = (await site.ivy.post("/interfaces/messages", verdict="quarantined")).text
    assert f"/interfaces/messages/{other}" in narrowed
    assert f"/interfaces/messages/{receipt}" not in narrowed
    assert "Nothing found" in (await site.ivy.post("/interfaces/messages", named="M3")).text
    page = (await site.ivy.http.get("/interfaces/messages")).text
    assert re.search(r'<form method="post" action="/interfaces/messages"', page)
    assert f"/interfaces/messages/{receipt}" in page
    ignored = (await site.ivy.http.get("/interfaces/messages?named=M1")).text
    assert f"/interfaces/messages/{other}" in ignored, "an address narrows nothing"


async def test_older_messages_stand_on_the_next_page_of_the_same_search(site):
    await site.intake.hear(*(adt("A01", control_id=f"M{number}") for number in range(53)))

    first = (await site.ivy.post("/interfaces/messages", source="general-hospital")).text
    after = re.search(r'name="after" value="([^"]+)"', first).group(1)
    second = (await site.ivy.post("/interfaces/messages", source="general-hospital", after=after)).text

    numbers = [set(re.findall(r"<code>(M\d+)</code>", page)) for page in (first, second)]
    assert [len(one) for one in numbers] == [50, 3]
    assert not numbers[0] & numbers[1]
    assert 'name="after"' not in second


@pytest.mark.parametrize(
    "told", [{"since": "soon"}, {"named": "Secret\tWord"}, {"until": "9999-12-31T23:59"}, {"verdict": "SecretWord"}]
)
async def test_a_search_that_means_nothing_is_refused_and_never_repeated(site, told):
    answer = await site.ivy.post("/interfaces/messages", **told)

    assert answer.status_code == 422
    assert "Secret" not in answer.text


async def test_a_message_is_shown_masked_with_its_answer_its_problem_and_its_way(site):
    _, path = await refused(site)

    page = (await site.ivy.http.get(path)).text

    assert not [one for one in SECRETS if one in page]
    assert "Quarantined" in page
    assert re.search(r"<dt>Answered</dt><dd>AE", page)
    assert "<code>PID-3</code> is missing or holds no number that names a patient" in page
    assert "only this one" in page
    assert await audited(site) == []


async def test_showing_values_is_an_act_that_is_written_down_at_both_ends(site):
    receipt, path = await refused(site)

    answer = await site.ivy.post(f"{path}/values")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "SIM^PATIENT^Q" in answer.text
    views = await site.intake.pool.fetch("SELECT receipt_id, viewed_by FROM receipt_views")
    assert [tuple(row) for row in views] == [(receipt, "ivy")]
    assert await audited(site) == [("session:ivy", "ia-ivy", "read_message_values", receipt)]
    assert "values read" in (await site.ivy.http.get(path)).text
    assert (await site.ivy.http.get(f"{path}/values")).status_code == 405, "no link leads to values"


async def test_attack_nobody_reads_or_acts_in_another_name_or_without_the_forms_token(site):
    _, path = await refused(site)

    await site.ivy.post(f"{path}/values", by="anna", person="cm-anna", username="anna")
    foreign = await site.ivy.http.post(f"{path}/values", headers=OURS, data={"form_token": "0" * 64})
    elsewhere = await site.ivy.http.post(f"{path}/values", headers={"origin": "https://evil.example"})

    assert [row[0] for row in await site.intake.pool.fetch("SELECT viewed_by FROM receipt_views")] == ["ivy"]
    assert {foreign.status_code, elsewhere.status_code} == {403}


async def test_a_supervisor_sees_feeds_and_no_message(site):
    receipt, path = await refused(site)

    for address in ("/interfaces/messages", path, "/interfaces/set-aside", "/interfaces/identities"):
        assert (await site.eve.http.get(address)).status_code == 403
    assert (await site.eve.post(f"{path}/values")).status_code == 403
    assert "/interfaces/messages" not in (await site.eve.http.get("/interfaces")).text
    assert receipt not in (await site.eve.http.get("/interfaces")).text


async def test_a_mended_copy_is_tried_first_then_kept_and_the_original_names_it(site):
    receipt, path = await refused(site)
    fields = {"place1": "PID-3", "value1": GOOD, "reason": WHY}

    tried = (await site.ivy.post(f"{path}/fix", do="try", **fields)).text
    assert "The copy would be accepted: 2 new facts (hospital-discharged, patient-updated)." in tried
    assert await site.intake.verdict(receipt) == "quarantined"
    assert await audited(site) == []

    kept = await site.ivy.post(f"{path}/fix", do="keep", **fields)
    copy = (await site.ivy.http.get(kept.headers["location"])).text
    assert kept.status_code == 303
    assert "The mended copy was taken." in copy
    assert path in copy
    assert f'{kept.headers["location"].partition("?")[0]}"' in (await site.ivy.http.get(path)).text
    fixes = await site.intake.pool.fetch("SELECT receipt_id, fixed_by, reason, places FROM receipt_fixes")
    assert [tuple(row) for row in fixes] == [(receipt, "ivy", WHY, "PID-3")]
    assert await audited(site) == [("session:ivy", "ia-ivy", "fix_message", receipt)]
    assert "Nothing is set aside" in (await site.ivy.http.get("/interfaces/set-aside")).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "keep", "place1": "PID-3", "value1": GOOD}, "why you know it"),
        ({"do": "keep", "reason": WHY}, "Say at which place"),
        ({"do": "try", "place1": "PID-5", "value1": "X^Y"}, "would be refused as well: PID-3 is missing"),
        ({"do": "try", "place1": "ZZZ-5", "value1": "X^Y"}, "Not possible: ZZZ-5 is in a segment"),
        ({"do": "try", "place1": "no place", "value1": "X^Y"}, "Not possible: changes is not what this address takes"),
    ],
)
async def test_a_copy_that_cannot_be_kept_says_why_and_keeps_what_was_typed(site, fields, said):
    receipt, path = await refused(site)

    page = (await site.ivy.post(f"{path}/fix", **fields)).text

    assert said in page
    assert await site.intake.verdict(receipt) == "quarantined"
    if "value1" in fields:
        assert f'value="{fields["value1"]}"'.replace("&", "&amp;") in page
    assert await audited(site) == []


async def test_all_of_a_cause_are_replayed_after_a_preview_and_twice_does_no_harm(postgres_dsn):
    """A hospital wrote letters of a character set that it never named; now the set is agreed."""
    async with interface_site(postgres_dsn) as site:
        body = adt("A03", control_id="M{}").replace(b"PATIENT", b"REN\xc9")
        await site.intake.hear(*(body.replace(b"M{}", b"M%d" % number) for number in range(3)))
        [cause] = await site.app.doors.web.state.desk.intake.causes()
        page = (await site.ivy.http.get("/interfaces/set-aside")).text
        assert "3 messages, 1 reason" in page
        assert f"/interfaces/set-aside/{cause.id}" in page
    agreed = Sources([Source(replace(GENERAL, charset="8859/1"), "", frozenset())])
    async with interface_site(postgres_dsn, agreed) as site:
        path, rows = f"/interfaces/set-aside/{cause.id}/replay", site.intake.pool.fetch

        tried = (await site.ivy.post(path, do="try")).text
        assert "3 accepted" in tried
        assert "6 new facts (hospital-discharged 3 times, patient-updated 3 times) would go out." in tried
        assert await rows("SELECT * FROM receipt_replays") == []
        assert "Say why" in (await site.ivy.post(path, do="keep")).text
        before = (await site.ivy.post(path, do="try", until="2026-11-23T09:00")).text
        assert "No message waits for it any more" in before, "all of them came at nine in New York, or later"
        assert (await site.ivy.post(path, do="try", until="soon")).status_code == 422

        done = (await site.ivy.post(path, do="keep", reason=WHY)).text
        assert "3 accepted" in done
        assert "went out." in done
        found = await rows("SELECT DISTINCT replayed_by, reason, new_verdict FROM receipt_replays")
        assert [tuple(row) for row in found] == [("ivy", WHY, "accepted")]
        assert await audited(site) == [("session:ivy", "ia-ivy", "replay_cause", cause.id)]
        assert (await site.ivy.post(path, do="keep", reason=WHY)).status_code == 404
        assert "Nothing is set aside" in (await site.ivy.http.get("/interfaces/set-aside")).text


async def test_one_message_is_replayed_and_says_nothing_twice(site):
    [receipt] = await site.intake.hear(adt("A03"))
    facts = await site.intake.pool.fetchval("SELECT count(*) FROM receipt_facts")

    tried = (await site.ivy.post(f"/interfaces/messages/{receipt}/replay", do="try")).text
    done = await site.ivy.post(f"/interfaces/messages/{receipt}/replay", do="keep", reason=WHY)

    assert "It would be accepted: no new fact." in tried
    assert (done.status_code, done.headers["location"]) == (303, f"/interfaces/messages/{receipt}?said=replayed")
    assert await site.intake.pool.fetchval("SELECT count(*) FROM receipt_facts") == facts
    assert await audited(site) == [("session:ivy", "ia-ivy", "replay_message", receipt)]


async def test_the_way_of_a_message_ends_at_the_alerts_and_notices_it_led_to(site):
    [receipt] = await site.intake.hear(adt("A03"))
    event = await site.intake.pool.fetchval(
        "SELECT event_id FROM receipt_facts WHERE event_type = 'hospital-discharged'"
    )
    await site.hear(care_alert("gap-1", caused_by=EventId(event)))

    page = (await site.ivy.http.get(f"/interfaces/messages/{receipt}")).text

    assert "Fact: hospital-discharged" in page
    assert event in page
    assert "Alert opened" in page
    assert "gap-1" in page
    assert "Juniper" not in page


async def held(site):
    await site.intake.hear(
        adt("A01", control_id="1", pid3=ADA, pid={7: "19410322"}),
        adt("A01", control_id="2", pid3=BEA, pid={7: "19550101"}),
    )
    [receipt] = await site.intake.hear(adt("A03", control_id="3", pid3=f"{ADA}~{BEA}", pid={7: "19410322"}))
    row = await site.intake.pool.fetchrow("SELECT id, patient_ids FROM identity_conflicts")
    return receipt, f"/interfaces/identities/{row['id']}", row["patient_ids"]


async def test_a_doubt_is_judged_side_by_side_without_values_and_with_them_by_name(site):
    receipt, path, _ = await held(site)

    page = (await site.ivy.http.get(path)).text
    assert "the same" in page
    assert "different" in page
    assert not [one for one in ("SIM", "1941-03-22", "19410322") if one in page]

    shown = (await site.ivy.post(f"{path}/values")).text
    assert "SIM, PATIENT" in shown
    assert "1941-03-22" in shown
    views = await site.intake.pool.fetch("SELECT receipt_id, viewed_by FROM receipt_views")
    assert [tuple(row) for row in views] == [(receipt, "ivy")]
    assert await audited(site) == [("session:ivy", "ia-ivy", "read_identity_values", receipt)]


async def test_a_person_says_whose_a_message_is_once(site):
    receipt, path, records = await held(site)
    word = {"decided": "given", "record": records[0], "reason": WHY}

    assert "Choose the record" in (await site.ivy.post(f"{path}/settle", **(word | {"record": ""}))).text
    assert "Choose what is right" in (await site.ivy.post(f"{path}/settle", **(word | {"decided": "x"}))).text
    assert "why you know it" in (await site.ivy.post(f"{path}/settle", **(word | {"reason": " "}))).text
    assert await site.intake.verdict(receipt) == "held"

    first = await site.ivy.post(f"{path}/settle", **word)
    again = await site.ivy.post(f"{path}/settle", **word)

    assert [one.headers["location"].partition("=")[2] for one in (first, again)] == ["settled", "before"]
    assert await site.intake.verdict(receipt) == "accepted"
    row = await site.intake.pool.fetchrow("SELECT decision, decided_by, reason FROM identity_conflicts")
    assert tuple(row) == ("given", "ivy", WHY)
    assert "Nobody is in doubt" in (await site.ivy.http.get("/interfaces/identities")).text


async def test_two_records_are_said_to_be_one_person_and_a_stranger_is_told_kindly(site):
    _, _, (one, other) = await held(site)
    word = {"survivor": one, "other": other, "is_one": "yes", "reason": WHY}

    done = await site.ivy.post("/interfaces/identities/tie", **word)
    again = await site.ivy.post("/interfaces/identities/tie", **word)
    stranger = await site.ivy.post("/interfaces/identities/tie", **(word | {"other": "nobody"}))

    assert [page.headers["location"].partition("=")[2] for page in (done, again)] == ["tied", "tied-before"]
    assert "Not possible: intake knows nothing of that name." in stranger.text


@pytest.mark.parametrize(
    "path",
    ["/interfaces/messages/nothing", "/interfaces/messages/no%20id", "/interfaces/set-aside/00000000",
     "/interfaces/set-aside/x", "/interfaces/set-aside?source=%3Cb%3E", "/interfaces/identities/9",
     "/interfaces/identities/0", "/interfaces/identities/x"],
)  # fmt: skip
async def test_what_nobody_knows_is_a_404(site, path):
    assert (await site.ivy.http.get(path)).status_code == 404


async def test_codes_that_mean_nothing_are_asked_for_with_the_lines_that_agree_on_them(site):
    await site.intake.hear(oru("OBX|1|NM|WTX^Gewicht^L||80.8|kg|||||F"))
    site.intake_clock.forward(minutes=1)

    page = (await site.ivy.http.get("/interfaces/feeds/general-hospital/codes")).text

    assert "WTX" in page
    assert "carelead intake sources check" in page
    assert re.search(r"observation_code:\n\s+&#34;WTX&#34;: &#34;&#34;  # a LOINC code", page)
    assert "Gewicht" not in page
    assert (await site.ivy.http.get("/interfaces/feeds/nobody/codes")).status_code == 404
    assert "Every code is understood" in (await site.ivy.http.get("/interfaces/feeds/north-clinic/codes")).text
