"""What a FHIR sender may ask of us, written from the routes themselves so that it cannot be wrong."""

from collections.abc import Sequence

from care_intake.adapters.doors import Door
from care_intake.core.fhir.notifications import CARRIED, STAYS
from care_intake.core.fhir_kinds import CONTEXT
from care_intake.core.fhir_messages import BUNDLE_TYPES
from care_intake.core.formats import Format

PUBLISHED = "2026-11-26"
PROCESS_MESSAGE = "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message"
VALIDATE = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
NOTIFICATION = "http://hl7.org/fhir/us/davinci-alerts/MessageDefinition/messagedefinition"
_INTERACTIONS = {"POST": "create", "PUT": "update"}


def capability_statement(doors: Sequence[Door]) -> dict[str, object]:
    """A CapabilityStatement of what is taken: create and update per resource, Bundles, notifications as messages."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "software": {"name": "CareLead intake"},
        "implementation": {"description": "Takes what hospitals, devices and clinics report; gives nothing back"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [_rest([one for one in doors if one.format is Format.FHIR])],
        "messaging": [_messaging()],
    }


def _rest(doors: Sequence[Door]) -> dict[str, object]:
    kinds = sorted({one.resource for one in doors if one.path.removeprefix("/fhir/") == one.resource})
    return {
        "mode": "server",
        "security": {"description": "Bearer token of an agreed source"},
        "resource": [_resource(kind, doors) for kind in kinds],
        "interaction": [{"code": code} for code in sorted(BUNDLE_TYPES & {"transaction", "batch"})],
        "operation": [
            {"name": "process-message", "definition": PROCESS_MESSAGE},
            {"name": "validate", "definition": VALIDATE},
        ],
    }


def _resource(kind: str, doors: Sequence[Door]) -> dict[str, object]:
    own = [one for one in doors if one.resource == kind]
    codes = sorted({_INTERACTIONS[one.method] for one in own if not one.is_dry})
    context = {"documentation": "Explains other resources; alone it is kept and leads to nothing"}
    return {
        "type": kind,
        **(context if kind in CONTEXT else {}),
        "interaction": [{"code": code} for code in codes],
        "versioning": "no-version",
        "updateCreate": "update" in codes,
        "conditionalCreate": True,
        "searchParam": [
            {"name": "identifier", "type": "token", "documentation": "In If-None-Exist only, as system|value"}
        ],
        "operation": [{"name": "validate", "definition": VALIDATE} for one in own if one.is_dry],
    }


def _messaging() -> dict[str, object]:
    events = sorted(one.removeprefix("notification-") for one in STAYS | CARRIED)
    return {
        "documentation": "Da Vinci Unsolicited Notifications; of other events what their resources say by themselves",
        "supportedMessage": [
            {"mode": "receiver", "definition": f"{NOTIFICATION}-{event}-notification"} for event in events
        ],
    }
