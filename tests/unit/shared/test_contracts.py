"""Contracts keep their promises: stable ids, UTC, old readers and new writers understand one another."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from care_shared.contracts.care_alerts import decode_alert
from care_shared.contracts.care_events import ContactLogged, VitalSignRecorded, decode_event, encode_event
from care_shared.contracts.envelope import derived_id
from care_shared.contracts.export import incompatibilities, schemas
from care_shared.contracts.score_changes import ScoreChanged, ScoreFactor
from care_shared.vocabulary import ContactId, ContactOutcome, EventId, PatientId, SourceId

MONDAY = datetime(2027, 3, 1, 16, 30, tzinfo=UTC)


def contact() -> ContactLogged:
    return ContactLogged(
        event_id=EventId("e1"),
        patient_id=PatientId("p1"),
        occurred_at=MONDAY,
        recorded_at=MONDAY,
        source=SourceId("worklist"),
        contact_id=ContactId("c1"),
        outcome=ContactOutcome.REACHED,
    )


def test_a_fact_comes_back_as_it_was_sent() -> None:
    assert decode_event(encode_event(contact())) == contact()


def test_absent_fields_do_not_travel() -> None:
    assert b"stated_at" not in encode_event(contact())


def test_a_reader_ignores_what_a_newer_writer_added() -> None:
    newer = json.loads(encode_event(contact())) | {"added_next_year": 1}

    assert decode_event(json.dumps(newer).encode()) == contact()


def test_times_arrive_in_utc_whatever_offset_they_had() -> None:
    eastern = json.loads(encode_event(contact())) | {"occurred_at": "2027-03-01T11:30:00-05:00"}

    assert decode_event(json.dumps(eastern).encode()).occurred_at.isoformat() == "2027-03-01T16:30:00+00:00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("occurred_at", "2027-03-01T11:30:00", id="a time without zone"),
        pytest.param("type", "something-else", id="a type nobody defined"),
        pytest.param("patient_id", "", id="no patient"),
        pytest.param("outcome", "maybe", id="a word outside the vocabulary"),
    ],
)
def test_a_fact_is_refused_when_it_carries(field: str, value: str) -> None:
    wrong = json.loads(encode_event(contact())) | {field: value}

    with pytest.raises(ValidationError):
        decode_event(json.dumps(wrong).encode())


def test_a_measured_value_is_a_finite_number() -> None:
    with pytest.raises(ValidationError):
        VitalSignRecorded.model_validate_json(
            '{"event_id":"e","patient_id":"p","occurred_at":"2027-03-01T00:00:00Z","recorded_at":"2027-03-01T00:00:00Z",'
            '"source":"s","observation_id":"o","code":"29463-7","value":NaN}'
        )


def test_the_same_parts_give_the_same_id_and_a_shifted_border_another() -> None:
    assert derived_id("a", "bc") == derived_id("a", "bc") == "002a3333-bd11-5e7e-bcd9-602cb3f6b9d0"
    assert derived_id("a", "bc") != derived_id("ab", "c")


def test_when_a_source_says_nothing_our_receipt_orders_its_statements() -> None:
    assert contact().said_at == MONDAY


def test_every_contract_of_today_reads_what_today_writes() -> None:
    for schema in schemas().values():
        assert list(incompatibilities(schema, schema)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            {"title": "M", "properties": {"a": {"type": "string"}}},
            {"title": "M", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["b"]},
            "M.b is required now",
            id="a new field without default",
        ),
        pytest.param(
            {"title": "M", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
            {"title": "M", "properties": {"a": {"type": "string"}}},
            "M.a accepts less than before",
            id="an optional field made mandatory",
        ),
        pytest.param({"title": "M", "properties": {"a": {}}}, {"$defs": {}}, "M is gone", id="a model removed"),
        pytest.param(
            {"$defs": {"E": {"enum": ["a", "b"]}}},
            {"$defs": {"E": {"enum": ["a"]}}},
            "E lost a value",
            id="a word taken out of the vocabulary",
        ),
    ],
)
def test_a_narrowing_change_is_named(old: dict[str, object], new: dict[str, object], problem: str) -> None:
    assert list(incompatibilities(old, new)) == [problem]


SCORE = ScoreChanged(
    event_id=EventId("e1"),
    patient_id=PatientId("p1"),
    score="lace",
    subject="stay-1",
    revision=2,
    model_version="2010.1",
    value=14,
    band="high",
    factors=(ScoreFactor(factor="comorbidity_sum", points=5, lowered_by="A diagnosis withdrawn."),),
    computed_at=MONDAY,
)


def test_a_score_that_changed_travels_on_the_topic_of_alerts() -> None:
    """The bytes as partners see them; they change only by addition."""
    value = SCORE.model_dump_json(exclude_none=True).encode()

    assert decode_alert(value) == SCORE
    assert json.loads(value) == {
        "type": "score-changed",
        "event_id": "e1",
        "patient_id": "p1",
        "score": "lace",
        "subject": "stay-1",
        "revision": 2,
        "model_version": "2010.1",
        "policy_version": "",
        "label": "",
        "value": 14,
        "band": "high",
        "factors": [{"factor": "comorbidity_sum", "points": 5, "lowered_by": "A diagnosis withdrawn."}],
        "missing": [],
        "flags": [],
        "notes": [],
        "evidence": [],
        "labels": [],
        "queue": "",
        "computed_at": "2027-03-01T16:30:00Z",
    }


def test_what_is_neither_alert_nor_score_is_refused() -> None:
    with pytest.raises(ValidationError):
        decode_alert(b'{"type":"something-else"}')
