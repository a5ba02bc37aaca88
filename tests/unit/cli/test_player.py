"""A folder of files is sorted by what each file is, and nothing is sent that is not a message."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from care_cli.player.classify import Kind, classify
from care_cli.player.play import files_below, messages_in
from care_cli.player.series import observations
from care_shared.errors import NotFoundError, UnusableMessageError
from tests.intake_builders import roster

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "content", "kind", "path"),
    [
        pytest.param("a.hl7", b"MSH|^~\\&|", Kind.HL7, "", id="an HL7 message"),
        pytest.param("a.hl7", b"PID|1", Kind.HL7, "", id="a broken HL7 message is sent, to be refused"),
        pytest.param("a.dat", b"\xef\xbb\xbfMSH|^~\\&|", Kind.HL7, "", id="HL7 behind a byte-order mark"),
        pytest.param("a.json", b'{"resourceType":"Observation"}', Kind.FHIR, "/fhir/Observation", id="a resource"),
        pytest.param("a.json", b'{"resourceType":"Bundle","type":"batch"}', Kind.FHIR, "/fhir", id="a bundle"),
        pytest.param(
            "a.json",
            b'{"resourceType":"Bundle","type":"message"}',
            Kind.FHIR,
            "/fhir/$process-message",
            id="a notification",
        ),
        pytest.param("a.json", b"{broken", Kind.FHIR, "/fhir", id="broken JSON is sent, to be refused"),
        pytest.param("a.csv", b"Month,Sales\n1,2\n", Kind.SERIES, "", id="a series"),
        pytest.param("a.json", b'{"resourceType":"MeasureReport"}', Kind.SKIPPED, "", id="an expected measure result"),
        pytest.param("a.json", b'{"effective_time_frame":{}}', Kind.DEVICE, "/devices/open-mhealth", id="Open mHealth"),
        pytest.param("a.csv", roster("1,ANN"), Kind.TABLE, "/rosters", id="a roster"),
        pytest.param(
            "a.tsv", b"Visit ID\tMRN\tScheduled Start\n", Kind.TABLE, "/evv/visits.csv", id="visits with tabs"
        ),
        pytest.param("a.csv", b"MRN,Vital,Value,Time\n", Kind.TABLE, "/devices/readings.csv", id="readings"),
        pytest.param("a.csv", b"Lead,Cover,From,To\n", Kind.TABLE, "/rosters/absences", id="absences"),
        pytest.param("NOTICE", b"Origin", Kind.SKIPPED, "", id="a notice"),
        pytest.param("expected-fhir/a.json", b'{"resourceType":"Bundle"}', Kind.SKIPPED, "", id="an expected output"),
        pytest.param("a.bin", b"\x00\x01", Kind.SKIPPED, "", id="anything else"),
    ],
)
def test_a_file_is_known_by_its_content(name: str, content: bytes, kind: Kind, path: str) -> None:
    found = classify(Path(name), content)

    assert (found.kind, found.path) == (kind, path)
    assert found.why or kind is not Kind.SKIPPED


def test_line_feeds_become_the_carriage_returns_that_git_took_away() -> None:
    assert list(messages_in(b"MSH|1\nPID|1\n\nMSH|2\nPID|2\n")) == [b"MSH|1\rPID|1\r", b"MSH|2\rPID|2\r"]


def test_a_message_with_its_own_carriage_returns_is_sent_as_it_is() -> None:
    assert list(messages_in(b"MSH|1\r\nPID|1\r\n")) == [b"MSH|1\r\nPID|1\r\n"]


def test_something_that_is_no_message_is_sent_whole() -> None:
    assert list(messages_in(b"PID|1\nPV1|1")) == [b"PID|1\rPV1|1\r"]


def test_a_monthly_series_becomes_one_reading_a_day_that_ends_now() -> None:
    found = observations(Path("shampoo.csv"), b"Month,Sales\n1-01,266.0\n1-02,145.9\n", NOW)

    assert [one["effectiveDateTime"] for one in found] == ["2026-11-20T15:59:00+00:00", "2026-11-19T15:59:00+00:00"]
    assert [one["valueQuantity"] for one in found] == [
        {"value": 145.9, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
        {"value": 266.0, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
    ]


def test_an_intensive_care_file_gives_the_vital_signs_that_were_recorded() -> None:
    text = b"Time,Parameter,Value\n00:00,RecordID,1\n00:00,Weight,-1\n00:07,HR,73\n01:37,Temp,35.1\n"
    found = observations(Path("132539.txt"), text, NOW)

    assert [one["effectiveDateTime"] for one in found] == ["2026-11-18T16:07:00+00:00", "2026-11-18T17:37:00+00:00"]


def test_a_series_with_a_word_for_a_number_names_the_line() -> None:
    with pytest.raises(UnusableMessageError, match="line 3, column 2 is not a number"):
        observations(Path("x.csv"), b"a,b\n1,2\n2,secret\n", NOW)


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFoundError, match="no file or folder"):
        files_below(Path("nowhere"))
