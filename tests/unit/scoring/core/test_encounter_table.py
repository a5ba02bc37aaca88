"""Which closed encounter opens which clock (clinical.md 1.1): one row per kind of end, one letter per clock."""

import pytest

from care_scoring.core.episodes import episodes_of
from care_scoring.core.readmissions import is_index
from care_scoring.core.settings.arrivals import Measure
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import AlertChange, Discipline, Disposition, EncounterClass
from tests.builders import POLICY, Step, Visit, admitted, discharged, play, tick, when
from tests.chart_builders import fact

CLOCKS = ("TCM-CONTACT", "TRC", "PCR", "HWR", "HH")


def stay(kind: EncounterClass, went: Disposition) -> list[AnyCareEvent]:
    """A patient with a visiting nurse has a stay of three days."""
    before = Visit(-8, discipline=Discipline.SKILLED_NURSING).delivered()
    if kind is EncounterClass.EMERGENCY:
        arrived = fact(facts.EmergencyArrived, -1, "20:00", encounter_id="stay-1")
        return [before, arrived, fact(facts.EmergencyDeparted, 0, "10:00", encounter_id="stay-1", disposition=went)]
    return [before, admitted(-3, kind=kind), discharged(0, kind=kind, to=went)]


def clocks_of(history: list[AnyCareEvent]) -> set[str]:
    """The clocks whose gap opens when nobody does anything for two weeks, and the measures that count from the stay."""
    steps: list[Step] = [*history, tick(15)]
    played = play(steps)
    opened = {alert.rule_id for alert in played.alerts if alert.change is AlertChange.OPENED}
    engagement = any(alert.episode.endswith(":PED") for alert in played.alerts)
    found = {"TCM-CONTACT"} & opened | ({"TRC"} if engagement else set())
    if opened & {"HH-SOC", "HH-ROC"}:
        found.add("HH")
    last = episodes_of(played.state, when(15), POLICY.for_patient(played.state, when(15)))[-1]
    return found | {measure.value for measure in Measure if is_index(measure, last)}


E, K = EncounterClass, Disposition


@pytest.mark.parametrize(
    ("kind", "went", "expected"),
    [
        pytest.param(E.EMERGENCY, K.HOME, "", id="treated and released from the emergency department"),
        pytest.param(E.OBSERVATION, K.HOME, "TCM-CONTACT PCR", id="observation to home"),
        pytest.param(E.INPATIENT, K.HOME, "TCM-CONTACT TRC PCR HWR HH", id="acute to home"),
        pytest.param(E.INPATIENT, K.HOME_HEALTH, "TCM-CONTACT TRC PCR HWR HH", id="acute to home with home health"),
        pytest.param(E.INPATIENT, K.SKILLED_NURSING, "PCR HWR", id="acute to a nursing facility"),
        pytest.param(E.SKILLED_NURSING, K.HOME, "TCM-CONTACT TRC HH", id="nursing facility to home"),
        pytest.param(E.PSYCHIATRIC, K.HOME, "TCM-CONTACT TRC PCR HH", id="psychiatric to home"),
        pytest.param(E.REHABILITATION, K.HOME, "TCM-CONTACT TRC HH", id="rehabilitation to home"),
        pytest.param(E.LONG_TERM_ACUTE, K.HOME, "TCM-CONTACT TRC HH", id="long-term acute to home"),
        pytest.param(E.INPATIENT, K.LEFT_AGAINST_ADVICE, "TCM-CONTACT TRC PCR HH", id="left against advice"),
        pytest.param(E.INPATIENT, K.EXPIRED, "", id="expired closes everything"),
        pytest.param(E.INPATIENT, K.OTHER_HOSPITAL, "", id="sent to another hospital"),
    ],
)
def test_which_clocks_the_end_of_an_encounter_starts(kind: EncounterClass, went: Disposition, expected: str) -> None:
    assert clocks_of(stay(kind, went)) == set(expected.split())


def test_observation_to_home_starts_home_health_only_where_it_was_ordered() -> None:
    new_to_it = [admitted(-3, kind=E.OBSERVATION), discharged(0, kind=E.OBSERVATION, to=K.HOME_HEALTH)]

    assert "HH" in clocks_of(new_to_it)


def test_after_a_discharge_to_hospice_measures_are_silent_and_an_arrival_is_still_told() -> None:
    history = [*stay(E.INPATIENT, K.HOSPICE), fact(facts.EmergencyArrived, 5, "10:00", encounter_id="ed-1"), tick(15)]

    opened = {alert.rule_id for alert in play(history).alerts if alert.changed_at > when(0, "10:00")}

    assert opened == {"ARRIVAL"}


def test_every_clock_of_the_table_is_started_by_some_row() -> None:
    assert clocks_of(stay(E.INPATIENT, K.HOME)) == set(CLOCKS)
