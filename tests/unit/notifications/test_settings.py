"""An installation is refused before it starts when it would be insecure."""

import pytest
from pydantic import SecretStr, ValidationError

from care_notifications.doors import build_door
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.settings import Environment, KafkaSettings, PostgresSettings

KEY = SecretStr("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
SECURE = {"base_url": "https://care.example", "session_secret": "s" * 40, "secrets_keys": KEY}


def settings(environment=Environment.PRODUCTION, **own):
    return Settings(
        environment=environment,
        kafka=KafkaSettings(bootstrap="kafka:9093", security_protocol="SSL"),
        postgres=PostgresSettings(dsn=SecretStr("postgresql://u:p@db/care?sslmode=verify-full")),
        notifications=NotificationsSettings(**own),
    )


def test_a_secure_production():
    door = build_door(settings(**SECURE))

    assert door.secure
    assert door.session_cookie == "__Host-carelead"
    assert door.origins == {"https://care.example"}


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        (SECURE | {"base_url": "http://care.example"}, "BASE_URL must be https"),
        ({"base_url": "https://care.example"}, "SESSION_SECRET must be set"),
        (SECURE | {"smtp_host": "mail.example", "smtp_tls": "none"}, "SMTP_TLS must not be none"),
        (SECURE | {"intake_url": "http://intake:8080", "intake_operator_token": "t"}, "INTAKE_URL must be https"),
    ],
)
def test_an_insecure_production_is_refused(own, problem):
    with pytest.raises(ValidationError, match=problem):
        settings(**own)


@pytest.mark.parametrize("url", ["", "https://intake.care.example", "http://127.0.0.1:8081"])
def test_values_of_patients_travel_to_the_desk_over_a_private_line_only(url):
    token = "t" if url else ""

    assert settings(**SECURE, intake_url=url, intake_operator_token=token).notifications.intake_url == url


@pytest.mark.parametrize("half", [{"intake_url": "https://intake.example"}, {"intake_operator_token": "t"}])
def test_half_a_line_to_intake_is_refused(half):
    with pytest.raises(ValidationError, match="belong together"):
        NotificationsSettings(**half)


@pytest.mark.parametrize("url", ["ftp://care.example", "care.example", "https://", "https://care.example/?a=b"])
def test_an_address_nobody_can_open_is_refused(url):
    with pytest.raises(ValidationError, match="BASE_URL must be"):
        NotificationsSettings(base_url=url)


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ({"oidc_issuer": "http://id.example", "oidc_client_id": "care"}, "OIDC_ISSUER must be https"),
        ({"oidc_issuer": "id.example", "oidc_client_id": "care"}, "OIDC_ISSUER must be https"),
        ({"oidc_issuer": "https://id.example"}, "OIDC_CLIENT_ID must be set"),
        ({"passwords": False}, "PASSWORDS=false needs"),
    ],
)
def test_a_sign_in_that_could_let_nobody_in_or_anybody_is_refused(own, problem):
    with pytest.raises(ValidationError, match=problem):
        NotificationsSettings(**own)


def test_passwords_end_where_the_organisation_signs_people_in_unless_it_wants_both():
    provider = {"oidc_issuer": "https://id.example", "oidc_client_id": "care"}

    assert NotificationsSettings().takes_passwords
    assert not NotificationsSettings(**provider).takes_passwords
    assert NotificationsSettings(**provider, passwords=True).takes_passwords


def test_on_ones_own_machine_both_names_of_loopback_work():
    assert build_door(settings(Environment.LOCAL)).origins == {"http://127.0.0.1:8400", "http://localhost:8400"}


def test_partners_inside_are_named_one_by_one():
    own = NotificationsSettings(webhook_private_allow="127.0.0.1:8099, partner.lan:443,")

    assert own.private_allowed == {"127.0.0.1:8099", "partner.lan:443"}


def test_secrets_do_not_show():
    assert "s" * 40 not in repr(settings(**SECURE))
