"""`carelead backtest`: what would have been told under another policy, from stored history, without telling anybody."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say, say_json, warn

if TYPE_CHECKING:
    from care_scoring.core.backtest import Backtest

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

NewPolicy = Annotated[Path, typer.Option("--policy", help="The policy to try, in YAML.")]
Baseline = Annotated[Path | None, typer.Option(help="The policy to compare with; by default the one we ship.")]
Since = Annotated[str, typer.Option(help="From when on to compare: 90d, 2027-01-01, or a time with its offset.")]
Until = Annotated[str, typer.Option(help="Up to when deadlines pass; by default now.")]
WarmUp = Annotated[
    int | None,
    typer.Option(
        min=60,
        help="Days read before --since; by default all there is, for diagnoses and care teams were told long ago.",
    ),
]
Facts = Annotated[Path | None, typer.Option(help="A file of facts, one JSON object a line, instead of the topic.")]
FromKafka = Annotated[bool, typer.Option("--from-kafka", help="Read the topic of facts; so it is without --facts.")]
OnlyRules = Annotated[list[str] | None, typer.Option("--rule", help="This rule only; may be given several times.")]
AllRules = Annotated[
    bool,
    typer.Option("--all-rules", help="Ask every rule; by default those whose numbers differ: others say the same."),
]
Shadow = Annotated[bool, typer.Option("--shadow", help="Count rules in shadow as if they had told somebody.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")]


def backtest(  # noqa: PLR0913  # the options of a command are its arguments
    *,
    policy: NewPolicy,
    baseline: Baseline = None,
    since: Since = "90d",
    until: Until = "",
    warm_up_days: WarmUp = None,
    facts: Facts = None,
    from_kafka: FromKafka = False,
    rule: OnlyRules = None,
    all_rules: AllRules = False,
    shadow: Shadow = False,
    as_json: AsJson = False,
) -> None:
    """Replay history under two policies; print what is gained, lost, told sooner, later or louder, per rule."""
    from care_cli.commands.policy import policy_in
    from care_cli.moments import moment, moment_or_days
    from care_scoring.core.backtest import Backtest
    from care_scoring.core.backtest_report import described, lines
    from care_scoring.core.rulebook import RULE_IDS, known_rules
    from care_shared.errors import UnusableMessageError
    from care_shared.runtime.clock import utc_now

    if all_rules and rule:
        raise UnusableMessageError("--all-rules", "and --rule exclude one another")
    if facts is not None and from_kafka:
        raise UnusableMessageError("--from-kafka", "and --facts exclude one another")
    end = moment("--until", until) if until else utc_now()
    start = moment_or_days("--since", since, end)
    asked = frozenset(RULE_IDS) if all_rules else known_rules(rule or ())
    test = Backtest(policy_in(baseline), policy_in(policy), rules=asked, shadow=shadow)
    period = Period(LONG_AGO if warm_up_days is None else start - timedelta(days=warm_up_days), end)
    unusable = _from_topic(test, period) if facts is None else _from_file(test, period, facts)
    result = test.result(start, end)
    if unusable:
        warn(f"carelead: {unusable} records are no facts; they were left out")
    if as_json:
        say_json(described(result))
        return
    for line in lines(result):
        say(line)


class Period:
    """The facts that count: learnt from `start` to `end`."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = start
        self.end = end

    def holds(self, recorded_at: datetime) -> bool:
        """Whether a fact learnt then counts."""
        return self.start <= recorded_at <= self.end


def _from_file(test: "Backtest", period: Period, file: Path) -> int:
    """A file names its bad line and ends; it was written on purpose."""
    from care_cli.fact_files import facts_in

    for event in facts_in(file):
        if period.holds(event.recorded_at):
            test.take(event)
    test.finish(period.end)
    return 0


def _from_topic(test: "Backtest", period: Period) -> int:
    """Partition by partition, so that only one partition's patients are held; a dead letter stops nobody."""
    from pydantic import ValidationError

    from care_cli.running.event_history import Readers, read_topic
    from care_cli.running.target import kafka_target
    from care_scoring.core.rulebook import codes_read
    from care_scoring.decoding import code_of_reading, decode_fact
    from care_scoring.settings import ScoringGroup
    from care_shared.settings import KafkaSettings
    from care_shared.topics import CARE_EVENTS

    unusable, read = 0, {None, *codes_read(test.asked)}

    def take(value: bytes) -> None:
        nonlocal unusable
        if code_of_reading(value) not in read:
            test.leave()
            return
        try:
            event = decode_fact(value)
        except ValidationError:
            unusable += 1
            return
        if period.holds(event.recorded_at):
            test.take(event)

    topic = ScoringGroup().topic_prefix + CARE_EVENTS.name
    readers = Readers(take, lambda: test.finish(period.end))
    asyncio.run(read_topic(KafkaSettings(bootstrap=kafka_target()), topic, period.start, readers))
    return unusable
