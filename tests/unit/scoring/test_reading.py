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
    ],
)
def test_an_unusable_record_names_the_field(value: bytes, field: str) -> None:
    claims = {0: Claim(0, 1, 0, 0, 0)}

    reading = sort_out([Slice(0, 0, [Received(0, b"p", value)])], claims)

    (_, _, error) = reading.unusable[0]
    assert error.field == field
    assert CANARY not in str(error)
