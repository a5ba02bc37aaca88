"""`carelead rules`: which care rules there are, and everything a person may know about one without reading code."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say, say_json

if TYPE_CHECKING:
    from care_notifications.adapters.rule_precision import RulePrecision

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


@rules.command()
def precision(
    days: Annotated[int, typer.Option(min=1, max=400, help="Alerts that opened within so many days.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per rule.")] = False,
) -> None:
    """What people did with each rule's alerts: the share acted on within 14 days, overridden, not useful."""
    found = asyncio.run(_precision(timedelta(days=days)))
    if not found and not as_json:
        say(f"No rule alerted anybody in the last {days} days.")
    if found and not as_json:
        say(PRECISION_HEAD)
    for one in found:
        if as_json:
            say_json(asdict(one) | {"precision": one.precision})
        else:
            say(precision_in_a_line(one))


PRECISION_HEAD = "rule                  told  ackn.  acted  overr. useful  not  open  precision"


def precision_in_a_line(one: "RulePrecision") -> str:
    """One rule under `PRECISION_HEAD`."""
    share = "-" if one.precision is None else f"{one.precision:.0%}"
    return (
        f"{one.rule_id:<20}{one.told:>6}{one.acknowledged:>7}{one.acted:>7}{one.overridden:>8}"
        f"{one.useful:>7}{one.not_useful:>5}{one.undecided:>6}  {share}"
    )


async def _precision(span: timedelta) -> "list[RulePrecision]":
    from care_cli.running.pools import pool_of
    from care_notifications.adapters.rule_precision import rule_precision
    from care_shared.runtime.clock import utc_now

    async with pool_of("notifications") as pool:
        return await rule_precision(pool, utc_now() - span, utc_now())
