"""What the patient and the team aim at, with numbers where they set some (FHIR Goal)."""

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.scope import Located, Scope, coded
from care_intake.core.fhir.statement import Statement, aside, kept, stated
from care_intake.core.fhir.work import Goal, GoalTarget
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import GoalStated
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError

_HOLDS = frozenset({"planned", "accepted", "active"})
_OVER = frozenset({"on-hold", "completed", "cancelled", "entered-in-error", "rejected"})
_Line = tuple[float | None, float | None, str]


def translate(located: Located, scope: Scope) -> Translated:
    """One fact per target, because each is a line of its own; a goal without targets is one fact."""
    goal = read(Goal, located.value, located.where)
    if goal.lifecycleStatus == "proposed":
        return aside(located, "is a proposal")
    if goal.lifecycleStatus not in _HOLDS | _OVER:
        raise UnusableMessageError(f"{located.where}.lifecycleStatus", "is not a status of a Goal")
    said = stated(goal, goal.subject, located, scope)
    number = said.number("goal") or derived_id("goal", *said.patient.primary, goal.description.words)
    return said.tell(_fact(goal, said, number, place) for place in range(max(1, len(goal.target))))


def _fact(goal: Goal, said: Statement, number: str, place: int) -> GoalStated:
    target = goal.target[place] if goal.target else GoalTarget()
    low, high, unit = _line(target)
    return GoalStated(
        **said.envelope(said.moment("statusDate", goal.statusDate), said.moment("startDate", goal.startDate)),
        goal_id=number if place == 0 else derived_id("goal", number, str(place)),
        goal=kept(goal.description, coded(goal.description)),
        measure=kept(target.measure, coded(target.measure)),
        low=low, high=high, unit=unit,
        due_on=said.day(f"target[{place}].dueDate", target.dueDate),
        active=goal.lifecycleStatus in _HOLDS,
    )  # fmt: skip


def _line(target: GoalTarget) -> _Line:
    """A range has two lines; «below 130» has an upper one; a bare number is aimed at from both sides."""
    if target.detailRange is not None:
        low, high = target.detailRange.low, target.detailRange.high
        unit = next((one.code or one.unit for one in (low, high) if one and (one.code or one.unit)), "")
        return low.value if low else None, high.value if high else None, unit
    quantity = target.detailQuantity
    if quantity is None or quantity.value is None:
        return None, None, ""
    unit = quantity.code or quantity.unit
    if quantity.comparator in ("<", "<="):
        return None, quantity.value, unit
    if quantity.comparator in (">", ">="):
        return quantity.value, None, unit
    return quantity.value, quantity.value, unit
