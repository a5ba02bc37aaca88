"""The whole configuration of notifications: `CARE_NOTIFICATIONS_…` beside what every service has."""

import base64
import hmac
import os
import secrets
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings

from care_notifications.core.glance import Service
from care_notifications.core.ladders import Terms
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.policies import read_notice_policy, read_terms
from care_shared.business_days import known_zone
from care_shared.errors import ConfigurationError
from care_shared.runtime.process import explain_settings
from care_shared.settings import CommonSettings, Environment, group

SHORTEST_SECRET = 20
ADDRESSES = r"^https?://[^/?#,\s]+(,\s*https?://[^/?#,\s]+)*$"
ANY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  # compared with, not bound to


class NotificationsSettings(BaseSettings):
    """Where the worklist is served, who is told by default, and how mails and webhooks leave."""

    model_config = group("CARE_NOTIFICATIONS_")

    web_host: str = Field(default="127.0.0.1", description="address the worklist listens on")
    web_port: int = Field(default=8400, ge=0, le=65535, description="port the worklist listens on")
    health_host: str = Field(default="127.0.0.1", description="address of /livez, /readyz and /metrics")
    health_port: int = Field(default=8401, ge=0, le=65535, description="port of /livez, /readyz and /metrics")
    base_url: str = Field(default="", description="where people reach the worklist; default: http://web_host:web_port")
    notice_policy_file: str = Field(default="", description="notice policy YAML; empty: the one we ship")
    ladders_file: str = Field(
        default="", description="YAML with ladders by tier, two_owners and snooze_hours; empty: the ones we ship"
    )
    consumer_group: str = Field(default="care-notifications", description="Kafka consumer group")
    default_owner: str = Field(default="default-lead", description="person who answers when nobody is named")
    default_owner_name: str = Field(default="Care coordination desk", description="that person's name, when new")
    default_zone: str = Field(
        default="America/New_York", description="zone in which people work who have none of their own"
    )
    smtp_host: str = Field(default="", description="mail server; empty: no mails are sent")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="port of the mail server")
    smtp_tls: str = Field(default="starttls", pattern="^(none|starttls|tls)$", description="none, starttls or tls")
    smtp_connections: int = Field(
        default=4, ge=1, le=50, description="at most so many mails are handed over to the mail server at once"
    )
    smtp_username: str = Field(default="", description="user at the mail server")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="password at the mail server")
    mail_from: str = Field(default="carelead@localhost", description="sender of mails")
    mail_bounces: str = Field(default="", description="where undeliverable mails return to; empty: to mail_from")
    sms_url: str = Field(default="", description="HTTP gateway for text messages; empty: no texts are sent")
    sms_token: SecretStr = Field(default=SecretStr(""), description="bearer token at that gateway")
    sms_sender: str = Field(default="CareLead", description="sender of texts, as the gateway wants it")
    sms_template: str = Field(
        default='{"to": "{to}", "from": "{sender}", "text": "{text}"}',
        description="JSON that the gateway takes; {to}, {text}, {sender} and {id} are filled in",
    )
    sms_inbound_secret: SecretStr = Field(
        default=SecretStr(""),
        description="proves the gateway when it hands over a text that came back; empty: none is taken",
    )
    sms_inbound_number: str = Field(default="from", description="name of the field with the sender's number")
    sms_inbound_text: str = Field(default="text", description="name of the field with the text")
    operations_email: str = Field(default="", description="who hears of partners' endpoints that fail; empty: the log")
    secrets_keys: SecretStr = Field(
        default=SecretStr(""),
        description="keys that seal secrets, complaints and links, base64 of 32 bytes, newest first, with commas",
    )
    webhook_private_allow: str = Field(
        default="", description="host:port of partners inside the network, separated by commas; may speak http"
    )
    intake_url: str = Field(
        default="",
        pattern="^(https?://[^/?#]+)?$",
        description="where intake answers operators, for the interface desk; empty: no desk. https in production, "
        "or loopback",
    )
    intake_operator_token: SecretStr = Field(
        default=SecretStr(""), description="bearer token there: the same as CARE_INTAKE_OPERATOR_TOKEN"
    )
    intake_health_urls: str = Field(
        default="http://127.0.0.1:8091",
        pattern=ADDRESSES,
        description="health pages of intake for the operators' page, one per process, separated by commas",
    )
    scoring_health_urls: str = Field(
        default="http://127.0.0.1:8082",
        pattern=ADDRESSES,
        description="health pages of scoring for the operators' page, one per process, separated by commas",
    )
    content_folder: str = Field(
        default="",
        description="folder with your own reviewed steps, questionnaires, leaflets; else the shipped",
    )
    telehealth_url: str = Field(
        default="", pattern="^(https://.*)?$", description="where a telehealth visit begins; next steps offer it"
    )
    transport_url: str = Field(
        default="", pattern="^(https://.*)?$", description="where rides are booked; next steps offer it"
    )
    subscription_patience_hours: float = Field(
        default=120, gt=0, description="a FHIR subscriber that does not answer is tried for so long, then: error"
    )
    check_ins: bool = Field(
        default=False, description="write to patients and caregivers between visits; read the content files first"
    )
    check_in_sender: str = Field(
        default="CareLead",
        pattern="^[^\\s].{0,29}$",
        description="who check-ins are from; no word of health",
    )
    patient_months: int = Field(
        default=24,
        ge=3,
        le=120,
        description="how far back the patient page goes: stays, visits, contacts, results, readings; "
        "what describes the person stays",
    )
    check_in_phone: str = Field(
        default="",
        pattern=r"^(\+?[0-9][0-9 ()-]{1,24})?$",
        description="number of the care team that check-in pages show; empty: none",
    )
    session_secret: SecretStr = Field(
        default_factory=lambda: SecretStr(secrets.token_urlsafe(32)),
        min_length=32,
        description="key of the form tokens; must be set in production, the same for all replicas",
    )
    oidc_issuer: str = Field(
        default="", description="OpenID Connect provider people sign in with; empty: names and passwords only"
    )
    oidc_client_id: str = Field(default="", description="what the provider knows this worklist by")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="secret of that client; empty: PKCE only")
    oidc_claim: str = Field(default="sub", description="claim that names the person; email counts only when verified")
    oidc_scopes: str = Field(default="openid", description="scopes asked for, separated by spaces")
    oidc_required_acr: str = Field(
        default="", description="the provider must state one of these acr values (say, for MFA); separated by spaces"
    )
    oidc_name: str = Field(default="your organisation", description="whose sign-in the button names")
    passwords: bool | None = Field(
        default=None, description="sign-in with name and password; default: only where no oidc_issuer is set"
    )
    session_idle_minutes: float = Field(default=15, gt=0, description="a session ends after so long without use")
    session_hours: float = Field(default=12, gt=0, description="a session ends after so long in any case")

    @property
    def public_url(self) -> str:
        """Where people reach the worklist, without a slash at the end."""
        return (self.base_url or f"http://{self.web_host}:{self.web_port}").rstrip("/")

    @property
    def notice_policy(self) -> NoticePolicy:
        """Who is told what, how soon and how often. Raises ConfigurationError that names the file and the place."""
        return read_notice_policy(self.notice_policy_file)

    @property
    def terms(self) -> Terms:
        """How alerts climb, and who must answer twice. Raises ConfigurationError that names the file and the place."""
        return read_terms(self.ladders_file)

    @property
    def health_addresses(self) -> dict[Service, tuple[str, ...]]:
        """Where each service says how it does; of this one the process that is asked."""
        own_host = "127.0.0.1" if self.health_host in ANY_ADDRESS else self.health_host
        return {
            Service.INTAKE: _listed(self.intake_health_urls),
            Service.SCORING: _listed(self.scoring_health_urls),
            Service.NOTIFICATIONS: (f"http://{own_host}:{self.health_port}",),
        }

    @property
    def private_allowed(self) -> frozenset[str]:
        """`host:port` of partners inside the network."""
        return frozenset(one.strip() for one in self.webhook_private_allow.split(",") if one.strip())

    @property
    def subscription_patience(self) -> timedelta:
        """For how long a silent subscriber is tried."""
        return timedelta(hours=self.subscription_patience_hours)

    @property
    def sealing_keys(self) -> tuple[str, ...]:
        """Keys that seal, newest first."""
        return tuple(one.strip() for one in self.secrets_keys.get_secret_value().split(",") if one.strip())

    @property
    def link_keys(self) -> tuple[str, ...]:
        """Keys of links without an end: those that seal; where there are none, one that follows from the session's."""
        if self.sealing_keys:
            return self.sealing_keys
        secret = self.session_secret.get_secret_value().encode()
        return (base64.b64encode(hmac.digest(secret, b"links without an end", "sha256")).decode(),)

    @property
    def takes_passwords(self) -> bool:
        """Whether names and passwords open the door."""
        return not self.oidc_issuer if self.passwords is None else self.passwords

    @property
    def idle(self) -> timedelta:
        """How long a session lives without use."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """How long a session lives in any case."""
        return timedelta(hours=self.session_hours)

    @field_validator("default_zone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        if known_zone(name) is None:
            raise ValueError("CARE_NOTIFICATIONS_DEFAULT_ZONE must be an IANA zone like America/New_York")
        return name

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        issuer = urlsplit(self.oidc_issuer)
        local = issuer.scheme == "http" and is_loopback(self.oidc_issuer)
        if self.oidc_issuer and not (local or (issuer.scheme == "https" and issuer.hostname)):
            raise ValueError("CARE_NOTIFICATIONS_OIDC_ISSUER must be https")
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("CARE_NOTIFICATIONS_OIDC_CLIENT_ID must be set with CARE_NOTIFICATIONS_OIDC_ISSUER")
        if self.passwords is False and not self.oidc_issuer:
            raise ValueError("CARE_NOTIFICATIONS_PASSWORDS=false needs CARE_NOTIFICATIONS_OIDC_ISSUER")
        return self

    @model_validator(mode="after")
    def _desk_is_whole(self) -> Self:
        if bool(self.intake_url) != bool(self.intake_operator_token.get_secret_value()):
            raise ValueError(
                "CARE_NOTIFICATIONS_INTAKE_URL and CARE_NOTIFICATIONS_INTAKE_OPERATOR_TOKEN belong together"
            )
        return self

    @model_validator(mode="after")
    def _address_is_usable(self) -> Self:
        parts = urlsplit(self.public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("CARE_NOTIFICATIONS_BASE_URL must be http(s)://host[:port]")
        return self


class Settings(CommonSettings):
    """Everything notifications is told from outside."""

    notifications: NotificationsSettings = Field(default_factory=NotificationsSettings)

    @model_validator(mode="after")
    def _production_is_never_insecure(self) -> Self:
        if self.environment is not Environment.PRODUCTION:
            return self
        own = self.notifications
        if not own.public_url.startswith("https://"):
            raise ValueError("CARE_NOTIFICATIONS_BASE_URL must be https when CARE_ENVIRONMENT=production")
        if "session_secret" not in own.model_fields_set:
            raise ValueError("CARE_NOTIFICATIONS_SESSION_SECRET must be set when CARE_ENVIRONMENT=production")
        if not own.sealing_keys:
            raise ValueError("CARE_NOTIFICATIONS_SECRETS_KEYS must be set when CARE_ENVIRONMENT=production")
        if 0 < len(own.sms_inbound_secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError("CARE_NOTIFICATIONS_SMS_INBOUND_SECRET has at least 20 letters in production")
        if own.smtp_host and own.smtp_tls == "none":
            raise ValueError("CARE_NOTIFICATIONS_SMTP_TLS must not be none when CARE_ENVIRONMENT=production")
        if own.sms_url and not own.sms_url.startswith("https://"):
            raise ValueError("CARE_NOTIFICATIONS_SMS_URL must be https when CARE_ENVIRONMENT=production")
        return self

    @model_validator(mode="after")
    def _values_travel_in_private(self) -> Self:
        url = self.notifications.intake_url
        is_private = not url or url.startswith("https://") or is_loopback(url)
        if self.environment is Environment.PRODUCTION and not is_private:
            raise ValueError("CARE_NOTIFICATIONS_INTAKE_URL must be https, or loopback, in production")
        return self


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(","))


def load_settings() -> Settings:
    """Read the environment, and secrets from files in CARE_SECRETS_DIR. Raises ConfigurationError with names only."""
    try:
        own = NotificationsSettings(_secrets_dir=os.environ.get("CARE_SECRETS_DIR"))
        return Settings(notifications=own)
    except ValidationError as error:
        raise ConfigurationError(explain_settings(error)) from None


def is_loopback(url: str) -> bool:
    """Whether this address never leaves the machine."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost")
