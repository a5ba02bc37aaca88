"""What the environment may tell the command line: the roles' passwords, when migrations run against a real server."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class MigrationSettings(BaseSettings):
    """Passwords that the three roles get; in containers they come as files."""

    model_config = SettingsConfigDict(
        env_prefix="CARE_ROLE_PASSWORD_", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    intake: SecretStr = Field(description="password of the role care_intake")
    scoring: SecretStr = Field(description="password of the role care_scoring")
    notifications: SecretStr = Field(description="password of the role care_notifications")

    def passwords(self) -> dict[str, str]:
        """The same, by service."""
        return {
            "intake": self.intake.get_secret_value(),
            "scoring": self.scoring.get_secret_value(),
            "notifications": self.notifications.get_secret_value(),
        }
