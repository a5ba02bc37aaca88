"""A folder of messages as a table of counts."""

from pathlib import Path

import pytest

from care_cli.commands.translate import outcomes
from care_cli.summary import Outcome, outcome_of, table
from care_intake.core.translate import judge
from tests.hl7_messages import SAMPLES
from tests.intake_builders import NOW, adt, observation, raw, visit


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (adt("A01"), Outcome("ADT^A01", "accepted")),
        (adt("A40", more="MRG|4712^^^1.2.3&1.2.3&ISO^MR"), Outcome("ADT^A40", "accepted")),
        (adt("A45", more="MRG|4712^^^1.2.3&1.2.3&ISO^MR"), Outcome("ADT^A45", "held")),
        (adt("A01", processing="T"), Outcome("ADT^A01", "test")),
        (adt("A01").replace(b"ADT^A01", b"VXU^V04^VXU_V04"), Outcome("VXU^V04", "ignored")),
        (adt("A01", pid3=""), Outcome("ADT^A01", "quarantined")),
        (adt("A01").replace(b"ADT^A01", b"a patient's name"), Outcome("unknown", "rejected")),
        (b"PID|1||4711^^^A^MR||SIM^PATIENT||19410322|F|", Outcome("unknown", "quarantined")),
        (b"no message at all", Outcome("unknown", "quarantined")),
        (observation("8867-4", 72, "/min"), Outcome("FHIR Observation", "accepted")),
        (visit("scheduled"), Outcome("evv", "accepted")),
    ],
)
def test_what_a_message_counts_as(message: object, expected: Outcome) -> None:
    body = raw(message)

    assert outcome_of(body, judge(body, None, "UTC", NOW)) == expected


def test_the_table() -> None:
    assert list(
        table([Outcome("ADT^A01", "accepted"), Outcome("ADT^A01", "test"), Outcome("MDM^T02", "accepted")])
    ) == [
        "kind        accepted      ignored         held         test  quarantined     rejected",
        "ADT^A01            1            0            0            1            0            0",
        "MDM^T02            1            0            0            0            0            0",
        "all                2            0            0            1            0            0",
    ]


def test_every_sample_is_counted_by_its_kind() -> None:
    found = [one for file in sorted((SAMPLES / "fhir-converter").rglob("*.hl7")) for one in outcomes(file, "UTC")]

    assert len(found) == 31
    assert {one.verdict for one in found} <= {"accepted", "ignored", "held", "test"}


def test_what_is_no_message_counts_for_nothing(tmp_path: Path) -> None:
    notice = tmp_path / "NOTICE"
    notice.write_text("about the samples")

    assert outcomes(notice, "UTC") == []
