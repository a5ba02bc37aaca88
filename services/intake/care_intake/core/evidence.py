"""Proof that a patient's events were received, line by line, for a hospital's surveyors (42 CFR 482.24(d))."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

COLUMNS = (
    "received_at", "kept_at", "source", "format", "message_number", "verdict", "receipt_id", "patient_id", "event_id",
    "event_type", "published_at",
)  # fmt: skip
# Spreadsheets run what begins with these; an apostrophe makes it text (OWASP, CSV injection).
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_LONGEST = 64


def cell(value: object) -> str:
    """One value, safe to be opened in a spreadsheet."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case _:
            text = "".join(sign if sign.isprintable() else " " for sign in str(value))[:_LONGEST]
            return f"'{text}" if text.lstrip().startswith(_FORMULA_SIGNS) else text


def line(values: Sequence[object]) -> str:
    """One line of the table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([cell(value) for value in values])
    return text.getvalue()
