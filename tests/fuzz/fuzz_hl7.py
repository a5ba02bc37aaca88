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
from tests.unit.intake.core.test_hl7_robustness import HOSTILE, SAMPLES as MESSAGES  # noqa: I001

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
    """Half of the time a field, a segment or a separator; else whatever libFuzzer likes."""
    rng = random.Random(seed)
    lines = [line for line in data.replace(b"\n", b"\r").split(b"\r") if line]
    if not lines or rng.random() < 0.4:
        return atheris.Mutate(data, max_size)
    at = rng.randrange(len(lines))
    fields = lines[at].split(b"|")
    where = rng.randrange(len(fields))
    match rng.randrange(8):
        case 0:
            fields[where] = rng.choice(ODD)
        case 1:
            other = rng.choice(lines).split(b"|")
            fields[where] = rng.choice(other)
        case 2:
            fields.insert(where, fields[where])
        case 3:
            del fields[where:]
        case 4:
            fields[where] = atheris.Mutate(fields[where] or b"A", 64)
        case 5:
            del lines[at]
            return b"\r".join(lines)[:max_size]
        case 6:
            lines.insert(at, rng.choice(rng.choice(MESSAGES).replace(b"\n", b"\r").split(b"\r")))
            return b"\r".join(lines)[:max_size]
        case _:
            parts = fields[where].split(b"^")
            parts[rng.randrange(len(parts))] = rng.choice(ODD)
            fields[where] = b"^".join(parts)
    lines[at] = b"|".join(fields)
    return b"\r".join(lines)[:max_size]


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
