"""Writes the policy we ship from the numbers in the code, each with its mark and its reason, for people to copy."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from care_scoring.core.policy import SHIPPED
from care_scoring.core.rulebook import RULES, SECTIONS
from care_scoring.core.thresholds import Section

VERSION = "2026-11-26"  # raised by hand with every change of a number, so that findings say which they followed
FILE = Path(__file__).with_name("policies") / "default.yaml"
WIDTH = 118
COLUMN = 40
LIMITS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
HEAD = """\
# The policy that CareLead starts with, written from the code by `make contracts`: copy it, then change the copy. A file
# may name only what it sets otherwise; what it does not name is as here. `carelead policy check` reads it for you.
# Marks: [C] confirmed in a public source, [M] from memory of one, to be confirmed locally, [D] our own design proposal.
# At the end of a line, in brackets, stands what a number may be set to; anything else is refused when the file is read.
"""
FOOT = """
  # Rules that are off, or in shadow: judged and recorded, told to nobody; for good, or up to the first day of telling.
  rules: {}
  #   TCM-CONTACT: {enabled: false}
  #   VITALS-TREND: {shadow: true}
  #   HF-WEIGHT: {shadow: 2027-02-01}

# Layers, each naming only what differs, from the widest to the most personal; dated ones hold from starts_on through
# expires_on (both may be left out, a patient's override must end):
#   dated:
#     - {author: <who>, starts_on: 2027-01-01, reason: <why>, thresholds: {…}}
#   organizations:
#     <organisation id>:
#       thresholds: {holidays: {also_closed: [2026-11-27]}}
#       programmes:
#         <programme>: {discharge_contact: {raise_at: "10:00"}}
#       dated:
#         - {author: <who>, expires_on: 2027-03-31, programme: <or all>, reason: <why>, thresholds: {…}}
#   patients:
#     <patient id>:
#       - {author: <who>, expires_on: 2027-01-31, reason: <why>, thresholds: {heart_failure_weight: {gain_week_kg: 2}}}
organizations: {}
patients: {}
"""


def document() -> str:
    """The whole file."""
    lines = [HEAD.rstrip(), f'version: "{VERSION}"', "", "thresholds:"]
    lines += _fields(SHIPPED, 2, skip=frozenset({"rules", *_sections()}))
    for name in _sections():
        section = getattr(SHIPPED, name)
        lines += ["", *_section(name, section)]
    return "\n".join(lines) + "\n" + FOOT


def _sections() -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind.section for kind in SECTIONS))


def _section(name: str, section: Section) -> Iterator[str]:
    told = ", ".join(dict.fromkeys(rule.rule_id for rule in RULES if type(section) in rule.about.settings))
    yield f"  # {told or 'Scores'}. {(type(section).__doc__ or '').splitlines()[0]}"
    yield f"  {name}:"
    if isinstance(section, RootModel):
        for number, (key, settings) in enumerate(section.root.items()):
            yield f'    "{key}":'
            yield from _fields(settings, 6) if number == 0 else _bare(settings, 6)
    elif isinstance(section, BaseModel):
        yield from _fields(section, 4)


def _fields(settings: BaseModel, indent: int, skip: frozenset[str] = frozenset()) -> Iterator[str]:
    for name, field in type(settings).model_fields.items():
        if name in skip:
            continue
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from ["", f"{' ' * indent}# {(type(value).__doc__ or '').splitlines()[0]}", f"{' ' * indent}{name}:"]
            yield from _fields(value, indent + 2)
        else:
            yield from _line(name, _written(settings, name), field, " " * indent)


def _bare(settings: BaseModel, indent: int) -> Iterator[str]:
    """The values alone: what they mean was said above."""
    yield from (f"{' ' * indent}{name}: {_written(settings, name)}" for name in type(settings).model_fields)


def _line(name: str, value: str, field: FieldInfo, indent: str) -> Iterator[str]:
    """The value, and why it is so: beside it, or above where that would be too long."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    why = f"# [{extra.get('mark', 'D')}] {field.description}{_allowed(field)}"
    said = f"{indent}{name}: {value}"
    if len(said) < COLUMN and COLUMN + len(why) <= WIDTH:
        yield f"{said:<{COLUMN}}{why}"
    elif len(said) + len(why) + 2 <= WIDTH:
        yield f"{said}  {why}"
    else:
        yield f"{indent}{why}"
        yield said


def _allowed(field: FieldInfo) -> str:
    """What the number may be set to, as the reader of a policy enforces it: « (from 1 to 10)», « (above 0)»."""
    limits = {name: f"{getattr(one, name):g}" for one in field.metadata for name in LIMITS if hasattr(one, name)}
    if limits.keys() == {"ge", "le"}:
        return f" (from {limits['ge']} to {limits['le']})"
    said = ", ".join(f"{LIMITS[name]} {limit}" for name, limit in limits.items())
    return f" ({said})" if said else ""


def _written(settings: BaseModel, name: str) -> str:
    value = settings.model_dump(mode="json", include={name})[name]
    if isinstance(value, list):
        value = sorted(value)
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.endswith(":00") and value.count(":") == 2:  # a time of day
        return f'"{value.removesuffix(":00")}"'
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()


def main() -> None:
    """Write the file, or with --check say whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the file is out of date")
    if not parser.parse_args().check:
        FILE.write_text(document(), "utf-8")
    elif FILE.read_text("utf-8") != document():
        sys.exit(f"{FILE.name} is out of date: run make contracts")


if __name__ == "__main__":
    main()
