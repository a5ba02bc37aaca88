"""The report that lies beside a file we took: what was refused or left aside, by row and column, and no value."""

import csv
import io

from care_intake.core.receipts import Receipt
from care_intake.core.translation import Ignored

_COLUMNS = ("place", "column", "what", "problem")
# A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_of(receipt: Receipt) -> str:
    """A CSV that opens safely in a spreadsheet: the receipt and its verdict first, then what the sender should mend."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerow(["file", "", receipt.verdict.value, safe(f"receipt {receipt.receipt_id}")])
    if receipt.problem:
        writer.writerow(_line(Ignored(receipt.field, receipt.problem, is_refused=not receipt.verdict.is_yes)))
    for one in sorted(receipt.ignored, key=lambda one: not one.is_refused):
        writer.writerow(_line(one))
    return out.getvalue()


def safe(cell: str) -> str:
    """The text, made harmless for a spreadsheet."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(one: Ignored) -> list[str]:
    place, column = one.where, ""
    if one.where.startswith("row "):
        number, _, column = one.where.removeprefix("row ").partition(" ")
        place = f"row {number}"
    what = "refused" if one.is_refused else "left aside"
    return [safe(place), safe(column), what, safe(one.reason)]
