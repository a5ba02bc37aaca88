"""The rule book for people, written from the rules' own cards: sentence, source, numbers, silences, facts, scenarios.

`python -m care_scoring.rule_document` writes `RULES.md`; with `--check` it only compares.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from care_scoring.core.effects import ClockTicked
from care_scoring.core.policy import SHIPPED_LAYER
from care_scoring.core.policy_review import field_of, flat
from care_scoring.core.rulebook import RULE_IDS, RULES
from care_scoring.core.suppression import SENTENCES
from care_scoring.core.verdicts import Rule

DOCUMENT = Path(__file__).resolve().parents[1] / "RULES.md"
SCENARIOS = Path(__file__).resolve().parents[3] / "tests" / "scenarios"
HEAD = """\
# The rule book

Written by `make contracts` from the rules themselves; do not edit. Every number is a setting: an organisation, a
programme or a clinician may set it otherwise (`carelead policy check`, `carelead policy diff`). Marks: [C] confirmed in
a public source, [M] from memory of one, to be confirmed locally, [D] our own design proposal.
After a death every rule is silent and all its gaps close."""


def document() -> str:
    """The whole text."""
    contents = [f"- [{rule_id}](#{rule_id.lower()}): {rules_named(rule_id)[0].about.sentence}" for rule_id in RULE_IDS]
    chapters = ["\n".join([f"## {rule_id}", "", *explained(rule_id)]) for rule_id in RULE_IDS]
    return "\n\n".join([HEAD, "\n".join(contents), *chapters]) + "\n"


def rules_named(rule_id: str) -> list[Rule]:
    """The rule, once per scope."""
    return [rule for rule in RULES if rule.rule_id == rule_id]


def explained(rule_id: str) -> Iterator[str]:
    """One rule in Markdown that also reads well in a terminal."""
    rules = rules_named(rule_id)
    about = rules[0].about
    scopes = [rule.scope for rule in rules if rule.scope]
    yield f"{about.sentence}"
    yield ""
    yield f"- version {rules[0].version}" + (f", judged for {', '.join(scopes)}" if scopes else "")
    yield from (f"- source: {source}" for source in about.sources)
    if about.vectors:
        yield f"- vectors: {', '.join(about.vectors)}"
    yield from (f"- silent, whatever it is about: {SENTENCES[one]}" for one in sorted(about.unless))
    yield from (f"- weighed episode by episode: {SENTENCES[one]}" for one in sorted(about.weighs))
    kinds = sorted({kind.__name__ for rule in rules for kind in rule.reads - {ClockTicked}})
    yield f"- reads: {', '.join(kinds)}" + ("; asks to be woken" if ClockTicked in rules[0].reads else "")
    yield ""
    yield from _numbers(rule_id)
    yield from _scenarios(rule_id)


def _numbers(rule_id: str) -> Iterator[str]:
    sections = [kind.section for kind in rules_named(rule_id)[0].about.settings]
    shipped = {key: value for key, value in flat(SHIPPED_LAYER).items() if key.partition(".")[0] in sections}
    if shipped:
        yield "| setting | as shipped | | |"
        yield "|---|---|---|---|"
    for key, value in shipped.items():
        field = field_of(key)
        extra = field.json_schema_extra if field is not None else None
        mark = extra.get("mark", "") if isinstance(extra, dict) else ""
        said = ", ".join(value) if isinstance(value, tuple) else value
        yield f"| `{key}` | {said} | [{mark}] | {field.description if field is not None else ''} |"


def _scenarios(rule_id: str) -> Iterator[str]:
    """Their names, where the source tree is at hand: an installed service has none."""
    for file, names in _stories().get(rule_id, ()):
        yield ""
        yield f"Scenarios (`tests/scenarios/{file}`):"
        yield ""
        yield from (f"- {name}" for name in names)


@cache
def _stories() -> dict[str, list[tuple[str, list[str]]]]:
    """By rule: its files and the names of their scenarios. Each file is read once: there are as many as rules."""
    told: dict[str, list[tuple[str, list[str]]]] = {}
    for file in sorted(SCENARIOS.glob("*.yaml")):
        document = yaml.safe_load(file.read_text("utf-8"))
        told.setdefault(document["rule"], []).append((file.name, [one["name"] for one in document["scenarios"]]))
    return told


def main() -> None:
    """Write the document, or with --check compare it."""
    if "--check" not in sys.argv[1:]:
        DOCUMENT.write_text(document(), "utf-8")
    elif not DOCUMENT.exists() or DOCUMENT.read_text("utf-8") != document():
        sys.exit(f"{DOCUMENT.name} is out of date: run make contracts")


if __name__ == "__main__":
    main()
