"""What producers put on Kafka: the message inside a CloudEvent, or the attribute that makes it none."""

import base64
import json

import pytest

from care_intake.core.cloud_events import MAX_BODY, read
from care_intake.core.formats import Format
from care_shared.errors import UnusableMessageError
from tests.intake_builders import Json, adt, observation, raw, roster, stated, table, visit

BINARY = {"ce_specversion": "1.0", "ce_id": "e1", "ce_source": "/north/adt", "ce_type": "org.north.adt"}
EVENT: Json = {"specversion": "1.0", "id": "e1", "source": "/north/adt", "type": "org.north.adt"}
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


def headers(kind: str = "", **changes: str) -> list[tuple[str, bytes]]:
    known = BINARY | ({"content-type": kind} if kind else {}) | changes
    return [(name, value.encode()) for name, value in known.items() if value]


@pytest.mark.parametrize(
    ("kind", "body", "format_"),
    [
        pytest.param("x-application/hl7-v2+er7", adt(), Format.HL7, id="HL7 by its registered name"),
        pytest.param("text/plain; charset=us-ascii", adt(), Format.HL7, id="HL7 as text"),
        pytest.param("Application/FHIR+JSON", raw(observation("8867-4", 72, "/min")), Format.FHIR, id="FHIR"),
        pytest.param("application/json", raw([visit()]), Format.EVV, id="visits"),
        pytest.param("application/json", raw(stated("x")), Format.FACTS, id="a statement"),
        pytest.param("", raw([visit()]), Format.EVV, id="no type means JSON"),
        pytest.param("text/csv; charset=utf-8", roster("1,ANN"), Format.ROSTER, id="a roster"),
        pytest.param("text/csv", table("Visit ID,Scheduled Start", "1,2"), Format.EVV_TABLE, id="visits in CSV"),
        pytest.param("application/json", b"no json", Format.EVV, id="no JSON at all is for the reader to refuse"),
    ],
)
def test_binary_mode(kind: str, body: bytes, format_: Format) -> None:
    event = read(headers(kind), body)

    assert (event.source, event.body, event.format) == ("/north/adt", body, format_)


def test_structured_mode_holds_text_json_or_base64() -> None:
    hl7 = EVENT | {"datacontenttype": "x-application/hl7-v2+er7"}
    as_text = read(STRUCTURED, raw(hl7 | {"data": adt().decode()}))
    as_bytes = read(STRUCTURED, raw(hl7 | {"data_base64": base64.b64encode(adt()).decode()}))
    as_json = read(STRUCTURED, raw(EVENT | {"datacontenttype": "application/fhir+json", "data": {"b": "é", "a": 1}}))

    assert (as_text.body, as_text.format) == (as_bytes.body, as_bytes.format) == (adt(), Format.HL7)
    assert (as_json.body, as_json.format) == ('{"a":1,"b":"é"}'.encode(), Format.FHIR)
    assert read(STRUCTURED, raw(EVENT | {"data": [visit()]})).format is Format.EVV


def test_the_same_data_in_another_order_of_keys_is_the_same_message() -> None:
    one, other = {"a": 1, "b": 2}, {"b": 2, "a": 1}

    assert read(STRUCTURED, raw(EVENT | {"data": one})).body == read(STRUCTURED, raw(EVENT | {"data": other})).body


@pytest.mark.parametrize(
    ("given", "value", "field"),
    [
        pytest.param(headers("text/plain"), None, "value", id="a tombstone"),
        pytest.param(headers("text/plain"), b"x" * (MAX_BODY + 1), "value", id="too large"),
        pytest.param([], adt(), "ce_specversion", id="no CloudEvent at all"),
        pytest.param(headers("text/plain", ce_specversion="0.3"), adt(), "ce_specversion", id="another version"),
        pytest.param(headers("text/plain", ce_source=""), adt(), "ce_source", id="nobody's"),
        pytest.param(headers("text/plain", ce_id=""), adt(), "ce_id", id="without id"),
        pytest.param(headers("text/plain", ce_type="x" * 2000), adt(), "ce_type", id="an endless type"),
        pytest.param([*headers("text/plain"), ("CE_SOURCE", b"/x")], adt(), "ce_source", id="two sources"),
        pytest.param([*headers("text/plain"), ("ce_a", b"\xff")], adt(), "headers", id="an attribute that is no text"),
        pytest.param(headers("application/pdf"), b"%PDF", "content-type", id="a document"),
        pytest.param(headers("application/cloudevents-batch+json"), b"[]", "content-type", id="a batch"),
        pytest.param(STRUCTURED, b"{", "value", id="broken JSON"),
        pytest.param(STRUCTURED, b"[]", "value", id="a list"),
        pytest.param(STRUCTURED, raw(EVENT), "data", id="without data"),
        pytest.param(STRUCTURED, raw(EVENT | {"data": 1, "data_base64": ""}), "data", id="data twice"),
        pytest.param(STRUCTURED, raw(EVENT | {"data_base64": "%%%"}), "data_base64", id="no base64"),
        pytest.param(STRUCTURED, raw(EVENT | {"data_base64": 7}), "data_base64", id="base64 that is a number"),
        pytest.param(STRUCTURED, raw(EVENT | {"datacontenttype": "text/plain", "data": {}}), "data", id="HL7 no text"),
        pytest.param(STRUCTURED, raw(EVENT | {"datacontenttype": 7, "data": {}}), "datacontenttype", id="no type"),
        pytest.param(STRUCTURED, raw(EVENT | {"source": 7, "data": {}}), "source", id="a source that is a number"),
        pytest.param(STRUCTURED, raw(EVENT | {"specversion": 1.0, "data": {}}), "specversion", id="a version number"),
    ],
)
def test_what_is_no_usable_event_names_the_attribute(
    given: list[tuple[str, bytes]], value: bytes | None, field: str
) -> None:
    with pytest.raises(UnusableMessageError) as raised:
        read(given, value)
    assert raised.value.field == field


def test_no_error_quotes_a_value() -> None:
    with pytest.raises(UnusableMessageError) as raised:
        read(STRUCTURED, json.dumps(EVENT | {"datacontenttype": "SMITH", "data": "x"}).encode())
    assert "SMITH" not in str(raised.value)
