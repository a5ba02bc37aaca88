"""The language of the tests of scores: stays with all that LACE and HOSPITAL ask, and what a history tells."""

from collections.abc import Iterable

from care_scoring.core.effects import TellScore
from care_scoring.core.patient_scores.book import standings
from care_scoring.core.patient_scores.standing import Standing
from care_scoring.core.state.patient import PatientState
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.contracts.score_changes import ScoreChanged
from tests.builders import AT_ONCE, HOME, POLICY, Known
from tests.chart_builders import fact
from tests.playing import Day, Played


def came_in(
    day: Day, clock: str = "10:00", stay: str = "stay-1", known: Known = AT_ONCE, **more: object
) -> AnyCareEvent:
    """Admitted as an emergency, unless told otherwise."""
    body = {"encounter_id": stay, "encounter_class": "inpatient", "facility_zone": HOME, "admission_type": "emergency"}
    return fact(facts.HospitalAdmitted, day, clock, known, **(body | more))


def went_home(
    day: Day, clock: str = "10:00", stay: str = "stay-1", known: Known = AT_ONCE, **more: object
) -> AnyCareEvent:
    """Discharged home."""
    body = {"encounter_id": stay, "encounter_class": "inpatient", "facility_zone": HOME, "disposition": "home"}
    return fact(facts.HospitalDischarged, day, clock, known, **(body | more))


def in_emergency(day: Day, clock: str = "10:00", visit: str = "", hours: int = 3) -> list[AnyCareEvent]:
    """An emergency visit, treated and released."""
    begin, number = int(clock[:2]), visit or f"ed-{day}"
    body = {"encounter_id": number, "facility_zone": HOME}
    return [
        fact(facts.EmergencyArrived, day, clock, **body),
        fact(facts.EmergencyDeparted, day, f"{begin + hours:02}:00", **body, disposition="home"),
    ]


def told(played: Played, score: str = "") -> list[ScoreChanged]:
    """The score changes of a history, in order."""
    changes = [effect.change for effect in played.effects if isinstance(effect, TellScore)]
    return [one for one in changes if one.score == score or not score]


def in_short(changes: Iterable[ScoreChanged]) -> list[tuple[int | None, str | None]]:
    """Value and band of each."""
    return [(one.value, one.band) for one in changes]


def now_of(state: PatientState, score: str, subject: str = "") -> Standing | None:
    """A score as it stands."""
    assert state.as_of is not None
    found = standings(state, POLICY.for_patient(state, state.as_of), state.as_of)
    return next((one for one in found if (one.score.model, one.subject) == (score, subject)), None)


def points(standing: Standing | None) -> dict[str, int]:
    """The lines that earned points."""
    return {item.name: item.points for item in standing.score.items if item.points} if standing else {}


def as_they_stand(state: PatientState) -> dict[str, str]:
    """Every score of a patient by its name, whether or not it was ever told."""
    if state.as_of is None:
        return {}
    found = standings(state, POLICY.for_patient(state, state.as_of), state.as_of)
    return {one.key: one.essence for one in found}
