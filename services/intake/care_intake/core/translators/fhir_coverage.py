"""Who pays for the patient, and from when to when (FHIR Coverage)."""

import re

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.people import Coverage
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import LONGEST, aside, name_of, stated
from care_intake.core.payers import MEDICAID, MEDICARE, is_self_pay, payer_kinds
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import CoverageChanged
from care_shared.errors import UnusableMessageError

_OVER = frozenset({"cancelled", "entered-in-error"})
# Source of Payment Typology: 1 and below it Medicare, 2 Medicaid, 14 both; 81 nobody but the patient.
_TYPOLOGY = re.compile(r"nahdo\.org/sopt|221\.3\.88\.12\.3221\.5|3221\.5", re.IGNORECASE)
_SELF_PAY = ("81", "pay", "SELFPAY")


def translate(located: Located, scope: Scope) -> Translated:
    """One fact per kind of payer; a plan for the dually eligible is both."""
    coverage = read(Coverage, located.value, located.where)
    if coverage.status == "draft":
        return aside(located, "is a draft")
    if coverage.status not in ("", "active") and coverage.status not in _OVER:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a Coverage")
    names = _names(coverage, scope)
    codes = [one.code for one in coverage.type.coding]
    if any(code in _SELF_PAY for code in codes) or is_self_pay(names):
        return aside(located, "names no insurance", "type")
    said = stated(coverage, coverage.beneficiary, located, scope, "beneficiary")
    starts = said.day("period.start", coverage.period.start)
    ends = said.day("period.end", coverage.period.end)
    kinds = _typed(coverage) or payer_kinds(names)
    return said.tell(
        CoverageChanged(
            **said.envelope(said.said_at), payer_kind=kind, plan=(names[0] if names else "")[:LONGEST],
            active=coverage.status not in _OVER, starts_on=starts, ends_on=ends,
        )
        for kind in kinds
    )  # fmt: skip


def _names(coverage: Coverage, scope: Scope) -> list[str]:
    payors = [name_of(one, scope) for one in coverage.payor]
    classes = [one.name for one in coverage.class_]
    types = [coverage.type.text, *(one.display for one in coverage.type.coding)]
    return [name for name in (*classes, *payors, *types) if name]


def _typed(coverage: Coverage) -> tuple[str, ...]:
    for one in coverage.type.coding:
        if _TYPOLOGY.search(one.system):
            if one.code == "14":
                return MEDICARE, MEDICAID
            if one.code.startswith("1"):
                return (MEDICARE,)
            if one.code.startswith("2"):
                return (MEDICAID,)
    return ()
