"""The language of the notification tests: alerts as scoring sends them, a small directory, a fixed Monday morning."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from care_notifications.core.agreements import Agreement
from care_notifications.core.decide import ALONE, decide
from care_notifications.core.effects import Decision, Deliver, Suppress
from care_notifications.core.situation import Around
from care_notifications.core.state import AlertRecord, Channel, Directory, Endpoint, Person, Told
from care_shared.contracts.care_alerts import CareAlert, CareTeam, PatientSummary
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import (
    AlertChange,
    CloseReason,
    EventId,
    GapId,
    OrganizationId,
    PatientId,
    PersonId,
    Role,
    Severity,
    Tier,
)

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # Monday, nine in the morning in New York
ANNA, BEN, DESK = PersonId("cm-anna"), PersonId("cm-ben"), PersonId("default-lead")
HARBOR = OrganizationId("agency-harbor")
BOTH = (Role.CARE_MANAGER, Role.AGENCY)
AGREEMENT = Agreement("harbor-2026", HARBOR, datetime(2026, 1, 1, tzinfo=UTC))
TEAM = CareTeam(lead_care_manager=ANNA, backup=BEN, agency=HARBOR)


def care_alert(gap: str = "gap-1", revision: int = 1, **other: Any) -> CareAlert:
    """An opened P2 alert of Carl Juniper, led by Anna, unless told otherwise."""
    change = other.pop("change", AlertChange.OPENED if revision == 1 else AlertChange.UPDATED)
    told: dict[str, Any] = {
        "event_id": EventId(derived_id("alert", gap, str(revision))),
        "gap_id": GapId(gap),
        "revision": revision,
        "change": change,
        "patient_id": PatientId("patient-1"),
        "patient": PatientSummary(
            display_name="Juniper, Carl", birth_date=date(1948, 3, 2), phone="+15550100", home_zone="America/New_York"
        ),
        "care_team": TEAM,
        "rule_id": "discharge-follow-up",
        "episode": "stay-1",
        "tier": Tier.P2,
        "severity": Severity.HIGH,
        "reason": "no-contact",
        "explanation": "Discharged on Thursday; nobody has reached him within two business days.",
        "next_step": "Call the patient or the caregiver.",
        "due_at": NOW + timedelta(hours=4),
        "opened_at": NOW - timedelta(minutes=5),
        "changed_at": NOW - timedelta(minutes=1),
        "close_reason": CloseReason.EVIDENCE if change is AlertChange.CLOSED else None,
    }
    return CareAlert.model_validate(told | other)


def directory(**changed: Any) -> Directory:
    """Anna, Ben and the desk; Harbor has one endpoint."""
    people = {name: Person(name) for name in (ANNA, BEN, DESK)}
    told: dict[str, Any] = {
        "people": people,
        "endpoints": (Endpoint("endpoint-harbor", HARBOR),),
        "default_owner": DESK,
        "channels": frozenset(Channel),
        "agreements": {HARBOR: (AGREEMENT,)},
    }
    return Directory(**(told | changed))


def around(**changed: Any) -> Around:
    """Nothing else of this patient, no consents, the policy we ship."""
    return replace(ALONE, **changed)


class Story:
    """Messages about one gap, one after the other, each decided with what the earlier ones led to."""

    def __init__(self, known: Directory | None = None) -> None:
        self.directory = known or directory()
        self.record: AlertRecord | None = None
        self.told: tuple[Told, ...] = ()

    def hear(self, alert: CareAlert, now: datetime = NOW, around: Around = ALONE) -> Decision:
        """One more message."""
        decision = decide(alert, self.record, self.told, self.directory, now, around)
        self.record = decision.record or self.record
        self.told += tuple(
            Told(one.recipient, one.standing, one.channel, one.tier, one.notice, one.round, one.step)
            for one in decision.effects
            if isinstance(one, Deliver)
        )
        return decision


def sent(decision: Decision) -> list[tuple[str, str, str]]:
    """Who is told, over what, about what."""
    return [(one.recipient, one.channel, one.notice) for one in decision.effects if isinstance(one, Deliver)]


def withheld(decision: Decision) -> list[tuple[str, str | None, str]]:
    """Who is not told, over what, and why."""
    return [(one.recipient, one.channel, one.reason) for one in decision.effects if isinstance(one, Suppress)]
