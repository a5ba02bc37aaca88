"""What a table would change, told in counts, places and names of fields, never in values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from care_intake.core.effects import Accept, Decision, Hold, Ignore, Quarantine, Reject, verdict_of
from care_intake.core.roster_terms import RosterDiff
from care_intake.core.rosters import TOO_MANY, counts_of
from care_intake.core.translation import Ignored, type_of

UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Preview:
    """The verdict, how many facts of each type, what is different per row, and what was refused or left aside."""

    verdict: str
    facts: Mapping[str, int]
    changes: Sequence[tuple[str, str, tuple[str, ...]]]
    counts: Mapping[str, int]
    remarks: tuple[Ignored, ...]


def preview_of(decision: Decision, diff: RosterDiff | None) -> Preview:
    """What would happen."""
    effect = decision.effect
    verdict = verdict_of(effect).value
    match effect:
        case Accept(said=said):
            if diff is None:
                facts = Counter(type_of(fact) for one in said.translations for fact in one.facts)
                return Preview(verdict, facts, (), {}, said.ignored)
            return _of_roster(diff, said.roster.most_ended if said.roster else 0.0, said.ignored)
        case Ignore(reason=reason, more=more):
            return Preview(verdict, {}, (), {}, (reason, *(one for one in more if one != reason)))
        case Hold(reason=reason):
            return Preview(verdict, {}, (), {}, (reason,))
        case Quarantine(error=error) | Reject(error=error):
            return Preview(verdict, {}, (), {}, (Ignored(error.field, error.problem, is_refused=True),))


def _of_roster(diff: RosterDiff, most_ended: float, remarks: tuple[Ignored, ...]) -> Preview:
    facts = Counter(type_of(one.fact) for change in diff.changes for one in change.statements)
    changes = [(one.place, one.kind, one.fields) for one in diff.changes if one.kind != UNCHANGED]
    if diff.ended_share > most_ended:
        return Preview("held", facts, changes, counts_of(diff), (Ignored("body", TOO_MANY), *remarks))
    refused = (Ignored("body", f"ends no alignment, {diff.endings_refused}"),) if diff.endings_refused else ()
    return Preview("accepted", facts, changes, counts_of(diff), (*refused, *remarks))
