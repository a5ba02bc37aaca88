"""A hospital, laboratory, pharmacy or partner notifies us of one event (Da Vinci Unsolicited Notifications)."""

from care_intake.core.fhir.contacts import NEVER_WAS, told
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.models import Encounter, MessageHeader
from care_intake.core.fhir.notifications import NOT_CARRIED, STAYS
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.stays import OUTPATIENT, Stay, stay_of
from care_intake.core.translation import Ignored, Translated, one_patient
from care_shared.contracts.care_events import CareEvent
from care_shared.errors import UnsupportedMessageError, UnusableMessageError
from care_shared.vocabulary import EncounterClass


def translate(header: Located, scope: Scope, sent_at: str) -> tuple[Translated, frozenset[str]]:
    """The facts of the notified stay, and the paths of the resources that are thereby dealt with.

    Notifications of other kinds (vitals, conditions) carry their news in resources that speak for themselves.
    """
    message = read(MessageHeader, header.value, header.where)
    event = message.eventCoding.code
    if not event.startswith("notification-"):
        raise UnsupportedMessageError(f"{header.where}.eventCoding", "is not a Da Vinci notification")
    if event in STAYS:
        return _stay(message, header, scope, sent_at)
    reason = NOT_CARRIED.get(event)
    if reason is None:
        return Translated(), frozenset({header.where})
    everything = frozenset(one.where for one in scope.resources)
    return Translated(ignored=(Ignored(f"{header.where}.eventCoding", reason),)), everything


def _stay(message: MessageHeader, header: Located, scope: Scope, sent_at: str) -> tuple[Translated, frozenset[str]]:
    focus = _encounter(message, header, scope)
    done = frozenset({header.where, focus.where})
    encounter = read(Encounter, focus.value, focus.where)
    said_at = scope.moment(sent_at, "Bundle.timestamp")
    stay = stay_of(encounter, focus.where, scope, said_at)
    if stay.kind in OUTPATIENT:
        return told(encounter, focus, scope), done
    return one_patient(stay.patient, _facts(stay, message.eventCoding.code)), done


def _encounter(message: MessageHeader, header: Located, scope: Scope) -> Located:
    for number, reference in enumerate(message.focus):
        found = scope.find(reference)
        if found is None:
            raise UnusableMessageError(f"{header.where}.focus[{number}]", "is not in the message")
        if found.kind == "Encounter":
            return found
    raise UnusableMessageError(f"{header.where}.focus", "names no Encounter")


def _facts(stay: Stay, event: str) -> list[CareEvent]:
    if stay.status in NEVER_WAS:
        return [stay.cancelled()]
    if event == "notification-discharge":
        return [stay.discharged()]
    if event == "notification-admit":
        return [stay.admitted()]
    # A bed move inside one facility is not notified; a transfer continues the stay, or changes its class.
    return [stay.updated()] if stay.kind is EncounterClass.EMERGENCY or not stay.began_at else [stay.admitted()]
