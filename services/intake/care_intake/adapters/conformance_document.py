"""What an interface team must know of us, found out from the code: which messages, which fields, what becomes of them.

`python -m care_intake.adapters.conformance_document` writes `CONFORMANCE.md` and what `GET /conformance` serves; with
`--check` it only compares. A new kind of message is a file in `samples/` (and, for records of ours, a line in RECORDS).
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path

from care_intake.core.cloud_events import HL7_TYPES
from care_intake.core.conformance import Roles, facts_of, hl7_roles, json_roles, table_roles
from care_intake.core.evv_headings import VISIT_HEADINGS
from care_intake.core.fhir.notifications import CARRIED, NOT_CARRIED, STAYS
from care_intake.core.fhir_kinds import CONTEXT, TRANSLATORS
from care_intake.core.fhir_messages import BUNDLE_TYPES
from care_intake.core.formats import Format
from care_intake.core.hl7_messages import NOT_USED, ROOMS, WHO_IS_WHO
from care_intake.core.local_codes import MEANINGS
from care_intake.core.roster_headings import ABSENCE_HEADINGS, ROSTER_HEADINGS
from care_intake.core.table_people import PATIENT_HEADINGS
from care_intake.core.tables import MAX_ROWS
from care_intake.core.translators import hl7_identity
from care_intake.core.translators.stated_facts import MAY_BE_STATED
from care_intake.core.vital_headings import READING_HEADINGS

DOCUMENT = Path(__file__).resolve().parents[2] / "CONFORMANCE.md"
SAMPLES = files("care_intake") / "adapters" / "samples"
SERVED = Path(__file__).resolve().parent / "served"
TABLES = (
    ("Home visits (`POST /evv/visits.csv`)", "visits.csv", Format.EVV_TABLE, VISIT_HEADINGS),
    ("Roster (`POST /rosters`)", "roster.csv", Format.ROSTER, PATIENT_HEADINGS | ROSTER_HEADINGS),
    ("Absences of Leads (`POST /rosters/absences`)", "absences.csv", Format.ABSENCES, ABSENCE_HEADINGS),
    ("Readings (`POST /devices/readings.csv`)", "readings.csv", Format.READINGS_TABLE,
     PATIENT_HEADINGS | READING_HEADINGS),
)  # fmt: skip
NOTIFICATION = "notification"
MOVED = "re-number or move stays and accounts of one person; held when MRG-1 names somebody else than PID-3"
RECORDS = (
    ("Home visit (`POST /evv/visits`)", "evv-visit.json", Format.EVV),
    ("Statement (`POST /facts`)", "fact.json", Format.FACTS),
    ("Open mHealth (`POST /devices/open-mhealth`)", "open-mhealth.json", Format.OPEN_MHEALTH),
)
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
    """The sample of a kind, for one of its events; `ADT-A40.hl7` beside `ADT.hl7` is the sample of that event."""
    own = f"{kind}-{trigger}.hl7"
    text = sample(own if (SAMPLES / own).is_file() else f"{kind}.hl7").decode()
    was = text.partition(f"{kind}^")[2][:3]
    return text.replace(f"{kind}^{was}", f"{kind}^{trigger}").replace(f"EVN|{was}", f"EVN|{trigger}").encode()


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of message: what it becomes, what of it counts, and how it looks."""

    title: str
    facts: tuple[str, ...]
    roles: Roles
    sample: str


@dataclass(frozen=True, slots=True)
class Conformance:
    """Everything we found out, in the order of the page."""

    hl7: tuple[Entry, ...]
    hl7_unused: Mapping[str, str]
    fhir: tuple[Entry, ...]
    fhir_untried: tuple[str, ...]
    records: tuple[Entry, ...]
    tables: tuple[Entry, ...]


def found_out() -> Conformance:
    """Takes some seconds: every field of every sample is left out and changed."""
    with_sample = {name: (SAMPLES / f"{name}.json").is_file() for name in sorted(TRANSLATORS)}
    fhir = [_json_entry(name, f"{name}.json", Format.FHIR) for name, is_there in with_sample.items() if is_there]
    return Conformance(
        tuple(entry for kind, (events, _) in sorted(ROOMS.items()) for entry in _of_room(kind, sorted(events))),
        {f"ADT^{', '.join(sorted(hl7_identity.OF_STAYS))}": MOVED, **dict(sorted(NOT_USED.items()))},
        (*fhir, _json_entry("Da Vinci notification of a discharge", f"{NOTIFICATION}.json", Format.FHIR)),
        tuple(name for name, is_there in with_sample.items() if not is_there),
        tuple(_json_entry(*record) for record in RECORDS),
        tuple(_table_entry(title, name, form) for title, name, form, _ in TABLES),
    )


def _of_room(kind: str, events: list[str]) -> Iterator[Entry]:
    if kind != WHO_IS_WHO:
        yield from _alike(kind, events)
        return
    # Merges and links: the facts beside the statement itself, which may be none.
    for alike, name in ((hl7_identity.MERGES, "MERGE"), (frozenset(hl7_identity.LINKS), "LINK")):
        body = sample(f"{name}.hl7")
        title = f"ADT^{', '.join(sorted(alike))}"
        yield Entry(title, tuple(facts_of(body, Format.HL7)), hl7_roles(body), body.decode())


def _alike(kind: str, events: list[str]) -> Iterator[Entry]:
    """Events that read the same fields and become the same facts stand together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    entries: dict[tuple[str, ...], Entry] = {}
    for event in events:
        message = hl7_sample(kind, event)
        roles, facts = hl7_roles(message), facts_of(message, Format.HL7)
        key = (str(roles), *facts)
        alike.setdefault(key, []).append(event)
        entries.setdefault(key, Entry(kind, tuple(facts), roles, message.decode()))
    for key, entry in entries.items():
        yield replace(entry, title=f"{kind}^{', '.join(alike[key])}")


def _json_entry(title: str, name: str, form: Format) -> Entry:
    body = sample(name)
    return Entry(title, tuple(facts_of(body, form)), json_roles(body, form), body.decode())


def _table_entry(title: str, name: str, form: Format) -> Entry:
    body = sample(name)
    if form is Format.ABSENCES:  # whom it is about stands in the roster, so no column of it alone makes a fact
        return Entry(title, ("stand-in-named",), Roles((), (), {}, ()), body.decode())
    return Entry(title, tuple(facts_of(body, form)), table_roles(body, form), body.decode())


def document(found: Conformance) -> str:
    """The page for people."""
    lines = ["# Conformance", "", "Written by `make contracts` from the code; do not edit.", HOW_TO_READ]
    return "\n".join([*lines, *_hl7(found), *_fhir(found), *_records(found)]).rstrip() + "\n"


def _hl7(found: Conformance) -> Iterator[str]:
    yield "## HL7 v2, versions 2.3 to 2.8, by MLLP, HTTP or Kafka"
    yield ""
    for entry in found.hl7:
        yield from _section(entry)
    yield "### Kept and not used"
    yield ""
    yield from (f"- {kind}: {reason}" for kind, reason in found.hl7_unused.items())
    yield ""


def _fhir(found: Conformance) -> Iterator[str]:
    yield "## FHIR R4, by HTTP or Kafka"
    yield ""
    yield f"- `POST /fhir/{{kind}}`, `PUT /fhir/{{kind}}/{{id}}`: {', '.join(sorted(TRANSLATORS))}"
    yield f"- kept as context of others, and no news by themselves: {', '.join(sorted(CONTEXT))}"
    yield f"- `POST /fhir`: Bundles: {', '.join(sorted(BUNDLE_TYPES))}; other kinds in them are kept and not used"
    yield "- `POST /fhir/$validate`, `POST /fhir/{kind}/$validate`: the verdict without the deed"
    yield f"- `POST /fhir/$process-message`: {', '.join(sorted(STAYS | CARRIED))}; any other by its resources"
    yield from (f"- not used: {event}: {reason}" for event, reason in sorted(NOT_CARRIED.items()))
    yield ""
    for entry in found.fhir:
        yield from _section(entry)
    for name in found.fhir_untried:
        yield from (f"### {name}", "", "Read as well; see its translator.", "")


def _records(found: Conformance) -> Iterator[str]:
    yield "## Records of ours, by HTTP or Kafka"
    yield ""
    for entry in found.records:
        yield from _section(entry)
    yield f"Facts that may be stated: {', '.join(sorted(MAY_BE_STATED))}."
    yield ""
    yield from _tables(found)
    yield "## A sender's own codes"
    yield ""
    yield "What they mean is agreed per source under `mappings` in the sources file:"
    yield ""
    yield from (f"- `{kind}`: {', '.join(meaning.words)}" for kind, meaning in MEANINGS.items())
    yield ""
    yield "## Kafka"
    yield ""
    yield "CloudEvents 1.0 on `care.inbound.v1`, binary (`ce_` headers) or structured (`application/cloudevents+json`)."
    yield f"`datacontenttype` of HL7 v2 is {', '.join(sorted(HL7_TYPES))} or any `text/`;"
    yield "of FHIR application/fhir+json; of our records application/json."


def _tables(found: Conformance) -> Iterator[str]:
    yield "## Tables, by HTTP (`text/csv`), Kafka or a watched folder"
    yield ""
    yield "Columns in any order; separated by comma, semicolon, tab or bar; UTF-8."
    yield "Capitals, blanks and points in a heading"
    yield f"do not count. At most {MAX_ROWS} rows. A bad row is told by row and column and stops no other."
    yield ""
    for entry, (_, _, _, headings) in zip(found.tables, TABLES, strict=True):
        yield from _section(entry)
        yield "Other headings that are understood:"
        yield ""
        yield from (f"- {column}: {', '.join(words)}" for column, words in headings.items() if words)
        yield ""


def _section(entry: Entry) -> Iterator[str]:
    yield f"### {entry.title}"
    yield ""
    yield f"- facts: {', '.join(entry.facts) or 'none beside who is whom'}"
    yield f"- required: {_listed(entry.roles.required)}"
    yield f"- used: {_listed(entry.roles.used)}"
    if entry.roles.instead:
        yield f"- read instead: {', '.join(f'{one} (for {other})' for one, other in entry.roles.instead.items())}"
    yield f"- without effect: {_listed(entry.roles.without_effect)}"
    yield from ("", "```", entry.sample, "```", "")


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts) or "nothing else"


def machine_readable(found: Conformance) -> str:
    """The same for programs."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 with one line when a committed document is not what the code says."""
    found = found_out()
    page = document(found)
    texts = {DOCUMENT: page, SERVED / "conformance.md": page, SERVED / "conformance.json": machine_readable(found)}
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in arguments:
        if stale:
            sys.stdout.write("services/intake/CONFORMANCE.md is out of date; run: make contracts\n")
        return int(bool(stale))
    SERVED.mkdir(exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
