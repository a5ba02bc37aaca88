"""A patient is found by numbers in the name of their issuers, and by nothing else."""

import pytest

from care_intake.core.feed import Feed, Sender
from care_intake.core.identity import (
    IssuedNumber,
    PatientKey,
    StatedIdentifier,
    canonical,
    new_patient_id,
    patient_key,
    record_id,
)
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import SourceId
from tests.intake_builders import GENERAL

OTHER = Feed(SourceId("other"), GENERAL.zone)
AGREED = Feed(SourceId("agreed"), GENERAL.zone, {"GOODHEALTH": "1.2.3"})


@pytest.mark.parametrize(
    ("stated", "feed", "expected"),
    [
        pytest.param(
            StatedIdentifier("7", "GH", "1.2.3", "MR"), GENERAL, IssuedNumber("1.2.3", "MR", "7"),
            id="an OID is known everywhere",
        ),
        pytest.param(
            StatedIdentifier("7", "urn:oid:1.2.3"), GENERAL, IssuedNumber("1.2.3", "MR", "7"),
            id="FHIR writes the same OID as a URI",
        ),
        pytest.param(
            StatedIdentifier("7", "http://hospital.example/mrn"), GENERAL,
            IssuedNumber("http://hospital.example/mrn", "MR", "7"), id="a URI is known everywhere",
        ),
        pytest.param(
            StatedIdentifier("7", "MRN"), GENERAL, IssuedNumber("general/MRN", "MR", "7"),
            id="a local name means something only in its feed",
        ),
        pytest.param(
            StatedIdentifier("7", "MRN"), OTHER, IssuedNumber("other/MRN", "MR", "7"),
            id="so the same number of another hospital is somebody else",
        ),
        pytest.param(
            StatedIdentifier("7", "GOODHEALTH", type="PI"), AGREED, IssuedNumber("1.2.3", "MR", "7"),
            id="unless the agreement says what the name means",
        ),
        pytest.param(
            StatedIdentifier("1EG4", "CMS", "2.16.840.1.113883.4.927", "MC"), GENERAL,
            IssuedNumber("http://hl7.org/fhir/sid/us-mbi", "MC", "1EG4"), id="Medicare's number from HL7",
        ),
        pytest.param(
            StatedIdentifier("1EG4", "http://hl7.org/fhir/sid/us-mbi"), GENERAL,
            IssuedNumber("http://hl7.org/fhir/sid/us-mbi", "MC", "1EG4"), id="Medicare's number from FHIR is the same",
        ),
        pytest.param(
            StatedIdentifier("7"), GENERAL, IssuedNumber("general", "MR", "7"), id="no issuer: the feed itself",
        ),
    ],
)  # fmt: skip
def test_one_spelling_for_each_number(stated: StatedIdentifier, feed: Feed, expected: IssuedNumber) -> None:
    assert canonical(stated, feed) == expected


@pytest.mark.parametrize(
    "stated",
    [
        StatedIdentifier("123-45-6789", "USSSA", type="SS"),
        StatedIdentifier("123-45-6789", "http://hl7.org/fhir/sid/us-ssn"),
        StatedIdentifier("S999", "OH", type="DL"),
        StatedIdentifier("V100", "GENERAL", type="VN"),
        StatedIdentifier("", "GENERAL", type="MR"),
    ],
    ids=["social security", "social security by URI", "driver's licence", "visit number", "no value"],
)
def test_numbers_that_are_not_ours_to_match_by(stated: StatedIdentifier) -> None:
    with pytest.raises(UnusableMessageError, match="PID-3"):
        patient_key([stated], GENERAL, "PID-3")


def key(*values: str) -> PatientKey:
    return PatientKey(tuple(IssuedNumber("1.2.3", "MR", value) for value in values))


def test_the_first_number_decides_the_id_of_a_new_patient() -> None:
    assert new_patient_id(key("1", "2")) == new_patient_id(key("1")) == record_id(key("1").primary)
    assert new_patient_id(key("2", "1")) != new_patient_id(key("1"))


def test_the_record_id_of_a_server_comes_last() -> None:
    found = patient_key([StatedIdentifier("9", "Patient", type="RI"), StatedIdentifier("7", "1.2.3")], GENERAL, "x")

    assert [one.type for one in found.identifiers] == ["MR", "RI"]
    assert [one.value for one in found.named] == ["7"]


def test_a_feed_with_a_list_of_senders_speaks_for_no_other() -> None:
    feed = Feed(SourceId("a"), GENERAL.zone, senders=(Sender("ADT1", "GENERAL"), Sender(facility="NORTH")))

    assert feed.speaks_for("ADT1", "GENERAL")
    assert feed.speaks_for("ANY", "NORTH")
    assert not feed.speaks_for("ADT2", "GENERAL")
