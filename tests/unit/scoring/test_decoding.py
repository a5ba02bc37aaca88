"""The short cut for vital signs gives the fact that the contract gives, and refuses what the contract refuses."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from care_scoring.decoding import FIELDS, decode_fact
from care_shared.contracts.care_events import VitalSignRecorded, decode_event, encode_event
from care_shared.contracts.envelope import Contract
from care_shared.vocabulary import (
    EventId,
    MeasurementSlot,
    ObservationId,
    PatientId,
    ReadingQuality,
    SensitivityLabel,
    SourceId,
    VitalSign,
)

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
PLAIN = {
    "event_id": "e-1",
    "patient_id": "ada",
    "occurred_at": "2026-11-20T12:00:00.5Z",
    "recorded_at": "2026-11-20T07:00:01-05:00",
    "source": "scale",
    "type": "vital-sign-recorded",
    "observation_id": "o-1",
    "code": "29463-7",
    "value": 81.4,
}
moments = st.datetimes(datetime(1851, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants them naive
vital_signs = st.builds(
    VitalSignRecorded,
    event_id=st.text().map(EventId),
    patient_id=st.text(min_size=1, max_size=20).map(PatientId),
    occurred_at=moments,
    recorded_at=moments,
    stated_at=st.none() | moments,
    source=st.text(max_size=20).map(SourceId),
    labels=st.lists(st.sampled_from(SensitivityLabel), max_size=3).map(tuple),
    observation_id=st.text(max_size=20).map(ObservationId),
    code=st.sampled_from(VitalSign),
    value=st.floats(allow_nan=False, allow_infinity=False),
    slot=st.sampled_from(MeasurementSlot),
    quality=st.sampled_from(ReadingQuality),
    device_id=st.text(max_size=20),
    automatic=st.booleans(),
    panel=st.none() | st.text(max_size=20),
)


def raw(**changes: object) -> bytes:
    return json.dumps({**PLAIN, **changes}, separators=(",", ":")).encode()


@given(vital_signs)
def test_every_vital_sign_reads_the_same_by_both_ways(fact: VitalSignRecorded) -> None:
    value = encode_event(fact)

    assert decode_fact(value) == decode_event(value) == fact
    assert encode_event(decode_fact(value)) == value


def test_every_field_of_the_contract_is_read() -> None:
    """A field added to the contract must be added to the short cut."""
    read = decode_fact(raw())

    assert set(read.__dict__) == set(VitalSignRecorded.model_fields) == FIELDS
    assert isinstance(read, Contract)
    assert read.occurred_at.utcoffset() == timedelta(0)
    assert read.recorded_at == datetime(2026, 11, 20, 7, 0, 1, tzinfo=timezone(timedelta(hours=-5)))


def test_a_fact_read_by_the_short_cut_is_as_frozen_as_any() -> None:
    with pytest.raises(ValidationError):
        decode_fact(raw()).patient_id = PatientId("somebody else")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"value": 81}, id="a whole number"),
        pytest.param({"value": "81.4"}, id="a number in quotes"),
        pytest.param({"automatic": "true"}, id="a word for a truth value"),
        pytest.param({"occurred_at": 1795176000}, id="seconds since 1970"),
        pytest.param({"occurred_at": "2026-11-20 12:00:00+00:00"}, id="a space instead of T"),
        pytest.param({"colour": "blue"}, id="a field of a later release"),
        pytest.param({"panel": None}, id="null for absent"),
        pytest.param({"labels": ["mental-health"]}, id="a label, known or not"),
    ],
)
def test_unusual_spellings_mean_what_the_contract_says(changes: dict[str, object]) -> None:
    assert told(decode_fact, raw(**changes)) == told(decode_event, raw(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"occurred_at": "2026-11-20T12:00:00"}, id="no time zone"),
        pytest.param({"occurred_at": "yesterday"}, id="no time"),
        pytest.param({"code": "1-1"}, id="an unknown vital sign"),
        pytest.param({"value": None}, id="no value"),
        pytest.param({"slot": "midnight"}, id="an unknown slot"),
        pytest.param({"patient_id": 7}, id="a number for a patient"),
        pytest.param({"patient_id": ""}, id="nobody"),
        pytest.param({"patient_id": "p" * 257}, id="an id without end"),
        pytest.param({"recorded_under": ""}, id="another record of nobody"),
    ],
)
def test_what_the_contract_refuses_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        decode_fact(raw(**changes))


def told(decode: object, value: bytes) -> object:
    assert callable(decode)
    try:
        return decode(value)
    except ValidationError as error:
        return [problem["loc"] for problem in error.errors()]


@pytest.mark.parametrize("field", ["occurred_at", "recorded_at", "stated_at"])
@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "1849-12-31T23:00:00Z", "2101-01-01T00:00:00Z"]
)
def test_a_moment_at_the_edge_of_the_calendar_is_refused_and_stops_nobody(field: str, moment: str) -> None:
    with pytest.raises(ValidationError, match="lies beyond the calendar"):
        decode_fact(raw(**{field: moment}))
