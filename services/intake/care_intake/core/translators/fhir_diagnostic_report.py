"""A laboratory or a consultant reports, or says that the result is still to come (FHIR DiagnosticReport)."""

from care_intake.core import document_kinds
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.findings import DiagnosticReport
from care_intake.core.fhir.observations import contained_findings
from care_intake.core.fhir.scope import Located, Scope, coded
from care_intake.core.fhir.statement import Statement, aside, encounter_of, kept, number_of, stated
from care_intake.core.translation import Ignored, Translated
from care_shared.contracts.care_events import (
    CareEvent,
    DocumentReceived,
    ReferralReportReceived,
    ResultPending,
)
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import SensitivityLabel

_PENDING = frozenset({"registered", "partial", "preliminary"})
_FINAL = frozenset({"final", "amended", "corrected", "appended"})
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})


def translate(located: Located, scope: Scope) -> Translated:
    """A result that is awaited, a consult report, or the results inside; results beside it speak for themselves."""
    report = read(DiagnosticReport, located.value, located.where)
    if report.status == "unknown":
        return aside(located, "is of unknown status")
    if report.status not in _PENDING | _FINAL | _WITHDRAWN:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a DiagnosticReport")
    said = stated(report, report.subject, located, scope, labels=_labels(report))
    if report.status in _PENDING:
        return _pending(report, said)
    inner = contained_findings(located, scope, report.status if report.status in _WITHDRAWN else "")
    documents = _documents(report, said)
    if not documents and not inner.translations:
        inner = Translated(ignored=(*inner.ignored, Ignored(located.where, "holds no result of its own")))
    return said.tell(documents) + inner if documents else inner


def _labels(report: DiagnosticReport) -> tuple[SensitivityLabel, ...]:
    codes = {one.code for one in report.code.coding}
    return (SensitivityLabel.PSYCHIATRIC,) if codes & document_kinds.PSYCHIATRIC else ()


def _pending(report: DiagnosticReport, said: Statement) -> Translated:
    test = kept(report.code, coded(report.code))
    if test is None:
        return aside(said.located, "names no test", "code")
    order = number_of("lab-order", "ServiceRequest", report.basedOn, said.scope) or said.number("lab-order")
    fact = ResultPending(
        **said.envelope(
            said.moment("effectiveDateTime", report.effectiveDateTime),
            said.moment("effectivePeriod.start", report.effectivePeriod.start),
        ),
        order_id=order or derived_id("lab-order", *said.patient.primary, test.system, test.code),
        test=test,
        encounter_id=encounter_of(report.encounter, said.scope),
    )
    return said.tell([fact])


def _documents(report: DiagnosticReport, said: Statement) -> list[CareEvent]:
    """A note that comes as a report (US Core): what kind, for which stay and referral."""
    words = (report.code.words, *(one.title for one in report.presentedForm))
    kind = document_kinds.kind_of((one.code for one in report.code.coding), words)
    if kind == document_kinds.OTHER:
        return []
    at = said.moment("issued", report.issued) or said.moment("effectiveDateTime", report.effectiveDateTime)
    referral = number_of("referral", "ServiceRequest", report.basedOn, said.scope) or None
    is_final = report.status in _FINAL
    number = said.number("document") or derived_id("document", *said.patient.primary, str(int(said.now.timestamp())))
    facts: list[CareEvent] = [
        DocumentReceived(
            **said.envelope(at), document_id=number, kind=kind, referral_id=referral, final=is_final,
            encounter_id=encounter_of(report.encounter, said.scope),
        )
    ]  # fmt: skip
    if referral and is_final and kind == document_kinds.CONSULT_REPORT:
        facts.append(ReferralReportReceived(**said.envelope(at), referral_id=referral))
    return facts
