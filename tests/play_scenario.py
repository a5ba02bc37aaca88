"""Plays scenario files and says, readably, what came instead: `.venv/bin/python -m tests.play_scenario FILE …`.

With `--table`, and for all files if none is named: rule → scenarios → passed, in lines of a Markdown table.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from care_scoring.core.effects import ClockTicked, RaiseAlert, Silence, WouldRaise
from care_scoring.core.fold import fold, new_state
from care_scoring.core.rulebook import RULE_IDS, sentence_of_reason
from tests import builders as b
from tests.unit.scoring.test_scenarios import (
    FOLDER,
    Scenario,
    expected_lines,
    history_of,
    read_scenarios,
    told_line,
)


def story(scenario: Scenario) -> list[str]:
    """The history line by line; below each step what the rule told, would have told, or why it was silent."""
    state, lines = new_state(b.PATIENT), []
    for step in history_of(scenario):
        at = step.due_at if isinstance(step, ClockTicked) else step.recorded_at
        what = "the clock reaches this time" if isinstance(step, ClockTicked) else step.type
        lines.append(f"    {at.astimezone(ZoneInfo(scenario.home)):%a %Y-%m-%d %H:%M}  {what}")
        for effect in fold(state, step, scenario.policy):
            if isinstance(effect, Silence):
                if effect.rule_id == scenario.rule:
                    lines.append(f"        silent: {effect.reason}: {sentence_of_reason(effect.reason)}")
            elif isinstance(effect, RaiseAlert | WouldRaise) and effect.alert.rule_id == scenario.rule:
                would = "would be " if isinstance(effect, WouldRaise) else ""
                lines.append(f"        {would}told: {told_line(effect.alert, scenario)}: {effect.alert.explanation}")
    return lines


def report(scenario: Scenario) -> tuple[bool, list[str]]:
    """Whether it passed, and what to print."""
    played = b.play(history_of(scenario), scenario.rule, scenario.policy)
    came, expected = [told_line(alert, scenario) for alert in played.alerts], expected_lines(scenario)
    if "silent" in scenario.words:
        came.append(f"silent at last: {played.silences[-1] if played.silences else 'never'}")
        expected.append(f"silent at last: {scenario.words['silent']}")
    passed = came == expected
    lines = [f"{'passed' if passed else 'FAILED'}  {scenario.rule}: {scenario.words['name']}"]
    if not passed:
        lines += ["  expected", *(f"    {line}" for line in expected or ["nothing"])]
        lines += ["  came", *(f"    {line}" for line in came or ["nothing"]), "  history", *story(scenario)]
    return passed, lines


def table(found: list[tuple[str, bool]]) -> list[str]:
    """How many scenarios each rule has and how many of them passed, in the order of the rule book."""
    all_of, passed = Counter(rule for rule, _ in found), Counter(rule for rule, came_true in found if came_true)
    rows = [f"| {rule} | {all_of[rule]} | {passed[rule]} |" for rule in dict.fromkeys(RULE_IDS) if all_of[rule]]
    return ["| rule | scenarios | passed |", "|---|---|---|", *rows, f"| all | {all_of.total()} | {passed.total()} |"]


def main() -> None:
    """Play every scenario of the files named."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("files", nargs="*", type=Path)
    asked.add_argument("--table", action="store_true", help="one line a rule instead of one a scenario")
    options = asked.parse_args()
    if not (options.files or options.table):
        asked.error("name a file, or ask for --table")
    found = []
    for file in options.files or sorted(FOLDER.glob("*.yaml")):
        for scenario in read_scenarios(file):
            passed, lines = report(scenario)
            found.append((scenario.rule, passed))
            if not (passed and options.table):
                sys.stdout.write("\n".join(lines) + "\n")
    if options.table:
        sys.stdout.write("\n".join(table(found)) + "\n")
    sys.exit(0 if all(passed for _, passed in found) else 1)


if __name__ == "__main__":
    main()
