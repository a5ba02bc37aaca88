"""Fuzzes the strict JSON loader and every translator of JSON: `python -m tests.fuzz.fuzz_json --help`."""

import json
import random
import sys
from copy import deepcopy
from typing import Any

import atheris

with atheris.instrument_imports(include=["care_intake.core"]):
    from care_intake.core.decide import decide
    from care_intake.core.formats import RawMessage, sniff
    from care_intake.core.strict_json import load
    from tests.fuzz.asked import CORPUS, Finds, ends_well

from care_shared.errors import UnusableMessageError
from tests.hl7_messages import SAMPLES
from tests.intake_builders import GENERAL, NOW, observation, raw, stated, visit

HOSTILE: list[Any] = [
    None, True, 0, -1, 1e308, -1e308, 10**30, "", " ", "\u202e", "x" * 300, "2026-11-20", "2026-02-30",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1e400", [], {}, [[]], [None], {"value": None},
    "http://169.254.169.254/", "urn:uuid:1", "#p1",
    "Patient/1", "final", "entered-in-error", "http://loinc.org", "29463-7", "[lb_av]", "%",
]  # fmt: skip
finds = Finds("json")


def one_input(data: bytes) -> None:
    """Load, translate, encode; the strict loader never takes what the lenient one refuses."""
    try:
        decision = decide(RawMessage(data, sniff(data), NOW), GENERAL)
        finds.count(type(decision.effect).__name__)
        ends_well(decision)
        loads_alike(data)
    except Exception as error:
        finds.keep(data, error)


def loads_alike(data: bytes) -> None:
    try:
        ours = load(data)
    except UnusableMessageError:
        return
    assert ours == json.loads(data.removeprefix(b"\xef\xbb\xbf").decode())


def mutated(data: bytes, max_size: int, seed: int) -> bytes:
    """Mostly a value somewhere in the tree; else whatever libFuzzer likes."""
    rng = random.Random(seed)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict | list) or not value or rng.random() < 0.3:
        return atheris.Mutate(data, max_size)
    for _ in range(rng.randint(1, 3)):
        change(value, rng)
    changed = json.dumps(value).encode()
    return changed if len(changed) <= max_size else atheris.Mutate(data, max_size)


def change(value: Any, rng: random.Random) -> None:
    """Another value, none, twice, or one from elsewhere, at a random place."""
    places = list(places_of(value))
    if not places:
        return
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0:
            del holder[key]
        case 1 | 2:
            holder[key] = deepcopy(rng.choice(HOSTILE))
        case 3:
            other, at = rng.choice(places)
            holder[key] = deepcopy(other[at])
        case 4 if isinstance(holder, list):
            holder.insert(key, deepcopy(holder[key]))
        case _:
            text = atheris.Mutate(str(holder[key]).encode()[:64] or b"A", 64)
            holder[key] = text.decode("utf-8", "replace")


def places_of(value: Any) -> Any:
    """Every place in the tree that holds something."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places_of(value[key])


def seeds() -> list[bytes]:
    """Samples of others, and one of each kind of our own."""
    found = [path.read_bytes() for path in SAMPLES.rglob("*.json") if path.stat().st_size < 64_000]
    ours = SAMPLES.parents[1] / "services/intake/care_intake/adapters/samples"
    found += [path.read_bytes() for path in ours.glob("*.json")]
    found += [raw(observation("29463-7", 176.37, "[lb_av]")), raw([visit("missed", reason_code="A214")]), raw(visit())]
    return [*found, raw(stated("contact-made", channel="phone"))]


def main() -> None:
    """Seeds into the corpus, then libFuzzer."""
    corpus = CORPUS / "json"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(seeds()):
        (corpus / f"seed-{number:03}").write_bytes(message)
    atheris.Setup([*sys.argv, "-max_len=65536", "-timeout=20"], one_input, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
