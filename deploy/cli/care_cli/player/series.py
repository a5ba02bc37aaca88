"""A series of readings from a file becomes FHIR Observations of a made-up patient who carries the file's name."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from care_cli.messages.fhir import Json, Reading, observation
from care_cli.messages.person import Person
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import VitalSign

# Scoring keeps 60 days of readings; an older value of a public series could not matter.
LONGEST = 60
PHYSIONET_HEADER = ["Time", "Parameter", "Value"]
PHYSIONET_CODES = {
    "HR": VitalSign.HEART_RATE,
    "RespRate": VitalSign.RESPIRATORY_RATE,
    "Temp": VitalSign.BODY_TEMPERATURE,
    "SaO2": VitalSign.OXYGEN_SATURATION,
    "Weight": VitalSign.BODY_WEIGHT,
}
NOT_RECORDED = -1.0
ICU_HOURS = timedelta(hours=48)
HIGHEST_HEART_RATE = 250


def observations(file: Path, content: bytes, now: datetime) -> list[Json]:
    """The file's readings, dated so that the last one is recent."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    if not rows or len(rows) < 2:
        raise UnusableMessageError("the file", "holds no readings")
    found = _physionet(rows[1:], now) if rows[0] == PHYSIONET_HEADER else _daily(rows[1:], now)
    return [observation(patient_of(file), reading) for reading in found]


def patient_of(file: Path) -> Person:
    """The made-up patient of one file."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", file.stem)
    return Person(f"series-{name}", f"SERIES-{name}", f"ZZ-{name}", "Series-Demo", name, date(1945, 1, 1), "U", "")


def values_of(rows: Sequence[Sequence[str]]) -> list[float]:
    """The second column as numbers."""
    values = []
    for line, row in enumerate(rows, 2):
        try:
            values.append(float(row[1]))
        except (IndexError, ValueError) as error:
            raise UnusableMessageError(f"line {line}, column 2", "is not a number") from error
    return values


def _daily(rows: Sequence[Sequence[str]], now: datetime) -> Iterator[Reading]:
    """A public series has no patient and no clinical unit: one value a day, ending today, in the unit it fits."""
    values = values_of([row for row in rows if row])[-LONGEST:]
    code = VitalSign.HEART_RATE if max(values) <= HIGHEST_HEART_RATE else VitalSign.GLUCOSE
    for days_ago, value in enumerate(reversed(values)):
        yield Reading(code, value, now - timedelta(days=days_ago, minutes=1))


def _physionet(rows: Sequence[Sequence[str]], now: datetime) -> Iterator[Reading]:
    """The first 48 hours of an intensive-care stay, moved so that they end now."""
    begin = now - ICU_HOURS
    for line, row in enumerate(rows, 2):
        try:
            clock, name, value = row[0], row[1], float(row[2])
            hours, minutes = (int(part) for part in clock.split(":"))
        except (IndexError, ValueError) as error:
            raise UnusableMessageError(f"line {line}", "is not «hh:mm,parameter,number»") from error
        code = PHYSIONET_CODES.get(name)
        if code is not None and value != NOT_RECORDED:
            yield Reading(code, value, begin + timedelta(hours=hours, minutes=minutes))
