"""A folder of messages as a table: how many of each kind became facts, were left aside, or were refused."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from care_intake.core.effects import Decision, verdict_of
from care_intake.core.formats import sniff
from care_intake.core.kinds import kind_of

COLUMNS = ("accepted", "ignored", "held", "test", "quarantined", "rejected")


class Outcome(NamedTuple):
    """One message: what it is, and its verdict."""

    kind: str
    verdict: str


def outcome_of(raw: bytes, decision: Decision) -> Outcome:
    """The kind as its sender calls it, never a value from within."""
    return Outcome(kind_of(raw, sniff(raw)), verdict_of(decision.effect).value)


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """One line per kind with a count per verdict, and their sum."""
    counts = Counter(outcomes)
    kinds = sorted({one.kind for one in counts})
    width = max((len(kind) for kind in (*kinds, "all")), default=0)
    yield f"{'kind':<{width}}" + "".join(f"{name:>13}" for name in COLUMNS)
    for kind in kinds:
        yield f"{kind:<{width}}" + "".join(f"{counts[Outcome(kind, name)]:>13}" for name in COLUMNS)
    sums = [sum(count for one, count in counts.items() if one.verdict == name) for name in COLUMNS]
    yield f"{'all':<{width}}" + "".join(f"{count:>13}" for count in sums)
