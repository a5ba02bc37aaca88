"""The settings every service has: where Kafka and PostgreSQL are, how to log, and that production is never insecure.

Names are `CARE_<GROUP>_<FIELD>`; each service's own `settings.py` reads the environment through these groups.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """Where this installation runs; `production` refuses clear text and demo accounts."""

    LOCAL = "local"
    PRODUCTION = "production"


def group(prefix: str) -> SettingsConfigDict:
    """The configuration of one settings group: frozen, strict, secrets also from files in `CARE_SECRETS_DIR`."""
    return SettingsConfigDict(env_prefix=prefix, frozen=True, extra="forbid", hide_input_in_errors=True)


class KafkaSettings(BaseSettings):
    """How to reach Kafka."""

    model_config = group("CARE_KAFKA_")

    bootstrap: str = Field(description="host:port of one or more brokers, separated by commas")
    security_protocol: str = Field(default="PLAINTEXT", pattern="^(PLAINTEXT|SSL)$", description="PLAINTEXT or SSL")
    ca_file: str = Field(default="", description="certificate authority of the brokers, PEM")
    certificate_file: str = Field(default="", description="our client certificate, PEM")
    key_file: str = Field(default="", description="key of our client certificate, PEM")


class PostgresSettings(BaseSettings):
    """How to reach PostgreSQL."""

    model_config = group("CARE_POSTGRES_")

    dsn: SecretStr = Field(description="postgresql://user:password@host:port/database of this service's role")
    pool_size: int = Field(default=8, ge=1, le=64, description="connections this process may hold")
    command_timeout: float = Field(default=30.0, gt=0, description="seconds until a statement is given up")


class CommonSettings(BaseSettings):
    """What all services have beside Kafka and PostgreSQL."""

    model_config = group("CARE_")

    environment: Environment = Field(default=Environment.LOCAL, description="local or production")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least severe log level")
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    postgres: PostgresSettings = Field(default_factory=PostgresSettings)

    @model_validator(mode="after")
    def _production_is_never_in_clear_text(self) -> Self:
        if self.environment is Environment.PRODUCTION:
            if self.kafka.security_protocol == "PLAINTEXT":
                raise ValueError("CARE_KAFKA_SECURITY_PROTOCOL must be SSL when CARE_ENVIRONMENT=production")
            if "sslmode=verify-full" not in self.postgres.dsn.get_secret_value():
                raise ValueError("CARE_POSTGRES_DSN must say sslmode=verify-full when CARE_ENVIRONMENT=production")
        return self
