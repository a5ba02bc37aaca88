"""The words of the interface desk: its places, and what verdicts mean to somebody who answers for a feed."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.routing import Route

from care_notifications.core.callers import Right
from care_notifications.web.desk import viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.roles import may


@dataclass(frozen=True, slots=True)
class DeskTab:
    """One place of the desk, and what opens it."""

    key: str
    path: str
    word: str
    right: Right


DESK = (
    DeskTab("feeds", "/interfaces", "Feeds", Right.SEE_INTERFACES),
    DeskTab("messages", "/interfaces/messages", "Messages", Right.WORK_ON_MESSAGES),
    DeskTab("set-aside", "/interfaces/set-aside", "Set aside", Right.WORK_ON_MESSAGES),
    DeskTab("identities", "/interfaces/identities", "Who is who", Right.WORK_ON_MESSAGES),
    DeskTab("glance", "/interfaces/glance", "At a glance", Right.SEE_INTERFACES),
    DeskTab("dead-letters", "/interfaces/dead-letters", "Dead letters", Right.WORK_ON_MESSAGES),
    DeskTab("onboarding", "/interfaces/onboarding", "New feed", Right.WORK_ON_MESSAGES),
)


@dataclass(frozen=True, slots=True)
class VerdictWord:
    """How a message stands: a word with its colour and sign, and what it means."""

    word: str
    tone: str
    icon: str
    meaning: str


VERDICTS = {
    "accepted": VerdictWord("Accepted", "good", "done", "Its facts went out."),
    "ignored": VerdictWord("Of no use", "", "note", "Kept; our rules have no use for messages of this kind."),
    "held": VerdictWord("Held", "warn", "warning", "Kept; nothing of it goes out until a person has looked."),
    "test": VerdictWord("Test", "", "note", "A trial (MSH-11 is T or D): judged in full, and nobody was told."),
    "quarantined": VerdictWord(
        "Quarantined", "bad", "warning", "It could not be used. The sender was told, and may mend it and send it again."
    ),
    "rejected": VerdictWord(
        "Rejected",
        "bad",
        "warning",
        "Of a kind, version or sender that we do not take. Sending it again will not help.",
    ),
    "conflict": VerdictWord(
        "Conflict", "bad", "warning", "The same message number came before with other content. Both are kept."
    ),
}
UNKNOWN = VerdictWord("Unknown", "", "note", "This worklist is older than the intake it asks.")
# What an analyst does about messages that wait, by their verdict.
NEXT_STEPS = {
    "quarantined": "Is it one message? Mend a copy of it. Are they many? The sender changed something: call their "
    "interface team with the place and the number of a message, or agree on the code in the sources file; then replay.",
    "rejected": "Ask the sender to leave these out, or agree to take them. A replay helps once the sources file does.",
    "conflict": "Ask the sender which content is right: engines that number several applications repeat numbers. "
    "What they send anew under another number goes its way.",
    "held": "Say who is who; what is settled goes out by itself. A roster that is held waits for "
    "carelead intake replay --yes-end-many.",
}


def verdict_word(verdict: str) -> VerdictWord:
    """The word; a verdict that a newer intake knows is unknown here."""
    return VERDICTS.get(verdict, UNKNOWN)


def tabs(request: Request, current: str) -> Sequence[dict[str, object]]:
    """The places that are served and that this person may enter."""
    served = {route.path for route in request.app.routes if isinstance(route, Route)}
    person = viewer(visit_of(request))
    return [
        {"href": one.path, "word": one.word, "current": one.key == current}
        for one in DESK
        if one.path in served and may(person, one.right)
    ]
