"""FMC, FUH/FUM/FUA and MED-REC: labels, audiences, who may close them, and services by code."""

import pytest

from care_scoring.core.codes.follow_up_services import ServiceKind, kind_of_service
from care_scoring.core.reconciling import counts
from care_scoring.core.settings.follow_up import ReconciliationSettings
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.vocabulary import SensitivityLabel
from tests.builders import AT_ONCE, HOME, Known, chose_hospice, discharged, has_condition, play, tick, when
from tests.chart_builders import fact

PSY, ETH, HIV = SensitivityLabel.PSYCHIATRIC, SensitivityLabel.SUBSTANCE_USE, SensitivityLabel.HIV


def emergency(code: str, day: int = 0, known: Known = AT_ONCE) -> AnyCareEvent:
    diagnosis = CodedConcept(system="http://hl7.org/fhir/sid/icd-10-cm", code=code)
    body = {"encounter_id": "ed-1", "facility_zone": HOME, "disposition": "home", "diagnoses": (diagnosis,)}
    return fact(facts.EmergencyDeparted, day, "10:00", known, **body)


@pytest.mark.parametrize(
    ("rule", "history", "labels"),
    [
        pytest.param("FUA", [emergency("F11.20")], (ETH,), id="FUA is about substance use, whatever the source said"),
        pytest.param("FUM", [emergency("F33.2")], (PSY,), id="FUM is psychiatric"),
        pytest.param("FUH", [discharged(0, kind="psychiatric")], (PSY,), id="FUH is psychiatric"),
        pytest.param(
            "FUA", [emergency("T40.1X1A", known=Known(labels=(PSY,)))], (ETH, PSY), id="with the labels of the notice"
        ),
    ],
)
def test_behavioural_follow_up_is_labelled_and_stays_in_the_house(
    rule: str, history: list[AnyCareEvent], labels: tuple[SensitivityLabel, ...]
) -> None:
    alerts = play([*history, tick(40)], rule).alerts

    assert [alert.change for alert in alerts] == ["opened", "updated", "closed"]
    assert all(alert.labels == labels for alert in alerts)
    assert all(set(alert.audience) == {"care-manager", "nurse"} for alert in alerts)


def test_no_other_rule_speaks_of_a_visit_for_substance_use() -> None:
    """Only that the patient came is told beside it, and that says nothing of why."""
    assert {alert.rule_id for alert in play([emergency("F11.20"), tick(40)]).alerts} == {"ARRIVAL", "FUA"}


def test_fmc_carries_the_labels_of_the_diagnoses_by_which_the_patient_counts() -> None:
    labelled = has_condition("F33.1", known=Known(labels=(PSY,)))
    other = has_condition("I10", known=Known(labels=(HIV,)))

    alerts = play([labelled, other, has_condition("I50.22"), emergency("R07.9"), tick(5)], "FMC").alerts

    assert {alert.labels for alert in alerts} == {(PSY,)}


def test_fmc_counts_a_diagnosis_of_last_year_and_none_from_before_that() -> None:
    history = [has_condition("N18.31", "2026-01-02"), emergency("R07.9"), tick(6)]
    old = has_condition("I50.22", "2025-12-30")
    over = has_condition("I50.22", "2026-01-10", active=False)

    assert play([has_condition("I50.22", "2026-01-02"), *history], "FMC").story[0] == "opened P3 emergency_no_follow_up"
    assert play([old, over, *history], "FMC").story == []


def test_a_late_notice_of_an_emergency_visit_is_told_at_once_and_says_so() -> None:
    notice = emergency("R07.9", known=Known(when(6)))
    alert = play([has_condition("I50.22"), has_condition("N18.31"), notice], "FMC").alerts[0]

    assert (alert.tier, alert.late_notice, alert.changed_at) == ("P2", True, when(6))


@pytest.mark.parametrize(
    "role", ["RN", "R.N.", "Registered Nurse", "clinical-pharmacist", "PharmD", "MD", "APRN", "PA"]
)
def test_whose_reconciliation_counts(role: str) -> None:
    assert counts(role, ReconciliationSettings())


@pytest.mark.parametrize(
    "role", ["LPN", "LVN", "Licensed Practical Nurse", "medical assistant", "aide", "", "pharmacy technician"]
)
def test_whose_reconciliation_does_not(role: str) -> None:
    assert not counts(role, ReconciliationSettings())


def test_reconciled_in_the_evening_at_home_when_it_is_the_next_day_in_utc_counts_for_the_thirtieth_day() -> None:
    done = fact(facts.MedicationsReconciled, 30, "22:00", by_role="RN")

    assert play([discharged(0), done, tick(32)], "MED-REC").story[-1] == "closed evidence reconciled"


def test_after_hospice_nobody_asks_for_reconciliation() -> None:
    assert play([discharged(0), tick(7, "13:00"), chose_hospice(8), tick(40)], "MED-REC").story == [
        "opened P3 medicines_not_reconciled",
        "closed superseded hospice",
    ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param("99496", ServiceKind.VISIT, id="transitional care"),
        pytest.param("99213", ServiceKind.VISIT, id="an office visit"),
        pytest.param("99490", ServiceKind.CASE_MANAGEMENT, id="chronic care management"),
        pytest.param("H0038", ServiceKind.SUBSTANCE_USE, id="peer support"),
        pytest.param("90834", ServiceKind.BEHAVIOURAL, id="psychotherapy"),
        pytest.param("99442", ServiceKind.CONTACT, id="a visit by telephone"),
        pytest.param("83036", ServiceKind.OTHER, id="a laboratory test"),
        pytest.param("99285", ServiceKind.OTHER, id="the emergency visit itself"),
        pytest.param("99223", ServiceKind.OTHER, id="hospital care"),
    ],
)
def test_services_by_code(code: str, kind: ServiceKind) -> None:
    assert kind_of_service(code) is kind
