"""A table as vendors export it: columns in any order and by many names, cells as text, each row known by its number."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from care_intake.core.translation import Ignored, Reception, Translated, Translation, row_numbered
from care_shared.errors import UnusableMessageError

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 2_000
SEPARATORS = ",;\t|"
_NOT_WORD = re.compile(r"[^a-z0-9]+")
# What spreadsheets write so that a number keeps its leading zeros.
_KEPT_AS_TEXT = re.compile(r'="(.*)"')
_NOTE = re.compile(r'"?#\s*(?P<name>[\w -]{1,40}):(?P<value>.*)')
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Headings = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row; the number is the one a spreadsheet shows, where the heading is row 1."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def at(self, column: str) -> str:
        """The place of a cell, to say what is wrong with it."""
        return f"row {self.number} {column}"

    def needed(self, column: str) -> str:
        """A cell that must hold something."""
        if not self[column]:
            raise UnusableMessageError(self.at(column), "is missing")
        return self[column]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows, what the lines before the heading say (`# complete: yes`), and what is wrong or unknown."""

    rows: tuple[Row, ...]
    notes: Mapping[str, str]
    columns: frozenset[str]
    remarks: tuple[Ignored, ...]

    def values(self, column: str) -> Iterator[str]:
        """All cells of one column."""
        return (row[column] for row in self.rows)


def read_table(body: bytes, headings: Headings, required: Iterable[str] = ()) -> Table:
    """The table. Raises UnusableMessageError for a file that is none; a row too long is only set aside."""
    notes, lines = _notes(_text(body))
    separator = _separator(lines, headings)
    records = _records(lines, separator)
    first = next(records, None)
    if first is None:
        raise UnusableMessageError("body", "is empty")
    names, remarks = _columns(first[1], headings)
    for column in required:
        if column not in names:
            raise UnusableMessageError(column, "is a column that is missing")
    rows: list[Row] = []
    for number, cells in records:
        if len(rows) >= MAX_ROWS:
            raise UnusableMessageError("body", f"has more than {MAX_ROWS} rows")
        row = _row(number, cells, names)
        if isinstance(row, Ignored):
            remarks.append(row)
        elif row is not None:
            rows.append(row)
    return Table(tuple(rows), notes, frozenset(one for one in names if one), tuple(remarks))


def is_table_of(body: bytes, headings: Headings, required: Iterable[str]) -> bool:
    """Whether a file looks like this kind of table, by its heading alone."""
    try:
        _, lines = _notes(_text(body[:65_536]))
        first = next(_records(lines[:1], _separator(lines, headings)), None)
        names, _ = _columns(first[1] if first else [], headings)
    except UnusableMessageError:
        return False
    return all(column in names for column in required)


def by_row(table: Table, tell: Callable[[Row], Translated], reception: Reception) -> Translated:
    """What every row says; a bad row stops no other. Raises when no row at all could be used."""
    said: list[Translation] = []
    remarks = list(table.remarks)
    mapped: list[Translated] = []
    for row in table.rows:
        try:
            told = row_numbered(tell(row), reception, str(row.number))
        except UnusableMessageError as error:
            remarks.append(Ignored(error.field, error.problem, is_refused=True))
            continue
        said.extend(told.translations)
        remarks.extend(told.ignored)
        mapped.append(told)
    refusals = [one for one in remarks if one.is_refused]
    if refusals and not mapped:
        raise UnusableMessageError(refusals[0].where, refusals[0].reason)
    if not table.rows:
        remarks.insert(0, Ignored("body", "has a heading and no rows"))
    unmapped = tuple(code for told in mapped for code in told.unmapped)
    return Translated(tuple(said), tuple(remarks), unmapped=unmapped)


def is_yes(text: str, where: str) -> bool | None:
    """Yes or no in the words of spreadsheets; None when nothing is said."""
    word = text.strip().lower()
    if not word:
        return None
    if word in ("y", "yes", "true", "t", "1", "x"):
        return True
    if word in ("n", "no", "false", "f", "0"):
        return False
    raise UnusableMessageError(where, "is neither yes nor no")


def word_of(heading: str) -> str:
    """«Sched. Start Time» and «sched_start_time» are one heading."""
    return _NOT_WORD.sub("", heading.lower())


def _text(body: bytes) -> str:
    if len(body) > MAX_BYTES:
        raise UnusableMessageError("body", f"is larger than {MAX_BYTES} bytes")
    if body.startswith(_UTF16):
        raise UnusableMessageError("body", "is UTF-16; save it as CSV in UTF-8")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableMessageError("body", "is not UTF-8") from None
    if "\0" in text:
        raise UnusableMessageError("body", "holds a zero byte")
    return text


def _notes(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Lines `# name: value` before the heading, and the numbered lines from the heading on."""
    notes: dict[str, str] = {}
    lines = list(enumerate(io.StringIO(text, newline="").readlines(), 1))
    begin = 0
    for _, line in lines:
        match = _NOTE.fullmatch(line.strip())
        if line.strip() and match is None:
            break
        if match is not None:
            notes[word_of(match["name"])] = match["value"].strip(' \t,;|"')
        begin += 1
    return notes, lines[begin:]


def _separator(lines: list[tuple[int, str]], headings: Headings) -> str:
    """The one that makes most headings known; the heading decides, because addresses hold commas."""
    if not lines:
        raise UnusableMessageError("body", "is empty")

    def known(separator: str) -> int:
        cells = next(csv.reader([lines[0][1]], delimiter=separator), [])
        return sum(1 for column in _named(cells, headings) if column)

    return max(SEPARATORS, key=known)


def _records(lines: list[tuple[int, str]], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Records by row: notes before the heading and blank lines do count, line breaks within quotes do not."""
    reader = csv.reader((line for _, line in lines), delimiter=separator, strict=True)
    number = lines[0][0] if lines else 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            raise UnusableMessageError(f"row {number}", "is not a row of a CSV file") from None
        if cells is None:
            return
        yield number, cells
        number += 1


def _columns(cells: list[str], headings: Headings) -> tuple[list[str], list[Ignored]]:
    if len(cells) > MAX_COLUMNS:
        raise UnusableMessageError("body", f"has more than {MAX_COLUMNS} columns")
    names = _named(cells, headings)
    for column in names:
        if column and names.count(column) > 1:
            raise UnusableMessageError(column, "is a column that stands there twice")
    # A file without a heading has a patient where the heading should be, so that only the place is told.
    unknown = [
        Ignored(f"column {place}", "has a heading that we do not use")
        for place, (cell, column) in enumerate(zip(cells, names, strict=True), 1)
        if cell.strip() and not column
    ]
    return names, unknown


def _named(cells: Iterable[str], headings: Headings) -> list[str]:
    known = {word: column for column, words in headings.items() for word in (word_of(column), *map(word_of, words))}
    return [known.get(word_of(cell), "") for cell in cells]


def _row(number: int, cells: list[str], names: list[str]) -> Row | Ignored | None:
    values = [_cell(one) for one in cells]
    if not any(values):
        return None
    if any(values[len(names) :]):
        return Ignored(f"row {number}", "has more cells than the heading", is_refused=True)
    found = {column: value for column, value in zip(names, values, strict=False) if column and value}
    for column, value in found.items():
        if len(value) > MAX_CELL:
            return Ignored(f"row {number} {column}", f"is longer than {MAX_CELL} characters", is_refused=True)
    return Row(number, found)


def _cell(text: str) -> str:
    match = _KEPT_AS_TEXT.fullmatch(text.strip())
    return (match[1] if match else text).strip()
