"""How sensitive a whole hospital message is: what its sender restricts, hides or calls confidential."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import readable_time
from care_intake.core.translation import Reception, Translated, Translation
from care_shared.vocabulary import SensitivityLabel

_V = SensitivityLabel.VERY_RESTRICTED
# HL7 tables 0177 (ORC-28), 0272 (TXA-18): how confidential. What we do not know is very restricted (clinical.md 8.7).
_USUAL = frozenset({"", "N", "U", "M", "L", "NORMAL", "USUAL"})
_KINDS = {
    "PSY": (SensitivityLabel.PSYCHIATRIC,), "ETH": (SensitivityLabel.SUBSTANCE_USE,), "HIV": (SensitivityLabel.HIV,),
    "AID": (SensitivityLabel.HIV,), "DRG": (SensitivityLabel.SUBSTANCE_USE,), "SUD": (SensitivityLabel.SUBSTANCE_USE,),
    "42CFRPART2": (SensitivityLabel.PART_2, SensitivityLabel.SUBSTANCE_USE),
}  # fmt: skip
# HL7 table 0717 (ARV-3): no restriction, or wishes about a registry.
_NO_RESTRICTION = frozenset({"", "NO", "OI", "OO"})
# PV1-16 is each hospital's own table; these words say that the patient is no VIP.
_NO_VIP = frozenset({"", "N", "NO", "0", "NONE", "F", "FALSE"})
_CONFIDENTIALITY = (("ORC", 28), ("TXA", 18))


def labelled(said: Translated, message: Message, reception: Reception) -> Translated:
    """The same facts, each with the labels of the whole message beside its own."""
    labels = message_labels(message, reception)
    if not labels:
        return said
    translations = tuple(_labelled(one, labels) for one in said.translations)
    return replace(said, translations=translations)


def message_labels(message: Message, reception: Reception) -> tuple[SensitivityLabel, ...]:
    """The labels that hold for everything a message says."""
    labels = set(_restrictions(message.segments("ARV"), reception))
    if message.text("PV1-16").upper() not in _NO_VIP:
        labels.add(_V)
    # Before 2.6 had ARV: the protection indicators of patient (PD1-12) and visit (PV2-22).
    if "Y" in (message.text("PD1-12").upper(), message.text("PV2-22").upper()):
        labels.add(_V)
    for name, field in _CONFIDENTIALITY:
        for segment in message.segments(name):
            labels.update(label for one in segment.repetitions(field) for label in _confidential(one.component(1)))
    return tuple(sorted(labels))


def _confidential(code: str) -> tuple[SensitivityLabel, ...]:
    code = code.upper()
    return () if code in _USUAL else _KINDS.get(code, (_V,))


def _restrictions(segments: Iterable[Segment], reception: Reception) -> Iterator[SensitivityLabel]:
    for segment in segments:
        if segment.text(2).upper() == "D" or _is_over(segment, reception):
            continue
        for value in segment.repetitions(3):
            code = value.component(1).upper()
            if code not in _NO_RESTRICTION:
                yield from _KINDS.get(code, (_V,))


def _is_over(segment: Segment, reception: Reception) -> bool:
    # A restriction whose end cannot be read is still a restriction.
    end, _ = readable_time(segment.text(6, 2), segment.location(6), reception)
    return end is not None and end.at < reception.received_at


def _labelled(translation: Translation, labels: tuple[SensitivityLabel, ...]) -> Translation:
    facts = tuple(
        fact.model_copy(update={"labels": tuple(sorted({*fact.labels, *labels}))}) for fact in translation.facts
    )
    return Translation(translation.patient, facts, translation.event_ids)
