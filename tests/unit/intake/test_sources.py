"""The file of sources: strict, explained when wrong, and the only way in."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from care_intake.adapters.sources import load_sources, local_source
from care_intake.core.rate import Rate
from care_intake.settings import IntakeSettings, load_settings
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import SourceId

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
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as raised:
        load_sources(written(tmp_path, text))
    assert "plain-token" not in str(raised.value)


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


def test_a_source_may_have_an_agreed_pace(tmp_path: Path) -> None:
    paced = GOOD.replace("visit_dialect: A", "requests_per_minute: 600, burst: 20".replace(", ", "\n    "))
    sources = load_sources(written(tmp_path, paced))

    assert sources.rate_of(SourceId("general")) == Rate(600, 20)
    assert sources.rate_of(SourceId("devices")) is None
