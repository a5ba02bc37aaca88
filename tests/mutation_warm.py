"""A warm process that knows every test of scoring: which test calls which function, and does one notice a change in it?

Collecting takes seconds, a changed function milliseconds: the process forks, the child exchanges the code of the
changed function in place and runs the tests that call it until one fails. Caches of the core are emptied. What is
worked out while modules are imported (defaults, tables) is not seen this way: `mutation_sample` starts those cold.
"""

import ast
import contextlib
import functools
import gc
import json
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType

import pytest
from _pytest.runner import runtestprotocol

CORE = Path("services/scoring/care_scoring/core")
TESTS = "tests/unit/scoring"
RUNS_WHEN_CALLED = 0x01  # CO_OPTIMIZED: the body of a function, not of a class or a module
NOTICED, UNNOTICED, COLD, OUT_OF_TIME = 1, 0, 3, 4
SPARE = 6  # seconds more, and the process is ended: what a change that runs for ever does is not known
FAR = 4  # imports away
TOO_SLOW = 10.0  # a traced test that takes longer is asked of no change
AWAY, SLOW = 30, 10  # an import away, a second more: so many turns of quick near tests come first


class ImportedBehaviourError(Exception):
    """What changed has its effect while the module is imported."""


@dataclass(slots=True)
class Calls:
    """Which test calls which function of the core, and how long each test takes."""

    seconds: dict[str, float] = field(default_factory=dict)
    functions: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    rooms: dict[str, str] = field(default_factory=dict)  # a file of scenarios → the module of its rule

    @classmethod
    def read(cls, file: Path) -> "Calls":
        """What an earlier run found out."""
        if not file.is_file():
            return cls()
        kept = json.loads(file.read_text("utf-8"))
        names = list(kept["seconds"])
        functions = {key: {names[number] for number in numbers} for key, numbers in kept["functions"].items()}
        return cls(kept["seconds"], defaultdict(set, functions), kept.get("rooms", {}))

    def write(self, file: Path) -> None:
        """For the next run."""
        numbers = {name: number for number, name in enumerate(self.seconds)}
        functions = {key: sorted(numbers[name] for name in names) for key, names in self.functions.items()}
        file.write_text(json.dumps({"seconds": self.seconds, "functions": functions, "rooms": self.rooms}), "utf-8")

    def of(self, module: str, keys: Iterable[str], first: Sequence[str] = ()) -> list[str]:
        """The tests that call one of these: those named first, then the quick and near, one of each file in turn."""
        tests = set().union(*(self.functions.get(key, ()) for key in keys))
        tests = {name for name in tests if self.seconds[name] < TOO_SLOW}
        near, package = distances(module), module.split(".")[-2]  # a test of the same folder is near, too
        early = [name for name in first if name in tests]
        turns: Counter[str] = Counter()
        ranks = {}
        for name in sorted(tests - set(early), key=self.seconds.__getitem__):
            room = name.partition(": ")[0] if "test_scenario[" in name else name.partition("::")[0]
            turns[room] += 1
            about = Path(room.rpartition("[")[2]).stem.removeprefix("test_")
            about = self.rooms.get(about, about)
            distance = min(near.get(about, FAR), 1 if Path(room).parent.name == package else FAR)
            ranks[name] = turns[room] + AWAY * distance + SLOW * self.seconds[name]
        return early + sorted(ranks, key=ranks.__getitem__)


@functools.cache
def importers() -> dict[str, set[str]]:
    """Which modules of the core import which."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                for name in [node.module, *(f"{node.module}.{one.name}" for one in node.names)]:
                    found[name].add(module_name(file))
    return found


def rooms_of(items: Iterable[pytest.Item]) -> dict[str, str]:
    """Of which module the scenarios of a file are."""
    rules = sys.modules["care_scoring.core.rulebook"].RULES  # not imported: it must stay unknown where we start cold
    modules = {rule.rule_id: type(rule).__module__.rpartition(".")[2] for rule in rules}
    played = [one.callspec.params.get("scenario") for one in items if hasattr(one, "callspec")]
    return {one.file: modules[one.rule] for one in played if hasattr(one, "file")}


@functools.cache
def distances(module: str) -> dict[str, int]:
    """How far those are that lean on a module, by the last part of their name: itself 0, who imports it 1."""
    found, edge = {module.rpartition(".")[2]: 0}, {module}
    for step in range(1, FAR):
        edge = set().union(*(importers()[one] for one in edge))
        for name in edge:
            found.setdefault(name.rpartition(".")[2], step)
    return found


def module_name(file: Path) -> str:
    """care_scoring.core.calendar"""
    return ".".join(file.relative_to(CORE.parents[1]).with_suffix("").parts)


def passes(item: pytest.Item) -> bool:
    """Run one collected test."""
    return not any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def trace(items: Sequence[pytest.Item], calls: Calls) -> None:
    """Run tests that are not known yet, and note what each calls."""
    core = str(CORE.absolute())
    for item in items:
        called: set[CodeType] = set()

        def note(frame: FrameType, event: str, _: object, called: set[CodeType] = called) -> None:
            called.add(frame.f_code)

        began = time.process_time()
        sys.settrace(note)
        try:
            passed = passes(item)
        finally:
            sys.settrace(None)
        calls.seconds[item.nodeid] = time.process_time() - began
        if not passed:
            sys.stdout.write(f"fails unchanged, left out: {item.nodeid}\n")
            continue
        for code in called:
            if code.co_filename.startswith(core):
                module = module_name(CORE / Path(code.co_filename).relative_to(core))
                calls.functions[f"{module}:{code.co_qualname}"].add(item.nodeid)


def nested(code: CodeType) -> Iterator[CodeType]:
    """Code that a code object holds."""
    return (held for held in code.co_consts if isinstance(held, CodeType))


def own(code: CodeType) -> tuple[object, ...]:
    """A code object without what it holds."""
    held = tuple(None if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts)
    return code.co_code, held, code.co_names


Swap = tuple[CodeType, CodeType]


def swaps(real: CodeType, before: CodeType, after: CodeType) -> Iterator[Swap]:
    """Functions whose code must be exchanged, so that the changed module behaves as if imported anew."""
    if own(before) != own(after):
        raise ImportedBehaviourError
    for old, one, other in zip(nested(real), nested(before), nested(after), strict=True):
        if one == other:
            continue
        if old.co_name.startswith("<") and old.co_name != "<lambda>":
            raise ImportedBehaviourError  # a comprehension in the body of a module
        if old.co_flags & RUNS_WHEN_CALLED:
            yield old, other
            yield from _inner(old, other)
        else:
            yield from swaps(old, one, other)


def _inner(old: CodeType, other: CodeType) -> Iterator[Swap]:
    """Functions that were made by a function while modules were imported."""
    for held, new in zip(nested(old), nested(other), strict=False):
        yield held, new
        yield from _inner(held, new)


def code_of(text: str) -> CodeType:
    """A module's code."""
    return compile(text, "module", "exec")


class Warm:
    """Holds the collected tests and asks them about changed functions."""

    def __init__(self, items: Sequence[pytest.Item], calls: Calls, seconds: float) -> None:
        """`seconds` of processor time may the tests of one change take."""
        self._seconds = seconds
        self._items = {item.nodeid: item for item in items}
        self._calls = calls
        self._killers: dict[str, list[str]] = defaultdict(list)
        self._functions: dict[CodeType, list[FunctionType]] = defaultdict(list)
        self._caches = []
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and str(thing.__module__).startswith("care_scoring.core"):
                self._functions[thing.__code__].append(thing)
            elif isinstance(thing, functools._lru_cache_wrapper) and str(thing.__module__).startswith("care_"):
                self._caches.append(thing)

    def asks(self, module: str, source: str, text: str) -> tuple[int, str, int]:
        """Whether a test notices, which one, and how many would be asked."""
        try:
            exchanged = list(swaps(code_of(source), code_of(ast.unparse(ast.parse(source))), code_of(text)))
        except (ImportedBehaviourError, ValueError):
            exchanged = []
        if not exchanged:
            return (COLD, "", 0) if imports(text) else (NOTICED, "import", 0)
        tests = self._calls.of(module, [f"{module}:{exchanged[0][0].co_qualname}"], self._killers[module])
        tests = [name for name in tests if name in self._items]
        if not tests:
            return COLD, "", 0  # called while a module is imported, or once for all tests and remembered
        status, killer = self._in_a_child(exchanged, tests)
        if killer:
            self._killers[module] = [killer, *(name for name in self._killers[module] if name != killer)][:6]
        return status, killer, len(tests)

    def _in_a_child(self, exchanged: Sequence[Swap], tests: Sequence[str]) -> tuple[int, str]:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os._exit(self._first_failure(exchanged, tests, writing))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            killer = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code < 0:
            return OUT_OF_TIME, ""  # ended in the midst of a test: it may be slow, and proves nothing
        return (code if code in {UNNOTICED, COLD, OUT_OF_TIME} else NOTICED), killer

    def _first_failure(self, exchanged: Sequence[Swap], tests: Sequence[str], writing: int) -> int:
        silence(self._seconds + SPARE)
        try:
            for old, new in exchanged:
                for function in self._functions[old]:
                    function.__code__ = new
        except ValueError:
            return COLD  # it closes over something else now
        for cache in self._caches:
            cache.cache_clear()
        in_time = UNNOTICED
        for name in tests:
            if time.process_time() + self._calls.seconds[name] > self._seconds + SPARE / 2:
                in_time = OUT_OF_TIME  # a long test is not begun: ended in its midst it would prove nothing
                continue
            if not passes(self._items[name]):
                os.write(writing, name.encode())
                return NOTICED
        return in_time


def imports(text: str) -> bool:
    """Whether a changed module can be imported at all."""
    child = os.fork()
    if not child:
        silence(SPARE)
        scratch = ModuleType("scratch")
        sys.modules["scratch"] = scratch
        with contextlib.suppress(Exception):
            exec(code_of(text), scratch.__dict__)
            os._exit(0)
        os._exit(NOTICED)
    return os.waitpid(child, 0)[1] == 0


def silence(seconds: float) -> None:
    """What a changed module says is of no interest, and it may not run for ever."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
