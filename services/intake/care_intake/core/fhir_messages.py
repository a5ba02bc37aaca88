"""A FHIR body, one resource or a Bundle of many, is handed resource by resource to the translators that know them."""

from collections.abc import Callable, Sequence

from care_intake.core.code_spots import fhir_spots, reword
from care_intake.core.fhir.elements import read, resource_type
from care_intake.core.fhir.models import Bundle
from care_intake.core.fhir.scope import Located, Scope, scope_of
from care_intake.core.translation import Ignored, Reception, Translated
from care_intake.core.translators import (
    fhir_appointment,
    fhir_condition,
    fhir_encounter,
    fhir_notification,
    fhir_observation,
    fhir_patient,
)
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

Translator = Callable[[Located, Scope], Translated]

TRANSLATORS: dict[str, Translator] = {
    "Patient": fhir_patient.translate,
    "Encounter": fhir_encounter.translate,
    "Observation": fhir_observation.translate,
    "Condition": fhir_condition.translate,
    "Appointment": fhir_appointment.translate,
}
BUNDLE_TYPES = frozenset({"transaction", "batch", "collection", "message"})
# In these an entry stands for itself: one that cannot be used does not stop the others.
_INDEPENDENT = frozenset({"batch", "collection"})
NOT_TAKEN = "is a kind that intake does not take"
NOT_USED = "is not a resource that rules use"


def translate(value: object, reception: Reception, expected: str = "") -> Translated:
    """The facts of a FHIR body; `expected` is the type that the door it came through lets in."""
    kind = resource_type(value, "body")
    if reception.feed.mappings:
        reword(fhir_spots(value), reception.feed)
    if expected and kind != expected and kind not in TRANSLATORS and kind != "Bundle":
        raise UnsupportedMessageError("resourceType", NOT_TAKEN)
    if expected and kind != expected:
        raise UnsupportedMessageError("resourceType", "is not the resource of this address")
    assert isinstance(value, dict)
    if kind == "Bundle":
        return _bundle(read(Bundle, value, "Bundle"), reception)
    translator = TRANSLATORS.get(kind)
    if translator is None:
        raise UnsupportedMessageError("resourceType", NOT_USED)
    located = Located(kind, kind, value)
    return translator(located, scope_of(reception, (located,)))


def message_id(value: object) -> str:
    """Under which number the sender knows this message: a message Bundle's identifier or id; others have none."""
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle" or value.get("type") != "message":
        return ""
    identifier = value.get("identifier")
    named = identifier.get("value") if isinstance(identifier, dict) else None
    found = named or value.get("id") or ""
    return found[:256] if isinstance(found, str) else ""


def _bundle(bundle: Bundle, reception: Reception) -> Translated:
    if bundle.type not in BUNDLE_TYPES:
        raise UnsupportedMessageError("Bundle.type", "is none of transaction, batch, collection and message")
    resources = _resources(bundle)
    scope = scope_of(reception, resources)
    if bundle.type == "message":
        return _message(bundle, resources, scope)
    is_independent = bundle.type in _INDEPENDENT
    return sum((_entry(one, scope, is_independent=is_independent) for one in resources), Translated())


def _resources(bundle: Bundle) -> tuple[Located, ...]:
    found = []
    for number, entry in enumerate(bundle.entry):
        where = f"Bundle.entry[{number}].resource"
        if entry.resource is None:
            if entry.request is not None and entry.request.method == "DELETE":
                raise UnsupportedMessageError(f"Bundle.entry[{number}].request.method", "cannot be DELETE")
            raise UnusableMessageError(where, "is missing")
        found.append(Located(where, resource_type(entry.resource, where), entry.resource, entry.fullUrl))
    return tuple(found)


def _message(bundle: Bundle, resources: Sequence[Located], scope: Scope) -> Translated:
    if not resources or resources[0].kind != "MessageHeader":
        raise UnusableMessageError("Bundle.entry[0].resource", "is not a MessageHeader")
    notified, done = fhir_notification.translate(resources[0], scope, bundle.timestamp)
    rest = (_entry(one, scope, is_independent=False) for one in resources if one.where not in done)
    return sum(rest, notified)


def _entry(located: Located, scope: Scope, *, is_independent: bool) -> Translated:
    translator = TRANSLATORS.get(located.kind)
    if translator is None:
        return Translated(ignored=(Ignored(located.where, NOT_USED),))
    try:
        return translator(located, scope)
    except UnusableMessageError as error:
        if not is_independent:
            raise
        return Translated(ignored=(Ignored(error.field, error.problem),))
