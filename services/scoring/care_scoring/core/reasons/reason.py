"""What a reason is: a code for messages, logs and metrics, and the sentence that people read."""

from enum import StrEnum
from functools import cache


class Reason(StrEnum):
    """One named reason; each noun has its own set of them, and a rule may keep its own in its room."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> "Reason":
        """A reason is its code; the sentence travels with it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    def say(self, **facts: object) -> str:
        """The sentence with its facts."""
        return self.sentence.format(**facts)


@cache
def every_reason() -> dict[str, Reason]:
    """Code to reason, of every set that the program has loaded: import the rule book first."""
    return {reason.value: reason for kind in Reason.__subclasses__() for reason in kind}
