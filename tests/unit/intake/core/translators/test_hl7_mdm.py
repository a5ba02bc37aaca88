"""A document about the patient arrives; its text stays at intake."""

from datetime import UTC, datetime

import pytest

from care_shared.contracts.care_events import DocumentReceived
from care_shared.vocabulary import SensitivityLabel
from tests.intake_builders import adt, facts, message, only, refused

SAID = datetime(2026, 11, 20, 20, 1, 5, tzinfo=UTC)
SECRET = "The patient told me in confidence"


def txa(**changes: str) -> str:
    fields = {1: "1", 2: "DS^Discharge Summary^HL70270", 3: "TX", 4: "20261120140000-0500", 12: "DOC9^HIM", 17: "LA"}
    fields |= {int(name.removeprefix("f")): value for name, value in changes.items()}
    return "|".join(["TXA", *(fields.get(number, "") for number in range(1, max(fields) + 1))])


def document(trigger: str = "T02", *more: str, **changes: str) -> DocumentReceived:
    value = message(f"MDM^{trigger}", "PV1|1|I" + "|" * 17 + "V100", txa(**changes), *more)
    [fact] = facts(value)
    assert isinstance(fact, DocumentReceived)
    return fact


@pytest.mark.parametrize("trigger", ["T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10"])
def test_every_notice_tells_that_the_document_is_there(trigger: str) -> None:
    fact = document(trigger)

    assert (fact.kind, fact.final, fact.occurred_at, fact.stated_at) == ("discharge-summary", True, SAID, SAID)


def test_the_document_belongs_to_the_stay_of_its_visit_number() -> None:
    discharge = only(adt("A03"), "hospital-discharged")

    assert document().encounter_id == discharge.encounter_id


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        pytest.param("DS", (), "discharge-summary", id="table 0270"),
        pytest.param("18842-5^^LN", (), "discharge-summary", id="LOINC"),
        pytest.param("1007^DISCHARGE SUMMARY^L", (), "discharge-summary", id="a local code with words"),
        pytest.param("DISCHARGE SUMMARY", (), "discharge-summary", id="words for a code"),
        pytest.param("CN^Consultation", (), "consult-report", id="a consultation"),
        pytest.param("77^Cardiology Consult Note^L", (), "consult-report", id="a consultation in words"),
        pytest.param("HP^History and Physical", (), "other", id="history and physical"),
        pytest.param("77^^L", ("OBX|1|TX|18842-5^^LN||text||||||F",), "discharge-summary", id="the text's own code"),
        pytest.param("", (), "other", id="nobody says"),
    ],
)
def test_which_document(kind: str, more: tuple[str, ...], expected: str) -> None:
    assert document("T02", *more, f2=kind).kind == expected


@pytest.mark.parametrize(
    ("trigger", "status", "availability", "final"),
    [
        pytest.param("T02", "AU", "AV", True, id="signed"),
        pytest.param("T02", "", "", True, id="nothing said"),
        pytest.param("T02", "DI", "", False, id="dictated"),
        pytest.param("T02", "PA", "", False, id="waiting for the signature"),
        pytest.param("T08", "LA", "OB", False, id="obsolete"),
        pytest.param("T11", "LA", "CA", False, id="T11 takes it back"),
    ],
)
def test_whether_it_is_finished(trigger: str, status: str, availability: str, final: bool) -> None:
    assert document(trigger, f17=status, f19=availability).final is final


def test_a_correction_keeps_the_document_s_id() -> None:
    assert document("T02").document_id == document("T08").document_id != document("T02", f12="DOC10^HIM").document_id


def test_without_a_number_type_and_time_tell_documents_apart() -> None:
    first, second = document(f12=""), document(f12="", f4="20261121140000-0500")

    assert first.document_id == document("T08", f12="").document_id
    assert first.document_id != second.document_id
    assert first.document_id != document(f12="", f13="DOC9").document_id


def test_a_consult_report_names_the_referral_that_it_answers() -> None:
    referral = only(message("REF^I12", "RF1|A|R|||I|REF5^EPIC"), "referral-ordered")

    assert document(f2="CN", f14="REF5^EPIC").referral_id == referral.referral_id
    assert document(f14="REF5^EPIC").referral_id is None


def test_not_a_word_of_the_text_leaves_intake() -> None:
    fact = document("T02", f"OBX|1|TX|18842-5^^LN||{SECRET}||||||F")

    assert SECRET not in fact.model_dump_json()


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ({}, ()),
        ({"f2": "PC^Psychiatric consultation"}, (SensitivityLabel.PSYCHIATRIC,)),
        ({"f18": "U"}, ()),
        ({"f18": "V"}, (SensitivityLabel.VERY_RESTRICTED,)),
        ({"f18": "R"}, (SensitivityLabel.VERY_RESTRICTED,)),
        ({"f18": "HIV"}, (SensitivityLabel.HIV,)),
    ],
)
def test_how_confidential_it_is(changes: dict[str, str], labels: tuple[SensitivityLabel, ...]) -> None:
    assert document(**changes).labels == labels


def test_a_message_without_the_document_s_header_is_named() -> None:
    assert refused(message("MDM^T02", "PV1|1|I")).field == "TXA"
