"""A deadline in a few seconds, at whatever hour and on whatever day the stories are played."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from care_cli.stories.soon import CLINIC, noon_zone, soon
from care_scoring.core.policy import load_policy
from care_scoring.core.state.patient import PatientState
from care_shared.vocabulary import PatientId


@pytest.mark.parametrize(
    ("hour", "zone"),
    [
        pytest.param(0, "Etc/GMT-12", id="midnight"),
        pytest.param(12, "Etc/GMT", id="noon"),
        pytest.param(23, "Etc/GMT+11", id="late evening"),
    ],
)
def test_somewhere_it_is_noon(hour: int, zone: str) -> None:
    now = datetime(2026, 11, 22, hour, 59, tzinfo=UTC)

    assert noon_zone(now) == zone
    assert now.astimezone(ZoneInfo(noon_zone(now))).time() == time(12, 59)


@pytest.mark.parametrize(
    ("today", "left_on"),
    [
        pytest.param("2026-11-18", date(2026, 11, 16), id="a Wednesday follows from Monday"),
        pytest.param("2026-11-22", date(2026, 11, 19), id="a Sunday on which people work follows from Thursday"),
        pytest.param("2026-11-23", date(2026, 11, 19), id="a Monday follows from Thursday"),
        pytest.param("2026-11-26", date(2026, 11, 24), id="Thanksgiving on which people work follows from Tuesday"),
    ],
)
def test_the_call_is_due_in_twenty_seconds_on_any_day(today: str, left_on: date) -> None:
    found = soon(datetime.fromisoformat(f"{today}T07:31:04.250000+00:00"))

    assert found.due_at == datetime.fromisoformat(f"{today}T07:31:24+00:00")
    assert found.left_at == datetime.combine(left_on, time(17), UTC)


def test_only_patients_of_the_clinic_have_the_deadline() -> None:
    found = soon(datetime(2026, 11, 22, 7, 31, tzinfo=UTC))
    policy = load_policy(found.policy)
    elsewhere = PatientState(PatientId("p1"))

    assert policy.for_patient(elsewhere, found.due_at).discharge_contact.raise_at == time(12)
    assert policy.organizations[CLINIC].thresholds["discharge_contact"] == {"raise_at": "12:31:20"}
