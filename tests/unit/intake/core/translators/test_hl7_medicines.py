"""A medicine is prescribed, changed, stopped or handed out."""

from datetime import UTC, datetime

import pytest

from care_shared.vocabulary import SensitivityLabel
from tests.intake_builders import facts, left_aside, message, only, refused

SAID = datetime(2026, 11, 20, 20, 1, 5, tzinfo=UTC)
RXE = "RXE||00071015523^Atorvastatin 10 MG^NDC|10||MG"
RXD = "RXD|1|617314^Atorvastatin 10 MG^RXNORM|20261119101500-0500|30"


@pytest.mark.parametrize(("kind", "version"), [("RDE^O11^RDE_O11", "2.5.1"), ("RDE^O01", "2.3"), ("RDE^O25", "2.6")])
def test_an_order(kind: str, version: str) -> None:
    fact = only(message(kind, "ORC|NW|RX1^PHARM", RXE, version=version), "medication-ordered")

    assert fact.occurred_at == fact.stated_at == SAID
    assert (fact.medication.system, fact.medication.code, fact.medication.display, fact.active) == (
        "http://hl7.org/fhir/sid/ndc", "00071015523", "Atorvastatin 10 MG", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("orc", "active"),
    [
        pytest.param("ORC|XO|RX1", True, id="changed"),
        pytest.param("ORC|RL|RX1", True, id="released"),
        pytest.param("ORC|DC|RX1", False, id="discontinued"),
        pytest.param("ORC|CA|RX1", False, id="cancelled"),
        pytest.param("ORC|HD|RX1", False, id="on hold"),
        pytest.param("ORC|SC|RX1|||DC", False, id="its status says discontinued"),
        pytest.param("ORC|SC|RX1|||IP", True, id="its status says in process"),
    ],
)
def test_whether_it_is_still_taken(orc: str, active: bool) -> None:
    assert only(message("RDE^O11", orc, RXE), "medication-ordered").active is active


def test_what_the_pharmacy_did_not_encode_is_what_was_asked_for() -> None:
    asked = "RXO|617314^Atorvastatin 10 MG^RXNORM|10||MG"

    assert only(message("RDE^O11", "ORC|NW|RX1", asked), "medication-ordered").medication.code == "617314"
    assert only(message("RDE^O11", "ORC|NW|RX1", asked, RXE), "medication-ordered").medication.code == "00071015523"


def test_a_dispense_to_nobody_is_left_aside() -> None:
    value = message("RDS^O13", "ORC|RE|RX1", RXD).replace(b"PID|1||4711^^^1.2.3&1.2.3&ISO^MR||SIM^PATIENT\r", b"")

    assert [one.where for one in left_aside(value)] == ["PID"]


def test_a_replaced_order_ends_and_its_successor_begins() -> None:
    old, new = facts(message("RDE^O11", "ORC|RP|RX1", RXE, "ORC|RO|RX2", RXE))

    assert [one.model_dump()["active"] for one in (old, new)] == [False, True]
    assert old.model_dump()["order_id"] != new.model_dump()["order_id"]


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        pytest.param("ORC|NW|RX1", "ORC|DC|RX1", True, id="the orderer's number"),
        pytest.param("ORC|NW|RX1", "ORC|DC|RX2", False, id="another number"),
        pytest.param("ORC|NW||PH1", "ORC|DC||PH1", True, id="the pharmacy's number"),
        pytest.param("ORC|NW", "ORC|DC", True, id="no number: patient and medicine"),
    ],
)
def test_which_order_is_meant(first: str, second: str, is_same: bool) -> None:
    one, other = (only(message("RDE^O11", orc, RXE), "medication-ordered") for orc in (first, second))

    assert (one.order_id == other.order_id) is is_same


@pytest.mark.parametrize(("kind", "version"), [("RDS^O13^RDS_O13", "2.5.1"), ("RDS^O01", "2.3")])
def test_a_dispense(kind: str, version: str) -> None:
    fact = only(message(kind, "ORC|RE|RX1", RXD, version=version), "medication-dispensed")

    assert fact.occurred_at == datetime(2026, 11, 19, 15, 15, tzinfo=UTC)
    assert fact.medication.system == "http://www.nlm.nih.gov/research/umls/rxnorm"
    assert fact.days_supply is None


@pytest.mark.parametrize(
    ("segments", "days"),
    [
        pytest.param(("ORC|RE|RX1", "TQ1|1|||||30^d"), 30, id="TQ1, thirty days"),
        pytest.param(("ORC|RE|RX1", "TQ1|1|||||4^Weeks"), 28, id="TQ1, four weeks"),
        pytest.param(("ORC|RE|RX1|||||^^D90",), 90, id="the order's timing"),
        pytest.param(("ORC|RE|RX1", "RXE|^^W2|617314^Atorvastatin"), 14, id="the encoded order's timing"),
        pytest.param(("ORC|RE|RX1", "TQ1|1|||||30^mg"), None, id="no time at all"),
        pytest.param(("ORC|RE|RX1", "TQ1|1|||||999^d"), None, id="three years of pills"),
        pytest.param(("ORC|RE|RX0", "TQ1|1|||||30^d", "ORC|RE|RX1"), None, id="the order before is another"),
    ],
)
def test_for_how_many_days(segments: tuple[str, ...], days: int | None) -> None:
    assert only(message("RDS^O13", *segments, RXD), "medication-dispensed").days_supply == days


@pytest.mark.parametrize(
    ("value", "where"),
    [
        pytest.param(message("RDE^O11", "ORC|NW|RX1", "RXE||"), "RXE-2", id="no medicine named"),
        pytest.param(message("RDE^O11", "ORC|UA|RX1", RXE), "ORC-1", id="the pharmacy could not accept it"),
        pytest.param(message("RDE^O11", "ORC|NW|RX1"), "message", id="an order of nothing"),
        pytest.param(message("RDS^O13", "ORC|CA|RX1", RXD), "ORC-1", id="a dispense that was taken back"),
        pytest.param(message("RAS^O17", "ORC|RE|RX1"), "MSH-9", id="given on the ward"),
    ],
)
def test_what_is_left_aside(value: bytes, where: str) -> None:
    assert [one.where for one in left_aside(value)] == [where]


def test_a_medicine_for_dependence_is_labelled() -> None:
    fact = only(message("RDE^O11", "ORC|NW|RX1", RXE.replace("Atorvastatin", "Buprenorphine")), "medication-ordered")

    assert fact.labels == (SensitivityLabel.SUBSTANCE_USE,)
    assert only(message("RDE^O11", "ORC|NW|RX1", RXE), "medication-ordered").labels == ()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (message("RDS^O13", "ORC|RE|RX1", RXD.replace("20261119101500-0500", "today")), "RXD-3"),
        (message("RDE^O11", "ORC|NW|RX1", RXE.replace("00071015523", "9" * 257)), "RXE-2"),
    ],
)
def test_the_field_that_stands_in_the_way_is_named(value: bytes, field: str) -> None:
    assert refused(value).field == field
