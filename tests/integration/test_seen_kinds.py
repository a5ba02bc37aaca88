"""What a source sent of late, by kind and verdict, read from its receipts."""

from datetime import timedelta

import httpx2
import pytest

from care_intake.core.formats import Format
from tests.intake_beside import GENERAL, NORTH, OPERATOR, intake_beside
from tests.intake_builders import NOW, adt, observation, oru, raw

pytestmark = pytest.mark.stack


async def test_the_desk_is_told_which_kinds_came_and_what_became_of_them(postgres_dsn):
    async with intake_beside(postgres_dsn, lambda: NOW) as intake:
        await intake.hear(
            adt("A01", control_id="1"), adt("A01", control_id="2"), adt("A03", control_id="3", pid3=""),
            adt("A03", control_id="4", processing="T"), oru("OBX|1|NM|8867-4^Pulse^LN||72|/min"),
        )  # fmt: skip
        await intake.hear(raw(observation("8867-4", 72, "/min")), form=Format.FHIR)
        await intake.hear(adt("A08", control_id="9"), feed=NORTH)
        async with httpx2.AsyncClient(headers={"authorization": f"Bearer {OPERATOR}"}) as http:
            known = (await http.get(f"{intake.url}/ops/sandbox/{GENERAL.source}")).json()
            other = (await http.get(f"{intake.url}/ops/sandbox/nobody")).json()

    assert [(one["kind"], one["verdict"], one["messages"]) for one in known["seen"]] == [
        ("ADT^A01", "accepted", 2),
        ("ADT^A03", "quarantined", 1),
        ("ADT^A03", "test", 1),
        ("FHIR Bundle", "accepted", 1),
        ("ORU^R01", "accepted", 1),
    ]
    assert known["is_agreed"]
    assert other == {"is_agreed": False, "seen": []}


async def test_what_came_long_ago_proves_nothing(postgres_dsn):
    now = NOW
    async with intake_beside(postgres_dsn, lambda: now) as intake:
        await intake.hear(adt("A01"))
        now = NOW + timedelta(days=31)
        async with httpx2.AsyncClient(headers={"authorization": f"Bearer {OPERATOR}"}) as http:
            found = (await http.get(f"{intake.url}/ops/sandbox/{GENERAL.source}")).json()

    assert found["seen"] == []
