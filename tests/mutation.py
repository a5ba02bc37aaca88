"""Changes one thing at a time in a module of the core and asks whether any test notices: which changes survive?

    nice -n 19 .venv/bin/python -m tests.mutation care_scoring.core.calendar tests/unit/scoring/core/test_calendar.py

No file is touched: each changed module lives in a forked process that runs the named tests on it. Survivors are printed
with their line. A change that means the same (an equivalent mutant) survives every test; judging that is left to you.
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import hypothesis  # noqa: F401  # what no change touches is loaded once, before the processes part
import msgspec  # noqa: F401
import pytest
import pytest_asyncio  # noqa: F401
import yaml  # noqa: F401

import care_shared.contracts.care_alerts
import care_shared.contracts.care_events  # noqa: F401

SECONDS = 90  # a change that makes the tests run for ever is noticed too
NOTICED, UNNOTICED, BROKEN = 1, 0, 2
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """Every other thing this one node might be."""
    other = copy.deepcopy(node)
    if isinstance(other, ast.Compare) and type(other.ops[0]) in COMPARISONS:
        other.ops[0] = COMPARISONS[type(other.ops[0])]()
        yield other
    elif isinstance(other, ast.BinOp | ast.AugAssign) and type(other.op) in ARITHMETIC:
        other.op = ARITHMETIC[type(other.op)]()
        yield other
    elif isinstance(other, ast.BoolOp):
        other.op = ast.Or() if isinstance(other.op, ast.And) else ast.And()
        yield other
    elif isinstance(other, ast.UnaryOp) and isinstance(other.op, ast.Not):
        yield other.operand
    elif isinstance(other, ast.IfExp):
        yield ast.IfExp(other.test, other.orelse, other.body)
    else:
        yield from _simpler(other)


def _simpler(other: ast.AST) -> Iterator[ast.AST]:
    if isinstance(other, ast.Constant) and isinstance(other.value, bool):
        yield ast.Constant(not other.value)
    elif isinstance(other, ast.Constant) and isinstance(other.value, int | float):
        yield ast.Constant(other.value + 1)
    elif isinstance(other, ast.If):
        yield ast.If(ast.UnaryOp(ast.Not(), other.test), other.body, other.orelse)
    elif isinstance(other, ast.Continue):
        yield ast.Break()
    elif isinstance(other, ast.Name) and other.id in NAMES:
        yield ast.Name(NAMES[other.id], other.ctx)
    elif isinstance(other, ast.Expr) and isinstance(other.value, ast.Call | ast.Yield | ast.YieldFrom):
        yield ast.Pass()


Place = tuple[ast.AST, str, int | None]


def places(tree: ast.AST) -> Iterator[Place]:
    """Where each node hangs; annotations and decorators are no behaviour."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "decorator_list", "keywords"} and not isinstance(tree, ast.Call):
            continue
        for number, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield tree, name, number
                yield from places(child)


Change = tuple[ast.AST, str, int | None, ast.AST, ast.AST]


def changes(tree: ast.AST) -> list[Change]:
    """Where a node hangs, the node, and what might hang there instead."""
    found = []
    for parent, name, number in places(tree):
        held = getattr(parent, name)
        node = held if number is None else held[number]
        found += [(parent, name, number, node, other) for other in changed(node)]
    return found


def line_of(change: Change) -> int:
    """Where it is."""
    node = change[3]
    return node.lineno if isinstance(node, ast.stmt | ast.expr) else 0


def said(change: Change) -> str:
    """What becomes of what."""
    _, _, _, node, other = change
    before, after = (ast.unparse(ast.fix_missing_locations(one)).splitlines()[0] for one in (node, other))
    return f"{before}  →  {after}"


def made(tree: ast.AST, change: Change) -> str:
    """The whole changed module; the tree is left as it was."""
    parent, name, number, node, other = change
    _put(parent, name, number, other)
    text = ast.unparse(ast.fix_missing_locations(tree))
    _put(parent, name, number, node)
    return text


def _put(parent: ast.AST, name: str, number: int | None, node: ast.AST) -> None:
    if number is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[number] = node


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands out the changed source instead of the file's."""

    def __init__(self, module: str, text: str, origin: str) -> None:
        self._module, self._text, self._origin = module, text, origin

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Only for the one module."""
        if fullname != self._module:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=self._origin)

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self._text, self._origin, "exec"), module.__dict__)


def outcome(module: str, text: str, origin: str, tests: Sequence[str]) -> int:
    """Run the tests on a changed module in a process of its own."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.alarm(SECONDS)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    sys.meta_path.insert(0, Changed(module, text, origin))
    os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--noconftest", *tests])))


def main() -> int:
    """Print the survivors and the share that was noticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--most", type=int, default=1_000_000, help="a sample of so many changes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="of the tests, those that match this (as pytest -k)")
    options = parser.parse_args()
    folder, _, name = options.module.rpartition(".")
    origin = Path("services/scoring", *folder.split("."), f"{name}.py")
    source = origin.read_text("utf-8")
    tree = ast.parse(source)
    every = changes(tree)
    tests = [*options.tests, "-k", options.only]
    sample = random.Random(options.seed).sample(every, min(options.most, len(every)))
    if outcome(options.module, ast.unparse(ast.parse(source)), str(origin), tests) != UNNOTICED:
        sys.stdout.write("the tests fail on the unchanged module\n")
        return BROKEN
    noticed = 0
    for change in sorted(sample, key=line_of):
        if outcome(options.module, made(tree, change), str(origin), tests) == UNNOTICED:
            sys.stdout.write(f"  survived: {origin.name}:{line_of(change)}: {said(change)}\n")
        else:
            noticed += 1
        sys.stdout.flush()
    sys.stdout.write(f"{options.module}: {noticed} of {len(sample)} noticed ({noticed / len(sample):.0%})\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
