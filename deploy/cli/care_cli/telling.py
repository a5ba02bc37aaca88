"""Writes the steps of a trace as lines that fit a terminal: repeated ones as one, and every silence with its reason."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from care_scoring.core.rulebook import sentence_of_reason
from care_shared.runtime.trace import TraceStep

WIDTH = 100
# One message may hold hundreds of facts; each of them goes through these steps in the same way.
REPEATED = frozenset({"translated", "published", "folded"})
INDENT = " " * 4


def told(steps: Sequence[TraceStep]) -> Iterator[str]:
    """When, how long after the step before, who, what; then the ids that lead on, as many lines as they need."""
    before = steps[0].at if steps else None
    day = None
    for step in merged(steps):
        if step.at.date() != day:
            day = step.at.date()
            yield f"{day:%Y-%m-%d} (UTC)"
        after = (step.at - (before or step.at)).total_seconds() * 1000
        head = f"{step.at:%H:%M:%S}.{step.at.microsecond // 1000:03d} {after:>+9.0f} ms  {step.service:<13} {step.what}"
        yield from _line(head, [f"{name}={value}" for name, value in step.ids.items()])
        before = step.at


def standings(steps: Sequence[TraceStep], now: datetime) -> Iterator[str]:
    """What the rules say now about the patient: an open gap, a closed one, or silence, each with its reason."""
    if not steps:
        return
    yield ""
    yield f"What the rules say about this patient, as of {now:%Y-%m-%d %H:%M:%S} UTC:"
    live = [step for step in steps if not _is_overtaken(step, steps)]
    for step in sorted(live, key=lambda step: (step.what == "silent", step.ids.get("rule_id", ""))):
        rule, reason = step.ids.get("rule_id", ""), step.ids.get("reason", "")
        yield from _line(f"  {step.what:<13} {rule:<13} {reason}", [sentence_of(reason)])
        about = [f"{name}={step.ids[name]}" for name in ("episode", "gap_id") if name in step.ids]
        if about:  # a rule that is not asked at all speaks of no episode
            yield from _line(f"{INDENT}{about[0]}", about[1:])


def _is_overtaken(silent: TraceStep, steps: Sequence[TraceStep]) -> bool:
    """Whether the rule spoke up since: «2339-0» was silent, then an alert opened for «2339-0:2026-11-13»."""
    rule, subject = silent.ids.get("rule_id"), f"{silent.ids.get('episode', '')}:"
    return silent.what == "silent" and any(
        step.what not in ("silent", "gap closed", "shadow closed")
        and step.ids.get("rule_id") == rule
        and step.ids.get("episode", "").startswith(subject)
        and step.at >= silent.at
        for step in steps
    )


def sentence_of(reason: str) -> str:
    """The sentence of a reason, where it needs no facts filled in."""
    sentence = sentence_of_reason(reason)
    return "" if "{" in sentence else sentence


def merged(steps: Sequence[TraceStep]) -> Iterator[TraceStep]:
    """Neighbours that say the same of several facts become one step that counts them."""
    for (service, what, repeated), run in groupby(steps, key=_likeness):
        found = list(run)
        if not repeated or len(found) == 1:
            yield from found
        else:
            yield TraceStep(service, f"{what} {len(found)}", found[0].at, _together([step.ids for step in found]))


def _likeness(step: TraceStep) -> tuple[str, str, str]:
    """Steps are repeated when they concern one partition of one topic, or none."""
    if step.what not in REPEATED:
        return step.service, step.what, ""
    return step.service, step.what, f"again {step.ids.get('topic', '')} {step.ids.get('partition', '')}"


def _together(many: Sequence[dict[str, str]]) -> dict[str, str]:
    """What is equal stays, kinds are counted, offsets become a range; the ids of single facts go."""
    shared = {name: value for name, value in many[0].items() if all(ids.get(name) == value for ids in many)}
    kinds = Counter(ids["type"] for ids in many if "type" in ids)
    if kinds:
        shared["type"] = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
    places = sorted(int(ids["offset"]) for ids in many if ids.get("offset"))
    if places:
        shared["offsets"] = f"{places[0]}-{places[-1]}"
        shared.pop("offset", None)
    return shared


def _line(head: str, parts: Sequence[str]) -> Iterator[str]:
    """The head and what fits beside it; the rest below, indented. An id is never cut, so that it can be copied."""
    text = "  ".join(part for part in (head, *parts) if part)
    yield from textwrap.wrap(
        text,
        WIDTH,
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
