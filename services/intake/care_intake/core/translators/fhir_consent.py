"""The patient allows or refuses a disclosure, or takes an answer back (FHIR Consent)."""

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.people import Consent
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import LONGEST, aside, organization_of, stated
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import ConsentChanged
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import OrganizationId

_ENDED = frozenset({"inactive", "entered-in-error", "rejected"})
_NOT_YET = frozenset({"draft", "proposed"})


def translate(located: Located, scope: Scope) -> Translated:
    """One fact per recipient. What is not plainly a permit is a refusal: silence allows nothing."""
    consent = read(Consent, located.value, located.where)
    if consent.status in _NOT_YET:
        return aside(located, "is a draft or a proposal")
    if consent.status != "active" and consent.status not in _ENDED:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a Consent")
    words = [one.first_code or one.words for one in (consent.scope, *consent.category)]
    kind = next((one for one in words if one), "")[:LONGEST]
    if not kind:
        return aside(located, "does not say what it is about", "scope")
    said = stated(consent, consent.patient, located, scope, "patient")
    named = [organization_of(one.reference, scope) for one in consent.provision.actor]
    recipients: list[OrganizationId | None] = [one for one in dict.fromkeys(named) if one]
    expires = said.moment("provision.period.end", consent.provision.period.end)
    answered = said.moment("dateTime", consent.dateTime)
    return said.tell(
        ConsentChanged(
            **said.envelope(answered if consent.status == "active" else said.said_at, answered),
            scope=kind,
            permitted=consent.status == "active" and consent.provision.type == "permit",
            recipient=recipient,
            expires_at=expires,
        )
        for recipient in (recipients or [None])
    )
