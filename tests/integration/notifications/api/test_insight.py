"""Why somebody was told, how urgent a patient is, how notices, endpoints and rules fare: over the API."""

from datetime import timedelta
from typing import Any

import pytest

from care_notifications.adapters.postgres_scores import PostgresScoreBook
from care_notifications.core.callers import Scope
from care_shared.contracts.score_changes import ScoreChanged, ScoreFactor
from care_shared.vocabulary import EventId, PatientId, SensitivityLabel
from tests.api_world import EVE, Api, keeps_promise
from tests.care_alerts import BOTH, NOW, care_alert

pytestmark = pytest.mark.stack


def score(revision: int, value: int, **other: Any) -> ScoreChanged:
    told: dict[str, Any] = {
        "event_id": EventId(f"score-{revision}"), "patient_id": PatientId("patient-1"), "score": "lace",
        "subject": "stay-1", "revision": revision, "model_version": "1", "value": value, "computed_at": NOW,
        "factors": (ScoreFactor(factor="length of stay", points=4),),
    }  # fmt: skip
    return ScoreChanged.model_validate(told | other)


async def keep(api: Api, *scores: ScoreChanged) -> None:
    async with api.pool.acquire() as connection, connection.transaction():
        await PostgresScoreBook(connection).keep(scores, NOW)


async def test_an_explanation_says_who_was_told_and_why_others_were_not(api: Api) -> None:
    await api.there.hear(care_alert("g1", audience=BOTH, labels=["HIV"]))

    answer = await (await api.program()).get("/alerts/g1/explanation")

    notices = keeps_promise(answer, "/alerts/{alert_id}/explanation")["notices"]
    told = {one["name"]: (one["verdict"], one["code"]) for one in notices}
    assert told["Anna"][0] in ("told", "on-its-way")
    assert told["Harbor Home Health"] == ("not-told", "sensitive")
    assert (await (await api.program()).get("/alerts/unknown/explanation")).status_code == 404


async def test_the_newest_of_each_score_is_told_with_what_made_it(api: Api) -> None:
    await keep(api, score(1, 8), score(2, 11), score(1, 3, score="charlson", subject=""))

    answer = await (await api.program()).get("/patients/patient-1/scores")

    found = keeps_promise(answer, "/patients/{patient_id}/scores")["scores"]
    assert {one["score"]: one["value"] for one in found} == {"charlson": 3, "lace": 11}
    assert found[1]["factors"][0]["factor"] == "length of stay"


async def test_a_score_that_rests_on_labelled_facts_is_none_for_whoever_may_not_see_them_and_no_older_one(
    api: Api,
) -> None:
    await keep(api, score(1, 8), score(2, 11, labels=(SensitivityLabel.PART_2,)))
    limited = await api.program(scopes=frozenset({Scope.READ}))

    assert (await limited.get("/patients/patient-1/scores")).json() == {"scores": []}


async def test_every_attempt_of_a_notice_is_told(api: Api) -> None:
    await api.there.hear(care_alert("g1"))
    delivery = await api.pool.fetchval("SELECT delivery_id FROM deliveries LIMIT 1")
    for number in (1, 2):
        await api.pool.execute(
            "INSERT INTO attempts VALUES ($1, $2, $3, $4, $5)", delivery, number, NOW, NOW + timedelta(seconds=1), "503"
        )

    program = await api.program(EVE)
    answer = await program.get(f"/deliveries/{delivery}/attempts")

    attempts = keeps_promise(answer, "/deliveries/{delivery_id}/attempts")["attempts"]
    assert [(one["number"], one["code"]) for one in attempts] == [(1, "503"), (2, "503")]
    assert (await program.get("/deliveries/unknown/attempts")).status_code == 404


async def test_endpoints_show_their_health_neither_address_nor_keys(api: Api) -> None:
    await api.pool.execute("UPDATE endpoints SET failures = 3, failing_since = $1", NOW)

    answer = await (await api.program(EVE)).get("/endpoints")

    (found,) = keeps_promise(answer, "/endpoints")["endpoints"]
    assert (found["organization"], found["failures"]) == ("Harbor Home Health", 3)
    assert "partner.example" not in answer.text
    assert "whsec" not in answer.text


async def test_precision_counts_what_was_acted_on(api: Api) -> None:
    await api.there.hear(care_alert("g1"), care_alert("g2"))
    program = await api.program(EVE)
    await program.post("/alerts/g1/acknowledge")
    await program.post("/alerts/g1/contacts", json={"outcome": "reached", "channel": "phone", "party": "patient"})

    answer = await program.get("/rules/precision", params={"since": (NOW - timedelta(days=1)).isoformat()})

    (found,) = keeps_promise(answer, "/rules/precision")["rules"]
    assert (found["rule_id"], found["told"], found["acknowledged"], found["acted"]) == ("discharge-follow-up", 2, 1, 1)
    limited = await api.program(EVE, frozenset({Scope.READ}))
    assert (await limited.get("/rules/precision")).status_code == 403
