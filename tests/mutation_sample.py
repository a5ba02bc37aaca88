"""How much of scoring's core is held by tests: a fixed sample of changes of every module, and what survives.

    nice -n 15 .venv/bin/python -m tests.mutation_sample --share 0.05           # of every module, at least two changes
    nice -n 15 .venv/bin/python -m tests.mutation_sample --share 1 --only core.trending

Each module is a stratum; its share weighs as much as the changes it allows, with a 95 % interval. The tests
of one change have a little time, those likeliest to notice first: the figure is a lower bound, less of one with
`--again --seconds 20` about what survived. Seven functions only compiled anew run along: nobody may notice them.
"""

import argparse
import ast
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import hypothesis
import msgspec  # noqa: F401  # what no change touches is loaded once, before the processes part
import pytest
import pytest_asyncio  # noqa: F401
import yaml

import care_shared.business_days
import care_shared.contracts.care_alerts
import care_shared.contracts.care_events  # noqa: F401
from tests.mutation import Changed, changes, line_of, said
from tests.mutation_verdicts import CONTROL, Journal, Verdict, functions, means_the_same, told
from tests.mutation_warm import (
    COLD,
    CORE,
    NOTICED,
    OUT_OF_TIME,
    SPARE,
    TESTS,
    UNNOTICED,
    Calls,
    Warm,
    importers,
    module_name,
    passes,
    rooms_of,
    silence,
    trace,
)

QUIET = ["-q", "-p", "no:cacheprovider"]
WORDS = {NOTICED: "noticed", UNNOTICED: "survived", COLD: "cold", OUT_OF_TIME: "survived"}
CONTROLS = 7
STARTS = 60  # seconds in which a fresh process has collected its tests
COLD_TESTS = 100  # a fresh process that collects every test would take longer than it may


def sampled(share: float, least: int, seed: int, only: str) -> Iterator[Verdict]:
    """The same changes for the same seed, as long as a module is not edited."""
    number = 0
    for file in sorted(CORE.rglob("*.py")):
        if only not in module_name(file):
            continue
        every = changes(ast.parse(file.read_text("utf-8")))
        wanted = min(len(every), max(least, round(len(every) * share)))
        sample = random.Random(f"{seed}{file}").sample(every, wanted)
        for line, what in sorted((line_of(change), said(change)) for change in sample):
            yield Verdict(number, str(file), line, what, len(every))
            number += 1
    yield from controls(number, seed, only)


def controls(number: int, seed: int, only: str) -> Iterator[Verdict]:
    """Seven functions that are compiled anew without a change: whoever notices one would notice anything."""
    files = [file for file in sorted(CORE.rglob("*.py")) if only in module_name(file)]
    every = [(file, one.lineno) for file in files for one in functions(ast.parse(file.read_text("utf-8")))]
    for further, (file, line) in enumerate(random.Random(seed).sample(every, min(CONTROLS, len(every)))):
        yield Verdict(number + further, str(file), line, CONTROL, 0)


class InTheWarm:
    """Runs instead of pytest's loop: traces what is unknown, then asks about each change."""

    def __init__(self, chosen: Sequence[Verdict], calls_file: Path, journal: Journal, seconds: float) -> None:
        self._chosen, self._calls_file, self._journal, self._seconds = chosen, calls_file, journal, seconds

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """No test runs twice in the parent."""
        calls = Calls.read(self._calls_file)
        trace([item for item in session.items if item.nodeid not in calls.seconds], calls)
        calls.rooms = rooms_of(session.items)
        calls.write(self._calls_file)
        warm = Warm(session.items, calls, self._seconds)
        for one in self._chosen:
            text = one.text()
            if text is not None:
                status, one.killer, one.asked = warm.asks(one.module, Path(one.file).read_text("utf-8"), text)
                one.verdict, one.at_import, one.in_time = WORDS[status], status == COLD, status != OUT_OF_TIME
            self._journal.note(one if text is not None else replace(one, verdict="gone"))
        return True


class InTheCold:
    """Runs chosen tests in their order until one fails or the time is over."""

    def __init__(self, tests: Sequence[str], seconds: float) -> None:
        self._tests, self._seconds = tests, seconds
        self.noticed, self.in_time = "", True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """As many as the time allows."""
        if session.testsfailed:
            self.noticed = "collection"
            return True
        items = {item.nodeid: item for item in session.items}
        began = time.process_time()
        for name in self._tests:
            if time.process_time() - began > self._seconds:
                self.in_time = False
                break
            if name in items and not passes(items[name]):
                self.noticed = name
                break
        return True


def in_a_child(work: Callable[[], int]) -> int:
    """Fork, work, and say how it ended."""
    child = os.fork()
    if not child:
        os._exit(work())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def cold(one: Verdict, text: str, tests: Sequence[str], seconds: float) -> int:
    """Import the changed module anew and run the tests on it."""

    def work() -> int:
        silence(STARTS + seconds + SPARE)
        sys.meta_path.insert(0, Changed(one.module, text, one.file))
        loop = InTheCold(tests, seconds)
        files = sorted({name.partition("::")[0] for name in tests})
        code = pytest.main([*QUIET, "--continue-on-collection-errors", *files], plugins=[loop])
        if loop.noticed or code not in {0, 5}:
            return NOTICED
        return UNNOTICED if loop.in_time else OUT_OF_TIME

    status = in_a_child(work)
    return OUT_OF_TIME if status < 0 else status if status in {UNNOTICED, OUT_OF_TIME} else NOTICED


def tests_of(module: str, calls: Calls) -> list[str]:
    """What is said to people, the module's own tests (some only read a table), then those that call it or its users."""
    by_module: dict[str, list[str]] = defaultdict(list)
    for key in calls.functions:
        by_module[key.partition(":")[0]].append(key)
    inside = calls.of(module, by_module[module])
    around = calls.of(module, [key for near in importers().get(module, ()) for key in by_module[near]])
    own = [name for name in calls.seconds if Path(name.partition("::")[0]).stem == f"test_{module.rpartition('.')[2]}"]
    return list(dict.fromkeys([*said_to_people(calls), *own, *inside, *around]))[:COLD_TESTS]


def said_to_people(calls: Calls) -> list[str]:
    """The tests that hold the settings against the policy we ship: they name every number."""
    return [name for name in calls.seconds if "/test_documents.py::" in name]


def finish(chosen: Sequence[Verdict], calls: Calls, journal: Journal, seconds: float) -> None:
    """Ask, cold, about what has its effect while modules are imported."""
    for one in chosen:
        text, tests = one.text(), tests_of(one.module, calls)
        if text is not None:
            status = cold(one, text, tests, seconds)
            one.verdict, one.asked, one.in_time = WORDS[status], len(tests), status != OUT_OF_TIME
        journal.note(one if text is not None else replace(one, verdict="gone"))


def is_left(one: Verdict) -> bool:
    """Whether nobody noticed it yet."""
    return one.verdict == "survived" and not means_the_same(one)


def main() -> int:
    """Sample, ask, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--least", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="modules whose name holds this")
    parser.add_argument("--calls", type=Path, default=Path(".mutation-calls.json"))
    parser.add_argument("--journal", type=Path, default=Path(".mutation-journal.jsonl"), help="a run goes on with it")
    parser.add_argument("--seconds", type=float, default=2.0, help="of processor time for the tests of one change")
    parser.add_argument("--warm", action="store_true", help="only what the warm process can judge")
    parser.add_argument("--again", action="store_true", help="ask once more about what survived, as tests were added")
    options = parser.parse_args()
    yaml.BaseLoader = yaml.CBaseLoader  # the scenarios are read again for every cold start
    hypothesis.settings.register_profile(
        "quick to fail", derandomize=True, deadline=None, phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate)
    )
    hypothesis.settings.load_profile("quick to fail")
    journal = Journal(options.journal)
    if not journal.found:
        for one in sampled(options.share, options.least, options.seed, options.only):
            journal.note(one)
    left = [one for one in journal.found.values() if one.verdict == "waiting" or (options.again and is_left(one))]
    warm = [one for one in left if not one.at_import]
    if warm:
        loop = InTheWarm(warm, options.calls, journal, options.seconds)
        in_a_child(lambda: int(pytest.main([*QUIET, TESTS], plugins=[loop])))
        journal = Journal(options.journal)
    if not options.warm:
        unasked = [one for one in journal.found.values() if one.verdict == "cold"]
        unasked += [one for one in left if one.at_import]
        random.Random(options.seed).shuffle(unasked)  # so that a run that is broken off has asked about a fair share
        finish(unasked, Calls.read(options.calls), journal, options.seconds)
    found = [one for one in journal.found.values() if one.verdict in {"noticed", "survived"}]
    sys.stdout.write("".join(f"{line}\n" for line in told(found)))
    more = sum(one.verdict == "cold" for one in journal.found.values())
    if more:
        sys.stdout.write(f"{more} more have their effect while a module is imported and were not asked about\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
