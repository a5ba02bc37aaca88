"""Texts that come back over the gateway: a word ends messages to that line, another lets them come again."""

import pytest
import pytest_asyncio
import structlog
from pydantic import SecretStr

from care_notifications.adapters.postgres_choices import Of, PostgresChoices
from care_shared.contracts.care_events import ConsentChanged
from tests.care_alerts import ANNA
from tests.check_in_stories import fact, happened, living, local
from tests.check_in_world import MORNING, check_in_world

pytestmark = pytest.mark.stack

SECRET = "a secret of the gateway"
KNOWN = {"authorization": f"Bearer {SECRET}"}
PHONE, DAUGHTER = "+12125550100", "+12125550177"


@pytest_asyncio.fixture
async def home(postgres_dsn):
    async with check_in_world(postgres_dsn, sms_inbound_secret=SecretStr(SECRET)) as made:
        await made.comes_home({"phone": PHONE, "caregiver": DAUGHTER, "conditions": ["I50.9"]})
        yield made


async def text(home, words, number=PHONE, headers=KNOWN):
    return await home.http.post("/texts/inbound", json={"from": number, "text": words}, headers=headers)


async def consents(home):
    return [(one.scope, one.permitted) for one in await home.facts() if isinstance(one, ConsentChanged)]


async def test_stop_ends_check_ins_to_that_line_from_that_moment_and_is_a_fact(home):
    await home.round(MORNING)
    sent = len(home.phone.texts)

    answer = await text(home, "Stop.", "(212) 555-0100")
    await home.round(local("2026-11-22 10:00"))

    assert answer.json()["text"].startswith("We will not send you check-ins any more")
    assert await consents(home) == [("check-ins", False)]
    assert len(home.phone.texts) == sent


async def test_a_caregivers_stop_is_the_caregivers_and_not_the_patients(home):
    await text(home, "STOP", DAUGHTER)
    await home.round(MORNING)

    assert await consents(home) == [("check-ins-to-caregiver", False)]
    assert home.phone.texts, "the patient still gets what is due"


@pytest.mark.parametrize(("language", "word"), [("en", "Reply STOP to get"), ("es", "Responda ALTO para")])
async def test_the_first_text_says_how_to_end_them_and_so_does_the_first_after_a_while(home, language, word):
    await home.hear(*living({"phone": PHONE, "caregiver": DAUGHTER, "conditions": ["I50.9"], "language": language}))
    await home.round(MORNING)
    told = [(one["to"], word in one["text"]) for one in home.phone.texts]
    assert told == [(PHONE, True), (PHONE, False)]

    await home.there.pool.execute("UPDATE check_ins SET sent_at = sent_at - interval '31 days'")
    await home.hear(happened("comes home", local("2026-11-27 15:00")))
    await home.round(local("2026-11-28 10:00"))
    assert [word in one["text"] for one in home.phone.texts[2:]] == [True, False]


async def test_where_nobody_reads_replies_no_text_promises_that(postgres_dsn):
    async with check_in_world(postgres_dsn) as home:
        await home.comes_home({"phone": PHONE})
        await home.round(MORNING)

    assert home.phone.texts
    assert not [one for one in home.phone.texts if "STOP" in one["text"]]


async def test_the_same_text_again_changes_nothing_and_start_brings_check_ins_back(home):
    for word in ("STOP", "stop", "QUIT", "START", "UNSTOP"):
        assert (await text(home, word)).status_code == 200

    assert await consents(home) == [("check-ins", False), ("check-ins", True)]
    await home.round(MORNING)
    assert home.phone.texts


async def test_a_line_that_two_share_is_left_in_peace_for_both(home):
    other = {"phone": DAUGHTER, "event_patient": "patient-2"}
    await home.there.pool.execute(
        "INSERT INTO check_in_patients (patient_id, phone, body) VALUES ($1, $2, $3)",
        other["event_patient"], DAUGHTER, '{"phone": "+12125550177", "language": "es"}',
    )  # fmt: skip

    await text(home, "STOP", DAUGHTER)

    assert sorted(await consents(home)) == [("check-ins", False), ("check-ins-to-caregiver", False)]


async def test_a_patient_who_reads_spanish_is_answered_in_spanish(home):
    await home.hear(fact("patient-updated", local("2026-11-02 09:00"), language="es"))

    assert (await text(home, "STOP")).json()["text"].startswith("Ya no le enviaremos")
    assert (await text(home, "ALTO", "+13055550100")).json()["text"].startswith("Ya no le enviaremos")


async def test_a_number_that_nobody_knows_is_answered_and_stands_in_no_log(home):
    with structlog.testing.capture_logs() as lines:
        answer = await text(home, "STOP", "+13055550100")

    assert answer.json()["text"].startswith("We will not send you")
    assert await consents(home) == []
    assert [(one["event"], one["kind"], one["count"]) for one in lines if one["event"] == "text.heard"] == [
        ("text.heard", "stop", 0)
    ]
    assert "5550100" not in str(lines)


async def test_a_text_that_is_no_order_is_not_answered(home):
    assert (await text(home, "I feel better, thank you")).json() == {"text": ""}
    assert await consents(home) == []


async def test_somebody_who_works_here_gets_no_texts_any_more_until_they_want_them_again(home):
    await home.there.pool.execute("UPDATE people SET mobile = $1 WHERE person_id = $2", "+12125550199", ANNA)
    choices = PostgresChoices(home.there.pool)

    await text(home, "STOP", "+12125550199")
    stopped = await choices.wanted(ANNA, Of.TEXTS)
    await text(home, "START", "+12125550199")

    assert (stopped, await choices.wanted(ANNA, Of.TEXTS)) == (False, True)
    assert [(one["wanted"], one["door"]) for one in await choices.history(ANNA, Of.TEXTS)] == [
        (True, "text"), (False, "text"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic !!"}, {"authorization": SECRET}]
)
async def test_whoever_is_not_the_gateway_changes_nothing(home, headers):
    assert (await text(home, "STOP", headers=headers)).status_code == 401
    assert await consents(home) == []


async def test_guesses_at_the_secret_are_slowed_down(home):
    wrong = {"authorization": "Bearer guess"}
    answers = [(await text(home, "STOP", headers=wrong)).status_code for _ in range(32)]

    assert answers == [401] * 30 + [429] * 2
    assert (await text(home, "STOP")).status_code == 200


async def test_a_gateway_may_send_a_form_and_prove_itself_in_the_address(home):
    answer = await home.http.post(
        "/texts/inbound", data={"from": PHONE, "text": "STOP", "id": "7"}, auth=("carelead", SECRET)
    )

    assert answer.status_code == 200
    assert await consents(home) == [("check-ins", False)]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"from": 1, "text": "STOP"}', '{"text": "STOP"}', "[" * 9999])
async def test_what_is_no_text_is_refused_by_the_names_of_the_fields(home, body):
    headers = KNOWN | {"content-type": "application/json"}
    answer = await home.http.post("/texts/inbound", content=body, headers=headers)

    assert (answer.status_code, answer.json()["detail"]) == (
        400, "from and text are needed, as JSON or as a form.",
    )  # fmt: skip


async def test_without_a_secret_there_is_no_such_door(postgres_dsn):
    async with check_in_world(postgres_dsn) as closed:
        assert (await text(closed, "STOP", headers={"authorization": "Bearer "})).status_code == 404
