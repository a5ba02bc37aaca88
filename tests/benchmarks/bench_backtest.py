"""Facts per second through a backtest in one process, from bytes as they lie on the topic (JSON).

Run: .venv/bin/python -m tests.benchmarks.bench_backtest
"""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from time import process_time

from care_scoring.core.backtest import Backtest
from care_scoring.core.policy import SHIPPED_LAYER, Policy, load_policy
from care_scoring.core.rulebook import RULE_IDS, SECTIONS, codes_read
from care_scoring.decoding import code_of_reading, decode_fact
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.errors import ConfigurationError
from tests.load_mix import Mix
from tests.load_panel import LoadPanel, as_records
from tests.monitored_panel import FACTS_A_DAY, MonitoredPanel, mostly_in_band
from tests.playing import POLICY

START, PERIOD = datetime(2027, 1, 4, tzinfo=UTC), timedelta(days=60)
CHANGES = {
    "one number of discharges": "{discharge_contact: {business_days: 3}}",
    "one trend": "{vitals_trend: {2339-0: {p_value: 0.01}}}",
    "weight and missed visits": "{heart_failure_weight: {gain_week_kg: 1.5}, missed_visit: {in_a_row_for_p2: 3}}",
}


def replayed(values: list[bytes], test: Backtest) -> dict[str, int]:
    """CPU time, as `carelead backtest` does it with the records of a partition."""
    began = process_time()
    read = {None, *codes_read(test.asked)}
    for value in values:
        if code_of_reading(value) in read:
            test.take(decode_fact(value))
        else:
            test.leave()
    test.finish(START + PERIOD)
    seconds = process_time() - began
    result = test.result(START, START + PERIOD)
    changes = {"changes": len(result.changes), "read": result.facts, "left_aside": result.unread}
    return {"facts_per_second": round(len(values) / seconds), "rules": len(result.asked), **changes}


def one_number_each() -> Iterator[tuple[str, Policy]]:
    """For every part of the policy, the policy in which one of its numbers is another: what people ask most."""
    for section in (kind.section for kind in SECTIONS):
        for change in _changes(section):
            try:
                yield section, load_policy(f'version: "new"\nthresholds: {json.dumps({section: change})}')
            except ConfigurationError:  # beyond its bounds
                continue
            break


def _changes(section: str) -> Iterator[dict[str, object]]:
    shipped = SHIPPED_LAYER[section]
    assert isinstance(shipped, dict)
    for name, value in shipped.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from ({name: value + step} for step in (1, -1, 0.01))


def by_section(values: list[bytes]) -> dict[str, object]:
    """Facts per second for one changed number of each part; the slowest first."""
    speeds = {
        section: replayed(values, Backtest(POLICY, policy))["facts_per_second"] for section, policy in one_number_each()
    }
    return {
        "sections": len(speeds),
        "at_50_000_and_more": sum(speed >= 50_000 for speed in speeds.values()),
        "median": round(median(speeds.values())),
        "facts_per_second": dict(sorted(speeds.items(), key=lambda one: one[1])),
    }


def history(options: argparse.Namespace) -> Iterator[AnyCareEvent]:
    """What is replayed."""
    panel = LoadPanel(options.patients)
    if options.mixed:
        return Mix(panel, options.facts, START, START + PERIOD).facts()
    if options.vitals:
        return mostly_in_band(round(options.facts / PERIOD.days / FACTS_A_DAY)).facts(START, PERIOD.days)
    if options.monitored:
        return MonitoredPanel(round(options.facts / PERIOD.days / FACTS_A_DAY)).facts(START, PERIOD.days)
    return panel.facts(options.facts, START, START + PERIOD)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=60_000)
    parser.add_argument("--patients", type=int, default=1_000)
    parser.add_argument("--mixed", action="store_true", help="a quarter of the facts are no readings")
    parser.add_argument(
        "--monitored", action="store_true", help="people who measure every morning, few of them in need"
    )
    parser.add_argument("--vitals", action="store_true", help="the same, treated: 95 of 100 stay in range")
    parser.add_argument("--sections", action="store_true", help="one number of each part of the policy, one by one")
    options = parser.parse_args()
    values = [value for _, value in as_records(history(options))]
    if options.sections:
        sys.stdout.write(json.dumps({"benchmark": "backtest", "records": len(values), **by_section(values)}) + "\n")
        return 0
    figures = {
        name: replayed(values, Backtest(POLICY, load_policy(f'version: "new"\nthresholds: {change}')))
        for name, change in CHANGES.items()
    }
    one_number = load_policy('version: "new"\nthresholds: {heart_failure_weight: {gain_week_kg: 1.5}}')
    figures["every rule, one number differs"] = replayed(
        values, Backtest(POLICY, one_number, rules=frozenset(RULE_IDS))
    )
    figures["every rule"] = replayed(values, Backtest(POLICY, POLICY, rules=frozenset(RULE_IDS)))
    sys.stdout.write(json.dumps({"benchmark": "backtest", "records": len(values), **figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
