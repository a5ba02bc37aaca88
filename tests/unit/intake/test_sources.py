"""The file of sources: strict, explained when wrong, and the only way in."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from care_intake.adapters.mllp_terms import MllpLimits, Pace
from care_intake.adapters.mllp_tls import Peer
from care_intake.adapters.sources import Ready, load_sources, local_source
from care_intake.core.formats import Format
from care_intake.core.rate import Rate
from care_intake.settings import IntakeSettings, load_settings
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import SourceId
from tests.intake_builders import adt, only, refused

DIGEST = hashlib.sha256(b"secret").hexdigest()
GOOD = f"""
sources:
  - name: general
    kind: hospital
    zone: America/New_York
    token_sha256: {DIGEST}
    certificates: [{"a" * 64}]
    senders: [{{application: ADT1, facility: GENERAL}}]
    authorities: {{GOODHEALTH: 1.2.3}}
    visit_dialect: A
    may_state: [care-team-changed]
  - name: devices
    zone: UTC
    peers: [10.0.0.5]
  - name: visits
    zone: UTC
    peers: [10.0.0.5]
    senders: [{{facility: HOME}}]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "sources.yaml"
    file.write_text(text)
    return file


def test_a_source_is_found_by_token_certificate_or_address(tmp_path: Path) -> None:
    sources = load_sources(written(tmp_path, GOOD))

    by_token = sources.by_token("secret")
    assert by_token is not None
    assert (by_token.source, by_token.zone.key, by_token.visit_dialect) == ("general", "America/New_York", "A")
    assert by_token.authorities == {"GOODHEALTH": "1.2.3"}
    assert sources.by_identity("a" * 64, "ADT1", "GENERAL") == by_token
    assert sources.by_token("other") is None
    assert sources.by_identity("10.9.9.9", "ADT1", "GENERAL") is None


def test_of_several_sources_at_one_address_the_named_sender_decides(tmp_path: Path) -> None:
    sources = load_sources(written(tmp_path, GOOD))

    found = [sources.by_identity("10.0.0.5", "X", facility) for facility in ("HOME", "ELSE")]
    assert [one.source if one else "" for one in found] == ["visits", "devices"]


def test_a_source_may_have_limits_of_its_own(tmp_path: Path) -> None:
    text = GOOD.replace("peers: [10.0.0.5]\n  - name: visits", "peers: [10.0.0.5]\n    limits: {connections: 3, "
                        "frame_bytes: 2048}\n  - name: visits")  # fmt: skip
    sources = load_sources(written(tmp_path, text))
    ours, everybody = sources.mllp_limits(Peer("10.0.0.5", 1), MllpLimits()), MllpLimits()

    assert (ours.max_connections_per_peer, ours.max_frame_bytes) == (3, 2048)
    assert ours.max_in_flight == everybody.max_in_flight
    assert sources.mllp_limits(Peer("10.9.9.9", 1), everybody) == everybody


def test_a_source_may_write_in_a_charset_of_its_own(tmp_path: Path) -> None:
    sources = load_sources(written(tmp_path, GOOD.replace("visit_dialect: A", "charset: 8859/1")))
    feed = sources.by_token("secret")

    assert feed is not None
    assert feed.charset == "8859/1"


FOLDER = (
    "sources: [{name: a, zone: UTC, visit_codes: {Q7: no-answer}, date_order: month-first, most_ended: 0.2, "
    "folders: [{path: /data/rosters, takes: roster-csv}]}]"
)
TWO_ON_KAFKA = "sources: [{name: a, zone: UTC, kafka_source: /x}, {name: b, zone: UTC, kafka_source: /x}]"


def test_a_writer_on_kafka_is_known_by_its_agreed_source_only(tmp_path: Path) -> None:
    sources = load_sources(written(tmp_path, TWO_ON_KAFKA.replace("kafka_source: /x}]", "kafka_source: /y}]")))

    first, second = sources.by_kafka_source("/x"), sources.by_kafka_source("/y")
    assert first is not None
    assert second is not None
    assert (first.source, second.source) == ("a", "b")
    assert sources.by_name(first.source) is first
    assert sources.by_kafka_source("") is None
    assert sources.by_kafka_source("/z") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("30min", timedelta(minutes=30), id="minutes"),
        pytest.param("4h", timedelta(hours=4), id="hours"),
        pytest.param("2d", timedelta(days=2), id="days"),
    ],
)
def test_how_long_a_source_may_be_silent(tmp_path: Path, text: str, expected: timedelta) -> None:
    sources = load_sources(written(tmp_path, f"sources: [{{name: a, zone: UTC, silent_after: {text}}}]"))

    assert list(sources.silent_after.values()) == [expected]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("sources: [{name: a, zone: UTC, silent_after: soon}]", "silent_after", id="no interval"),
        pytest.param("sources: []", "at least 1 item", id="no source"),
        pytest.param(GOOD.replace("zone: UTC", "zone: Atlantis", 1), "IANA", id="a zone that is none"),
        pytest.param(GOOD.replace("kind:", "kin:"), "Extra inputs", id="a typo"),
        pytest.param(GOOD.replace("name: devices", "name: general"), "twice", id="one name twice"),
        pytest.param(TWO_ON_KAFKA, "kafka_source", id="one Kafka source twice"),
        pytest.param(GOOD.replace("care-team-changed", "hospital-admitted"), "unknown facts", id="not to be stated"),
        pytest.param(GOOD.replace(DIGEST, "plain-token"), "token_sha256", id="a token in clear"),
        pytest.param("sources: [", "not YAML", id="broken"),
        pytest.param(FOLDER.replace("/data/rosters", "rosters"), "absolute path", id="a folder somewhere"),
        pytest.param(FOLDER.replace("/data/rosters", "/data/../etc"), "absolute path", id="a folder by a detour"),
        pytest.param(FOLDER.replace("roster-csv", "hl7v2"), "answered", id="HL7 in a folder has no answer"),
        pytest.param(FOLDER.replace("roster-csv", "roster"), "folders.0.takes", id="a folder of nothing"),
        pytest.param(
            FOLDER.replace("}]}]", "}]}, {name: b, zone: UTC, folders: [{path: /data/rosters, takes: roster-csv}]}]"),
            "a folder twice",
            id="one folder of two sources",
        ),
        pytest.param(FOLDER.replace("no-answer", "no-idea"), "visit_codes", id="a reason nobody knows"),
        pytest.param(FOLDER.replace("month-first", "year-first"), "date_order", id="an order of dates nobody knows"),
        pytest.param(FOLDER.replace("0.2", "20"), "most_ended", id="a share above one"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as raised:
        load_sources(written(tmp_path, text))
    assert "plain-token" not in str(raised.value)


def test_what_was_agreed_about_files(tmp_path: Path) -> None:
    sources = load_sources(written(tmp_path, FOLDER))

    [(feed, folder)] = sources.folders
    assert (feed.visit_codes, feed.date_order, feed.most_ended) == ({"q7": "no-answer"}, "month-first", 0.2)
    assert (folder.path, folder.takes, folder.ready, folder.settle_seconds) == (
        "/data/rosters", Format.ROSTER, Ready.SETTLED, 30.0,
    )  # fmt: skip
    assert feed.stands_for_nobody == ""


def test_a_missing_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="CARE_INTAKE_SOURCES_FILE"):
        load_sources(tmp_path / "none.yaml")


def test_the_local_source_is_for_this_machine_only() -> None:
    sources = local_source("UTC", "secret")

    assert sources.by_identity("127.0.0.1", "X", "Y") is not None
    assert sources.by_identity("192.0.2.1", "X", "Y") is None
    assert sources.by_token("secret") is not None
    assert local_source("UTC", "").by_token("") is None


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        pytest.param({"CARE_INTAKE_ZONE": "Atlantis"}, "IANA", id="a zone that is none"),
        pytest.param({"CARE_INTAKE_MLLP_KEY_FILE": "key.pem"}, "belong together", id="half of TLS"),
        pytest.param({"CARE_ENVIRONMENT": "production"}, "CARE_INTAKE_SOURCES_FILE", id="production without sources"),
        pytest.param(
            {
                "CARE_ENVIRONMENT": "production",
                "CARE_INTAKE_SOURCES_FILE": "sources.yaml",
                "CARE_INTAKE_MLLP_HOST": "0.0.0.0",
            },
            "CARE_INTAKE_MLLP_CLIENT_CA_FILE",
            id="production with MLLP in clear",
        ),
        pytest.param(
            {
                "CARE_ENVIRONMENT": "production",
                "CARE_INTAKE_SOURCES_FILE": "sources.yaml",
                "CARE_INTAKE_OPERATOR_TOKEN": "easily-guessed",
            },
            "CARE_INTAKE_OPERATOR_TOKEN",
            id="production whose messages a short word opens",
        ),
    ],
)
def test_wrong_settings_are_explained(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str) -> None:
    known = {
        "CARE_KAFKA_BOOTSTRAP": "kafka:9092",
        "CARE_KAFKA_SECURITY_PROTOCOL": "SSL",
        "CARE_POSTGRES_DSN": "postgresql://u:secret-word@db/care?sslmode=verify-full",
    }
    for name, value in (known | environment).items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=words) as raised:
        load_settings()
    assert "secret-word" not in str(raised.value)


def test_ports_and_hosts_have_safe_defaults() -> None:
    own = IntakeSettings()

    assert {own.http_host, own.mllp_host, own.health_host} == {"127.0.0.1"}
    assert own.token.get_secret_value() == ""


def test_a_pace_lets_a_burst_of_a_second_through_and_then_says_how_long_to_wait() -> None:
    pace = Pace(per_second=2.0)

    assert [pace.wait(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert pace.wait(100.5) == 0.0
    assert Pace(0.0).wait(100.0) == 0.0


AGREED = """
sources:
  - name: general
    zone: America/New_York
    charset: 8859/1
    mappings:
      patient_class: {NO: inpatient, 01: observation, e: emergency}
"""


def test_the_agreement_holds_charset_and_codes_and_codes_are_text_even_where_yaml_sees_numbers(tmp_path: Path) -> None:
    feed = load_sources(written(tmp_path, AGREED)).by_name(SourceId("general"))

    assert feed is not None
    assert feed.charset == "8859/1"
    assert feed.mappings == {"patient_class": {"NO": "I", "01": "OBS", "E": "E"}}


def test_a_message_without_a_character_set_is_read_in_the_agreed_one(tmp_path: Path) -> None:
    feed = load_sources(written(tmp_path, AGREED)).by_name(SourceId("general"))
    body = adt("A08", pid={5: "MÜLLER^ADA"}).decode().encode("latin-1")

    assert refused(body).field == "MSH-18"
    assert feed is not None
    assert only(body, "patient-updated", feed).family_name == "MÜLLER"


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        pytest.param("8859/1", "EBCDIC", "charset: .*must be one of", id="a character set that can be misread"),
        pytest.param("inpatient,", "inpatiant,", "mappings: .*patient_class.NO: 'inpatiant'", id="a typo in a word"),
        pytest.param("01:", "NO:", "line 7: the same key stands twice", id="one code twice"),
        pytest.param("patient_class", "colour", "'colour' is none of", id="a kind that nobody knows"),
    ],
)
def test_a_wrong_agreement_is_refused_and_names_the_entry(
    tmp_path: Path, before: str, after: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        load_sources(written(tmp_path, AGREED.replace(before, after)))


def test_a_source_may_have_an_agreed_pace(tmp_path: Path) -> None:
    paced = GOOD.replace("visit_dialect: A", "requests_per_minute: 600, burst: 20".replace(", ", "\n    "))
    sources = load_sources(written(tmp_path, paced))

    assert sources.rate_of(SourceId("general")) == Rate(600, 20)
    assert sources.rate_of(SourceId("devices")) is None
