"""A clinician refers the patient or orders a test (FHIR ServiceRequest)."""

import re

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.labels import labels_of_condition
from care_intake.core.fhir.scope import Located, Scope, coded
from care_intake.core.fhir.statement import LONGEST, Statement, aside, encounter_of, kept, name_of, number_of, stated
from care_intake.core.fhir.work import RECOMMENDATION, ServiceRequest
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import (
    CareEvent,
    FollowUpRecommended,
    ReferralClosed,
    ReferralOrdered,
    ResultPending,
)
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import ReferralEnd

_ENDS = {
    "revoked": ReferralEnd.REVOKED,
    "completed": ReferralEnd.COMPLETED,
    "entered-in-error": ReferralEnd.ENTERED_IN_ERROR,
}
_RECOMMENDS = frozenset({"proposal", "plan"})
_NOT_YET = frozenset({"draft", "on-hold", "unknown"})
# SNOMED CT categories of US Core: laboratory, imaging, diagnostic; HL7's own word for laboratory.
_TESTS = frozenset({"108252007", "363679005", "103693007", "386053000", "LAB", "laboratory", "imaging", "RAD"})
_REFERRALS = frozenset({"3457005", "306206005", "183561008", "referral"})
_REFERS = re.compile(r"\b(refer|consult)", re.IGNORECASE)
_TESTED = re.compile(r"\b(laborator|imaging|radiolog|diagnostic (procedure|imaging))", re.IGNORECASE)
_LOINC = "http://loinc.org"


def translate(located: Located, scope: Scope) -> Translated:
    """A referral that is asked for or over; a test whose result is awaited; anything else asks nothing of rules."""
    request = read(ServiceRequest, located.value, located.where)
    if request.status in _NOT_YET:
        return aside(located, "is a draft or on hold")
    if request.status != "active" and request.status not in _ENDS:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a ServiceRequest")
    if request.doNotPerform:
        return aside(located, "says what must not be done", "doNotPerform")
    said = stated(request, request.subject, located, scope, labels=labels_of_condition(request.code))
    if request.intent in _RECOMMENDS:
        return said.tell([_recommended(request, said)])
    if _is_test(request):
        return _answering(request, said, _test(request, said))
    if _is_referral(request):
        return _answering(request, said, said.tell([_referral(request, said)]))
    return aside(located, "is neither a referral nor a test", "category")


def _recommended(request: ServiceRequest, said: Statement) -> CareEvent:
    """Somebody thinks it should be done and does not see to it himself: what a report recommends."""
    authored = said.moment("authoredOn", request.authoredOn)
    end = _ENDS.get(request.status)
    return FollowUpRecommended(
        **said.envelope(said.said_at if end is not None else authored),
        recommendation_id=said.number(RECOMMENDATION)
        or derived_id(RECOMMENDATION, *said.patient.primary, str(int(said.now.timestamp()))),
        service=kept(request.code, coded(request.code)),
        due_on=said.day("occurrence", request.occurrenceDateTime or request.occurrencePeriod.start),
        ended=end,
    )


def _answering(request: ServiceRequest, said: Statement, told: Translated) -> Translated:
    """An order that is based on a recommendation says that somebody sees to that."""
    number = number_of(RECOMMENDATION, "ServiceRequest", request.basedOn, said.scope)
    if not number or request.status not in ("active", "completed"):
        return told
    envelope = said.envelope(said.moment("authoredOn", request.authoredOn))
    ended = FollowUpRecommended(**envelope, recommendation_id=number, ended=ReferralEnd.COMPLETED)
    return told + said.tell([ended])


def _referral(request: ServiceRequest, said: Statement) -> CareEvent:
    authored = said.moment("authoredOn", request.authoredOn)
    number = said.number("referral") or derived_id("referral", *said.patient.primary, str(int(said.now.timestamp())))
    end = _ENDS.get(request.status)
    if end is not None:
        return ReferralClosed(**said.envelope(said.said_at), referral_id=number, reason=end)
    words = request.performerType.words or request.performerType.first_code or request.code.words
    named = next((name_of(one, said.scope) for one in request.performer), "")
    return ReferralOrdered(
        **said.envelope(authored),
        referral_id=number,
        specialty=(words or named)[:LONGEST],
        urgent=request.priority in ("urgent", "asap", "stat"),
    )


def _test(request: ServiceRequest, said: Statement) -> Translated:
    test = kept(request.code, coded(request.code))
    if request.status != "active":
        return aside(said.located, "is a test that is not awaited any more", "status")
    if test is None:
        return aside(said.located, "names no test", "code")
    fact = ResultPending(
        **said.envelope(said.moment("authoredOn", request.authoredOn)),
        order_id=said.number("lab-order") or derived_id("lab-order", *said.patient.primary, test.system, test.code),
        test=test,
        encounter_id=encounter_of(request.encounter, said.scope),
    )
    return said.tell([fact])


def _is_test(request: ServiceRequest) -> bool:
    if any(one.code in _TESTS for concept in request.category for one in concept.coding):
        return True
    if any(_TESTED.search(concept.words) for concept in request.category):
        return True
    return not request.category and bool(request.code.code_in(_LOINC)) and not _is_referral(request)


def _is_referral(request: ServiceRequest) -> bool:
    concepts = [*request.category, request.code]
    if any(one.code in _REFERRALS for concept in concepts for one in concept.coding):
        return True
    words = [text for one in concepts for text in (one.text, *(coding.display for coding in one.coding))]
    return any(_REFERS.search(text) for text in words) or bool(request.performerType.words)
