"""All vital signs of a patient as small drawings side by side, with the limits that alerts and goals name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_notifications.adapters.patient_pages import Chartfile
from care_notifications.core.local_time import zone_named
from care_notifications.core.picture.picture import Picture
from care_notifications.core.picture.seeing import Reader
from care_notifications.core.picture.vitals import Reading, believed
from care_notifications.web.vitals_chart import Limits, VitalsDrawing, draw_vitals
from care_shared.vocabulary import VitalSign

SPANS = {"7": 7, "30": 30, "90": 90}


@dataclass(frozen=True, slots=True)
class VitalsView:
    """The drawings of what was measured, and how many readings are not shown to this reader."""

    drawings: tuple[VitalsDrawing, ...]
    not_shown: int


def vitals_view(
    readings: Sequence[tuple[Reading, tuple[str, ...]]],
    file: Chartfile,
    picture: Picture,
    reader: Reader,
    window: tuple[datetime, int],
) -> VitalsView:
    """The window ends now and begins so many days before."""
    now, days = window
    seen = [one for one, labels in readings if reader.may_see(labels)]
    zone = zone_named(picture.person.home_zone or "")
    limits = _limits(file, picture, reader)
    begins, drawings = now - timedelta(days=days), []
    for code, series in sorted(believed(seen).items(), key=lambda pair: _order(pair[0])):
        drawing = draw_vitals(VitalSign(code), series, limits.get(code, Limits()), (begins, now), zone)
        if drawing is not None:
            drawings.append(drawing)
    return VitalsView(tuple(drawings), len(readings) - len(seen))


def _order(code: str) -> int:
    return list(VitalSign).index(VitalSign(code))


def _limits(file: Chartfile, picture: Picture, reader: Reader) -> dict[str, Limits]:
    """The caution line of an open alert about that vital sign; the goal whose measure it is."""
    cautions = {
        chart.code: chart.caution_line
        for one in file.alerts
        if (chart := one.alert.chart) is not None and reader.may_see(one.alert.labels)
    }
    goals = {one.code: (one.low, one.high) for one in picture.goals if one.code}
    return {code: Limits(cautions.get(code), *goals.get(code, (None, None))) for code in _all(cautions, goals)}


def _all(*known: Iterable[str]) -> set[str]:
    return {code for codes in known for code in codes}
