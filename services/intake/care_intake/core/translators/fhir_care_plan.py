"""The plan of care was written, revised or ended (FHIR CarePlan)."""

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import aside, stated
from care_intake.core.fhir.work import CarePlan
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import CarePlanUpdated
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError

_OVER = frozenset({"on-hold", "revoked", "completed", "entered-in-error"})


def translate(located: Located, scope: Scope) -> Translated:
    """A plan that holds, or no longer does; drafts and proposals are left aside."""
    plan = read(CarePlan, located.value, located.where)
    if plan.status in ("draft", "unknown") or plan.intent in ("proposal", "option"):
        return aside(located, "is a draft, a proposal or of unknown status")
    if plan.status != "active" and plan.status not in _OVER:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a CarePlan")
    said = stated(plan, plan.subject, located, scope)
    created = said.moment("created", plan.created)
    fact = CarePlanUpdated(
        **said.envelope(said.said_at, created, said.moment("period.start", plan.period.start)),
        plan_id=said.number("care-plan") or derived_id("care-plan", *said.patient.primary),
        active=plan.status == "active",
    )
    return said.tell([fact])
