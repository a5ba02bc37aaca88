"""A partner takes, declines or finishes work, or says that a home visit was missed (FHIR Task)."""

import re

from care_intake.core import document_kinds
from care_intake.core.fhir.elements import Reference, read
from care_intake.core.fhir.home_visits import MissedVisit, missed_visit
from care_intake.core.fhir.scope import Located, Scope, coded
from care_intake.core.fhir.statement import Statement, aside, kept, number_of, organization_of, stated
from care_intake.core.fhir.work import RECOMMENDATION, Task
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import CareEvent, CareTaskChanged, ReferralReportReceived
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import GapId

_STATUSES = frozenset({
    "draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold", "failed",
    "completed", "entered-in-error",
})  # fmt: skip
# Da Vinci has no code for a missed visit; a progress update with a Task about it is the way (clinical.md 8.4).
_MISSED = re.compile(r"missed[- _]?(home[- _]?)?visit|visit[- _]?(missed|not (made|delivered))", re.IGNORECASE)
_GAP = re.compile(r"(^|[/:])(care-?gap|gap)s?([/:]|$)", re.IGNORECASE)


def translate(located: Located, scope: Scope) -> Translated:
    """Where the work stands, and the missed visit when it is about one."""
    task = read(Task, located.value, located.where)
    if task.status not in _STATUSES:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a Task")
    if task.status == "draft":
        return aside(located, "is a draft")
    said = stated(task, task.for_, located, scope, "for")
    is_missed = _MISSED.search(" ".join([task.description, *_words(task)])) is not None
    if is_missed and task.status not in ("entered-in-error", "cancelled"):
        return missed_visit(MissedVisit(task.focus, task.executionPeriod, task.reasonCode, task.statusReason), said)
    return said.tell([_changed(task, said), *_reported(task, said)])


def _changed(task: Task, said: Statement) -> CareEvent:
    number = said.number("task")
    if not number:
        raise UnusableMessageError(f"{said.where}.identifier", "is missing, and so is the id")
    modified = said.moment("lastModified", task.lastModified)
    ended = said.moment("executionPeriod.end", task.executionPeriod.end)
    authored = said.moment("authoredOn", task.authoredOn)
    return CareTaskChanged(
        **said.envelope(modified, ended, said.said_at, authored),
        task_id=number,
        status=task.status,
        kind=kept(task.code, coded(task.code)),
        owner=organization_of(task.owner, said.scope),
        gap_id=_gap([task.focus, *task.basedOn, task.reasonReference]),
        due_at=said.moment("restriction.period.end", task.restriction.period.end),
        # A proposal is a ServiceRequest like an order; which it is, the one who reads the proposal knows.
        recommendation_id=number_of(RECOMMENDATION, "ServiceRequest", [task.focus, *task.basedOn], said.scope) or None,
    )


def _reported(task: Task, said: Statement) -> list[CareEvent]:
    """The work was a consult report on a referral, and is done (the Task of CMS50, closing the referral loop)."""
    concepts = (task.code, task.reasonCode)
    codes = [coding.code for one in concepts for coding in one.coding]
    referral = number_of("referral", "ServiceRequest", [*task.basedOn, task.focus], said.scope)
    is_report = document_kinds.kind_of(codes, [one.text for one in concepts]) == document_kinds.CONSULT_REPORT
    if task.status != "completed" or not referral or not is_report:
        return []
    ended = said.moment("executionPeriod.end", task.executionPeriod.end)
    modified = said.moment("lastModified", task.lastModified)
    return [ReferralReportReceived(**said.envelope(ended, modified), referral_id=referral)]


def _gap(references: list[Reference]) -> GapId | None:
    """The care gap as our own messages to partners name it: an identifier whose system speaks of gaps."""
    for one in references:
        if one.identifier is not None and one.identifier.value and _GAP.search(one.identifier.system):
            return GapId(one.identifier.value)
    return None


def _words(task: Task) -> list[str]:
    concepts = (task.code, task.businessStatus)
    return [text for one in concepts for text in (one.text, *(f"{c.code} {c.display}" for c in one.coding))]
