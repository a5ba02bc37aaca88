"""DATA-1 when readings do not come one by one: a history that is brought in, a device that sends once a week."""

from datetime import datetime, timedelta

from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import AlertChange, VitalSign
from tests.builders import measured, play, tick, when

RULE = "DATA-1"


def sent_at(moment: datetime, days: range) -> list[AnyCareEvent]:
    """One reading a day, all of them sent together, oldest first."""
    readings = [measured(VitalSign.SYSTOLIC, 120, day) for day in days]
    return [
        reading.model_copy(update={"recorded_at": moment + timedelta(seconds=place)})
        for place, reading in enumerate(readings)
    ]


def told(history: list[AnyCareEvent], until: float) -> list[tuple[AlertChange, datetime]]:
    alerts = play([*history, tick(until)]).alerts
    return [(alert.change, alert.changed_at) for alert in alerts if alert.rule_id == RULE]


def test_a_history_brought_in_at_once_opens_only_what_is_open_today() -> None:
    """Not one alert for every day that was silent until the next line of the file was read."""
    brought_in = when(40, "12:00")

    assert told(sent_at(brought_in, range(30)), 41) == [
        (AlertChange.OPENED, brought_in + timedelta(seconds=29, hours=1))
    ]


def test_a_history_up_to_yesterday_tells_nothing() -> None:
    assert told(sent_at(when(30, "12:00"), range(30)), 32) == []


def test_a_device_that_sends_a_week_at_once_closes_the_silence_and_opens_no_other() -> None:
    week, next_week = sent_at(when(7, "12:00"), range(7)), sent_at(when(14, "12:00"), range(7, 14))

    assert [change for change, _ in told([*week, *next_week], 15)] == [AlertChange.OPENED, AlertChange.CLOSED]


def test_the_order_in_which_old_readings_come_in_makes_no_difference() -> None:
    history = sent_at(when(40, "12:00"), range(30))

    assert told(history[::-1], 41) == told(history, 41)
