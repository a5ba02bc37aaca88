"""The sandbox: a message of a feed that is not agreed yet is judged in full, and nothing of it is kept or told."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, replace

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.routing import Route

from care_intake.adapters.hl7_door import acknowledgement
from care_intake.adapters.operations import SERVED, Operations
from care_intake.adapters.operator_door import body_of, guarded
from care_intake.adapters.sources import SourceEntry, Sources
from care_intake.adapters.sources_review import doubts
from care_intake.core.decide import decide
from care_intake.core.effects import Accept, Decision, Reject
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.hl7.reply_to import reply_to
from care_intake.core.kinds import kind_of
from care_intake.core.laid_out import laid_out
from care_intake.core.receipts import Receipt, judged, receipt_of
from care_intake.core.strict_json import Json, load
from care_intake.core.translate import reasons
from care_intake.core.translation import Ignored
from care_intake.ports import Kept
from care_shared.errors import UnusableMessageError
from care_shared.runtime.clock import Clock
from care_shared.vocabulary import SourceId

LARGEST = 1024 * 1024
# What every fact begins with says nothing about this message: it has no patient of ours, and no number, yet.
ENVELOPE = frozenset({"event_id", "patient_id", "recorded_at", "recorded_under", "source"})


class Asked(BaseModel):
    """An agreement as somebody writes it, and perhaps a first message."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    entry: dict[str, object]
    format: Format = Format.HL7
    message: str = ""


def sandbox_routes(operations: Operations, sources: Sources, clock: Clock) -> list[Route]:
    """`POST /ops/sandbox` tries an agreement and a message; `GET` says which kinds of messages may be agreed.

    `GET /ops/sandbox/{source}`: whether it is agreed here, and what it sent of late.
    """

    async def told(_: Request) -> object:
        return {"groups": groups()}

    async def sandbox(request: Request) -> object:
        return await asyncio.to_thread(tried, await _asked(request), sources, clock)

    async def sent(request: Request) -> object:
        source = SourceId(request.path_params["source"])
        seen = [{**asdict(one), "last_at": one.last_at.isoformat()} for one in await operations.seen(source)]
        return {"is_agreed": source in sources.names, "seen": seen}

    return [
        guarded(operations.token, "GET", "/ops/sandbox", told),
        guarded(operations.token, "POST", "/ops/sandbox", sandbox),
        guarded(operations.token, "GET", "/ops/sandbox/{source}", sent),
    ]


async def _asked(request: Request) -> Asked:
    """What the body asks. Raises UnusableMessageError that names the field, never its value."""
    body = await body_of(request, LARGEST)
    try:
        return Asked.model_validate(load(body))
    except ValidationError as error:
        first = _problems(error)[0]
        raise UnusableMessageError(first["field"], first["problem"]) from None


def groups() -> dict[str, list[dict[str, object]]]:
    """The kinds of messages that a feed may agree on, per format, each with the facts it becomes."""
    known = load((SERVED / "conformance.json").read_bytes())
    assert isinstance(known, dict)
    whole = {one: [_group(str(one), [str(one)], [])] for one in Format if one not in (Format.HL7, Format.FHIR)}
    return {
        str(Format.HL7): [_group(title, _hl7_kinds(title), facts) for title, facts in _entries(known["hl7"])],
        str(Format.FHIR): [
            _group(title, [f"FHIR {title}"], facts) for title, facts in _entries(known["fhir"]) if title.isalpha()
        ],
        **{str(one): group for one, group in whole.items()},
    }


def tried(asked: Asked, sources: Sources, clock: Clock) -> dict[str, object]:
    """What the agreement says, and what would become of the message under it."""
    try:
        entry = SourceEntry.model_validate(asked.entry)
    except ValidationError as error:
        return {"problems": _problems(error), "doubts": [], "yaml": "", "trial": None}
    known = [{"field": "name", "problem": "is a source that we have agreed with already"}]
    return {
        "problems": known if entry.name in sources.names else [],
        "doubts": [one.removeprefix(f"{entry.name}: ") for one in doubts([entry])],
        "yaml": written(entry),
        "trial": _trial(asked.message, asked.format, entry.feed(), clock) if asked.message.strip() else None,
    }


def written(entry: SourceEntry) -> str:
    """The entry for the sources file, ready to stand below `sources:`."""
    said = entry.model_dump(mode="json", exclude_defaults=True)
    lines = yaml.safe_dump([said], sort_keys=False, allow_unicode=True, width=110).splitlines()
    return "\n".join(f"  {line}" for line in lines) + "\n"


def _trial(text: str, form: Format, feed: Feed, clock: Clock) -> dict[str, object]:
    body = text.strip().encode()
    message = RawMessage(body, form, clock())
    decision = decide(message, feed)
    receipt = receipt_of(judged(message, feed.source, decision))
    remarks = _remarks(decision, message, feed)
    layout = laid_out(body, form, remarks)
    return {
        "kind": kind_of(body, form),
        "verdict": receipt.verdict,
        "answer": _answer(body, form, receipt),
        "facts": _facts(decision),
        "remarks": [asdict(one) for one in remarks],
        "unplaced": [asdict(one) for one in layout.unplaced],
        "lines": [asdict(one) for one in layout.lines],
    }


def _remarks(decision: Decision, message: RawMessage, feed: Feed) -> tuple[Ignored, ...]:
    """All of them: a sender that may not speak here is refused unread, and its author wants to know the rest too."""
    if not isinstance(decision.effect, Reject) or not feed.senders:
        return reasons(decision)
    read = decide(message, replace(feed, senders=()))
    return tuple(dict.fromkeys([*reasons(decision), *reasons(read)]))


def _answer(body: bytes, form: Format, receipt: Receipt) -> str:
    """What the sender would hear."""
    if form is not Format.HL7:
        return "201" if receipt.verdict.is_yes else "422"
    answers = acknowledgement(reply_to(body), Kept(receipt))
    return b"\r".join(answers).decode("utf-8", "replace").replace("\r", "\n").strip()


def _facts(decision: Decision) -> list[Json]:
    effect = decision.effect
    if not isinstance(effect, Accept):
        return []
    facts = (fact for one in effect.said.translations for fact in one.facts)
    return [fact.model_dump(mode="json", exclude_none=True, exclude=set(ENVELOPE)) for fact in facts]


def _problems(error: ValidationError) -> list[dict[str, str]]:
    """Where and what, never the value."""
    return [
        {"field": ".".join(str(part) for part in one["loc"]), "problem": one["msg"].removeprefix("Value error, ")}
        for one in error.errors(include_input=False, include_url=False)
    ]


def _entries(entries: Json) -> Iterator[tuple[str, list[str]]]:
    for one in entries if isinstance(entries, list) else ():
        facts = one["facts"] if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(facts, list):
            yield str(one["title"]), [str(fact) for fact in facts]


def _group(title: str, kinds: list[str], facts: list[str]) -> dict[str, object]:
    return {"title": title, "kinds": kinds, "facts": facts}


def _hl7_kinds(title: str) -> list[str]:
    """«ADT^A01, A06» are two."""
    name, _, events = title.partition("^")
    return [f"{name}^{event}" for event in events.split(", ")]
