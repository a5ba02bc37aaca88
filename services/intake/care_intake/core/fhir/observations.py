"""A FHIR Observation is sorted by what it is: vital sign, answer, symptom or laboratory result, and by its status."""

from care_intake.core.fhir import lab_results, observed_answers, readings
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.measurement import Measurement, is_laboratory, measurement_of
from care_intake.core.fhir.models import Observation
from care_intake.core.fhir.readings import Value
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.translation import Ignored, Translated
from care_shared.errors import UnusableMessageError

_FINAL = frozenset({"final", "amended", "corrected"})
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_NOT_FINAL = frozenset({"registered", "preliminary", "unknown"})
_LOINC = "http://loinc.org"


def observed(located: Located, scope: Scope) -> Translated:
    """Readings, a laboratory result, answers, or their withdrawal; what rules cannot read is left aside."""
    body = read(Observation, located.value, located.where)
    if body.status not in _FINAL | _WITHDRAWN | _NOT_FINAL:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of an Observation")
    vitals = list(readings.values(body, located.where))
    if not vitals and not _is_used(body):
        return _aside(located, "is neither a vital sign nor a laboratory result we use")
    if body.status in _NOT_FINAL and (vitals or not _is_result(body)):
        return _aside(located, "is not a final result")
    if observed_answers.is_answer(body) and scope.is_member(located):
        return _aside(located, "is part of a form in the same message")
    measurement = measurement_of(body, located, scope)
    if measurement is None and body.status in _WITHDRAWN and not vitals:
        return _aside(located, "says no time, so nobody knows which result it withdraws")
    if measurement is None:
        if _vague(body):
            return _aside(located, "says when only by the year or month", "effectiveDateTime")
        raise UnusableMessageError(f"{located.where}.effectiveDateTime", "is missing")
    return _sorted(measurement, vitals)


def contained_findings(located: Located, scope: Scope, status: str = "") -> Translated:
    """The Observations inside a report, each about the report's patient when it names none, at the report's time."""
    found = Translated()
    for one in _contained(located):
        has_time = any(name.startswith("effective") for name in one.value)
        value = {name: said for name, said in located.value.items() if _is_lent(name, has_time=has_time)} | one.value
        if status:
            value["status"] = status
        found += observed(Located(one.where, one.kind, value, is_contained=True), scope)
    return found


def _is_lent(name: str, *, has_time: bool) -> bool:
    """Whose it is, and when: what a contained result need not repeat."""
    return name in ("subject", "issued") or (name.startswith("effective") and not has_time)


def _sorted(measurement: Measurement, vitals: list[Value]) -> Translated:
    body = measurement.body
    is_withdrawn = body.status in _WITHDRAWN
    if vitals:
        return readings.withdrawn(measurement, vitals) if is_withdrawn else readings.recorded(measurement, vitals)
    if observed_answers.is_answer(body):
        return observed_answers.taken_back(measurement) if is_withdrawn else observed_answers.answered(measurement)
    symptoms = observed_answers.symptoms_in(body)
    if symptoms and is_withdrawn:
        return _aside(measurement.located, "withdraws a symptom, which the next report will say anew")
    if symptoms:
        return observed_answers.reported(measurement, symptoms)
    if is_withdrawn:
        return lab_results.retracted(measurement)
    is_pending = body.status in _NOT_FINAL
    return lab_results.pending(measurement) if is_pending else lab_results.resulted(measurement)


def _is_used(body: Observation) -> bool:
    return observed_answers.is_answer(body) or bool(observed_answers.symptoms_in(body)) or _is_result(body)


def _is_result(body: Observation) -> bool:
    """A laboratory's; or of nobody's category, coded in LOINC, and no answer."""
    if observed_answers.is_answer(body) or observed_answers.symptoms_in(body):
        return False
    return is_laboratory(body) or (not body.category and bool(body.code.code_in(_LOINC)))


def _vague(body: Observation) -> bool:
    texts = (body.effectiveDateTime, body.effectivePeriod.start, body.effectivePeriod.end)
    return any(texts)


def _contained(located: Located) -> list[Located]:
    inner = located.value.get("contained")
    return [
        Located(f"{located.where}.contained[{number}]", "Observation", one, is_contained=True)
        for number, one in enumerate(inner if isinstance(inner, list) else ())
        if isinstance(one, dict) and one.get("resourceType") == "Observation"
    ]


def _aside(located: Located, reason: str, element: str = "") -> Translated:
    return Translated(ignored=(Ignored(f"{located.where}.{element}" if element else located.where, reason),))
