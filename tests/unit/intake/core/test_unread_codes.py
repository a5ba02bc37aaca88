"""Codes that nobody explained are found in a stored message; what the agreement explains is asked no more."""

from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.unread_codes import codes_of
from tests.intake_builders import GENERAL, NOW, adt, observation, raw, visit


def asked(body: bytes, form: Format = Format.HL7, feed: Feed = GENERAL) -> list[tuple[str, str]]:
    return sorted((one.kind, one.code) for one in codes_of(RawMessage(body, form, NOW), feed).unread)


def test_what_is_agreed_is_asked_no_more() -> None:
    body = adt("A03", pv1={2: "ZZ", 36: "HOMECARE-7"})
    agreed = Feed(GENERAL.source, GENERAL.zone, mappings={"patient_class": {"ZZ": "I"}})

    assert asked(body) == [("patient_class", "ZZ")]  # «home» is read from the words
    assert asked(body, feed=agreed) == []


def test_a_code_that_stands_twice_counts_once_and_an_agreed_vital_sign_asks_for_its_unit() -> None:
    line = "OBX|1|NM|WTX^Gewicht^L||80|POUNDZ|||||F"
    body = adt("A08", more=f"{line}\r{line}")
    agreed = Feed(GENERAL.source, GENERAL.zone, mappings={"observation_code": {"WTX": "29463-7"}})

    assert asked(body) == [("observation_code", "WTX")]
    assert asked(body, feed=agreed) == [("unit", "POUNDZ")]


def test_fhir_and_our_own_records_are_read_and_broken_messages_have_none() -> None:
    assert asked(raw(observation("29463-7", 80, "POUNDZ")), Format.FHIR) == [("unit", "POUNDZ")]
    assert asked(raw(visit()), Format.EVV) == []
    assert asked(b"nothing") == asked(b"{", Format.FHIR) == []


def test_the_entries_that_a_message_needs_are_known_also_who_pays() -> None:
    body = adt("A08", pv1={2: "zz"}, more="IN1|1|GC7^Golden Choice||Golden")
    agreed = Feed(
        GENERAL.source, GENERAL.zone, mappings={"patient_class": {"ZZ": "I", "YY": "I"}, "payer": {"GC7": "dual"}}
    )

    assert codes_of(RawMessage(body, Format.HL7, NOW), agreed).used == {("patient_class", "ZZ"), ("payer", "GC7")}
