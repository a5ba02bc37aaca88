"""What a FHIR sender may ask of us, written from the routes themselves so that it cannot be wrong."""

from collections.abc import Iterable

from care_intake.core.fhir_messages import BUNDLE_TYPES

PUBLISHED = "2026-11-22"


def capability_statement(resources: Iterable[str]) -> dict[str, object]:
    """A CapabilityStatement of what is taken: create per resource, Bundles, and notifications as messages."""
    named = sorted(set(resources) - {"Bundle"})
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "software": {"name": "CareLead intake"},
        "implementation": {"description": "Takes what hospitals, devices and clinics report; gives nothing back"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Bearer token of an agreed source"},
                "resource": [{"type": name, "interaction": [{"code": "create"}]} for name in named],
                "interaction": [{"code": code} for code in sorted(BUNDLE_TYPES & {"transaction", "batch"})],
                "operation": [
                    {
                        "name": "process-message",
                        "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
                    }
                ],
            }
        ],
        "messaging": [
            {
                "documentation": "Da Vinci Unsolicited Notifications: admit, transfer, discharge",
                "supportedMessage": [
                    {
                        "mode": "receiver",
                        "definition": "http://hl7.org/fhir/us/davinci-alerts/MessageDefinition/"
                        f"messagedefinition-{event}-notification",
                    }
                    for event in ("admit", "transfer", "discharge")
                ],
            }
        ],
    }
