"""HL7 v2.5.1 messages as a hospital's ADT and observation systems send them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from care_cli.messages.person import HOSPITAL, HOSPITAL_OID, MEDICAID, MEDICAID_OID, Person
from care_shared.vocabulary import CANONICAL_UNIT, VitalSign

VERSION = "2.5.1"
ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"})
VITAL_NAMES = {
    VitalSign.BODY_WEIGHT: "Body weight",
    VitalSign.SYSTOLIC: "Systolic blood pressure",
    VitalSign.DIASTOLIC: "Diastolic blood pressure",
    VitalSign.HEART_RATE: "Heart rate",
    VitalSign.OXYGEN_SATURATION: "Oxygen saturation by pulse oximetry",
    VitalSign.RESPIRATORY_RATE: "Respiratory rate",
    VitalSign.BODY_TEMPERATURE: "Body temperature",
    VitalSign.GLUCOSE: "Glucose in blood",
}


@dataclass(frozen=True, slots=True)
class Stay:
    """One hospital stay as ADT messages tell it."""

    number: str
    admitted_at: datetime
    discharged_at: datetime | None = None
    patient_class: str = "I"
    admission_type: str = "E"
    disposition: str = "01"
    diagnosis: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured value for an ORU message."""

    code: VitalSign
    value: float
    at: datetime


def adt(trigger: str, person: Person, stay: Stay, control_id: str, sent_at: datetime) -> bytes:
    """An ADT message: A01 admit, A03 discharge, A08 update, A11 cancel admit, A13 cancel discharge."""
    structure = {"A11": "ADT_A09", "A13": "ADT_A01", "A08": "ADT_A01"}.get(trigger, f"ADT_{trigger}")
    segments = [
        _msh(f"ADT^{trigger}^{structure}", control_id, sent_at),
        f"EVN|{trigger}|{moment(sent_at)}",
        pid(person),
        _pv1(stay, with_discharge=trigger in {"A03", "A08", "A13"}),
    ]
    if stay.diagnosis is not None:
        code, name = stay.diagnosis
        segments.append(f"DG1|1||{code}^{escaped(name)}^I10|||F")
    return _message(segments)


def registration(person: Person, control_id: str, sent_at: datetime) -> bytes:
    """An ADT^A28: the hospital knows this person; nothing is said about a stay."""
    segments = [
        _msh("ADT^A28^ADT_A05", control_id, sent_at),
        f"EVN|A28|{moment(sent_at)}",
        pid(person),
        "PV1|1|N",
    ]
    return _message(segments)


def oru(person: Person, readings: Sequence[Measured], control_id: str, sent_at: datetime) -> bytes:
    """An ORU^R01 with one OBX per reading."""
    taken = moment(readings[0].at)
    segments = [
        _msh("ORU^R01^ORU_R01", control_id, sent_at),
        pid(person),
        f"OBR|1||{control_id}|85353-1^Vital signs panel^LN|||{taken}",
        *(_obx(position, reading) for position, reading in enumerate(readings, 1)),
    ]
    return _message(segments)


def pid(person: Person) -> str:
    """PID with both identifiers, so that hospital and Medicaid messages meet in one patient."""
    identifiers = (
        f"{person.mrn}^^^{HOSPITAL}&{HOSPITAL_OID}&ISO^MR~{person.medicaid_id}^^^{MEDICAID}&{MEDICAID_OID}&ISO^MA"
    )  # fmt: skip
    name = f"{escaped(person.family)}^{escaped(person.given)}"
    address = f"1 Example Street^^{escaped(person.city)}^{person.state}^00000^USA"
    return (
        f"PID|1||{identifiers}||{name}||{person.birth_date:%Y%m%d}|{person.sex}|||{address}||{person.phone}"
    )  # fmt: skip


def moment(at: datetime) -> str:
    """An HL7 time stamp with its offset, to the second."""
    return at.strftime("%Y%m%d%H%M%S%z")


def escaped(text: str) -> str:
    """Text that cannot be taken for a separator."""
    return text.translate(ESCAPES)


def _msh(kind: str, control_id: str, sent_at: datetime) -> str:
    return f"MSH|^~\\&|ADT|{HOSPITAL}|CARELEAD|CARELEAD|{moment(sent_at)}||{kind}|{control_id}|P|{VERSION}"


def _pv1(stay: Stay, *, with_discharge: bool) -> str:
    fields = [""] * 46
    fields[0], fields[1], fields[2] = "PV1", "1", stay.patient_class
    fields[3] = f"4WEST^401^A^{HOSPITAL}"
    fields[4] = stay.admission_type
    fields[19] = f"{stay.number}^^^{HOSPITAL}&{HOSPITAL_OID}&ISO^VN"
    fields[44] = moment(stay.admitted_at)
    if with_discharge and stay.discharged_at is not None:
        fields[36] = stay.disposition
        fields[45] = moment(stay.discharged_at)
    return "|".join(fields).rstrip("|")


def _obx(position: int, reading: Measured) -> str:
    code = f"{reading.code.value}^{VITAL_NAMES[reading.code]}^LN"
    unit = escaped(CANONICAL_UNIT[reading.code])
    return f"OBX|{position}|NM|{code}||{reading.value:g}|{unit}^^UCUM|||||F|||{moment(reading.at)}"


def _message(segments: Sequence[str]) -> bytes:
    return "".join(f"{segment}\r" for segment in segments).encode()
