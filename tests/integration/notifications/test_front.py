"""Pages and interfaces are served on one port, and every answer is equally guarded."""

import httpx2
import pytest
from pydantic import SecretStr

from care_notifications.app import build_app
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.settings import KafkaSettings, PostgresSettings
from tests.care_alerts import NOW

pytestmark = pytest.mark.stack

SITE = "https://care.example"


@pytest.mark.parametrize("path", ["/", "/partner/v1/events", "/fhir/Task", "/fhir/metadata", "/api/v1/me", "/c/none"])
async def test_every_answer_is_locked_down_and_not_kept_whoever_asks_for_what(there, path):
    settings = Settings(
        kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
        postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
        notifications=NotificationsSettings(base_url=SITE),
    )
    front = build_app(settings, there.pool, lambda: NOW).doors.front
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=front), base_url=SITE) as http:
        headers = (await http.get(path)).headers

    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["cache-control"] == "no-store"
