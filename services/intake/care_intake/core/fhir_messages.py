"""A FHIR body, one resource or a Bundle of many, is handed resource by resource to the translators that know them."""

from collections.abc import Sequence

from pydantic import ValidationError

from care_intake.core.code_spots import fhir_spots, reword
from care_intake.core.fhir.elements import read, resource_type
from care_intake.core.fhir.models import Bundle, Entry
from care_intake.core.fhir.scope import Located, Scope, scope_of
from care_intake.core.fhir_kinds import CONTEXT, TRANSLATORS
from care_intake.core.fhir_requests import Wanted, asked_of, refuse_request
from care_intake.core.translation import Ignored, Reception, Translated
from care_intake.core.translators import fhir_notification
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

BUNDLE_TYPES = frozenset({"transaction", "batch", "collection", "message"})
# In these an entry stands for itself: one that cannot be used does not stop the others.
_INDEPENDENT = frozenset({"batch", "collection"})
# Who a record is about, as the resources call it.
_ABOUT = ("subject", "patient", "beneficiary", "for")
_NO_PATIENTS = frozenset({"Group", "Device", "Location", "Practitioner", "Organization", "Medication", "Substance"})
# R4 lets these be about nobody.
_OPTIONAL = {
    **dict.fromkeys(
        ("CareTeam", "DiagnosticReport", "DocumentReference", "Encounter", "MedicationDispense"), "subject"
    ),
    **dict.fromkeys(("Observation", "QuestionnaireResponse"), "subject"),
    "Consent": "patient",
    "Task": "for",
}
NOT_TAKEN = "is a kind that intake does not take"
NOT_USED = "is not a resource that rules use"
ONLY_CONTEXT = "is context for other resources, and no news by itself"
ABOUT_OTHERS = "is about no patient"
ABOUT_NOBODY = "is missing, so that this is about nobody"


def translate(value: object, reception: Reception, expected: str = "") -> Translated:
    """The facts of a FHIR body; `expected` is what its door lets in: a type, or a type and an id (PUT)."""
    kind = resource_type(value, "body")
    if reception.feed.mappings:
        reword(fhir_spots(value), reception.feed)
    wanted = asked_of(expected)
    if wanted.kind and kind != wanted.kind and kind not in TRANSLATORS and kind not in CONTEXT and kind != "Bundle":
        raise UnsupportedMessageError("resourceType", NOT_TAKEN)
    if wanted.kind and kind != wanted.kind:
        raise UnsupportedMessageError("resourceType", "is not the resource of this address")
    assert isinstance(value, dict)
    if kind == "Bundle":
        return _bundle(read(Bundle, value, "Bundle"), reception, wanted)
    if kind not in TRANSLATORS and kind not in CONTEXT:
        raise UnsupportedMessageError("resourceType", NOT_USED)
    wanted.refuse_other_id(value, kind)
    located = Located(kind, kind, value)
    return _resource(located, scope_of(reception, (located,)))


def message_id(value: object) -> str:
    """Under which number the sender knows this message: a message Bundle's identifier or id; others have none."""
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle" or value.get("type") != "message":
        return ""
    identifier = value.get("identifier")
    named = identifier.get("value") if isinstance(identifier, dict) else None
    found = named or value.get("id") or ""
    return found[:256] if isinstance(found, str) else ""


def _bundle(bundle: Bundle, reception: Reception, wanted: Wanted) -> Translated:
    if bundle.type not in BUNDLE_TYPES:
        raise UnsupportedMessageError("Bundle.type", "is none of transaction, batch, collection and message")
    if wanted.is_message and bundle.type != "message":
        raise UnsupportedMessageError("Bundle.type", "is not message, which is all that $process-message takes")
    is_independent = bundle.type in _INDEPENDENT
    resources, refused = _resources(bundle, is_independent=is_independent)
    scope = scope_of(reception, resources)
    if bundle.type == "message":
        return _message(bundle, resources, scope)
    parts = [_entry(one, scope, is_independent=is_independent) for one in resources]
    return _joined([Translated(ignored=refused), *parts])


def _resources(bundle: Bundle, *, is_independent: bool) -> tuple[tuple[Located, ...], tuple[Ignored, ...]]:
    found: list[Located] = []
    refused: list[Ignored] = []
    for number, entry in enumerate(bundle.entry):
        where = f"Bundle.entry[{number}]"
        try:
            found.append(_located(bundle, entry, where))
        except UnusableMessageError as error:
            if not is_independent:
                raise
            refused.append(Ignored(error.field, error.problem, is_refused=True))
    return tuple(found), tuple(refused)


def _located(bundle: Bundle, entry: Entry, where: str) -> Located:
    if bundle.type in ("transaction", "batch"):
        refuse_request(entry, where)
    if entry.resource is None:
        raise UnusableMessageError(f"{where}.resource", "is missing")
    kind = resource_type(entry.resource, f"{where}.resource")
    return Located(f"{where}.resource", kind, entry.resource, entry.fullUrl)


def _message(bundle: Bundle, resources: Sequence[Located], scope: Scope) -> Translated:
    if not resources or resources[0].kind != "MessageHeader":
        raise UnusableMessageError("Bundle.entry[0].resource", "is not a MessageHeader")
    notified, done = fhir_notification.translate(resources[0], scope, bundle.timestamp)
    rest = [_entry(one, scope, is_independent=False) for one in resources if one.where not in done]
    return _joined([notified, *rest])


def _entry(located: Located, scope: Scope, *, is_independent: bool) -> Translated:
    if located.kind not in TRANSLATORS:
        reason = ONLY_CONTEXT if located.kind in CONTEXT else NOT_USED
        return Translated(ignored=(Ignored(located.where, reason),))
    try:
        return _resource(located, scope)
    except UnusableMessageError as error:
        if not is_independent:
            raise
        return Translated(ignored=(Ignored(error.field, error.problem, is_refused=True),))


def _resource(located: Located, scope: Scope) -> Translated:
    translator = TRANSLATORS.get(located.kind)
    if translator is None:
        return Translated(ignored=(Ignored(located.where, ONLY_CONTEXT),))
    own = scope.within(located)
    others = _about_no_patient(located, own)
    if others:
        return Translated(ignored=(Ignored(f"{located.where}.{others}", ABOUT_OTHERS),))
    try:
        return translator(located, own)
    except UnusableMessageError as error:
        element = _OPTIONAL.get(located.kind, "")
        if element in located.value or error.field != f"{located.where}.{element}":
            raise
        return Translated(ignored=(Ignored(error.field, ABOUT_NOBODY),))
    except (ValidationError, OverflowError) as error:
        # A fact has limits (a code of 256 characters, a year that a calendar knows); the record goes beyond one.
        raise UnusableMessageError(located.where, f"goes beyond what a fact can hold{_limit(error)}") from None


def _limit(error: Exception) -> str:
    """Which part of the fact, by the contract's own name for it; a map's key would be the sender's word."""
    if not isinstance(error, ValidationError):
        return ""
    named = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"][:1]
    return "".join(f": {one}" for one in named)


def _about_no_patient(located: Located, scope: Scope) -> str:
    """The element that names a device, a place or a group instead of a patient; empty when none does."""
    for element in _ABOUT:
        pointer = located.value.get(element)
        if not isinstance(pointer, dict):
            continue
        reference, kind = pointer.get("reference", ""), pointer.get("type", "")
        found = scope.by_reference.get(reference) if isinstance(reference, str) else None
        named = reference.partition("?")[0].split("/") if isinstance(reference, str) else []
        kinds = {found.kind} if found is not None else {kind if isinstance(kind, str) else "", *named[-2:-1]}
        if kinds & _NO_PATIENTS:
            return element
    return ""


def _joined(parts: Sequence[Translated]) -> Translated:
    """All of them in order; a thousand entries are not added up one by one."""
    return Translated(
        tuple(one for part in parts for one in part.translations), tuple(one for part in parts for one in part.ignored)
    )
