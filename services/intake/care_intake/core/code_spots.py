"""Where messages carry codes that a sender may have made up: there agreed codes are reworded, and unread ones asked."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from care_intake.core.codes import LOINC, coding_system
from care_intake.core.feed import Feed, spelled
from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_coverage import PAYER_PLACES
from care_intake.core.local_codes import MEANINGS, CodeKind
from care_intake.core.vital_codes import vital_of

# A code is a short word without blanks; what is longer or wordy may be somebody's remark, and long numbers a person's.
_CODE = re.compile(r"(?!\d{6})[A-Za-z0-9%/\[\]{}._+*#:-]{1,24}", re.ASCII)
NOT_SHOWN = "(not shown: too long or wordy for a code)"


@dataclass(frozen=True, slots=True)
class Spot:
    """One code in one message, the words beside it, and how to put the standard's spelling there."""

    kind: CodeKind
    where: str
    code: str
    words: str
    put: Callable[[str], None]
    is_standard: bool = False  # it names a standard coding system itself


@dataclass(frozen=True, slots=True, order=True)
class UnreadCode:
    """A code that nothing explains; it is no patient's, and still only shown when it looks like a code."""

    kind: CodeKind
    where: str
    code: str


def reword(spots: Iterable[Spot], feed: Feed) -> None:
    """Write what was agreed in the standard's spelling, so that translators need to know nothing of it."""
    for spot in spots:
        agreed = feed.agreed(spot.kind, spot.code)
        if agreed:
            spot.put(agreed)


def unread(spots: Iterable[Spot]) -> Iterator[UnreadCode]:
    """The codes that the standard does not explain; in a reworded message those that nobody explained."""
    for spot in spots:
        is_asked = spot.code and not spot.is_standard and spot.kind not in _NEVER_ASKED
        if is_asked and not MEANINGS[spot.kind].read(spot.code, spot.words):
            yield UnreadCode(spot.kind, spot.where, shown(spot.code))


# What people write there is mostly words, and each has its default.
_NEVER_ASKED = frozenset({CodeKind.APPOINTMENT_REASON, CodeKind.PAYER})


def shown(code: str) -> str:
    """The code when it looks like one, else that it does not."""
    return code if _CODE.fullmatch(code) else NOT_SHOWN


def used(spots: Iterable[Spot], feed: Feed) -> Iterator[tuple[str, str]]:
    """The entries of the agreement (kind and code) that this message needs."""
    return ((str(spot.kind), spelled(spot.code)) for spot in spots if feed.agreed(spot.kind, spot.code))


def hl7_spots(message: Message) -> Iterator[Spot]:
    """Every place of an HL7 v2 message."""
    for name, field, kind in _HL7:
        for segment in message.segments(name):
            yield _field(segment, field, kind)
    for segment in message.segments("OBX"):
        yield from _result(segment)
    for segment in message.segments("IN1"):
        for field, component in PAYER_PLACES:
            yield Spot(CodeKind.PAYER, f"IN1-{field}", segment.text(field, component), "", _leave)


_HL7 = (
    ("PV1", 2, CodeKind.PATIENT_CLASS),
    ("PV1", 4, CodeKind.ADMISSION_TYPE),
    ("PV2", 25, CodeKind.ADMISSION_TYPE),
    ("PV1", 36, CodeKind.DISPOSITION),
    ("TXA", 2, CodeKind.DOCUMENT_TYPE),
    ("SCH", 25, CodeKind.APPOINTMENT_STATUS),
    ("SCH", 6, CodeKind.APPOINTMENT_REASON),
)


def _field(segment: Segment, field: int, kind: CodeKind) -> Spot:
    # The words beside a code would be read as well, and might say something else.
    return Spot(
        kind, f"{segment.name}-{field}", segment.text(field), segment.text(field, 2),
        lambda word: segment.reword(field, {1: word, 2: ""}),
    )  # fmt: skip


def _leave(_: str) -> None:
    """Who pays is decided from several fields at once, by whoever reads them."""


def _result(segment: Segment) -> Iterator[Spot]:
    code, words, system = segment.text(3), segment.text(3, 2), segment.text(3, 3)

    def put(loinc: str) -> None:
        segment.reword(3, {1: loinc, 2: words, 3: "LN", 4: code, 6: system})

    is_text = segment.text(2) not in ("NM", "SN")
    is_standard = is_text or coding_system(system) == LOINC
    yield Spot(CodeKind.OBSERVATION_CODE, "OBX-3", code or words, words, put, is_standard)
    yield Spot(
        CodeKind.UNIT, "OBX-6", segment.text(6), "", lambda word: segment.reword(6, {1: word}),
        is_text or not _is_vital(segment.text(3), words),
    )  # fmt: skip


def _is_vital(code: str, words: str) -> bool:
    """Whether rules will want its unit; laboratories have units of their own."""
    return vital_of(code, words) is not None


def fhir_spots(value: object) -> Iterator[Spot]:
    """Every place of a FHIR resource, or of the resources in a Bundle; what is not built like FHIR has none."""
    if not isinstance(value, dict):
        return
    for entry in _items(value.get("entry")):
        yield from fhir_spots(entry.get("resource"))
    match value.get("resourceType"):
        case "Encounter":
            yield from _stay(value)
        case "Observation":
            yield from _observation(value, "Observation")
            for part in _items(value.get("component")):
                yield from _observation(part, "Observation.component")
        case _:
            return


def _stay(value: dict[str, object]) -> Iterator[Spot]:
    kind = value.get("class")
    if isinstance(kind, dict):
        yield _coding(kind, CodeKind.PATIENT_CLASS, "Encounter.class")
    for coding in _codings(value.get("priority")):
        yield _coding(coding, CodeKind.ADMISSION_TYPE, "Encounter.priority")
    hospitalization = value.get("hospitalization")
    went = hospitalization.get("dischargeDisposition") if isinstance(hospitalization, dict) else None
    for coding in _codings(went):
        yield _coding(coding, CodeKind.DISPOSITION, "Encounter.hospitalization.dischargeDisposition")


def _observation(part: dict[str, object], where: str) -> Iterator[Spot]:
    codings = _codings(part.get("code"))
    is_standard = any(one.get("system") == LOINC for one in codings)
    for coding in codings[:1]:
        code, words = _text(coding, "code"), _text(coding, "display")
        put = partial(_add_loinc, codings, words)
        yield Spot(CodeKind.OBSERVATION_CODE, f"{where}.code", code, words, put, is_standard or not _is_number(part))
    quantity = part.get("valueQuantity")
    if isinstance(quantity, dict):
        unit = _text(quantity, "code") or _text(quantity, "unit")
        is_vital = any(_is_vital(_text(one, "code"), _text(one, "display")) for one in codings)
        yield Spot(CodeKind.UNIT, f"{where}.valueQuantity", unit, "", partial(_put, quantity, "code"), not is_vital)


def _is_number(part: dict[str, object]) -> bool:
    return isinstance(part.get("valueQuantity"), dict)


def _add_loinc(codings: list[dict[str, object]], words: str, loinc: str) -> None:
    codings.insert(0, {"system": LOINC, "code": loinc, "display": words})


def _coding(coding: dict[str, object], kind: CodeKind, where: str) -> Spot:
    return Spot(kind, where, _text(coding, "code"), _text(coding, "display"), partial(_put, coding, "code"))


def _put(element: dict[str, object], name: str, word: str) -> None:
    element[name] = word


def _codings(concept: object) -> list[dict[str, object]]:
    found = concept.get("coding") if isinstance(concept, dict) else None
    return found if isinstance(found, list) and all(isinstance(one, dict) for one in found) else []


def _items(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(element: dict[str, object], name: str) -> str:
    value = element.get(name)
    return value if isinstance(value, str) else ""
