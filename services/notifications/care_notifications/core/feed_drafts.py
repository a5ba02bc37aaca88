"""A feed on its way to being agreed: what is written down, what was seen, and what is missing before it goes live."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

HL7 = "hl7v2"
TAKEN = frozenset({"accepted", "ignored", "held", "test"})


@dataclass(frozen=True, slots=True)
class Draft:
    """What the sender and we agree on; `agreed` names groups of kinds of messages as the conformance page does."""

    name: str
    kind: str = "hospital"
    format: str = HL7
    zone: str = "America/New_York"
    application: str = ""
    facility: str = ""
    issuer: str = ""  # what the sender calls whoever gives its patients their numbers
    issuer_id: str = ""
    silent_after: str = ""
    agreed: tuple[str, ...] = ()
    token_sha256: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds of messages that mean the same to us, and the facts they become."""

    title: str
    kinds: tuple[str, ...]
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """How one message fared in the sandbox, or came over the wire."""

    kind: str
    verdict: str

    @property
    def was_taken(self) -> bool:
        """Whether its sender would hear yes."""
        return self.verdict in TAKEN


class Standing(StrEnum):
    """How a line of the list stands; what is only advised holds nothing up."""

    DONE = "done"
    MISSING = "missing"
    ADVISED = "advised"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list before going live."""

    standing: Standing
    what: str
    more: str = ""
    step: str = ""  # where on the page it is done


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a draft beside its words: what intake says of it, and what was seen."""

    problems: Sequence[str] = ()
    groups: Sequence[Group] = ()
    trials: Sequence[Tried] = ()  # the newest first
    is_agreed: bool = False
    wire: Sequence[Tried] = ()


def entry_of(draft: Draft) -> dict[str, object]:
    """The agreement as an entry of intake's sources file; what was left empty is not there."""
    sender = {"application": draft.application, "facility": draft.facility}
    said: dict[str, object] = {
        "name": draft.name,
        "kind": draft.kind,
        "zone": draft.zone,
        "token_sha256": draft.token_sha256,
        "certificates": [draft.certificate] if draft.certificate else [],
        "senders": [{name: one for name, one in sender.items() if one}] if any(sender.values()) else [],
        "authorities": {draft.issuer: draft.issuer_id} if draft.issuer and draft.issuer_id else {},
        "silent_after": draft.silent_after,
    }
    return {name: one for name, one in said.items() if one}


def checklist(draft: Draft, known: Evidence) -> list[Item]:
    """What is done and what is missing, in the order in which one does it."""
    return [*_agreement(draft, known), *_ways_in(draft), *_messages(draft, known), *_wire(draft, known)]


def is_ready(items: Sequence[Item]) -> bool:
    """Whether nothing that must be there is missing."""
    return all(one.standing is not Standing.MISSING for one in items)


def _agreement(draft: Draft, known: Evidence) -> Iterator[Item]:
    if known.problems and not known.is_agreed:
        yield Item(Standing.MISSING, "The agreement has a problem", "; ".join(known.problems), "agreement")
    else:
        yield Item(Standing.DONE, "The agreement can be used", f"{draft.name}, {draft.zone}")
    if draft.format == HL7:
        named = bool(draft.application or draft.facility)
        what = "The sender is told by MSH-3 and MSH-4" if named else "Name the sender's MSH-3 or MSH-4"
        more = "" if named else "without them, whoever holds its key may speak for any facility"
        yield Item(Standing.DONE if named else Standing.ADVISED, what, more, "agreement")
    issued = bool(draft.issuer and draft.issuer_id)
    what = "Whose numbers its patients carry is said" if issued else "Say whose numbers its patients carry"
    more = "" if issued else "without it, its patients match nobody from other feeds"
    yield Item(Standing.DONE if issued else Standing.ADVISED, what, more, "agreement")
    what = f"Silence is noticed after {draft.silent_after}" if draft.silent_after else "Say how long silence is usual"
    more = "" if draft.silent_after else "without it, nobody is told when the interface goes down"
    yield Item(Standing.DONE if draft.silent_after else Standing.ADVISED, what, more, "agreement")


def _ways_in(draft: Draft) -> Iterator[Item]:
    ways = [word for word, one in (("a token", draft.token_sha256), ("a certificate", draft.certificate)) if one]
    if ways:
        yield Item(Standing.DONE, f"It can prove who it is: {' and '.join(ways)}")
    else:
        yield Item(Standing.MISSING, "It cannot prove who it is yet", "make a token, or enter a certificate", "keys")


def _messages(draft: Draft, known: Evidence) -> Iterator[Item]:
    if not draft.agreed:
        yield Item(Standing.MISSING, "No events are agreed yet", "choose what it will send", "agreement")
    by_title = {one.title: one for one in known.groups}
    for title in draft.agreed:
        kinds = by_title[title].kinds if title in by_title else (title,)
        yield _of_group(title, [one for one in (*known.trials, *known.wire) if one.kind in kinds])


def _of_group(title: str, seen: Sequence[Tried]) -> Item:
    if not seen:
        return Item(Standing.MISSING, f"{title}: no message seen yet", "", "message")
    taken, newest = sorted({one.kind for one in seen if one.was_taken}), f"the newest was {seen[0].verdict}"
    if not taken:
        return Item(Standing.MISSING, f"{title}: refused so far", newest, "message")
    if not seen[0].was_taken:
        return Item(Standing.MISSING, f"{title}: understood before, the last one refused", newest, "message")
    return Item(Standing.DONE, f"{title}: understood", ", ".join(taken))


def _wire(draft: Draft, known: Evidence) -> Iterator[Item]:
    if not known.is_agreed:
        yield Item(
            Standing.MISSING, "The entry is not in the sources file yet", "copy it, then restart intake", "entry"
        )
        return
    yield Item(Standing.DONE, "Intake knows this source")
    if any(one.was_taken for one in known.wire):
        yield Item(Standing.DONE, "Messages of it came over the wire and were taken", _verdicts(known.wire))
    else:
        more = "have it send one with MSH-11 = T: judged in full, nobody is told" if draft.format == HL7 else ""
        yield Item(Standing.MISSING, "No message of it came over the wire yet", more, "entry")


def _verdicts(seen: Sequence[Tried]) -> str:
    counts: Mapping[str, None] = dict.fromkeys(f"{one.kind} {one.verdict}" for one in seen)
    return ", ".join(counts)
