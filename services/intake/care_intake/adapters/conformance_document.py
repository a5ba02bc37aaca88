"""What an interface team must know of us, found out from the code: which messages, which fields, what becomes of them.

`python -m care_intake.adapters.conformance_document` writes `CONFORMANCE.md`; with `--check` it only compares.
"""

import sys
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

from care_intake.adapters.http import DOORS
from care_intake.core.cloud_events import HL7_TYPES
from care_intake.core.conformance import Roles, facts_of, hl7_roles, json_roles
from care_intake.core.fhir_messages import BUNDLE_TYPES, TRANSLATORS
from care_intake.core.formats import Format
from care_intake.core.hl7_messages import NOT_USED, ROOMS, WHO_IS_WHO
from care_intake.core.translators import hl7_identity
from care_intake.core.translators.stated_facts import MAY_BE_STATED

DOCUMENT = Path(__file__).resolve().parents[2] / "CONFORMANCE.md"
SAMPLES = files("care_intake") / "adapters" / "samples"
NOTIFICATION = "notification"
HOW_TO_READ = """
What is said of a field was found by leaving it out of the sample beside it, and by trying other values in its place,
under today's code. *Required*: without it the message is refused or of no use. *Used*: facts change with it.
*Read instead*: it counts when the other field is empty. *Without effect*: nothing changes.
Fields in no sample, Z segments and unknown elements are kept in the stored original. The people are made up.
"""


def sample(name: str) -> bytes:
    """A message of that kind, as a sender would write it."""
    return (SAMPLES / name).read_bytes().strip()


def hl7_sample(kind: str, trigger: str) -> bytes:
    """The sample of a kind, for one of its events."""
    text = sample(f"{kind}.hl7").decode()
    was = text.partition(f"{kind}^")[2][:3]
    return text.replace(f"{kind}^{was}", f"{kind}^{trigger}").replace(f"EVN|{was}", f"EVN|{trigger}").encode()


def document() -> str:
    """The whole text."""
    lines = ["# Conformance", "", "Written by `make contracts` from the code; do not edit.", HOW_TO_READ]
    return "\n".join([*lines, *_hl7(), *_fhir(), *_records()]).rstrip() + "\n"


def _hl7() -> Iterator[str]:
    yield "## HL7 v2, versions 2.3 to 2.8, by MLLP, HTTP or Kafka"
    yield ""
    for kind, (events, _) in sorted(ROOMS.items()):
        if kind == WHO_IS_WHO:
            yield from _who_is_who()
            continue
        for alike, roles, facts in _alike(kind, sorted(events)):
            yield from _section(f"{kind}^{', '.join(alike)}", facts, roles)
        yield from _shown(sample(f"{kind}.hl7"), "The sample; its event stands in MSH-9 (and EVN-1)")
    yield "### Kept and not used"
    yield ""
    yield f"- ADT^{', '.join(sorted(hl7_identity.OF_STAYS))}: re-number or move stays and accounts of one person; held"
    yield "  for a person when MRG-1 names somebody else than PID-3"
    yield from (f"- {kind}: {reason}" for kind, reason in sorted(NOT_USED.items()))
    yield ""


def _who_is_who() -> Iterator[str]:
    """Merges and links: the facts beside the statement itself, which may be none."""
    for events, name in ((hl7_identity.MERGES, "MERGE"), (frozenset(hl7_identity.LINKS), "LINK")):
        body = sample(f"{name}.hl7")
        yield from _section(f"ADT^{', '.join(sorted(events))}", facts_of(body, Format.HL7), hl7_roles(body))
        yield from _shown(body, "The sample; its event stands in MSH-9 (and EVN-1)")


def _alike(kind: str, events: list[str]) -> Iterator[tuple[list[str], Roles, list[str]]]:
    """Events that read the same fields and become the same facts stand together."""
    found: dict[str, tuple[list[str], Roles, list[str]]] = {}
    for event in events:
        message = hl7_sample(kind, event)
        roles, facts = hl7_roles(message), facts_of(message, Format.HL7)
        found.setdefault(f"{roles} {facts}", ([], roles, facts))[0].append(event)
    yield from found.values()


def _fhir() -> Iterator[str]:
    yield "## FHIR R4, by HTTP or Kafka"
    yield ""
    yield from (f"- `POST {door.path}`: {door.resource}" for door in DOORS if door.format is Format.FHIR)
    yield f"- Bundles: {', '.join(sorted(BUNDLE_TYPES))}; resources of other types in them are kept and not used"
    yield ""
    for name in sorted(TRANSLATORS):
        if (SAMPLES / f"{name}.json").is_file():
            yield from _json_section(name, f"{name}.json", Format.FHIR)
        else:
            yield from (f"### {name}", "", "Read as well; see its translator.", "")
    yield from _json_section("Da Vinci notification of a discharge", f"{NOTIFICATION}.json", Format.FHIR)


def _records() -> Iterator[str]:
    yield "## Records of ours, by HTTP or Kafka"
    yield ""
    yield from _json_section("Home visit (`POST /evv/visits`)", "evv-visit.json", Format.EVV)
    yield from _json_section("Statement (`POST /facts`)", "fact.json", Format.FACTS)
    yield f"Facts that may be stated: {', '.join(sorted(MAY_BE_STATED))}."
    yield ""
    yield "## Kafka"
    yield ""
    yield "CloudEvents 1.0 on `care.inbound.v1`, binary (`ce_` headers) or structured (`application/cloudevents+json`)."
    yield f"`datacontenttype` of HL7 v2 is {', '.join(sorted(HL7_TYPES))} or any `text/`;"
    yield "of FHIR application/fhir+json; of our records application/json."


def _json_section(title: str, name: str, form: Format) -> Iterator[str]:
    body = sample(name)
    yield from _section(title, facts_of(body, form), json_roles(body, form))
    yield from _shown(body, "The sample")


def _section(title: str, facts: Iterable[str], roles: Roles) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield f"- facts: {', '.join(facts) or 'none beside who is whom'}"
    yield f"- required: {_listed(roles.required)}"
    yield f"- used: {_listed(roles.used)}"
    if roles.instead:
        yield f"- read instead: {', '.join(f'{one} (for {other})' for one, other in roles.instead.items())}"
    yield f"- without effect: {_listed(roles.without_effect)}"
    yield ""


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts) or "nothing else"


def _shown(body: bytes, words: str) -> Iterator[str]:
    yield from (f"{words}:", "", "```", body.decode(), "```", "")


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 with one line when the committed document is not what the code says."""
    text = document()
    is_stale = not DOCUMENT.exists() or DOCUMENT.read_text("utf-8") != text
    if "--check" in arguments:
        if is_stale:
            sys.stdout.write("services/intake/CONFORMANCE.md is out of date; run: make contracts\n")
        return int(is_stale)
    DOCUMENT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
