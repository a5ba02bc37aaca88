"""One change of one module and what became of it, which changes mean the same, and what a sample says as a whole."""

import ast
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import yaml

from tests.mutation import changes, line_of, made, said
from tests.mutation_warm import CORE, module_name

CONTROL = "compiled anew, nothing changed"
SAME = Path(__file__).with_name("mutation_same.yaml")


@dataclass(slots=True)
class Verdict:
    """One change of one module, and what became of it."""

    number: int
    file: str
    line: int
    what: str
    of: int  # how many changes the module allows
    verdict: str = "waiting"
    at_import: bool = False
    in_time: bool = True  # every test that calls it was asked
    killer: str = ""
    asked: int = 0

    @property
    def module(self) -> str:
        return module_name(Path(self.file))

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{Path(self.file).relative_to(CORE)}:{self.line}"

    @property
    def is_control(self) -> bool:
        return self.what == CONTROL

    def text(self) -> str | None:
        """The changed module, also where it was edited since; None when what was changed is gone."""
        tree = ast.parse(Path(self.file).read_text("utf-8"))
        if self.is_control:
            return compiled_anew(tree, self.line)
        same = [change for change in changes(tree) if said(change) == self.what]
        nearest = min(same, key=lambda change: abs(line_of(change) - self.line), default=None)
        return made(tree, nearest) if nearest else None


def compiled_anew(tree: ast.Module, line: int) -> str:
    """The module, its function at the line with a name more that nobody reads: a test that notices it is no witness."""
    function = next(one for one in functions(tree) if one.lineno == line)
    function.body.insert(1 if ast.get_docstring(function) else 0, ast.parse("compiled_anew = None").body[0])
    return ast.unparse(ast.fix_missing_locations(tree))


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """All functions of a module."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


class Journal:
    """What is known of each change of a sample; of what is written about one, the last line holds."""

    def __init__(self, file: Path) -> None:
        self._file = file
        lines = file.read_text("utf-8").splitlines() if file.is_file() else []
        self.found = {one.number: one for one in (Verdict(**json.loads(line)) for line in lines)}

    def note(self, one: Verdict) -> None:
        """At once, so that a run that is broken off goes on where it was."""
        self.found[one.number] = one
        with self._file.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(asdict(one)) + "\n")


@cache
def same() -> frozenset[tuple[str, str, str]]:
    """The changes that mean the same, each looked at by a person: file, the line as it stands, what becomes of what."""
    return frozenset((one["in"], one["line"], one["change"]) for one in yaml.safe_load(SAME.read_text("utf-8")))


def means_the_same(one: Verdict) -> bool:
    """Whether no test can tell it from what stands there; an edited line is looked at anew."""
    lines = Path(one.file).read_text("utf-8").splitlines()
    line = lines[one.line - 1].strip() if 0 < one.line <= len(lines) else ""
    return one.verdict == "survived" and (str(Path(one.file).relative_to(CORE)), line, one.what) in same()


def told(found: Sequence[Verdict]) -> Iterator[str]:
    """What survived, then by module, then all together: with and without what means the same."""
    for one in found:
        if one.verdict == "survived" and not one.is_control:
            marks = (" at import" * one.at_import, " out of time" * (not one.in_time), " same" * means_the_same(one))
            yield f"  survived{''.join(marks)}: {one.place}: {one.what}"
    tried = [one for one in found if not one.is_control]
    for file, members in strata(tried).items():
        noticed = sum(one.verdict == "noticed" for one in members)
        yield f"{Path(file).relative_to(CORE)}: {noticed} of {len(members)} noticed ({members[0].of} possible)"
    controls = [one for one in found if one.is_control]
    yield f"controls: {sum(one.verdict == 'noticed' for one in controls)} of {len(controls)} noticed, none should be"
    yield f"all: {weighed(tried)}"
    yield f"without those that mean the same: {weighed([one for one in tried if not means_the_same(one)])}"


def strata(tried: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    """Each module's own."""
    found: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in tried:
        found[verdict.file].append(verdict)
    return found


def weighed(tried: Sequence[Verdict]) -> str:
    """The share that was noticed: each module weighs as many changes as it allows."""
    modules = list(strata(tried).values())
    total = sum(members[0].of for members in modules)
    share, variance = 0.0, 0.0
    for members in modules:
        noticed, asked, allowed = sum(one.verdict == "noticed" for one in members), len(members), members[0].of
        weight = allowed / total
        share += weight * noticed / asked
        smoothed = (noticed + 1) / (asked + 2)  # a stratum of two that were both noticed is not without doubt
        variance += weight**2 * smoothed * (1 - smoothed) / asked * (1 - asked / allowed)
    noticed, half = sum(one.verdict == "noticed" for one in tried), 1.96 * math.sqrt(variance)
    return f"{share:.1%} of {total} possible changes, ± {half:.1%} (95 %); {noticed} of {len(tried)} tried"
