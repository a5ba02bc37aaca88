"""Glucose rises for seven days: one alert with slope, p and chart. It only wavers: silence, with its reason."""

import asyncio
import json
import time
from collections.abc import Sequence

from care_cli.messages.fhir import Reading, collection, observation
from care_cli.messages.person import Person
from care_cli.panel.vitals import T10_BEDTIME, T10_FASTING
from care_cli.stories.stage import Stage, StoryFailedError, at_hour, story_person
from care_cli.tracing import silences_of
from care_cli.wire.alerts import Wanted
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange, MeasurementSlot, VitalSign

WAIT_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.1
TREND_RULE, SCREENINGS = "VITALS-TREND", "GAP-CHRONIC"
# clinical.md 3.4: T10 rises by 3 mg/dL a day with p = 0.0002; T3 shows no trend.
T10_SLOPE, T10_P = 3.0, 0.0002
T3 = (150, 141, 158, 146, 152, 149, 144, 155, 147, 151)


async def rising_is_told_once(stage: Stage) -> None:
    """Vector T10 through FHIR: one alert, explained and drawn."""
    person = story_person(4)
    alert = await rising(stage, person)
    chart = alert.chart
    stage.require(f"it says why: {alert.explanation}", holds=chart is not None)
    assert chart is not None
    found = f"{chart.slope_per_day:.1f} a day, p {chart.p_value:.4f}"
    right = abs(chart.slope_per_day - T10_SLOPE) < 0.05 and abs(chart.p_value - T10_P) < 0.00005
    stage.require(f"slope and p are those of the vector ({found})", holds=right)
    await stage.step("the alert is on the page", stage.worklist.shows(alert.gap_id, WAIT_SECONDS))
    page = await stage.worklist.alert_page(alert.gap_id)
    stage.require("the page draws the chart", holds="<svg" in page)
    opened = [one for one in stage.ear.heard if _trend_of(person)(one.alert)]
    stage.require("it was told once", holds=len(opened) == 1)


async def rising(stage: Stage, person: Person) -> CareAlert:
    """Fourteen values that rise, and the alert that follows."""
    await stage.knows(person)
    # The vector judges all 14 values at once: the fasting value that crosses the line comes last.
    series = [*_daily(T10_BEDTIME, 23, MeasurementSlot.BEDTIME), *_daily(T10_FASTING, 12, MeasurementSlot.FASTING)]
    await _observed(stage, person, series)
    heard = await stage.step(
        "rising glucose is an alert", stage.ear.first(_trend_of(person), WAIT_SECONDS, "the alert")
    )
    return heard.alert


async def wavering_is_silent_with_a_reason(stage: Stage) -> None:
    """Vector T3 through FHIR: no alert, and a line that says why not."""
    person = story_person(5)
    await stage.knows(person)
    receipt = await _observed(stage, person, _daily(T3, 12, MeasurementSlot.FASTING))
    reason = await stage.step("the rule looked and stayed silent", _silence(stage, receipt))
    stage.require(f"the reason is on record: {reason}", holds=bool(reason))
    # Anybody of her age who is new here lacks this year's screenings: those are lines of a digest, and all there is.
    heard = {one.alert.rule_id for one in stage.ear.heard if one.alert.patient.display_name.endswith(person.family)}
    stage.require("no alert was raised", holds=heard <= {SCREENINGS})


def _daily(values: Sequence[float], hour: int, slot: MeasurementSlot) -> list[Reading]:
    """One value a day, the last one yesterday."""
    return [
        Reading(VitalSign.GLUCOSE, value, at_hour(len(values) - place, hour), slot)
        for place, value in enumerate(values)
    ]


async def _observed(stage: Stage, person: Person, readings: Sequence[Reading]) -> str:
    body = json.dumps(collection([observation(person, reading) for reading in readings])).encode()
    answer = await stage.step(f"{len(readings)} FHIR Observations are taken", stage.intake.post("/fhir", body))
    if not answer.accepted:
        raise StoryFailedError(f"intake answered {answer.status} {answer.text}")
    return answer.receipt


async def _silence(stage: Stage, receipt: str) -> str:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        reasons = await silences_of(stage.system.stack.postgres_dsn, receipt, TREND_RULE)
        if any(reason != "needs_more_readings" for reason in reasons):
            return ", ".join(reasons)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    raise StoryFailedError(f"no reason was written down within {WAIT_SECONDS:.0f} s")


def _trend_of(person: Person) -> Wanted:
    return lambda alert: (
        alert.rule_id == TREND_RULE
        and alert.change is AlertChange.OPENED
        and alert.patient.display_name.endswith(person.family)
    )
