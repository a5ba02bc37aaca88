"""The sandbox: a message of a feed that is not agreed yet is judged in full, and nothing of it is kept or told."""

import asyncio
from dataclasses import asdict

import yaml
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_intake.adapters.fhir_answers import refused
from care_intake.adapters.hl7_door import acknowledgement
from care_intake.adapters.operations import SERVED
from care_intake.adapters.operator_token import refusal_of
from care_intake.adapters.sources import SourceEntry, Sources
from care_intake.adapters.sources_review import doubts
from care_intake.core.decide import decide
from care_intake.core.effects import Accept, Decision
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.hl7.reply_to import reply_to
from care_intake.core.kinds import kind_of
from care_intake.core.laid_out import laid_out
from care_intake.core.receipts import Receipt, judged, receipt_of
from care_intake.core.strict_json import Json, load
from care_intake.core.translate import reasons
from care_intake.ports import Kept
from care_shared.errors import UnusableMessageError
from care_shared.runtime.clock import Clock

LARGEST = 1024 * 1024
NO_STORE = {"Cache-Control": "no-store"}
# What every fact begins with says nothing about this message: it has no patient of ours, and no number, yet.
ENVELOPE = frozenset({"event_id", "patient_id", "recorded_at", "recorded_under", "source"})


class Asked(BaseModel):
    """An agreement as somebody writes it, and perhaps a first message."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    entry: dict[str, object]
    format: Format = Format.HL7
    message: str = ""


def sandbox_routes(token: SecretStr, sources: Sources, clock: Clock) -> list[Route]:
    """`POST /ops/sandbox`, for whoever holds the operator's token; `GET` says which kinds of messages we take."""

    async def sandbox(request: Request) -> Response:
        if (refusal := refusal_of(request, token)) is not None:
            return refusal
        if request.method == "GET":
            return JSONResponse({"kinds": kinds()}, headers=NO_STORE)
        body = await request.body()
        if len(body) > LARGEST:
            return refused(413, "too-long", "body", f"is larger than {LARGEST} bytes")
        try:
            asked = Asked.model_validate(load(body))
        except UnusableMessageError as error:
            return refused(400, "invalid", error.field, error.problem)
        except ValidationError as error:
            first = _problems(error)[0]
            return refused(400, "invalid", first["field"], first["problem"])
        return JSONResponse(await asyncio.to_thread(tried, asked, sources, clock), headers=NO_STORE)

    return [Route("/ops/sandbox", sandbox, methods=["GET", "POST"])]


def kinds() -> dict[str, list[str]]:
    """The kinds of messages that a feed may agree on, per format, as the conformance page knows them."""
    known = load((SERVED / "conformance.json").read_bytes())
    assert isinstance(known, dict)
    return {
        str(Format.HL7): [kind for title in _titles(known["hl7"]) for kind in _hl7_kinds(title)],
        str(Format.FHIR): [f"FHIR {title}" for title in _titles(known["fhir"]) if title.isalpha()],
        **{str(one): [str(one)] for one in Format if one not in (Format.HL7, Format.FHIR)},
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
    remarks = reasons(decision)
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


def _titles(entries: Json) -> list[str]:
    return [str(one["title"]) for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _hl7_kinds(title: str) -> list[str]:
    """«ADT^A01, A06» are two."""
    name, _, events = title.partition("^")
    return [f"{name}^{event}" for event in events.split(", ")]
