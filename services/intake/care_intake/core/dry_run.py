"""What a message would lead to, were it sent for good: the verdict, the facts by their kind, and what is left aside."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from care_intake.core.effects import Accept, Decision, Hold, Ignore, Quarantine, Reject, Verdict, verdict_of
from care_intake.core.strict_json import Json
from care_intake.core.translation import Ignored, type_of

PARAMETERS = "Parameters"


@dataclass(frozen=True, slots=True)
class Forecast:
    """The verdict without the deed. `facts` counts each kind; patients are counted, never named."""

    verdict: Verdict
    facts: dict[str, int]
    patients: int
    remarks: tuple[Ignored, ...]
    refusal: Ignored | None = None


def forecast(decision: Decision) -> Forecast:
    """What would become of it."""
    verdict = verdict_of(decision.effect)
    match decision.effect:
        case Accept(said=said):
            facts = Counter(type_of(fact) for one in said.translations for fact in one.facts)
            return Forecast(verdict, dict(sorted(facts.items())), len(said.translations), said.ignored)
        case Ignore(reason=reason, more=more):
            return Forecast(verdict, {}, 0, tuple(dict.fromkeys((reason, *more))))
        case Hold(reason=reason):
            return Forecast(verdict, {}, 0, (reason,))
        case Quarantine(error=error) | Reject(error=error):
            return Forecast(verdict, {}, 0, (), Ignored(error.field, error.problem, is_refused=True))


def wrapped(value: Json) -> Json | None:
    """The resource inside a Parameters body of $validate; None when the body is no Parameters with a resource."""
    if not isinstance(value, dict) or value.get("resourceType") != PARAMETERS:
        return None
    return next((one["resource"] for one in _parts(value) if one.get("name") == "resource" and "resource" in one), None)


def _parts(value: dict[str, Json]) -> Iterator[dict[str, Json]]:
    parts = value.get("parameter")
    yield from (one for one in parts if isinstance(one, dict)) if isinstance(parts, list) else ()
