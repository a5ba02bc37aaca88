"""A care gap as a DetectedIssue, with the gap status of Da Vinci DEQM, and the patient it is about."""

from datetime import datetime

from care_notifications.core.fhir.names import (
    ACT_CODE,
    CONFIDENTIALITY,
    FHIR_ID,
    GAP_STATUS,
    GAP_STATUSES,
    Names,
    Resource,
    concept,
    instant,
    present,
)
from care_notifications.core.state import is_closed
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier

# HL7's request-priority for our tiers: stat at once, asap soon, urgent the same day, routine.
PRIORITIES = {Tier.P1: "stat", Tier.P2: "asap", Tier.P3: "urgent", Tier.P4: "routine"}


def shareable(alert: CareAlert) -> bool:
    """Whether a partner may learn of this alert at all: it is meant for an agency, without a label, not private.

    Without a consent on file the answer for labelled facts is no (42 CFR Part 2, clinical.md 8.6 P2-1 to P2-3).
    """
    return Role.AGENCY in alert.audience and not alert.labels and not alert.private


def is_cancelled(alert: CareAlert) -> bool:
    """Whether the gap turned out not to have been one."""
    return is_closed(alert) and alert.close_reason is CloseReason.WITHDRAWN


def detected_issue(alert: CareAlert, updated_at: datetime, names: Names, closed: bool | None = None) -> Resource:
    """The DetectedIssue of one gap as it is now. `closed` when a person of ours said otherwise than the message."""
    over = is_closed(alert) if closed is None else closed
    return present(
        resourceType="DetectedIssue",
        id=alert.gap_id,
        meta=_meta(alert, updated_at),
        extension=_extensions(alert, names),
        modifierExtension=[_gap_status(over)],
        identifier=[names.identifier("gap", alert.gap_id)],
        status="cancelled" if is_cancelled(alert) else "final",
        code=_code(alert, names),
        severity=alert.severity.value,
        patient=names.patient(alert.patient_id),
        identifiedDateTime=instant(alert.opened_at),
        evidence=[{"code": [{"text": one.what}], "detail": [names.event(one.event_id)]} for one in alert.evidence],
        detail=alert.explanation,
        mitigation=_mitigation(alert, updated_at, names) if over else [],
    )


def patient(alert: CareAlert, updated_at: datetime, names: Names) -> Resource:
    """As much of the Patient as the newest alert about them says."""
    about = alert.patient
    return present(
        resourceType="Patient",
        id=alert.patient_id if FHIR_ID.fullmatch(alert.patient_id) else None,
        meta={"lastUpdated": instant(updated_at)},
        identifier=[names.identifier("patient", alert.patient_id)],
        name=[{"text": about.display_name}] if about.display_name else [],
        telecom=[{"system": "phone", "value": about.phone}] if about.phone else [],
        birthDate=about.birth_date.isoformat() if about.birth_date else None,
        managingOrganization=_agency(alert, names),
    )


def _agency(alert: CareAlert, names: Names) -> Resource | None:
    agency = alert.care_team.agency
    return {"identifier": names.identifier("organization", agency)} if agency else None


def _meta(alert: CareAlert, updated_at: datetime) -> Resource:
    return present(
        versionId=str(alert.revision), lastUpdated=instant(updated_at), security=[_label(one) for one in alert.labels]
    )


def _label(label: SensitivityLabel) -> Resource:
    system = CONFIDENTIALITY if label is SensitivityLabel.VERY_RESTRICTED else ACT_CODE
    return {"system": system, "code": label.value}


def _gap_status(closed: bool) -> Resource:
    status = "closed-gap" if closed else "open-gap"
    return {"url": GAP_STATUS, "valueCodeableConcept": concept(GAP_STATUSES, status)}


def _code(alert: CareAlert, names: Names) -> Resource:
    coding = [{"system": ACT_CODE, "code": "CAREGAP"}]
    if alert.rule_id:
        coding.append({"system": names.system("rule"), "code": alert.rule_id, "version": str(alert.rule_version)})
    return present(coding=coding, text=alert.reason)


def _extensions(alert: CareAlert, names: Names) -> list[Resource]:
    found: list[Resource] = [{"url": names.extension("tier"), "valueCode": alert.tier.value}]
    if alert.next_step:
        found.append({"url": names.extension("next-step"), "valueString": alert.next_step})
    if alert.due_at is not None:
        found.append({"url": names.extension("due"), "valueDateTime": instant(alert.due_at)})
    return found


def _mitigation(alert: CareAlert, updated_at: datetime, names: Names) -> list[Resource]:
    if not is_closed(alert):
        return [{"action": names.code("close-reason", "resolved"), "date": instant(updated_at)}]
    reason = alert.close_reason or CloseReason.EVIDENCE
    return [{"action": names.code("close-reason", reason.value), "date": instant(alert.changed_at)}]
