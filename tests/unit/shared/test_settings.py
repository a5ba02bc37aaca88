"""Settings say what is missing by name, refuse clear text in production, and never print a secret."""

import pytest
from pydantic import ValidationError

from care_shared.runtime.process import explain_settings
from care_shared.settings import CommonSettings

SECRET = "s3cr3t-canary"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARE_KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    monkeypatch.setenv("CARE_POSTGRES_DSN", f"postgresql://care:{SECRET}@127.0.0.1/care")


def test_local_settings_need_two_addresses_only() -> None:
    settings = CommonSettings()

    assert settings.kafka.bootstrap == "127.0.0.1:9092"
    assert SECRET not in repr(settings)


def test_a_missing_setting_is_named_and_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARE_KAFKA_BOOTSTRAP")

    with pytest.raises(ValidationError) as caught:
        CommonSettings()

    assert explain_settings(caught.value) == "CARE_KAFKA_BOOTSTRAP: Field required"
    assert SECRET not in str(caught.value)


def test_production_refuses_kafka_in_clear_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARE_ENVIRONMENT", "production")

    with pytest.raises(ValidationError, match="CARE_KAFKA_SECURITY_PROTOCOL must be SSL"):
        CommonSettings()


def test_production_refuses_a_database_without_verified_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARE_ENVIRONMENT", "production")
    monkeypatch.setenv("CARE_KAFKA_SECURITY_PROTOCOL", "SSL")

    with pytest.raises(ValidationError, match="sslmode=verify-full"):
        CommonSettings()
