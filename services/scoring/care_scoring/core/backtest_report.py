"""The findings of a backtest as tables and as JSON: per rule, day, tier and care manager; examples are gap ids only."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from care_scoring.core.backtest import Change, Count, Firing, Result

KINDS = ("gained", "lost", "earlier", "later", "tier")
EXAMPLES = 5
Row = tuple[str, int, int]


def rows(counts: Iterable[Count], name: Callable[[Count], str]) -> list[Row]:
    """Firings under both policies, summed up by whatever `name` takes from a count."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for count in counts:
        before[name(count)] += count.before
        after[name(count)] += count.after
    return [(key, before[key], after[key]) for key in sorted(before.keys() | after.keys())]


def kinds_of(changes: Iterable[Change]) -> dict[str, Counter[str]]:
    """How many firings of each rule differ, and how."""
    found: dict[str, Counter[str]] = {}
    for change in changes:
        found.setdefault(change.firing.rule_id, Counter())[change.kind] += 1
    return found


BY: dict[str, Callable[[Count], str]] = {
    "rule": lambda count: count.rule_id,
    "tier": lambda count: count.tier.value,
    "care manager": lambda count: count.care_manager or "nobody named",
    "day": lambda count: count.day.isoformat(),
}


def described(result: Result) -> dict[str, object]:
    """Everything, as JSON."""
    return {
        "baseline": result.baseline,
        "candidate": result.candidate,
        "since": result.since.isoformat(),
        "until": result.until.isoformat(),
        "facts": result.facts,
        "unread": result.unread,
        "patients": result.patients,
        "asked": list(result.asked),
        "before": sum(count.before for count in result.counts),
        "after": sum(count.after for count in result.counts),
        "rules": [
            {"rule_id": rule, "before": before, "after": after, **{kind: found[kind] for kind in KINDS}}
            for rule, before, after in rows(result.counts, BY["rule"])
            for found in [kinds_of(result.changes).get(rule, Counter())]
        ],
        "counts": [
            {
                "rule_id": one.rule_id,
                "day": one.day.isoformat(),
                "tier": one.tier.value,
                "care_manager": one.care_manager,
                "before": one.before,
                "after": one.after,
            }
            for one in result.counts
        ],
        "changes": [
            {
                "kind": one.kind,
                "rule_id": one.firing.rule_id,
                "gap_id": one.firing.gap_id,
                "before": _firing(one.before),
                "after": _firing(one.after),
            }
            for one in result.changes
        ],
    }


def _firing(firing: Firing | None) -> dict[str, object] | None:
    if firing is None:
        return None
    return {
        "at": firing.at.isoformat(),
        "tier": firing.tier.value,
        "worst": firing.worst.value,
        "care_manager": firing.care_manager,
        "in_shadow": firing.in_shadow,
        "closed": firing.closed,
    }


def lines(result: Result) -> Iterator[str]:
    """The same for people: totals first, days only where they differ, then examples."""
    yield f"policy {result.baseline} → {result.candidate}, {result.since:%Y-%m-%d} to {result.until:%Y-%m-%d}"
    yield f"{result.facts} facts of {result.patients} patients" + (
        f"; {result.unread} readings that no asked rule looks at" if result.unread else ""
    )
    if not result.asked:
        yield "no rule has other numbers under the one than under the other; --all-rules counts them nevertheless"
        return
    yield f"asked: {', '.join(result.asked)}"
    total = rows(result.counts, lambda _count: "all rules")
    if not total:
        yield "no rule opened anything"
        return
    yield from _rules(result, total)
    for title in ("tier", "care manager"):
        yield from _table(title, rows(result.counts, BY[title]))
    days = [row for row in rows(result.counts, BY["day"]) if row[1] != row[2]]
    if days:
        yield from _table("day, where they differ", days)
    yield from _examples(result.changes)


def _rules(result: Result, total: list[Row]) -> Iterator[str]:
    yield ""
    yield f"{'rule':<24}{'before':>8}{'after':>8}" + "".join(f"{kind:>9}" for kind in KINDS)
    found = kinds_of(result.changes)
    for rule, before, after in rows(result.counts, BY["rule"]):
        kinds = found.get(rule, Counter[str]())
        yield f"{rule:<24}{before:>8}{after:>8}" + "".join(f"{kinds[kind]:>9}" for kind in KINDS)
    yield from (f"{name:<24}{before:>8}{after:>8}" for name, before, after in total)


def _table(title: str, found: list[Row]) -> Iterator[str]:
    yield ""
    yield f"{title:<24}{'before':>8}{'after':>8}"
    yield from (f"{name:<24}{before:>8}{after:>8}" for name, before, after in found)


def _examples(changes: tuple[Change, ...]) -> Iterator[str]:
    shown: Counter[tuple[str, str]] = Counter()
    for change in changes:
        place = (change.firing.rule_id, change.kind)
        if shown[place] == 0:
            yield ""
            yield f"{change.firing.rule_id}, {change.kind}, for example"
        shown[place] += 1
        if shown[place] <= EXAMPLES:
            yield f"  gap {change.firing.gap_id}  {_short(change.before)} → {_short(change.after)}"


def _short(firing: Firing | None) -> str:
    if firing is None:
        return "nothing"
    tiers = firing.tier.value if firing.tier is firing.worst else f"{firing.tier.value} to {firing.worst.value}"
    return f"{firing.at:%Y-%m-%d %H:%M}Z {tiers}"
