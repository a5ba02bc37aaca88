"""How much of scoring's core is held by tests: a fixed sample of changes of every module, and what survives.

    nice -n 15 .venv/bin/python -m tests.mutation_sample --share 0.05           # of every module, at least two changes
    nice -n 15 .venv/bin/python -m tests.mutation_sample --share 1 --only core.trending

Each module is a stratum; its share weighs as much as the changes it allows, with a 95 % interval. The tests
of one change have 2 s of processor time, those likeliest to notice first: the figure is a lower bound.
"""

import argparse
import ast
import json
import math
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import hypothesis
import msgspec  # noqa: F401  # what no change touches is loaded once, before the processes part
import pytest
import pytest_asyncio  # noqa: F401
import yaml

import care_shared.contracts.care_alerts
import care_shared.contracts.care_events  # noqa: F401
from tests.mutation import Changed, changes, made
from tests.mutation_warm import (
    BUDGET,
    COLD,
    CORE,
    NOTICED,
    TESTS,
    UNNOTICED,
    Calls,
    Warm,
    importers,
    module_name,
    passes,
    silence,
    trace,
)

QUIET = ["-q", "-p", "no:cacheprovider"]
WORDS = {NOTICED: "noticed", UNNOTICED: "survived", COLD: "cold"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    file: str
    line: int
    what: str
    text: str
    of: int  # how many changes the module allows

    @property
    def module(self) -> str:
        return module_name(Path(self.file))


@dataclass(slots=True)
class Verdict:
    """What became of a change."""

    file: str
    line: int
    what: str
    of: int
    verdict: str
    at_import: bool = False
    killer: str = ""
    asked: int = 0


def sampled(share: float, least: int, seed: int, only: str) -> Iterator[Mutant]:
    """The same changes for the same seed, as long as a module is not edited."""
    for file in sorted(CORE.rglob("*.py")):
        if only not in module_name(file):
            continue
        tree = ast.parse(file.read_text("utf-8"))
        every = changes(tree)
        number = min(len(every), max(least, round(len(every) * share)))
        sample = random.Random(f"{seed}{file}").sample(every, number)
        for line, what, text in sorted(made(tree, change) for change in sample):
            yield Mutant(str(file), line, what, text, len(every))


class InTheWarm:
    """Runs instead of pytest's loop: traces what is unknown, then asks about each change."""

    def __init__(self, chosen: Sequence[Mutant], calls_file: Path, journal: Path) -> None:
        self._chosen, self._calls_file, self._journal = chosen, calls_file, journal

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """No test runs twice in the parent."""
        calls = Calls.read(self._calls_file)
        trace([item for item in session.items if item.nodeid not in calls.seconds], calls)
        calls.write(self._calls_file)
        warm = Warm(session.items, calls)
        asked_before = len(self._journal.read_text("utf-8").splitlines()) if self._journal.is_file() else 0
        with self._journal.open("a", encoding="utf-8") as journal:
            for mutant in self._chosen[asked_before:]:
                source = Path(mutant.file).read_text("utf-8")
                status, killer, asked = warm.asks(mutant.module, source, mutant.text)
                found = Verdict(
                    mutant.file, mutant.line, mutant.what, mutant.of, WORDS[status], status == COLD, killer, asked
                )
                journal.write(json.dumps(asdict(found)) + "\n")
                journal.flush()
        return True


class InTheCold:
    """Runs chosen tests in their order until one fails or the time is over."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._tests = tests
        self.noticed = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """As many as the time allows."""
        if session.testsfailed:
            self.noticed = "collection"
            return True
        items = {item.nodeid: item for item in session.items}
        began = time.process_time()
        for name in self._tests:
            if time.process_time() - began > BUDGET:
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


def cold(mutant: Mutant, tests: Sequence[str]) -> int:
    """Import the changed module anew and run the tests on it."""

    def work() -> int:
        silence()
        sys.meta_path.insert(0, Changed(mutant.module, mutant.text, mutant.file))
        loop = InTheCold(tests)
        files = sorted({name.partition("::")[0] for name in tests})
        code = pytest.main([*QUIET, "--continue-on-collection-errors", *files], plugins=[loop])
        return NOTICED if loop.noticed or code not in {0, 5} else UNNOTICED

    return UNNOTICED if in_a_child(work) == UNNOTICED else NOTICED


def tests_of(mutant: Mutant, calls: Calls, near: dict[str, set[str]], first: Sequence[str]) -> list[str]:
    """The tests that call anything of the module, then of those that import it."""
    by_module: dict[str, list[str]] = defaultdict(list)
    for key in calls.functions:
        by_module[key.partition(":")[0]].append(key)
    inside = calls.of(by_module[mutant.module] or [f"{mutant.module}:"], first)
    around = [key for module in near.get(mutant.module, ()) for key in by_module[module]]
    known = set(inside)
    return inside + [name for name in (calls.of(around) if around else []) if name not in known]


def finish(chosen: Sequence[Mutant], calls: Calls, found: Sequence[Verdict], again: bool) -> None:
    """Ask once more, cold, about what the warm process could not judge or let pass."""
    near, killers = importers(), defaultdict[str, list[str]](list)
    for mutant, verdict in zip(chosen, found, strict=True):
        if verdict.verdict == "noticed" or (verdict.verdict == "survived" and not again):
            continue
        tests = tests_of(mutant, calls, near, killers[mutant.file])
        verdict.asked = len(tests)
        verdict.verdict = WORDS[cold(mutant, tests)]


def told(found: Sequence[Verdict]) -> Iterator[str]:
    """By module, then all together: the share of each stratum weighs as many changes as it allows."""
    strata: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in found:
        strata[verdict.file].append(verdict)
    total = sum(members[0].of for members in strata.values())
    share, variance = 0.0, 0.0
    for file, members in strata.items():
        noticed, tried, allowed = sum(one.verdict == "noticed" for one in members), len(members), members[0].of
        yield f"{Path(file).relative_to(CORE)}: {noticed} of {tried} noticed ({allowed} possible)"
        weight = allowed / total
        share += weight * noticed / tried
        smoothed = (noticed + 1) / (tried + 2)  # a stratum of two that were both noticed is not without doubt
        variance += weight**2 * smoothed * (1 - smoothed) / tried * (1 - tried / allowed)
    half = 1.96 * math.sqrt(variance)
    yield f"all: {share:.1%} of {total} possible changes, ± {half:.1%} (95 %), from {len(found)} tried"


def main() -> int:
    """Sample, ask, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--least", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="modules whose name holds this")
    parser.add_argument("--calls", type=Path, default=Path(".mutation-calls.json"))
    parser.add_argument("--journal", type=Path, default=Path(".mutation-journal.jsonl"), help="a run goes on with it")
    parser.add_argument("--warm", action="store_true", help="only what the warm process can judge")
    parser.add_argument("--cold", action="store_true", help="go on where --warm ended")
    parser.add_argument("--again", action="store_true", help="ask in a fresh process, too, about what survived")
    options = parser.parse_args()
    yaml.BaseLoader = yaml.CBaseLoader  # the scenarios are read again for every cold start
    hypothesis.settings.register_profile(
        "quick to fail", derandomize=True, deadline=None, phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate)
    )
    hypothesis.settings.load_profile("quick to fail")
    chosen = list(sampled(options.share, options.least, options.seed, options.only))
    warm = InTheWarm(chosen, options.calls, options.journal)
    if not options.cold:
        in_a_child(lambda: int(pytest.main([*QUIET, TESTS], plugins=[warm])))
    found = [Verdict(**json.loads(line)) for line in options.journal.read_text("utf-8").splitlines()]
    if not options.warm:
        finish(chosen, Calls.read(options.calls), found, options.again)
        options.journal.write_text("".join(json.dumps(asdict(one)) + "\n" for one in found), "utf-8")
    for one in found:
        if one.verdict == "survived":
            place = f"{Path(one.file).relative_to(CORE)}:{one.line}"
            sys.stdout.write(f"  survived{' at import' if one.at_import else ''}: {place}: {one.what}\n")
    sys.stdout.write("".join(f"{line}\n" for line in told(found)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
