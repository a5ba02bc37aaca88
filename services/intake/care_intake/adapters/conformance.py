"""What a FHIR sender may ask of us, written from the routes themselves so that it cannot be wrong."""

from collections.abc import Iterable

from care_intake.core.fhir_messages import BUNDLE_TYPES

PUBLISHED = "2026-11-22"
PROCESS_MESSAGE = "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message"
NOTIFICATION = "http://hl7.org/fhir/us/davinci-alerts/MessageDefinition/messagedefinition"


def capability_statement(resources: Iterable[str]) -> dict[str, object]:
    """A CapabilityStatement of what is taken: create per resource, Bundles, and notifications as messages."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "software": {"name": "CareLead intake"},
        "implementation": {"description": "Takes what hospitals, devices and clinics report; gives nothing back"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [_rest(sorted(set(resources) - {"Bundle"}))],
        "messaging": [_messaging()],
    }


def _rest(resources: list[str]) -> dict[str, object]:
    return {
        "mode": "server",
        "security": {"description": "Bearer token of an agreed source"},
        "resource": [{"type": name, "interaction": [{"code": "create"}]} for name in resources],
        "interaction": [{"code": code} for code in sorted(BUNDLE_TYPES & {"transaction", "batch"})],
        "operation": [{"name": "process-message", "definition": PROCESS_MESSAGE}],
    }


def _messaging() -> dict[str, object]:
    return {
        "documentation": "Da Vinci Unsolicited Notifications: admit, transfer, discharge",
        "supportedMessage": [
            {"mode": "receiver", "definition": f"{NOTIFICATION}-{event}-notification"}
            for event in ("admit", "transfer", "discharge")
        ],
    }
