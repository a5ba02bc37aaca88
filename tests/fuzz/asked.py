"""What every input of a fuzzer is asked, and what is kept when the answer is wrong."""

import hashlib
import traceback
from collections import Counter
from pathlib import Path

from care_intake.core.effects import Accept, Decision, Hold, Ignore, Quarantine, Reject
from care_intake.core.hl7.acks import AckStamp, Outcome, Problem, acknowledge
from care_intake.core.hl7.parser import parse
from care_intake.core.hl7.refusals import refusal_of
from care_intake.core.hl7.reply_to import reply_to
from care_intake.core.identity import new_patient_id
from care_shared.contracts.care_events import decode_event, encode_event
from tests.intake_builders import NOW

FOLDER = Path(__file__).parent
CORPUS, FINDS = FOLDER / "corpus", FOLDER / "finds"
LONGEST_FIELD = 200
TOLD_EVERY = 1_000
HIDDEN = "…"  # stands for a field's name that came from outside


class Finds:
    """Inputs that broke a promise: each place in the code once, so that one bug does not end an hour of looking."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._places: Counter[str] = Counter()
        self._ends: Counter[str] = Counter()
        FINDS.mkdir(exist_ok=True)

    def count(self, end: str) -> None:
        """How inputs ended, written down now and then: libFuzzer leaves without saying goodbye."""
        self._ends[end] += 1
        if self._ends.total() % TOLD_EVERY == 0:
            (FINDS / f"{self._name}.counts").write_text(f"{dict(self._ends)}\n{dict(self._places)}\n")

    def keep(self, data: bytes, error: BaseException) -> None:
        """Write the input down, unless this place in the code was found before."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"
        self._places[place] += 1
        if self._places[place] > 1:
            return
        file = FINDS / f"{self._name}-{hashlib.sha256(data).hexdigest()[:12]}"
        file.write_bytes(data)
        file.with_suffix(".txt").write_text("".join(traceback.format_exception(error)))
        print(f"FIND {place} -> {file}", flush=True)


def ends_well(decision: Decision) -> None:
    """It ends as facts that anyone can read, or with a reason, or with a field that names no value."""
    match decision.effect:
        case Accept(said=said):
            assert said.translations
            for translation in said.translations:
                for fact in translation.of(new_patient_id(translation.patient)):
                    assert decode_event(encode_event(fact)) == fact
        case Ignore(reason=reason) | Hold(reason=reason):
            assert reason.where
            assert reason.reason
        case Quarantine(error=error) | Reject(error=error):
            assert error.field
            assert error.problem
            assert len(error.field) < LONGEST_FIELD
            assert error.field.replace(HIDDEN, "").isascii()
            assert error.field.isprintable()


def answers_well(raw: bytes, decision: Decision) -> None:
    """Whatever came, what goes back can be parsed and names at most the sender's own number."""
    match decision.effect:
        case Quarantine(error=error) | Reject(error=error):
            refusal = refusal_of(error)
            outcome, problems = refusal.outcome, [refusal.problem]
        case _:
            outcome, problems = Outcome.ACCEPTED, list[Problem]()
    for answer in acknowledge(reply_to(raw), outcome, AckStamp("A1", NOW), problems):
        said = parse(answer)
        assert said.text("MSA-1")[1:] == outcome
        assert len(said.segments("MSA")) == 1
        assert len(said) == 2 + len(problems)
