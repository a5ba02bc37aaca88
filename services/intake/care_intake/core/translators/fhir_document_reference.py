"""A document about the patient arrives (FHIR DocumentReference). Its text stays here."""

from care_intake.core import document_kinds
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.findings import DocumentReference
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import encounter_of, number_of, stated
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import CareEvent, DocumentReceived, ReferralReportReceived
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import SensitivityLabel

_STATUSES = frozenset({"current", "superseded", "entered-in-error"})
_NOT_FINAL = frozenset({"preliminary", "entered-in-error"})


def translate(located: Located, scope: Scope) -> Translated:
    """That it arrived, of which kind, for which stay and referral; withdrawn or preliminary is not final."""
    document = read(DocumentReference, located.value, located.where)
    if document.status not in _STATUSES:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a DocumentReference")
    codes = [one.code for one in document.type.coding]
    labels = (SensitivityLabel.PSYCHIATRIC,) if set(codes) & document_kinds.PSYCHIATRIC else ()
    said = stated(document, document.subject, located, scope, labels=labels)
    stays = (encounter_of(one, scope) for one in document.context.encounter)
    kind = document_kinds.kind_of(codes, [document.type.words, *(one.display for one in document.type.coding)])
    referral = number_of("referral", "ServiceRequest", document.context.related, scope) or None
    is_final = document.status == "current" and document.docStatus not in _NOT_FINAL
    written = said.moment("date", document.date)
    facts: list[CareEvent] = [
        DocumentReceived(
            **said.envelope(written),
            document_id=said.number("document") or derived_id("document", *said.patient.primary, *codes, document.date),
            kind=kind,
            encounter_id=next((one for one in stays if one), None),
            referral_id=referral,
            final=is_final,
        )
    ]
    if referral and is_final and kind == document_kinds.CONSULT_REPORT:
        facts.append(ReferralReportReceived(**said.envelope(written), referral_id=referral))
    return said.tell(facts)
