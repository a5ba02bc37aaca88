"""A filter as a page shows it: its choices with their counts, each an address; the chosen one leads back."""

from collections.abc import Mapping
from dataclasses import dataclass

from care_notifications.core.state import AlertState
from care_notifications.web import words
from care_notifications.web.asking import Asked
from care_notifications.web.rule_words import rule_words
from care_shared.vocabulary import Tier

TITLES = {
    "tier": "How soon",
    "due": "Due",
    "state": "State",
    "programme": "Programme",
    "rule": "Rule",
    "owner": "Owner",
    "facility": "Hospital",
    "agency": "Agency",
}
DUE_WORDS = {"overdue": "Overdue", "4h": "Within 4 hours", "1d": "Within a day", "7d": "Within a week"}
MOST_CHOICES = 30
ABBREVIATION = 3  # letters: TCM, ECM


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter; `query` is the address with it, or without it where it is chosen."""

    word: str
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter."""

    key: str
    title: str
    choices: tuple[Choice, ...]
    more: int


def facet_view(facet: str, found: Mapping[str, int], asked: Asked, names: Mapping[str, Mapping[str, str]]) -> Facet:
    """The most frequent choices first; tiers and deadlines in their own order."""
    codes = sorted(found) if facet == "tier" else list(found)
    if facet == "due":
        codes = [code for code in DUE_WORDS if code in found]
    shown = codes[:MOST_CHOICES]
    choices = tuple(
        Choice(
            _word(facet, code, names), found[code], _query(asked, facet, code), getattr(asked, facet) == code
        )
        for code in shown
    )  # fmt: skip
    return Facet(facet, TITLES[facet], choices, len(codes) - len(shown))


def _query(asked: Asked, facet: str, code: str) -> str:
    return asked.query(**{facet: "" if getattr(asked, facet) == code else code})


def _word(facet: str, code: str, names: Mapping[str, Mapping[str, str]]) -> str:
    match facet:
        case "tier":
            return f"{code} {words.TIERS[Tier(code)]}"
        case "state":
            return words.STATES[AlertState(code)]
        case "due":
            return DUE_WORDS[code]
        case "rule":
            return rule_words(code).title
        case "programme":
            return " ".join(
                part.upper() if len(part) <= ABBREVIATION else part.capitalize() for part in code.split("-")
            )
        case _:
            return names.get(facet, {}).get(code, code)
