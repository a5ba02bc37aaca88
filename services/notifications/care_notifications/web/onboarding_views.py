"""A first message beside what it means, in words; and the entry of the sources file as it is handed over."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from care_notifications.adapters.intake_layout import Line, Remark
from care_notifications.adapters.intake_sandbox import Trial
from care_notifications.core.feed_drafts import Draft

VERDICTS = {
    "accepted": ("Understood", "good", "done", "Its facts would go out."),
    "test": ("Understood, a test", "good", "done", "It is marked as a test (MSH-11): its facts would go to nobody."),
    "ignored": ("Taken, and of no use", "warn", "note", "The sender would hear yes; no rule reads such a message."),
    "held": ("Taken, held for a person", "warn", "note", "The sender would hear yes; a person must look first."),
    "quarantined": ("Refused: mend it and send again", "bad", "warning", "The sender would hear no, with the field."),
    "rejected": ("Refused: not taken here", "bad", "warning", "Of a kind, a version or a sender we do not take."),
}

COMMON = frozenset({"patient-updated", "coverage-changed", "caregiver-named"})


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact that the message would become, field by field."""

    type: str
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TrialView:
    """All that one message led to."""

    kind: str
    word: str
    tone: str
    icon: str
    sentence: str
    answer: str
    facts: Sequence[FactView]
    unplaced: Sequence[Remark]
    lines: Sequence[Line]
    problems: int


def trial_view(trial: Trial) -> TrialView:
    """As the page shows it."""
    word, tone, icon, sentence = VERDICTS.get(trial.verdict, (trial.verdict, "", "note", ""))
    return TrialView(
        trial.kind, word, tone, icon, sentence, trial.answer, [_fact(one) for one in trial.facts], trial.unplaced,
        trial.lines, len(trial.remarks),
    )  # fmt: skip


def entry_text(draft: Draft, entry: str) -> str:
    """The entry with what was agreed above it, so that a reviewer of the file knows what to expect."""
    agreed = [f"  # {one}" for one in draft.agreed]
    return "\n".join(["  # agreed to send:", *agreed, entry]) if agreed else entry


def telling(facts: Sequence[str]) -> list[str]:
    """What sets one kind of message apart: nearly all of them also say who the person is."""
    return [one for one in facts if one not in COMMON] or list(facts)


def _fact(fact: dict[str, object]) -> FactView:
    fields = [(name, _said(value)) for name, value in fact.items() if name != "type" and value not in ("", [], {})]
    return FactView(str(fact.get("type", "fact")), fields)


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
