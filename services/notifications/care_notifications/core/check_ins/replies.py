"""What somebody texts back: a word that ends messages, one that lets them come again, or something for nobody here."""

import re
from enum import StrEnum

FALLBACK, SPANISH = "en", "es"
# What carriers and the FCC (47 CFR 64.1200(a)(10)) count as no, and our Spanish word.
STOPS = frozenset(
    {"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPT OUT", "OPTOUT", "ALTO"}
)
STARTS = frozenset({"START", "UNSTOP", "INICIAR"})
SPANISH_WORDS = frozenset({"ALTO", "INICIAR"})
BESIDES = re.compile(r"[\W_]+")
LONGEST = 1600  # the longest text that gateways put together


class Reply(StrEnum):
    """What the sender of a text wants."""

    STOP = "stop"
    START = "start"
    OTHER = "other"


def reply_of(text: str) -> Reply:
    """One of the words alone, however it is spelt, with any sign around it; a word within a sentence is no order."""
    word = _word(text)
    if word in STOPS:
        return Reply.STOP
    return Reply.START if word in STARTS else Reply.OTHER


def language_of(text: str) -> str:
    """In which language somebody of whom we know nothing wrote the word."""
    return SPANISH if _word(text) in SPANISH_WORDS else FALLBACK


def _word(text: str) -> str:
    return BESIDES.sub(" ", text[:LONGEST]).strip().upper()
