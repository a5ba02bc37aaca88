"""A visit-verification vendor says what became of a home visit."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from care_shared.contracts.care_events import VisitMissed
from care_shared.vocabulary import Discipline, MissedVisitReason
from tests.intake_builders import GENERAL, Json, facts, only, refused, visit

NINE = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(visit("scheduled"), "visit-scheduled", id="planned"),
        pytest.param(visit("started", started_at="2026-11-20T09:02:00-05:00"), "visit-started", id="clocked in"),
        pytest.param(visit("delivered", ended_at="2026-11-20T09:58:00-05:00"), "visit-delivered", id="clocked out"),
        pytest.param(visit("completed", proof="manual"), "visit-delivered", id="proven by hand"),
        pytest.param(visit("missed", reason_code="A214"), "visit-missed", id="missed"),
        pytest.param(visit("canceled", cancelled_by_patient=True), "visit-cancelled", id="called off"),
    ],
)
def test_which_fact_a_record_is(record: Json, expected: str) -> None:
    fact = only(record, expected)

    assert (fact.scheduled_start, fact.scheduled_end) == (NINE, TEN)
    assert (fact.discipline, fact.agency) == (Discipline.AIDE, "sunrise")


def test_all_notices_of_one_visit_share_its_id() -> None:
    ids = {
        facts(visit(status, proof="evv"))[0].model_dump()["visit_id"] for status in ("scheduled", "delivered", "missed")
    }

    assert len(ids) == 1


def test_an_unknown_code_is_kept_and_means_unknown() -> None:
    fact = only(visit("missed", reason_code="A777"), "visit-missed")

    assert (fact.reason, fact.source_code) == (MissedVisitReason.UNKNOWN, "A777")


def test_reason_and_action_are_both_kept() -> None:
    fact = only(visit("missed", reason_code="210", action_code="19", dialect="A"), "visit-missed")

    assert (fact.reason, fact.source_code) == (MissedVisitReason.DOCUMENTATION_ONLY, "210+19")


def test_the_feed_s_dialect_reads_bare_codes() -> None:
    [fact] = facts(visit("missed", reason_code="214"), replace(GENERAL, visit_dialect="A"))

    assert isinstance(fact, VisitMissed)
    assert fact.reason is MissedVisitReason.AGENCY_NO_SHOW


def test_a_signed_timesheet_proves_delivery() -> None:
    fact = only(visit("delivered", dialect="A", action_code="19"), "visit-delivered")

    assert (fact.proof, fact.occurred_at) == ("timesheet", TEN)


def test_a_list_is_many_records() -> None:
    records = [visit("scheduled", visit_id=str(number)) for number in range(3)]

    assert len(facts(records)) == 3


@pytest.mark.parametrize(
    ("record", "path"),
    [
        pytest.param(visit("lost"), "visit.status", id="a status nobody knows"),
        pytest.param(visit("started"), "visit.started_at", id="clocked in, but when"),
        pytest.param(visit("delivered"), "visit.started_at", id="delivered without any proof"),
        pytest.param(visit("missed", scheduled_start="today"), "visit.scheduled_start", id="a time that is none"),
        pytest.param(
            visit("missed", scheduled_end="2026-11-20T08:00:00-05:00"), "visit.scheduled_end", id="ends first"
        ),
        pytest.param(visit("missed", reson_code="214"), "visit.reson_code", id="a typo"),
        pytest.param(visit("missed", patient={"value": "1"}), "visit.patient", id="a number without issuer"),
        pytest.param([visit("scheduled"), visit("lost")], "visit[1].status", id="in a list, by place"),
        pytest.param([], "body", id="an empty list"),
        pytest.param(["x"], "visit[0]", id="no record at all"),
    ],
)
def test_the_field_that_stands_in_the_way_is_named(record: Json, path: str) -> None:
    assert refused(record).field.startswith(path)
