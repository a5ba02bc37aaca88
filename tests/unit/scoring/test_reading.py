"""A record that cannot be used is named by the contract's field, never by what the sender wrote."""

import json
from dataclasses import dataclass

import pytest

from care_scoring.ports import Claim, Slice
from care_scoring.reading import sort_out

CANARY = "Quackenbush-83"


@dataclass(frozen=True, slots=True)
class Received:
    offset: int
    key: bytes | None
    value: bytes | None


def fact(**fields: object) -> bytes:
    moment = "2027-03-01T12:00:00Z"
    envelope = {"event_id": "e", "patient_id": "p", "occurred_at": moment, "recorded_at": moment, "source": "s"}
    return json.dumps(envelope | fields).encode()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param(
            fact(type="assessment-completed", instrument="PHQ-9", items={CANARY: "often"}),
            "items",
            id="a key of a map is the sender's own word",
        ),
        pytest.param(fact(type="patient-updated", birth_date=CANARY), "birth_date", id="a value that does not fit"),
        pytest.param(CANARY.encode(), "value", id="no JSON at all"),
        pytest.param(
            fact(type="patient-updated", patient_id="", given_name=CANARY), "patient_id", id="a fact about nobody"
        ),
        pytest.param(
            fact(type="vital-sign-recorded", patient_id="", observation_id=CANARY, code="29463-7", value=80.0),
            "patient_id",
            id="a reading of nobody",
        ),
    ],
)
def test_an_unusable_record_names_the_field(value: bytes, field: str) -> None:
    claims = {0: Claim(0, 1, 0, 0, 0)}

    reading = sort_out([Slice(0, 0, [Received(0, b"p", value)])], claims)

    (_, _, error) = reading.unusable[0]
    assert error.field == field
    assert CANARY not in str(error)


def stay(kind: str, zone: str) -> bytes:
    return fact(type=kind, encounter_id="stay-1", facility_zone=zone)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param(stay("hospital-discharged", CANARY), "facility_zone", id="the hospital's, at discharge"),
        pytest.param(stay("hospital-admitted", CANARY), "facility_zone", id="the hospital's, at admission"),
        pytest.param(stay("emergency-arrived", CANARY), "facility_zone", id="the emergency department's, at arrival"),
        pytest.param(stay("emergency-departed", CANARY), "facility_zone", id="the emergency department's, at the end"),
        pytest.param(stay("encounter-updated", CANARY), "facility_zone", id="the hospital's, in a correction"),
        pytest.param(fact(type="patient-updated", home_zone=CANARY), "home_zone", id="the home's"),
    ],
)
def test_a_zone_that_nobody_knows_is_noted_by_its_place_and_the_fact_is_folded(value: bytes, field: str) -> None:
    reading = sort_out([Slice(3, 0, [Received(7, b"p", value)])], {3: Claim(3, 1, 0, 7, 0)})

    [noted] = reading.unknown_zones
    assert (noted.partition, noted.offset, noted.field) == (3, 7, field)
    assert CANARY not in repr(noted)
    assert reading.facts == 1


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(stay("hospital-discharged", "America/New_York"), id="one that we know"),
        pytest.param(fact(type="hospital-discharged", encounter_id="stay-1"), id="none named"),
        pytest.param(fact(type="patient-updated"), id="a home without a zone"),
    ],
)
def test_a_fact_notes_no_unknown_zone(value: bytes) -> None:
    assert sort_out([Slice(0, 0, [Received(0, b"p", value)])], {0: Claim(0, 1, 0, 0, 0)}).unknown_zones == []
