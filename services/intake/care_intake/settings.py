"""The whole configuration of intake: `CARE_INTAKE_…` beside what every service has."""

import ipaddress
import os
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings

from care_intake.core.zones import ZoneName
from care_shared.errors import ConfigurationError
from care_shared.runtime.process import explain_settings
from care_shared.settings import CommonSettings, Environment, group

SHORTEST_SECRET = 20


class IntakeSettings(BaseSettings):
    """Where senders reach us, and who they are."""

    model_config = group("CARE_INTAKE_")

    sources_file: str = Field(default="", description="YAML of the agreed sources; empty: one local source, for demos")
    token: SecretStr = Field(default=SecretStr(""), description="bearer token of the local source; empty: no HTTP")
    operator_token: SecretStr = Field(
        default=SecretStr(""),
        description="bearer token of /ops: it reads, mends and replays every message, so keep it well; empty: nobody",
    )
    zone: ZoneName = Field(default="America/New_York", description="time zone of the local source")
    http_host: str = Field(default="127.0.0.1", description="address for FHIR, visits and HL7 over HTTP")
    http_port: int = Field(default=8081, ge=0, le=65535, description="port for FHIR, visits and HL7 over HTTP")
    mllp_host: str = Field(default="127.0.0.1", description="address for HL7 over MLLP")
    mllp_port: int = Field(default=2575, ge=0, le=65535, description="port for HL7 over MLLP")
    mllp_certificate_file: str = Field(default="", description="our certificate for MLLP over TLS, PEM")
    mllp_key_file: str = Field(default="", description="key of our certificate for MLLP, PEM")
    mllp_client_ca_file: str = Field(default="", description="authority of the senders' certificates, PEM")
    health_host: str = Field(default="127.0.0.1", description="address of /livez, /readyz and /metrics")
    health_port: int = Field(default=8091, ge=0, le=65535, description="port of /livez, /readyz and /metrics")
    group_messages: int = Field(default=256, ge=1, le=5000, description="most messages in one commit")
    waiting_messages: int = Field(default=20_000, ge=1, description="messages that may wait for a commit")
    commit_seconds: float = Field(default=5.0, gt=0, le=60, description="after this the sender is told to ask again")
    feed_settle_minutes: float = Field(
        default=15, ge=0, le=1440, description="a feed that fell silent counts as silent for so long at least [D]"
    )
    kafka_inbound: bool = Field(default=True, description="read messages from care.inbound.v1 as well")
    kafka_group: str = Field(default="carelead-intake", min_length=1, description="consumer group on care.inbound.v1")
    topic_prefix: str = Field(default="", description="put before every topic name, when a cluster is shared")

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        parts = (self.mllp_certificate_file, self.mllp_key_file)
        if any(parts) and not all(parts):
            raise ValueError("CARE_INTAKE_MLLP_CERTIFICATE_FILE and CARE_INTAKE_MLLP_KEY_FILE belong together")
        if self.mllp_client_ca_file and not all(parts):
            raise ValueError("CARE_INTAKE_MLLP_CLIENT_CA_FILE needs CARE_INTAKE_MLLP_CERTIFICATE_FILE")
        return self


class Settings(CommonSettings):
    """Everything intake is told from outside."""

    intake: IntakeSettings = Field(default_factory=IntakeSettings)

    @model_validator(mode="after")
    def _production_knows_its_senders(self) -> Self:
        own = self.intake
        if self.environment is not Environment.PRODUCTION:
            return self
        if 0 < len(own.operator_token.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError("CARE_INTAKE_OPERATOR_TOKEN has at least 20 letters in production")
        if not own.sources_file:
            raise ValueError("CARE_INTAKE_SOURCES_FILE must be set when CARE_ENVIRONMENT=production")
        if not own.mllp_client_ca_file and not _is_loopback(own.mllp_host):
            raise ValueError("CARE_INTAKE_MLLP_CLIENT_CA_FILE must be set in production, or MLLP bound to loopback")
        return self


def load_settings() -> Settings:
    """Read the environment, and secrets from files in CARE_SECRETS_DIR. Raises ConfigurationError with names only."""
    try:
        return Settings(intake=IntakeSettings(_secrets_dir=os.environ.get("CARE_SECRETS_DIR")))
    except ValidationError as error:
        raise ConfigurationError(explain_settings(error)) from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
