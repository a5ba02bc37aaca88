"""A check-in from the discharge to the fact that scoring reads: once, on time, with a reason for everything else."""

import asyncio
import base64
from datetime import timedelta

import pytest
import pytest_asyncio
from pydantic import SecretStr

from care_notifications.adapters.remarks import UNREADABLE
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    CheckInUnanswered,
    ConsentChanged,
    SurveyAnswered,
    SymptomsReported,
)
from care_shared.vocabulary import Symptom
from tests.check_in_stories import happened, local
from tests.check_in_world import MORNING, SITE, check_in_world
from tests.web_world import token_in

pytestmark = pytest.mark.stack

WELL = {"dyspnoea": "0", "orthopnoea": "0", "swelling": "1", "dizziness": "0", "chest__pain": "0", "syncope": "0"}
NIGHT = timedelta(hours=73)


@pytest_asyncio.fixture
async def home(postgres_dsn):
    async with check_in_world(postgres_dsn) as made:
        yield made


@pytest_asyncio.fixture
async def sealed_home(postgres_dsn):
    key = base64.b64encode(bytes(32)).decode()
    async with check_in_world(postgres_dsn, secrets_keys=SecretStr(key)) as made:
        yield made


async def test_link_answers_fact(home):
    await home.comes_home({"conditions": ["I50.9"]})
    await home.round(MORNING)
    link = await home.link_of("heart-failure-symptoms")

    page = await home.fill(link, **WELL)

    (fact,) = await home.facts()
    assert isinstance(fact, SymptomsReported)
    assert fact.symptoms[Symptom.SWELLING] is True
    assert fact.symptoms[Symptom.CHEST_PAIN] is False
    assert "Your care team has your answers" in page.text
    assert (await home.rows())["heart-failure-symptoms"] == ("answered", None)


async def test_the_message_and_its_link_say_nothing_about_the_patient(home):
    await home.comes_home({"conditions": ["I50.9"]})
    await home.round(MORNING)

    assert len(home.phone.texts) == 2
    for text in home.phone.texts:
        assert text["text"].startswith("Harbor: a short check-in is waiting for you")
        assert "patient" not in text["text"]
        assert len(text["text"]) <= 160
    tokens = [link.removeprefix("/c/") for link in home.phone.links()]
    assert all(len(token) == 22 for token in tokens), "128 bits"
    kept = await home.there.pool.fetch("SELECT encode(token_hash, 'escape') AS kept FROM check_in_links")
    assert not any(token in row["kept"] for row in kept for token in tokens), "only the hash is kept"


async def test_the_page_needs_no_script_and_speaks_the_patients_language(home):
    await home.comes_home({"language": "es"})
    await home.round(MORNING)
    link = await home.link_of("medicines")

    first, question = await home.http.get(link), await home.http.get(f"{link}?begin=1")

    assert '<html lang="es">' in first.text
    assert "Sus medicinas" in first.text
    assert "Pregunta 1 de 4" in question.text
    assert "<script" not in question.text
    assert question.headers["cache-control"] == "no-store"


async def test_looking_at_a_link_starts_and_stops_nothing(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")

    for _ in range(3):
        await home.http.get(link)
        await home.http.get(f"{link}/stop")

    assert await home.facts() == []
    assert (await home.rows())["medicines"] == ("sent", None)


async def test_the_last_answer_sent_many_times_at_once_is_one_fact(home):
    await home.comes_home({"conditions": ["I50.9"]})
    await home.round(MORNING)
    link = await home.link_of("heart-failure-symptoms")
    await home.fill(link, **{name: value for name, value in WELL.items() if name != "syncope"})

    said = await asyncio.gather(*(home.say(link, "syncope", "0") for _ in range(8)))

    assert len(await home.facts()) == 1
    assert 303 in {one.status_code for one in said}
    assert "Your care team has your answers" in (await home.http.get(link)).text


async def test_a_used_link_shows_no_answer_and_takes_none(home):
    await home.comes_home({"conditions": ["I50.9"]})
    await home.round(MORNING)
    link = await home.link_of("heart-failure-symptoms")
    await home.fill(link, **WELL)

    again = await home.http.get(f"{link}?q=swelling&begin=1")
    token = home.app.doors.web.state.desk.door.form_token(home.http.cookies["carelead-visitor"])
    form = {"form_token": token, "question": "swelling", "answer": "0"}
    await home.http.post(link, data=form, headers={"origin": SITE})

    assert "checked" not in again.text
    assert "<form" not in again.text
    assert len(await home.facts()) == 1


async def test_an_expired_link_opens_nothing_and_silence_is_a_fact_once(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")
    home.clock.now += NIGHT

    page = await home.http.get(link)
    await home.round()
    await home.round()

    assert page.status_code == 404
    assert "expired" in page.text
    silence = [one for one in await home.facts() if isinstance(one, CheckInUnanswered)]
    assert [(one.check_in, one.party, one.sent_at) for one in silence] == [("medicines", "patient", MORNING)]
    rows = await home.rows()
    assert rows["medicines"] == ("unanswered", None)
    assert rows["after-hospital"] == ("unanswered", None), (
        "a leaflet that is over; it asked nothing, so it tells nothing"
    )


async def test_what_was_said_before_somebody_fell_silent_is_told(home):
    await home.comes_home({"conditions": ["I50.9"]})
    await home.round(MORNING)
    await home.say(await home.link_of("heart-failure-symptoms"), "dyspnoea", "0")
    home.clock.now += NIGHT

    await home.round()

    told = [one for one in await home.facts() if one.type != "check-in-unanswered" or one.check_in != "medicines"]
    assert [type(one) for one in told] == [SymptomsReported, CheckInUnanswered]
    assert told[0].symptoms == {Symptom.DYSPNOEA: False}


async def test_a_grave_symptom_is_told_at_once_and_shows_911(home):
    await home.comes_home({"conditions": ["I50.9"]})
    await home.round(MORNING)
    link = await home.link_of("heart-failure-symptoms")

    await home.say(link, "dyspnoea", "1")

    (fact,) = await home.facts()
    assert fact.symptoms == {Symptom.DYSPNOEA: True}
    assert "call 911" in (await home.http.get(link)).text


async def test_a_dark_mood_shows_988_at_once_and_comes_back_as_phq_2(home):
    await home.comes_home({"aligned": "2026-11-01", "lives_alone": True})
    await home.round(MORNING)
    await home.round(local("2026-11-22 10:00"))
    link = await home.link_of("mood")

    await home.say(link, "1", "3")
    page = await home.http.get(link)
    await home.say(link, "2", "2")

    assert "988" in page.text
    fact = next(one for one in await home.facts() if isinstance(one, AssessmentCompleted))
    assert (fact.instrument, fact.items, fact.total) == ("PHQ-2", {"1": 3, "2": 2}, 5)


async def test_a_complaint_becomes_service_recovery_and_its_words_stay_in_the_house(home):
    from care_scoring.core.effects import RaiseAlert
    from care_scoring.core.fold import fold, new_state
    from tests.playing import POLICY

    await home.comes_home()
    await home.round(local("2026-11-27 10:00"))
    link = await home.link_of("feeling-heard")
    answers = [("knew-medicines", "9"), ("knew-whom-to-call", "8"), ("felt-heard", "9"), ("overwhelmed", "0")]
    for question, points in answers:
        await home.say(link, question, points)
    await home.say(link, "complaint", "The nurse <b>never</b> came.")

    survey = next(one for one in await home.facts() if isinstance(one, SurveyAnswered))
    assert survey.answers["complaint"] == 1
    assert "never" not in survey.model_dump_json()
    told = [one.alert for one in fold(new_state(survey.patient_id), survey, POLICY) if isinstance(one, RaiseAlert)]
    assert [(one.rule_id, one.reason) for one in told] == [("SERVICE-RECOVERY", "complaint")]
    remarks = await home.app.hearing.check_ins.remarks.of(survey.patient_id)
    assert [one.text for one in remarks] == ["The nurse <b>never</b> came."]


async def complain(home, words):
    await home.comes_home()
    await home.round(local("2026-11-27 10:00"))
    link = await home.link_of("feeling-heard")
    for question in ("knew-medicines", "knew-whom-to-call", "felt-heard"):
        await home.say(link, question, "9")
    await home.say(link, "overwhelmed", "0")
    await home.say(link, "complaint", words)
    row = await home.there.pool.fetchrow("SELECT patient_id, check_in_id, remark FROM check_ins WHERE remark <> ''")
    return row["patient_id"], row["check_in_id"], row["remark"]


@pytest.mark.parametrize("words", ["The nurse never came.", "sealed1.00000000.AAAA"])
async def test_a_complaint_rests_sealed_and_opens_for_those_who_handle_it(sealed_home, words):
    patient, _, kept = await complain(sealed_home, words)

    assert kept.startswith("sealed1.")
    assert "never" not in kept
    assert [one.text for one in await sealed_home.app.hearing.check_ins.remarks.of(patient)] == [words]


async def test_a_complaint_written_before_there_was_a_key_is_sealed_and_none_can_be_moved(sealed_home):
    patient, name, _ = await complain(sealed_home, "Old words")
    pool, remarks = sealed_home.there.pool, sealed_home.app.hearing.check_ins.remarks
    await pool.execute("UPDATE check_ins SET remark = 'In clear' WHERE check_in_id = $1", name)

    assert await remarks.seal_old() == 1
    assert await remarks.seal_old() == 0
    assert [one.text for one in await remarks.of(patient)] == ["In clear"]
    foreign = remarks.sealed("Of somebody else", "another-check-in")
    await pool.execute("UPDATE check_ins SET remark = $2 WHERE check_in_id = $1", name, foreign)
    assert [one.text for one in await remarks.of(patient)] == [UNREADABLE]


async def test_opting_out_stops_everything_from_that_moment_and_is_a_fact(home):
    await home.comes_home({"conditions": ["I50.9"]})
    await home.round(MORNING)
    link = await home.link_of("medicines")
    page = await home.http.get(f"{link}/stop")
    token = home.app.doors.web.state.desk.door.form_token(home.http.cookies["carelead-visitor"])

    answer = await home.http.post(f"{link}/stop", data={"form_token": token}, headers={"origin": SITE})
    await home.round(local("2026-11-22 10:00"))

    assert "stop sending you check-ins" in page.text
    assert "will not send you check-ins any more" in answer.text
    refusal = next(one for one in await home.facts() if isinstance(one, ConsentChanged))
    assert (refusal.scope, refusal.permitted) == ("check-ins", False)
    assert len(home.phone.texts) == 2, "the leaflet of the second day stays here"
    assert (await home.rows())["after-hospital"] == ("not-sent", "opted-out")


async def test_complaint_06_who_is_admitted_between_plan_and_sending_is_not_written_to(home):
    home.phone.status = 503
    await home.comes_home()
    await home.round(MORNING)
    await home.hear(happened("goes to hospital", MORNING + timedelta(minutes=3), "stay-2"))
    home.phone.status = 200

    await home.round(MORNING + timedelta(minutes=10))

    assert (await home.rows())["medicines"] == ("not-sent", "inpatient")


async def test_a_phone_that_changed_between_plan_and_sending_gets_it_at_the_new_number(home):
    from tests.check_in_stories import fact

    home.phone.status = 503
    await home.comes_home()
    await home.round(MORNING)
    await home.hear(fact("patient-updated", MORNING + timedelta(minutes=3), phone="+15550777"))
    home.phone.status = 200

    await home.round(MORNING + timedelta(minutes=10))

    assert {one["to"] for one in home.phone.texts[-2:]} == {"+15550777"}


async def test_a_gateway_that_is_down_for_two_days_leads_to_a_written_reason_not_to_an_old_message(home):
    home.phone.status = 503
    await home.comes_home()
    moment = MORNING
    for _ in range(60):
        await home.round(moment)
        moment += timedelta(hours=1)

    home.phone.status = 200
    before = len(home.phone.texts)
    await home.round(moment)

    assert len(home.phone.texts) == before
    state, reason = (await home.rows())["medicines"]
    assert state == "not-sent"
    assert reason in ("attempts-used-up", "too-late")


async def sent_and_not_written_down(home):
    """The process dies between the gateway's yes and the database."""
    home.clock.now = MORNING
    store, letters = home.app.hearing.check_ins.store, home.app.hearing.check_ins.courier._letters
    await store.plan_next(MORNING)
    for _ in range(2):
        letter = await store.claim(MORNING)
        name = await home.there.pool.fetchval(
            "SELECT check_in FROM check_ins WHERE check_in_id = $1", letter.check_in_id
        )
        if name == "heart-failure-symptoms":
            await letters.send(letter, MORNING)
            return letter
    raise AssertionError("it was not planned")


async def test_killed_between_sending_and_writing_it_down_the_link_works_and_answering_it_stops_the_repeat(home):
    await home.comes_home({"conditions": ["I50.9"]})
    letter = await sent_and_not_written_down(home)

    await home.fill(f"/c/{letter.token}", **WELL)
    await home.round(MORNING + timedelta(minutes=5))

    assert [one["id"] for one in home.phone.texts].count(letter.check_in_id) == 1
    assert (await home.rows())["heart-failure-symptoms"] == ("answered", None)


async def test_a_repeat_carries_the_same_id_so_that_the_gateway_can_see_it(home):
    await home.comes_home({"conditions": ["I50.9"]})
    letter = await sent_and_not_written_down(home)

    await home.round(MORNING + timedelta(minutes=5))

    ids = [one["id"] for one in home.phone.texts]
    assert ids.count(letter.check_in_id) == 2
    await home.fill(f"/c/{letter.token}", **WELL)
    await home.fill(await home.link_of("heart-failure-symptoms"), **WELL)
    assert len(await home.facts()) == 1, "two links, one check-in"


async def test_two_couriers_send_each_check_in_once(home):
    await home.comes_home({"conditions": ["I50.9"]})
    home.clock.now = MORNING
    courier = home.app.hearing.check_ins.courier
    other = type(courier)(home.app.hearing.check_ins.store, courier._letters, home.clock)

    await asyncio.gather(*(one.round() for one in (courier, other) for _ in range(4)))

    assert len(home.phone.texts) == len({one["id"] for one in home.phone.texts}) == 2


async def test_guessing_is_slowed_down_and_a_real_link_still_opens(home):
    await home.comes_home()
    await home.round(MORNING)

    answers = [(await home.http.get(f"/c/{'x' * 20}{number:02}")).status_code for number in range(32)]

    assert answers[:30] == [404] * 30
    assert answers[30:] == [429, 429]
    assert (await home.http.get(await home.link_of("medicines"))).status_code == 200


async def test_guesses_at_links_that_stop_are_counted_as_well(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")
    form = {"form_token": token_in((await home.http.get(f"{link}/stop")).text)}

    answers = [
        (await home.http.post(f"/c/{'x' * 20}{number:02}/stop", data=form, headers={"origin": SITE})).status_code
        for number in range(32)
    ]

    assert answers == [404] * 30 + [429, 429]
    stopped = await home.http.post(f"{link}/stop", data=form, headers={"origin": SITE})
    assert "will not send you check-ins any more" in stopped.text


async def test_a_link_whose_time_is_over_stops_check_ins_all_the_same(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")
    home.clock.forward(days=20)

    assert (await home.http.get(link)).status_code == 404
    form = {"form_token": token_in((await home.http.get(f"{link}/stop")).text)}
    answer = await home.http.post(f"{link}/stop", data=form, headers={"origin": SITE})

    assert answer.status_code == 200
    assert len([fact for fact in await home.facts() if fact.type == "consent-changed"]) == 1


@pytest.mark.parametrize("answer", ["", "7", "-1", "1; DROP TABLE check_ins", "9" * 5000])
async def test_what_the_page_cannot_say_is_refused_and_kept_nowhere(home, answer):
    await home.comes_home({"conditions": ["I50.9"]})
    await home.round(MORNING)
    link = await home.link_of("heart-failure-symptoms")

    said = await home.say(link, "dyspnoea", answer)

    assert said.status_code == 422
    assert "Please choose an answer" in said.text
    assert await home.there.pool.fetchval("SELECT count(*) FROM check_ins WHERE answers <> '{}'") == 0


async def test_another_site_cannot_answer_for_somebody(home):
    await home.comes_home()
    await home.round(MORNING)
    link = await home.link_of("medicines")

    said = await home.http.post(
        link, data={"question": "have-all", "answer": "10"}, headers={"origin": "https://evil.example"}
    )

    assert said.status_code == 403


async def test_the_same_facts_again_ask_nobody_again(home):
    await home.comes_home()
    await home.round(MORNING)
    await home.comes_home()

    await home.round(MORNING + timedelta(minutes=1))

    assert len(home.phone.texts) == 2


async def test_every_check_in_that_fell_due_ends_with_an_answer_a_silence_or_a_reason(home):
    await home.comes_home({"conditions": ["I50.9"], "caregiver": "+15550199"})
    moment = MORNING
    for _ in range(120):
        await home.round(moment)
        moment += timedelta(hours=12)

    query = "SELECT check_in, state, reason FROM check_ins WHERE decided_at < $1"
    found = await home.there.pool.fetch(query, moment - timedelta(days=4))
    assert len(found) > 8
    for row in found:
        assert row["state"] in ("answered", "unanswered", "not-sent"), row
        assert (row["state"] == "not-sent") == bool(row["reason"]), row
