"""What becomes of a message: facts, a reason for none, a person's desk, or a refusal that names the field."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from care_intake.core.effects import Accept, Ignore, Quarantine, Reject, Verdict, error_of, verdict_of
from care_intake.core.feed import Sender
from care_intake.core.formats import Format, sniff
from care_intake.core.receipts import needs_keeping, receipt_of
from care_intake.core.translate import judge as judge_file
from care_intake.core.translate import reasons, translate
from care_intake.core.translation import type_of
from care_shared.errors import ConfigurationError, ConflictError, UnsupportedMessageError, UnusableMessageError
from tests.intake_builders import GENERAL, NOW, adt, judge, observation, oru, raw, stated, visit


def effect_of(value: object) -> object:
    return judge(value).decision.effect


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        pytest.param(adt("A01"), Accept, id="an admission"),
        pytest.param(adt("A40"), Quarantine, id="a merge that does not say of whom"),
        pytest.param(adt("A60"), Ignore, id="allergies change no care gap"),
        pytest.param(adt().replace(b"ADT^A01", b"VXU^V04"), Ignore, id="immunizations"),
        pytest.param(adt().replace(b"ADT^A01", b"SIU^S23"), Ignore, id="a calendar that is blocked"),
        pytest.param(adt().replace(b"ADT^A01", b"SIU^S12"), Quarantine, id="an appointment without a number"),
        pytest.param(oru("OBX|1|ED|1^Scan^L||x||||||F"), Ignore, id="results without anything for rules"),
        pytest.param(adt().replace(b"ADT^A01", b"XYZ^Q99"), Reject, id="a kind of message nobody knows"),
        pytest.param(adt().replace(b"|2.5.1", b"|1.0"), Reject, id="version 1.0"),
        pytest.param(adt(processing="X"), Reject, id="processing id X"),
        pytest.param(adt(pid3=""), Quarantine, id="nobody's admission"),
        pytest.param(b"PID|1", Quarantine, id="no header"),
        pytest.param({"resourceType": "Observation"}, Quarantine, id="an observation of nothing"),
    ],
)
def test_the_verdict(message: object, kind: type) -> None:
    assert isinstance(effect_of(message), kind)


def test_a_test_message_is_translated_and_not_published() -> None:
    one = judge(adt("A01", processing="T"))

    assert verdict_of(one.decision.effect) is Verdict.TEST
    assert one.translations == ()
    assert receipt_of(one).verdict is Verdict.TEST


def test_a_source_speaks_only_for_its_senders() -> None:
    feed = replace(GENERAL, senders=(Sender("ADT1", "NORTH"),))
    effect = judge(adt("A01"), feed).decision.effect

    assert isinstance(effect, Reject)
    assert effect.error.field == "MSH-4"


def test_translating_again_gives_the_same_event_ids() -> None:
    first, again = judge(adt("A03")), judge(adt("A03"))

    ids = [event_id for said in first.translations for event_id in said.event_ids]
    assert ids == [event_id for said in again.translations for event_id in said.event_ids]
    assert len(set(ids)) == len(ids) == 2


def test_another_source_or_other_bytes_give_other_ids() -> None:
    feed = replace(GENERAL, source=type(GENERAL.source)("other"))

    receipts = {judge(adt("A03")).receipt_id, judge(adt("A03"), feed).receipt_id, judge(adt("A03") + b"\r").receipt_id}
    assert len(receipts) == 3


def test_each_kind_of_message_has_its_own_numbers() -> None:
    """One engine numbers what comes from several applications; A01 and A03 of one number are no conflict."""
    assert judge(adt("A01", control_id="1")).decision.claim != judge(adt("A03", control_id="1")).decision.claim
    assert (
        judge(adt("A01", control_id="1")).decision.claim
        == judge(adt("A01", control_id="1", pid3="9^^^X")).decision.claim
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (adt(), Format.HL7), (b"\xef\xbb\xbf" + adt(), Format.HL7), (observation("8867-4", 72, "/min"), Format.FHIR),
        (visit("scheduled"), Format.EVV), ([visit("scheduled")], Format.EVV),
        (stated("care-team-changed"), Format.FACTS), (b"", Format.HL7),
    ],
)  # fmt: skip
def test_an_unlabelled_file_is_recognised(value: object, expected: Format) -> None:
    assert sniff(raw(value)) is expected


@pytest.mark.parametrize("value", [adt("A03"), observation("8867-4", 72, "/min"), visit("scheduled")])
def test_a_file_translates_without_a_server(value: object) -> None:
    facts = translate(raw(value), None, "America/New_York", NOW)

    assert facts
    assert all(fact.patient_id != "unresolved" and fact.event_id != "unnumbered" for fact in facts)


def test_a_file_that_says_nothing_has_a_reason() -> None:
    file = adt().replace(b"ADT^A01", b"VXU^V04")

    assert translate(file, None, "America/New_York", NOW) == []
    assert [one.reason for one in reasons(judge_file(file, None, "UTC", NOW))] == ["immunizations change no care gap"]


def test_a_file_that_cannot_be_used_names_the_field() -> None:
    with pytest.raises(UnusableMessageError, match="PID-3"):
        translate(adt(pid3=""), None, "UTC", NOW)


def test_the_zone_of_a_file_must_exist() -> None:
    with pytest.raises(ConfigurationError):
        translate(adt(), None, "Atlantis/Centre", NOW)


def test_the_zone_gives_local_times_their_meaning() -> None:
    discharge = adt("A03", pv1={45: "20261120142200"})

    times = {
        zone: [
            one.occurred_at for one in translate(discharge, None, zone, NOW) if type_of(one) == "hospital-discharged"
        ]
        for zone in ("America/New_York", "UTC")
    }
    assert times == {
        "America/New_York": [datetime(2026, 11, 20, 19, 22, tzinfo=UTC)],
        "UTC": [datetime(2026, 11, 20, 14, 22, tzinfo=UTC)],
    }


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (Verdict.QUARANTINED, UnusableMessageError), (Verdict.REJECTED, UnsupportedMessageError),
        (Verdict.CONFLICT, ConflictError), (Verdict.ACCEPTED, type(None)), (Verdict.HELD, type(None)),
        (Verdict.IGNORED, type(None)), (Verdict.TEST, type(None)),
    ],
)  # fmt: skip
def test_a_verdict_knows_its_answer(verdict: Verdict, error: type) -> None:
    assert type(error_of(verdict, "PID-3", "is missing")) is error


def test_what_was_refused_is_looked_at_again_when_we_have_learnt() -> None:
    refused, accepted = judge(adt(pid3="")), judge(adt())

    assert needs_keeping(accepted, None)
    assert needs_keeping(accepted, receipt_of(refused))
    assert not needs_keeping(accepted, receipt_of(accepted))
    assert not needs_keeping(refused, receipt_of(refused))
