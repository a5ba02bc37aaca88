"""Rules of the house that no linter knows: sizes, sentences, mirrors, contracts, and words that must not appear."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from care_shared.contracts.export import CONTRACTS, RAW, differences
from care_shared.runtime.logs import ALLOWED_KEYS
from care_shared.topics import all_topics

ROOT = Path(__file__).resolve().parents[1]
CODE = [
    path
    for folder in ("shared/care_shared", "services", "deploy")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if ".venv" not in path.parts
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
HARD_LIMIT = 400


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", CODE, ids=name)
def test_a_module_opens_with_one_sentence(module: Path) -> None:
    sentence = ast.get_docstring(ast.parse(module.read_text("utf-8")))

    assert sentence, "say in one sentence what this module is for"
    assert re.search(r"[.:!?]$", sentence.splitlines()[0].strip()), "the first line is a sentence"


@pytest.mark.parametrize("module", CODE, ids=name)
def test_a_module_stays_small_enough_to_read(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= HARD_LIMIT, "find the noun that is missing"


def core_modules() -> Iterator[Path]:
    for service in ("intake", "scoring", "notifications"):
        core = ROOT / "services" / service / f"care_{service}" / "core"
        yield from (path for path in sorted(core.rglob("*.py")) if path.name != "__init__.py")


@pytest.mark.parametrize("module", list(core_modules()), ids=name)
def test_a_core_module_is_imported_by_a_test_of_its_service(module: Path) -> None:
    """Not a coverage figure: a pure module that nobody imports is a surprise waiting."""
    service = module.relative_to(ROOT).parts[1]
    dotted = ".".join(module.relative_to(ROOT / "services" / service).with_suffix("").parts)
    others = [path for path in [*CODE, *TESTS] if path != module]

    assert any(dotted in imported(path) for path in others), f"neither a test nor another module imports {dotted}"


@cache
def imported(path: Path) -> frozenset[str]:
    """Every dotted name the file imports: the modules, and what it takes from them (which may be modules again)."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{one.name}" for one in node.names}
    return frozenset(names)


def test_every_topic_has_a_contract() -> None:
    assert {topic.contract for topic in all_topics()} == set(CONTRACTS) | set(RAW)


def test_the_committed_contracts_are_what_the_models_say() -> None:
    assert differences() == []


def test_nobody_but_settings_reads_the_environment() -> None:
    readers = [
        name(path)
        for path in CODE
        if re.search(r"os\.environ|os\.getenv", path.read_text("utf-8"))
        and path.name != "settings.py"
        and "deploy" not in path.relative_to(ROOT).parts
    ]

    assert readers == []


def test_no_committed_file_names_a_registry_or_a_path_of_one_machine() -> None:
    hosts = "|".join(
        (
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "repo1?" + r"\.maven",
            "registry" + r"\.npmjs",
            "deb" + r"\.debian",
        )
    )
    found = subprocess.run(
        ["git", "grep", "-nIE", f"{hosts}|(^|[^A-Za-z])/(work|farm|root)/", "--", "."],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert found.stdout == ""


def test_no_log_line_is_a_sentence_or_carries_a_value_by_position() -> None:
    """`log.info("gap.opened", …)`: noun.verb, then allow-listed keys."""
    bad = []
    for path in CODE:
        for match in re.finditer(
            r"\blog\.(?:debug|info|warning|error|exception)\(\s*(f?\"[^\"]*\")", path.read_text("utf-8")
        ):
            if not re.fullmatch(r"\"[a-z0-9_-]+(\.[a-z0-9_-]+)+\"", match.group(1)):
                bad.append(f"{name(path)}: {match.group(1)}")

    assert bad == []


def test_every_key_of_a_log_line_is_one_that_gets_through() -> None:
    """A key that is not listed is dropped without a word, and with it what the line was for."""
    bad = [f"{name(path)}: {key}" for path in CODE for key in log_keys(path) if key not in ALLOWED_KEYS]

    assert bad == []


def log_keys(path: Path) -> Iterator[str]:
    """The keys of `log.info(…)`, and of `level(…)` where the level was chosen before."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and re.fullmatch(
            r"log\.(debug|info|warning|error|exception)|level", ast.unparse(node.func)
        ):
            yield from (keyword.arg for keyword in node.keywords if keyword.arg not in (None, "exc_info"))
