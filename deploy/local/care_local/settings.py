"""What the environment may say about the local stack: servers to use instead of ours, and the folder of ours."""

import os
from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_folder() -> Path:
    """The user's state directory; root's is the system's, because PostgreSQL must reach it as another user."""
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/carelead")
    return Path(platformdirs.user_state_dir("carelead"))


class LocalSettings(BaseSettings):
    """Where the local stack lives, and which existing servers it must use instead of starting its own."""

    model_config = SettingsConfigDict(env_prefix="CARE_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    kafka_bootstrap: str | None = Field(default=None, description="Use this Kafka (host:port) instead of starting one.")
    postgres_dsn: SecretStr | None = Field(
        default=None, description="Use this PostgreSQL (postgresql://…) instead of starting one."
    )
    local_folder: Path = Field(
        default_factory=default_folder, description="Folder of the embedded stack: data, logs, addresses."
    )
    local_kafka_heap: str = Field(
        default="256m", pattern=r"^\d+[mg]$", description="Java heap of the embedded Kafka broker."
    )
