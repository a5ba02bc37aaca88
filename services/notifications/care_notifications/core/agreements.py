"""A partner gets what an agreement grants: about which rules, over which channels, which fields, and for how long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from care_notifications.core.reasons import Reason
from care_notifications.core.state import Channel
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import OrganizationId


class Grant(StrEnum):
    """A field that leaves the house only when an agreement names it. Without any, a partner gets ids and a link."""

    PATIENT_ID = "patient-id"
    PATIENT_NAME = "patient-name"
    BIRTH_DATE = "birth-date"
    RULE = "rule"
    REASON = "reason"
    EXPLANATION = "explanation"
    NEXT_STEP = "next-step"
    LEAD = "lead"
    CARE_INSTRUCTIONS = "care-instructions"
    FULL_RESOURCE = "full-resource"
    SCORES = "scores"


@dataclass(frozen=True, slots=True)
class LeadContact:
    """Whom the partner may call about this alert: the person who answers for it now."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What one organisation may have. No rules named: about every rule. `instructions` by rule, "" for all others."""

    id: str
    organization: OrganizationId
    begin: datetime
    end: datetime | None = None
    rules: frozenset[str] = frozenset()
    channels: frozenset[Channel] = frozenset({Channel.WEBHOOK})
    grants: frozenset[Grant] = frozenset()
    instructions: Mapping[str, str] = field(default_factory=dict)

    def at(self, now: datetime) -> bool:
        """Whether it holds now."""
        return self.begin <= now and (self.end is None or now < self.end)

    def covers(self, rule_id: str) -> bool:
        """Whether alerts of this rule are meant."""
        return not self.rules or rule_id in self.rules


def reason_not_agreed(
    agreements: Iterable[Agreement], rule_id: str | None, channel: Channel, now: datetime
) -> Reason | None:
    """Why the organisation with these agreements may not be told (about a rule, or at all), or None when it may."""
    living = [one for one in agreements if one.at(now)]
    if not living:
        return Reason.NO_AGREEMENT
    about = [one for one in living if rule_id is None or one.covers(rule_id)]
    if not about:
        return Reason.RULE_NOT_AGREED
    return None if any(channel in one.channels for one in about) else Reason.CHANNEL_NOT_AGREED


def grants_of(
    agreements: Iterable[Agreement], rule_id: str | None, channel: Channel, now: datetime
) -> frozenset[Grant]:
    """Everything that the agreements which hold now grant together; about one rule, or about any."""
    holding = (one for one in agreements if one.at(now) and channel in one.channels)
    return frozenset().union(*(one.grants for one in holding if rule_id is None or one.covers(rule_id)))


def granted(
    agreements: Iterable[Agreement], alert: CareAlert, channel: Channel, lead: LeadContact | None, now: datetime
) -> dict[str, object]:
    """The fields that travel beside ids and link, by all agreements that hold for this alert together."""
    told: dict[str, object] = {}
    for one in agreements:
        if one.at(now) and one.covers(alert.rule_id) and channel in one.channels:
            for grant in sorted(one.grants):
                value = _value(grant, one, alert, lead)
                if value is not None:
                    told[grant.value.replace("-", "_")] = value
    return told


def _value(grant: Grant, agreement: Agreement, alert: CareAlert, lead: LeadContact | None) -> object:
    """What a grant comes to; None when there is nothing to tell."""
    match grant:
        case Grant.LEAD:
            return {"name": lead.name, "phone": lead.phone or None} if lead is not None else None
        case Grant.CARE_INSTRUCTIONS:
            return agreement.instructions.get(alert.rule_id) or agreement.instructions.get("")
        case Grant.FULL_RESOURCE | Grant.SCORES:
            return None  # of FHIR only: how a notification looks, and whether RiskAssessments exist
        case Grant.BIRTH_DATE:
            return alert.patient.birth_date.isoformat() if alert.patient.birth_date else None
        case _:
            return _words(grant, alert) or None


def _words(grant: Grant, alert: CareAlert) -> str:
    return {
        Grant.PATIENT_ID: alert.patient_id,
        Grant.PATIENT_NAME: alert.patient.display_name,
        Grant.RULE: alert.rule_id,
        Grant.REASON: alert.reason,
        Grant.EXPLANATION: alert.explanation,
        Grant.NEXT_STEP: alert.next_step,
    }[grant]
