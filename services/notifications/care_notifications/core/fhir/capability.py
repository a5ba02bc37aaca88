"""What may be asked of the FHIR interface, written from the very list that answers, so that it cannot be wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from care_notifications.core.fhir.names import BACKPORT, Names, Resource, present

PUBLISHED = "2026-11-26"
OPERATIONS = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition"
TOPIC_EXTENSION = f"{BACKPORT}/capabilitystatement-subscriptiontopic-canonical"


TYPES = {"patient": "reference", "_lastUpdated": "date", "date": "date", "identified": "date", "_count": "number"}


@dataclass(frozen=True, slots=True)
class Offered:
    """One interaction or operation that is answered."""

    kind: str
    code: str
    is_operation: bool = False
    params: tuple[str, ...] = ()


def capability_statement(offered: Sequence[Offered], topics: Sequence[str], names: Names) -> Resource:
    """The CapabilityStatement of this installation; `topics` are the canonicals one can subscribe to."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "software": {"name": "CareLead notifications"},
        "implementation": {"description": "Care gaps for partners and their own tools", "url": names.base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "patchFormat": ["application/json-patch+json"],
        "instantiates": [
            "http://hl7.org/fhir/uv/subscriptions-backport/CapabilityStatement/backport-subscription-server-r4"
        ],
        "rest": [_rest(offered, topics)],
    }


def _rest(offered: Sequence[Offered], topics: Sequence[str]) -> Resource:
    kinds = sorted({one.kind for one in offered})
    return {
        "mode": "server",
        "security": {"description": "Authorization: Bearer with the token of a partner; our own people by session"},
        "resource": [_resource(kind, [one for one in offered if one.kind == kind], topics) for kind in kinds],
    }


def _resource(kind: str, own: Sequence[Offered], topics: Sequence[str]) -> Resource:
    codes = sorted({one.code for one in own if not one.is_operation})
    params = sorted({name for one in own if one.code == "search-type" for name in one.params})
    extension = [{"url": TOPIC_EXTENSION, "valueUri": one} for one in topics] if kind == "Subscription" else []
    return present(
        extension=extension,
        type=kind,
        interaction=[{"code": code} for code in codes],
        versioning="versioned-update" if kind in ("Task", "Subscription") else "no-version",
        searchParam=[{"name": name, "type": TYPES.get(name, "token")} for name in params],
        operation=[
            {"name": one.code, "definition": f"{OPERATIONS}/backport-subscription-{one.code}"}
            for one in own
            if one.is_operation
        ],
    )
