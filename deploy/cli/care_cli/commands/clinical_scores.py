"""`carelead score lace|news2|…`: any clinical score worked out from JSON, so that anyone can check a number by hand."""

import json
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say, say_json

if TYPE_CHECKING:
    from care_scoring.core.scores.catalogue import Calculator, Scored

SCORES = {
    "lace": "LACE: death or unplanned readmission within 30 days.",
    "hospital": "HOSPITAL: avoidable readmission within 30 days (2013, 2016, simplified).",
    "news2": "NEWS2: how acutely ill; at home it is unvalidated.",
    "charlson": "Charlson comorbidity index, of 1987 or of Quan 2011.",
    "phq2": "PHQ-2: two-item depression screen.",
    "phq9": "PHQ-9: depression, with item 9 flagged by itself.",
    "zarit": "Zarit caregiver burden; four or twelve items.",
    "zarit4": "Zarit caregiver burden, four-item screen.",
    "zarit12": "Zarit caregiver burden, twelve items, and its rise.",
    "hrsn": "AHC health-related social needs.",
    "outreach": "Outreach priority with its factors and what would lower it.",
}
CODE_GROUPS = "charlson_icd10cm_2027.yaml"

Given = Annotated[str, typer.Option("--json", help="The answers as one JSON object; «settings» in it may set cuts.")]
GivenFile = Annotated[Path | None, typer.Option("--file", help="The same from a file.")]
Schema = Annotated[bool, typer.Option("--schema", help="Print the accepted keys with their meaning and units.")]


def add_clinical_scores(score: typer.Typer) -> None:
    """One command for each score."""
    for name, sentence in SCORES.items():
        score.command(name, help=sentence)(_command(name))


def _command(name: str) -> Callable[[str, Path | None, bool], None]:
    def command(given: Given = "", file: GivenFile = None, schema: Schema = False) -> None:
        calculator = _calculator(name)
        if schema:
            say(json.dumps({"score": name, **calculator.schema()}, ensure_ascii=False, indent=2))
            return
        say_json(as_json(calculator.compute(_text(given, file))))

    return command


def _calculator(name: str) -> "Calculator":
    from importlib.resources import files

    from care_scoring.core.scores.catalogue import catalogue
    from care_scoring.core.scores.comorbidities import load_code_groups

    shipped = files("care_scoring") / "codes" / CODE_GROUPS
    return catalogue(load_code_groups(shipped.read_text("utf-8")))[name]


def _text(given: str, file: Path | None) -> str:
    from care_cli.files import read_text
    from care_shared.errors import UnusableMessageError

    if bool(given) == (file is not None):
        raise UnusableMessageError("--json or --file", "is needed, one of the two")
    return given if file is None else read_text(file)


def as_json(scored: "Scored") -> dict[str, object]:
    """A score as JSON people can read: times in ISO form, and in words whether there is a total."""
    from dataclasses import asdict

    from care_scoring.core.scores.score import Score

    score = scored if isinstance(scored, Score) else scored.score
    shown: dict[str, object] = asdict(score)
    shown |= {"derived": dict(score.derived), "settings": dict(score.settings)}
    if not isinstance(scored, Score):
        shown |= {
            "queue": scored.queue,
            "domains": [{**asdict(one), "counted": one.counted} for one in scored.domains],
            "top_factors": [
                {"domain": factor.domain, **asdict(factor.item), "lowered_by": factor.lowered_by}
                for factor in scored.factors
            ],
            "sort_key": asdict(scored.sort_key) if scored.sort_key else None,
        }
    status = "not computed" if score.total is None else "computed"
    return {name: _plain(value) for name, value in ({"status": status} | shown).items()}


def _plain(value: object) -> object:
    """Times as text, and no line for a time or source that is not known."""
    if isinstance(value, datetime):
        return None if value.year in (MINYEAR, MAXYEAR) else value.isoformat()  # before all others, after all others
    if isinstance(value, dict):
        unknown = {key for key in ("at", "source") if not value.get(key)}
        return {key: _plain(held) for key, held in value.items() if key not in unknown}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    return value
