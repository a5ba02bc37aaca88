"""What measures take for granted is what scoring's default policy says: the twins may not drift apart."""

from care_notifications.core.measures import tables
from care_scoring.core.codes.conditions import ICD10_PREFIXES
from care_scoring.core.codes.follow_up_services import PREFIXES, ServiceKind
from care_scoring.core.codes.timely_follow_up import WINDOW_DAYS, Edition
from care_scoring.core.follow_up_windows import ACUTE_EVENTS
from care_scoring.core.settings import discharges, follow_up, programmes
from care_shared.vocabulary import EncounterClass


def test_stays_and_destinations_that_qualify():
    assert tables.QUALIFYING_STAYS == discharges.QUALIFYING_STAYS
    assert tables.HOME == discharges.DESTINATIONS
    assert tables.SUPERSEDING_STAYS == discharges.SUPERSEDING_STAYS
    assert ACUTE_EVENTS | {EncounterClass.UNKNOWN} == tables.ACUTE_EVENTS


def test_visits_and_services_that_count():
    assert tables.NOT_A_FOLLOW_UP == follow_up.ELSEWHERE
    assert PREFIXES[ServiceKind.VISIT] == tables.VISIT_CODES
    assert tables.CORE_SERVICES == programmes.CORE_SERVICES


def test_windows_by_condition():
    scoring = sorted((days, ICD10_PREFIXES[name]) for name, days in WINDOW_DAYS[Edition.CBE_3455].items())

    assert sorted(tables.WINDOWS) == scoring


def test_where_a_diagnosis_belongs_to_two_the_shorter_window_is_asked_first():
    assert [days for days, _ in tables.WINDOWS] == sorted(days for days, _ in tables.WINDOWS)
