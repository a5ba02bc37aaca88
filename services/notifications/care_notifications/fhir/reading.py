"""Reading and searching: DetectedIssue, Patient, RiskAssessment, CommunicationRequest, AuditEvent."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlencode

from care_notifications.adapters.postgres_fhir_reads import Issue, KeptScore
from care_notifications.core.fhir.audit import Deed, audit_event
from care_notifications.core.fhir.bundles import searchset
from care_notifications.core.fhir.issues import detected_issue, patient
from care_notifications.core.fhir.names import Names, Resource
from care_notifications.core.fhir.outcomes import Problem, missing
from care_notifications.core.fhir.requests import Asked, communication_request
from care_notifications.core.fhir.scores import change_id, risk_assessment
from care_notifications.core.fhir.searches import ALWAYS, Place, Search, page_name, search_of
from care_notifications.fhir.desk import Answer, Asking, FhirDesk, Interaction
from care_shared.vocabulary import PatientId

Row = TypeVar("Row")
ISSUE_PARAMS = ("patient", "status", "gap-status", "_id")
SCORE_PARAMS = ("patient", "method", "_id")
OTHER_PARAMS = ("patient", "_id")
TIMES = ("_lastUpdated",)  # the first is the one that pages go along
ISSUE_TIMES = ("_lastUpdated", "identified")
DEED_TIMES = ("date",)
REQUEST = "/CommunicationRequest"
CODES = {"status": ("final", "cancelled"), "gap-status": ("open-gap", "closed-gap")}


async def search_issues(desk: FhirDesk, asking: Asking) -> Answer:
    """DetectedIssue?patient=…&gap-status=open-gap&_lastUpdated=ge…"""
    search = _in_codes(search_asked(asking, ISSUE_PARAMS, ISSUE_TIMES))
    rows = [_seen(one, asking) for one in await desk.reads.issues(asking.caller, search)]
    return page(desk, asking, search, rows, _issue_of, lambda one: Place(one.updated_at, one.alert.gap_id))


async def read_issue(desk: FhirDesk, asking: Asking) -> Answer:
    """DetectedIssue/{id}"""
    found = await desk.reads.issues(asking.caller, _only(asking))
    if not found:
        raise missing("DetectedIssue")
    one = _seen(found[0], asking)
    headers = {"etag": f'W/"{one.alert.revision}"'}
    return Answer(_issue_of(one, desk.names), headers=headers, patient=one.alert.patient_id)


async def read_patient(desk: FhirDesk, asking: Asking) -> Answer:
    """Patient/{id}: as much as the newest alert that the caller may see tells."""
    patient_id = PatientId(id_asked(asking))
    found = await desk.reads.about(asking.caller, patient_id)
    if found is None:
        raise missing("Patient")
    return Answer(patient(_seen(found, asking).alert, found.updated_at, desk.names), patient=patient_id)


async def search_scores(desk: FhirDesk, asking: Asking) -> Answer:
    """RiskAssessment?patient=…&method=lace: every change, oldest first."""
    search = search_asked(asking, SCORE_PARAMS)
    rows = await desk.reads.scores(asking.caller, search)
    return page(desk, asking, search, rows, _score_of, lambda one: Place(one.received_at, change_id(one.score)))


async def read_score(desk: FhirDesk, asking: Asking) -> Answer:
    """RiskAssessment/{id}"""
    found = await desk.reads.scores(asking.caller, _only(asking))
    if not found:
        raise missing("RiskAssessment")
    return Answer(_score_of(found[0], desk.names), patient=found[0].score.patient_id)


async def search_requests(desk: FhirDesk, asking: Asking) -> Answer:
    """CommunicationRequest?patient=…"""
    search = search_asked(asking, OTHER_PARAMS)
    rows = await desk.reads.requests(asking.caller, search)
    return page(desk, asking, search, rows, communication_request, lambda one: Place(one.updated_at, one.delivery_id))


async def read_request(desk: FhirDesk, asking: Asking) -> Answer:
    """CommunicationRequest/{id}"""
    found: list[Asked] = await desk.reads.requests(asking.caller, _only(asking))
    if not found:
        raise missing("CommunicationRequest")
    return Answer(communication_request(found[0], desk.names), patient=found[0].patient_id)


async def search_deeds(desk: FhirDesk, asking: Asking) -> Answer:
    """AuditEvent?patient=…&date=ge…"""
    search = search_asked(asking, OTHER_PARAMS, DEED_TIMES)
    rows = await desk.accesses.deeds(asking.caller, search)
    return page(desk, asking, search, rows, audit_event, _place_of_deed)


async def read_deed(desk: FhirDesk, asking: Asking) -> Answer:
    """AuditEvent/{id}"""
    found = await desk.accesses.deeds(asking.caller, _only(asking))
    if not found:
        raise missing("AuditEvent")
    return Answer(audit_event(found[0], desk.names), patient=found[0].patient_id)


INTERACTIONS = (
    Interaction(
        "GET", "/DetectedIssue", "DetectedIssue", "search-type", search_issues, params=ISSUE_PARAMS, times=ISSUE_TIMES
    ),
    Interaction("GET", "/DetectedIssue/{id}", "DetectedIssue", "read", read_issue),
    Interaction("GET", "/Patient/{id}", "Patient", "read", read_patient),
    Interaction(
        "GET", "/RiskAssessment", "RiskAssessment", "search-type", search_scores, params=SCORE_PARAMS, times=TIMES
    ),
    Interaction("GET", "/RiskAssessment/{id}", "RiskAssessment", "read", read_score),
    Interaction("GET", REQUEST, REQUEST[1:], "search-type", search_requests, params=OTHER_PARAMS, times=TIMES),
    Interaction("GET", f"{REQUEST}/{{id}}", REQUEST[1:], "read", read_request),
    Interaction("GET", "/AuditEvent", "AuditEvent", "search-type", search_deeds, params=OTHER_PARAMS, times=DEED_TIMES),
    Interaction("GET", "/AuditEvent/{id}", "AuditEvent", "read", read_deed),
)


def search_asked(asking: Asking, known: Sequence[str], times: Sequence[str] = TIMES) -> Search:
    """The search in the address, with ids freed of the words around them."""
    search = search_of(asking.request.query_params.multi_items(), known, times)
    chosen = dict(search.chosen)
    if "patient" in chosen:
        chosen["patient"] = chosen["patient"].removeprefix("Patient/")
    if any("\0" in value for value in chosen.values()):
        raise Problem(400, "invalid", "A value holds a NUL.")
    return replace(search, chosen=chosen)


def id_asked(asking: Asking) -> str:
    """The id in the address."""
    return str(asking.request.path_params["id"])


def page(
    desk: FhirDesk, asking: Asking, search: Search, rows: Sequence[Row], build: Callable[[Row, Names], Resource],
    place: Callable[[Row], Place],
) -> Answer:  # fmt: skip
    """A page of a search, with the way to the next one."""
    shown = rows[: search.size]
    asked = [pair for pair in asking.request.query_params.multi_items() if pair[0] != "_page"]
    path = f"{desk.names.base}/{asking.request.url.path.rpartition('/')[2]}"
    next_url = None
    if len(rows) > search.size:
        next_url = f"{path}?{urlencode([*asked, ('_page', page_name(place(shown[-1])))])}"
    resources = [build(one, desk.names) for one in shown]
    found = tuple(f"{one['resourceType']}/{one['id']}" for one in resources)
    bundle = searchset(resources, f"{path}?{urlencode(asked)}", next_url, desk.names)
    patient_id = search.chosen.get("patient")
    return Answer(bundle, patient=PatientId(patient_id) if patient_id else None, found=found)


def _only(asking: Asking) -> Search:
    return Search({"_id": id_asked(asking)}, ALWAYS, 1, Place())


def _in_codes(search: Search) -> Search:
    """A search for alerts with plain codes: a token may name its system, as system|code."""
    chosen = dict(search.chosen)
    for name, codes in CODES.items():
        if name in chosen:
            chosen[name] = chosen[name].rpartition("|")[2]
            if chosen[name] not in codes:
                raise Problem(400, "code-invalid", f"One of {', '.join(codes)}.", name)
    return replace(search, chosen=chosen)


def _place_of_deed(deed: Deed) -> Place:
    return Place(deed.at, f"{deed.sort.value}-{deed.deed_id}")


def _seen(issue: Issue, asking: Asking) -> Issue:
    """The alert as far as the caller may see it."""
    return replace(issue, alert=asking.caller.minimum.of(issue.alert))


def _issue_of(issue: Issue, names: Names) -> Resource:
    return detected_issue(issue.alert, issue.updated_at, names, issue.closed)


def _score_of(kept: KeptScore, names: Names) -> Resource:
    return risk_assessment(kept.score, kept.received_at, names)
