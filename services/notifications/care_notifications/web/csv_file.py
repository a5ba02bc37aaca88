"""A table as a CSV file that a spreadsheet reads as text: no cell of it is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

# OWASP ASVS 1.2.10: what a spreadsheet may take for the beginning of a formula gets an apostrophe in front.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The file's text, every cell in quotes (RFC 4180)."""
    held = io.StringIO()
    writer = csv.writer(held, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(one) for one in row] for row in rows)
    return held.getvalue()


def csv_file(name: str, text: str) -> Response:
    """To be saved, not shown. The mark at the beginning tells spreadsheets that it is UTF-8."""
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value.lstrip(" ").startswith(BEGINS_A_FORMULA) else value
