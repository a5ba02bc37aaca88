"""The readings of the panel: most patients are stable, some rise, some hearts retain water."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from care_cli.messages.fhir import Reading
from care_cli.panel.people import DIABETES, HEART_FAILURE, HYPERTENSION, Member
from care_shared.vocabulary import MeasurementSlot, VitalSign

BACK_DAYS = 30
SHARE_RISING = 0.04
SKIPPED_DAYS = 0.08
# clinical.md 3.4, vector T10: seven days of fasting and bedtime glucose that rise by 3 mg/dL a day.
T10_FASTING = (170, 172, 171, 178, 180, 183, 187)
T10_BEDTIME = (215, 214, 219, 222, 221, 228, 231)
# clinical.md 3.2: weights that no single day gives away, 2.3 kg in five days.
W2_WEIGHTS = (80.0, 80.4, 80.9, 81.3, 81.8, 82.3)
MORNING, EVENING = time(7, 30), time(21, 15)

Curve = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Series:
    """One vital sign measured at one time of day; `level(days_ago)` is its true course."""

    code: VitalSign
    slot: MeasurementSlot
    at: time
    level: Curve
    noise: float
    decimals: int = 0


def readings(chance: Random, member: Member, now: datetime) -> Sequence[Reading]:
    """All readings of the last 30 days up to now, in time order."""
    match member.key:
        case "demo-3":
            # No glucose: the readings that somebody sends by hand must meet none of ours.
            found = list(_measure(chance, member, now, _calm_pressure(122)))
        case "demo-4":
            found = rising_glucose(member, now)
        case "demo-5":
            found = _told(member, now, VitalSign.BODY_WEIGHT, MeasurementSlot.MORNING, (MORNING, W2_WEIGHTS))
        case _:
            found = [one for series in _all_series(chance, member) for one in _measure(chance, member, now, series)]
    return sorted(found, key=lambda reading: reading.at)


def rising_glucose(member: Member, now: datetime) -> list[Reading]:
    """Vector T10 ending now: one alert with slope 3.0 and p 0.0002."""
    fasting = _told(member, now, VitalSign.GLUCOSE, MeasurementSlot.FASTING, (MORNING, T10_FASTING))
    bedtime = _told(member, now, VitalSign.GLUCOSE, MeasurementSlot.BEDTIME, (EVENING, T10_BEDTIME))
    return sorted(fasting + bedtime, key=lambda reading: reading.at)


def _told(
    member: Member, now: datetime, code: VitalSign, slot: MeasurementSlot, course: tuple[time, Sequence[float]]
) -> list[Reading]:
    """The given values on consecutive days, the last one on the latest day that has passed that time."""
    at, values = course
    zone = ZoneInfo(member.home_zone)
    today = now.astimezone(zone).date()
    # Whole days back, so that fasting and bedtime values of one vector stay on the same days.
    first = today - timedelta(days=len(values))
    return [
        Reading(code, value, datetime.combine(first + timedelta(days=position), at, zone), slot)
        for position, value in enumerate(values)
    ]


def _all_series(chance: Random, member: Member) -> Iterator[Series]:
    rising = chance.random() < SHARE_RISING
    if member.has(HEART_FAILURE):
        base = chance.uniform(60, 95)
        yield Series(VitalSign.BODY_WEIGHT, MeasurementSlot.MORNING, MORNING, _weight(base, rising=rising), 0.2, 1)
        yield Series(VitalSign.HEART_RATE, MeasurementSlot.MORNING, MORNING, _flat(chance.uniform(62, 82)), 3)
    if member.has(DIABETES):
        yield _glucose(chance, rising=rising)
    if member.has(HYPERTENSION):
        yield _calm_pressure(chance.uniform(116, 128))


def _calm_pressure(level: float) -> Series:
    return Series(VitalSign.SYSTOLIC, MeasurementSlot.MORNING, MORNING, _flat(level), 4)


def _glucose(chance: Random, *, rising: bool) -> Series:
    start = chance.uniform(150, 160) if rising else chance.uniform(105, 150)
    slope = 3.2 if rising else 0.0
    return Series(
        VitalSign.GLUCOSE, MeasurementSlot.FASTING, MORNING, lambda days_ago: start + slope * max(0, 13 - days_ago), 5
    )


def _weight(base: float, *, rising: bool) -> Curve:
    return lambda days_ago: base + (0.5 * max(0, 6 - days_ago) if rising else 0.0)


def _flat(level: float) -> Curve:
    return lambda _days_ago: level


def _measure(chance: Random, member: Member, now: datetime, series: Series) -> Iterator[Reading]:
    zone = ZoneInfo(member.home_zone)
    today = now.astimezone(zone).date()
    for days_ago in range(BACK_DAYS, -1, -1):
        skipped, jitter = chance.random() < SKIPPED_DAYS, timedelta(minutes=chance.randint(-25, 25))
        # Bounded noise: a stable patient must not look like a sick one once in a thousand days.
        value = series.level(days_ago) + chance.uniform(-1.7, 1.7) * series.noise
        at = datetime.combine(today - timedelta(days=days_ago), series.at, zone) + jitter
        if not skipped and at <= now:
            # Half of a pressure is no reading; the lower half follows the upper one.
            lower = round(value * 0.62) if series.code is VitalSign.SYSTOLIC else None
            yield Reading(series.code, round(value, series.decimals), at, series.slot, diastolic=lower)
