"""Somebody tried to reach the patient or caregiver, and how that ended (FHIR Communication)."""

import re
from collections.abc import Sequence

from care_intake.core.fhir.elements import Concept, Reference, read
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import Statement, aside, person_of, stated
from care_intake.core.fhir.work import Communication
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import ContactLogged, ContactRetracted
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import ContactChannel, ContactId, ContactOutcome, ContactParty, ContactPurpose

_NOT_YET = frozenset({"preparation", "in-progress", "on-hold", "unknown"})
_NOT_DONE = frozenset({"not-done", "stopped"})
# v3-ParticipationMode and the words people write; what goes one way only is never a contact (TCM, clinical.md 1.2).
_MEDIA = (
    (re.compile(r"SMS|TEXT|E-?MAIL|MAIL|FAX|LETTER|WRIT", re.IGNORECASE), ContactChannel.TEXT_MESSAGE),
    (re.compile(r"VIDEO|TELEHEALTH", re.IGNORECASE), ContactChannel.VIDEO),
    (re.compile(r"PORTAL|ONLINE|ELECTRONIC", re.IGNORECASE), ContactChannel.PORTAL),
    (re.compile(r"PHONE|CALL|VERBAL|DICTATE", re.IGNORECASE), ContactChannel.PHONE),
    (re.compile(r"FACE|PHYSICAL|IN.?PERSON|HOME VISIT", re.IGNORECASE), ContactChannel.IN_PERSON),
)
_TALKS = frozenset({ContactChannel.PHONE, ContactChannel.VIDEO, ContactChannel.IN_PERSON})
_FAILURES = (
    (re.compile(r"wrong|invalid|disconnect", re.IGNORECASE), ContactOutcome.WRONG_NUMBER),
    (re.compile(r"declin|refus|patient-objection|objection", re.IGNORECASE), ContactOutcome.DECLINED),
    (re.compile(r"message|voice ?mail", re.IGNORECASE), ContactOutcome.LEFT_MESSAGE),
)
_AT_HOME = frozenset({"Patient", "RelatedPerson"})
_SCHEDULING = re.compile(r"schedul|reminder", re.IGNORECASE)


def translate(located: Located, scope: Scope) -> Translated:
    """The attempt and its outcome; a talk among professionals is none."""
    talk = read(Communication, located.value, located.where)
    if talk.status in _NOT_YET:
        return aside(located, "has not taken place")
    patient = _patient(talk, scope)
    if patient is None:
        return aside(located, "is missing, and no patient wrote or was written to", "subject")
    said = stated(talk, patient, located, scope)
    number = said.number("contact") or derived_id("contact", *said.patient.primary, str(int(said.now.timestamp())))
    if talk.status == "entered-in-error":
        return said.tell([ContactRetracted(**said.envelope(said.said_at), contact_id=ContactId(number))])
    if talk.status != "completed" and talk.status not in _NOT_DONE:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a Communication")
    party = _party([*talk.recipient, talk.sender], scope)
    channel = _channel(talk.medium)
    if party is None:
        return aside(located, "is between others than the patient and those who care at home", "recipient")
    if channel is None:
        return aside(located, "does not say by which way, so nobody knows whether it was a talk", "medium")
    return said.tell([_contact(talk, said, ContactId(number), party, channel)])


def _patient(talk: Communication, scope: Scope) -> Reference | None:
    """Whom it is about, else the patient who wrote or was written to; None when it names nobody at all."""
    if talk.subject != Reference():
        return talk.subject
    return next((one for one in (*talk.recipient, talk.sender) if _kind(one, scope) == "Patient"), None)


def _contact(
    talk: Communication, said: Statement, number: ContactId, party: ContactParty, channel: ContactChannel
) -> ContactLogged:
    texts = _texts([*talk.category, *talk.reasonCode, talk.topic])
    return ContactLogged(
        **said.envelope(said.moment("sent", talk.sent), said.moment("received", talk.received)),
        contact_id=number,
        outcome=_outcome(talk, channel, said.scope),
        channel=channel,
        party=party,
        purpose=ContactPurpose.SCHEDULING_ONLY if _SCHEDULING.search(texts) else ContactPurpose.CARE,
        by=None
        if _kind(talk.sender, said.scope) in ("Patient", "RelatedPerson")
        else person_of(talk.sender, said.scope),
    )


def _outcome(talk: Communication, channel: ContactChannel, scope: Scope) -> ContactOutcome:
    reason = _texts([talk.statusReason])
    failure = next((end for signs, end in _FAILURES if signs.search(reason)), None)
    if failure or talk.status in _NOT_DONE:
        return failure or ContactOutcome.NO_ANSWER
    is_theirs = _kind(talk.sender, scope) in _AT_HOME
    return ContactOutcome.REACHED if channel in _TALKS or is_theirs else ContactOutcome.LEFT_MESSAGE


def _party(people: Sequence[Reference], scope: Scope) -> ContactParty | None:
    kinds = {_kind(one, scope) for one in people}
    if "Patient" in kinds:
        return ContactParty.PATIENT
    return ContactParty.CAREGIVER if "RelatedPerson" in kinds else None


def _kind(reference: Reference, scope: Scope) -> str:
    found = scope.find(reference)
    if found is not None:
        return found.kind
    named = reference.reference.partition("?")[0]
    return reference.type or next((one for one in ("Patient", "RelatedPerson") if f"/{one}/" in f"/{named}/"), "")


def _channel(media: Sequence[Concept]) -> ContactChannel | None:
    texts = _texts(media)
    found = [channel for signs, channel in _MEDIA if signs.search(texts)]
    return next((one for one in found if one in _TALKS), next(iter(found), None))


def _texts(concepts: Sequence[Concept]) -> str:
    return " ".join(f"{one.text} {' '.join(f'{c.code} {c.display}' for c in one.coding)}" for one in concepts)
