"""Fuzzes the HL7 parser, every HL7 translator and the acknowledgement: `python -m tests.fuzz.fuzz_hl7 --help`."""

import random
import sys

import atheris

with atheris.instrument_imports(include=["care_intake.core"]):
    from care_intake.core.decide import decide
    from care_intake.core.formats import Format, RawMessage
    from care_intake.core.hl7.parser import parse
    from tests.fuzz.asked import CORPUS, Finds, answers_well, ends_well

from care_shared.errors import CareError
from tests.hl7_messages import SAMPLES
from tests.intake_builders import GENERAL, NOW
from tests.unit.intake.core.test_hl7_robustness import HOSTILE
from tests.unit.intake.core.test_hl7_robustness import SAMPLES as MESSAGES

ODD = [text.encode("utf-8", "surrogatepass") for text in HOSTILE]
finds = Finds("hl7")


def one_input(data: bytes) -> None:
    """Parse, translate, encode, answer; then the same again."""
    try:
        decision = decide(RawMessage(data, Format.HL7, NOW), GENERAL)
        finds.count(type(decision.effect).__name__)
        ends_well(decision)
        answers_well(data, decision)
        assert decide(RawMessage(data, Format.HL7, NOW), GENERAL).control_id == decision.control_id
        reads_alike(data)
    except Exception as error:
        finds.keep(data, error)


def reads_alike(data: bytes) -> None:
    """Every part of every field can be asked for."""
    try:
        for segment in parse(data):
            for number in range(1, len(segment) + 1):
                for value in segment.repetitions(number):
                    assert len(value.components()) >= 1
                    assert value.component(1) == value.components()[0] or value.subcomponents(1)
    except CareError:
        return


def mutated(data: bytes, max_size: int, seed: int) -> bytes:
    """Mostly a field, a part of one or a segment; else whatever libFuzzer likes."""
    rng = random.Random(seed)
    lines = [line for line in data.replace(b"\n", b"\r").split(b"\r") if line]
    if not lines or rng.random() < 0.4:
        return atheris.Mutate(data, max_size)
    at = rng.randrange(len(lines))
    match rng.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, rng.choice(rng.choice(MESSAGES).replace(b"\n", b"\r").split(b"\r")))
        case _:
            lines[at] = with_another_field(lines[at], rng.choice(lines), rng)
    return b"\r".join(lines)[:max_size]


def with_another_field(line: bytes, other: bytes, rng: random.Random) -> bytes:
    """One field hostile, from elsewhere, twice, cut off, or changed in one of its parts."""
    fields = line.split(b"|")
    at = rng.randrange(len(fields))
    match rng.randrange(6):
        case 0:
            fields[at] = rng.choice(ODD)
        case 1:
            fields[at] = rng.choice(other.split(b"|"))
        case 2:
            fields.insert(at, fields[at])
        case 3:
            del fields[at:]
        case 4:
            fields[at] = atheris.Mutate(fields[at] or b"A", 64)
        case _:
            parts = fields[at].split(b"^")
            parts[rng.randrange(len(parts))] = rng.choice(ODD)
            fields[at] = b"^".join(parts)
    return b"|".join(fields)


def main() -> None:
    """Seeds into the corpus, then libFuzzer."""
    corpus = CORPUS / "hl7"
    corpus.mkdir(parents=True, exist_ok=True)
    ours = [path.read_bytes() for path in SAMPLES.parents[1].glob("services/intake/care_intake/adapters/samples/*.hl7")]
    for number, message in enumerate([*MESSAGES, *ours]):
        (corpus / f"seed-{number:03}").write_bytes(message)
    atheris.Setup([*sys.argv, "-max_len=16384", "-timeout=20"], one_input, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
