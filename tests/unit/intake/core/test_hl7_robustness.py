"""Whatever happens to a message on its way, it ends as facts, aside with a reason, or refused by its field."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_intake.core.effects import Accept, Hold, Ignore, Quarantine, Reject
from care_intake.core.hl7_messages import NOT_USED, ROOMS, WHO_IS_WHO
from care_shared.contracts.care_events import CARE_EVENT
from tests.hl7_messages import EDGE_CASES, VENDOR_SAMPLES
from tests.intake_builders import adt, facts, judge, message, oru

FILES = sorted([*EDGE_CASES.glob("*.hl7"), *VENDOR_SAMPLES.glob("*.hl7")])
# Kinds of which nobody gave us a sample.
WRITTEN = [
    message("RDE^O11", "ORC|NW|RX1^P|||||^^D30", "TQ1|1|||||30^d", "RXE||1^Atorvastatin^NDC|10||MG"),
    message("RDS^O13", "ORC|RE|RX1", "RXD|1|617314^Atorvastatin^RXNORM|20261119101500-0500|30"),
    message("RRI^I12", "RF1|A|R|MED||O|REF5^EPIC|||20261119", "OBR|1|O1|O2", "OBX|1|TX|11488-4^^LN||Text||||||F"),
    message("REF^I14", "RF1|R^Rejected|R|MED||O|REF5^EPIC"),
    message("SIU^S15", "SCH|A1|B1||||PT^Patient request||VIDEO|30|min|^^30^20261202093000-0500", "RGS|1"),
    message("RDE^O11", "PV1|1|I|||||||||||||||||V9", "ORC|NW|RX1", "RXE|^^D7^20261120|8640^Prednisone^RXNORM|1||MG"),
    message(
        "ORU^R01",
        "ORC|NW|P1^EHR",
        "OBR|1|P1^EHR|F1^LIS|K^Kalium^L^2823-3^Potassium^LN|||20261120||||||||||||||||||I",
        "OBX|1|SN|K^Kalium^L^2823-3^Potassium^LN||>^6|mmol/L|||||P",
        "PID|2||815^^^H^MR",
        "OBR|2|P2|F2|X|||||||||||||||||||||W",
        "OBX|1|TX|T^Text^L||one~two||||||W",
    ),
    adt(
        "A03",
        more="NK1|1|SIM^CARL|CGV^Care giver||555-0101||||20251231\rPR1|1|C4|33533^Bypass^C4\r"
        "DG1|1||HF^Failure^99X^I50.9^Heart failure^I10|||F|||||||||2\rDG1|2||I10^Hypertension^I10|||A|||||||||1",
    ),
    oru("OBX|1|NM|44260-8^^LN||1||||||F", "OBX|2|NM|8867-4^^LN||72|bpm|||||W"),
    adt(
        "A08",
        more="PD1||A\rIN1|1|MEDICARE||||||||||20260101\rARV|1|A|DRG|REG||20200101^20300101\r"
        "OBX|1|CE|HOMEBOUND||Y||||||F|||20261120101500-0500||RN7^NURSE",
    ),
]
SAMPLES = [*(file.read_bytes() for file in FILES), *WRITTEN]
HOSTILE = [
    "",
    '""',
    "^^^^",
    "~~~",
    "&&",
    "\\",
    "\\X00\\",
    "\\.br\\",
    "9" * 300,
    "A" * 5000,
    "20261399",
    "-1",
    "é",
    "\t",
]
ODD = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12).map(lambda text: re.sub(r"[\r\n|]", "", text)))
Change = Callable[[list[bytes], st.DataObject], list[bytes]]


def index(lines: list[bytes], data: st.DataObject) -> int:
    return data.draw(st.integers(0, len(lines) - 1))


def without_a_segment(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    at = index(lines, data)
    return [*lines[:at], *lines[at + 1 :]] or lines


def a_segment_twice(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    at = index(lines, data)
    return [*lines, lines[at]]


def segments_in_another_order(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    return [lines[0], *data.draw(st.permutations(lines[1:]))]


def a_segment_cut_short(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    at = index(lines, data)
    end = data.draw(st.integers(0, len(lines[at])))
    return [*lines[:at], lines[at][:end], *lines[at + 1 :]]


def another_field(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    at = index(lines, data)
    fields = lines[at].split(b"|")
    fields[data.draw(st.integers(0, len(fields) - 1))] = data.draw(ODD).encode("utf-8", "surrogatepass")
    return [*lines[:at], b"|".join(fields), *lines[at + 1 :]]


def a_field_twice(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    at = index(lines, data)
    fields = lines[at].split(b"|")
    where = data.draw(st.integers(0, len(fields) - 1))
    fields.insert(where, fields[where])
    return [*lines[:at], b"|".join(fields), *lines[at + 1 :]]


def a_segment_of_another_message(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    return [*lines, data.draw(st.sampled_from(segments(data.draw(st.sampled_from(SAMPLES)))))]


CHANGES: list[Change] = [
    without_a_segment, a_segment_twice, segments_in_another_order, a_segment_cut_short, another_field, a_field_twice,
    a_segment_of_another_message,
]  # fmt: skip


def segments(raw: bytes) -> list[bytes]:
    return [line for line in re.split(rb"[\r\n]+", raw) if line] or [b"MSH|"]


def ends_well(raw: bytes) -> None:
    effect = judge(raw).decision.effect
    match effect:
        case Accept():
            # What goes out is legal for every reader, and belongs to somebody.
            for fact in facts(raw):
                assert CARE_EVENT.validate_json(fact.model_dump_json()) == fact
            assert effect.said.translations
        case Ignore(reason=reason) | Hold(reason=reason):
            assert reason.where
            assert reason.reason
        case Quarantine(error=error) | Reject(error=error):
            assert error.field
            assert error.problem


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_damaged_message_ends_somewhere(data: st.DataObject) -> None:
    lines = segments(data.draw(st.sampled_from(SAMPLES)))
    for change in data.draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4)):
        lines = change(lines, data)
    ends_well(b"\r".join(lines))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_message_with_nonsense_in_any_one_field_ends_somewhere(file: Path) -> None:
    lines = segments(file.read_bytes())
    for at, line in enumerate(lines):
        fields = line.split(b"|")
        for number in range(1, len(fields)):
            changed = b"|".join([*fields[:number], b"x" * 300, *fields[number + 1 :]])
            ends_well(b"\r".join([*lines[:at], changed, *lines[at + 1 :]]))


@pytest.mark.parametrize("kind", sorted({*ROOMS, *NOT_USED} - {WHO_IS_WHO}))
def test_every_kind_and_event_has_an_answer(kind: str) -> None:
    """Any event of a kind we know is taken, with facts or a reason; the message itself may be unusable."""
    for letter in "AOSTIRPZ":
        for number in range(0, 64, 1 if kind in ROOMS else 7):
            effect = judge(message(f"{kind}^{letter}{number:02}", "PV1|1|I")).decision.effect
            assert not isinstance(effect, Reject)
