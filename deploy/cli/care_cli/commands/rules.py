"""`carelead rules`: which care rules there are, and everything a person may know about one without reading code."""

from typing import Annotated

import typer

from care_cli.output import say

rules = typer.Typer(no_args_is_help=True, help="The care rules.")

RuleId = Annotated[str, typer.Argument(help="The name of a rule, such as TCM-CONTACT.")]


@rules.callback()
def care_rules() -> None:
    """The care rules."""


@rules.command("list")
def list_rules() -> None:
    """Every rule with its sentence."""
    from care_scoring.core.rulebook import RULE_IDS
    from care_scoring.rule_document import rules_named

    for rule_id in RULE_IDS:
        found = rules_named(rule_id)
        say(f"{rule_id:<16}{found[0].about.sentence}")


@rules.command()
def explain(rule: RuleId) -> None:
    """Sentence, version, source, numbers with their marks, facts read, silences and scenarios of RULE."""
    from care_scoring.core.rulebook import known_rules
    from care_scoring.rule_document import explained

    known_rules((rule,))
    for line in explained(rule):
        say(line)


@rules.command()
def book() -> None:
    """All of them, as Markdown."""
    from care_scoring.rule_document import document

    say(document().rstrip())
