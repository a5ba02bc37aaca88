"""Why a home visit did not happen: three dialects of visit verification in one language (clinical.md 4.2)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from care_shared.vocabulary import MissedVisitReason as Reason


class Dialect(StrEnum):
    """Whose codes: A state tables of the HHAeXchange kind, B of the Sandata kind, C the words of Epic's list."""

    A = "A"
    B = "B"
    C = "C"


_A_REASONS = {
    "206": Reason.SUSPENDED,
    **dict.fromkeys(("208", "209", "210", "217", "218", "219", "221"), Reason.DOCUMENTATION_ONLY),
    **dict.fromkeys(("214", "220"), Reason.AGENCY_NO_SHOW),
}
_A_ACTIONS = {"12": Reason.PATIENT_REFUSED, "14": Reason.RESCHEDULED, "15": Reason.SUSPENDED}
_A_PROOFS = frozenset({"11", "19", "221"})
_B_REASONS = {
    **dict.fromkeys(("01", "28"), Reason.RESCHEDULED),
    **dict.fromkeys(("02", "03", "04", "06", "09", "10", "23", "24", "25", "26", "27"), Reason.DOCUMENTATION_ONLY),
    **dict.fromkeys(("17", "21"), Reason.AGENCY_NO_SHOW),
    "20": Reason.WEATHER_UNSAFE,
}
# Exceptions of dialect B (missing in-call, out-call, unmatched phone, missing service) come with an E in front.
_B_EXCEPTIONS = dict.fromkeys(("E3", "E4", "E15", "E23"), Reason.DOCUMENTATION_ONLY)
_C_WORDS = (
    (("no one answered", "no answer", "locked door"), Reason.NO_ANSWER),
    (("not home", "patient unavailable"), Reason.NOT_HOME),
    (("refused",), Reason.PATIENT_REFUSED),
    (("in hospital", "hospitalized", "hospitalised"), Reason.HOSPITALISED),
    (("expired", "deceased"), Reason.DECEASED),
    (("discharged",), Reason.SERVICE_ENDED),
    (("suspended",), Reason.SUSPENDED),
    (("unsafe", "natural disaster", "weather"), Reason.WEATHER_UNSAFE),
    (("provider no show", "provider no-show", "scheduling error"), Reason.AGENCY_NO_SHOW),
    (("system failure", "evv system"), Reason.DOCUMENTATION_ONLY),
    (("reschedul",), Reason.RESCHEDULED),
)
# These only say that no call came: the care may or may not have been given (clinical.md 4.2, last line).
_NO_CALL = {Dialect.A: frozenset({"208", "209", "210"}), Dialect.B: frozenset({"E3", "E4"})}
_CODE = re.compile(r"(?P<dialect>[ABC])?[ -]?(?P<code>E?\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One code with its dialect, as far as it can be told."""

    dialect: Dialect | None
    code: str


@dataclass(frozen=True, slots=True)
class MissedWhy:
    """Why, in our words; `unmapped` are the codes that nobody explained to us, so that somebody can be asked."""

    reason: Reason
    unmapped: tuple[str, ...] = ()


def missed_reason(codes: Sequence[str], dialect: str, own: Mapping[str, str], *, has_proof: bool) -> MissedWhy:
    """What reason, exception and action say together; `own` are the source's own codes, in small letters."""
    agreed = next((own[code.strip().lower()] for code in codes if code.strip().lower() in own), None)
    if agreed is not None:
        return MissedWhy(Reason(agreed))
    heard = [spoken(code, dialect) for code in codes]
    silent = [one for one in heard if _is_no_call(one)]
    # «No call came» with a timesheet, a confirmation or manual times is a matter of paper.
    if silent and (has_proof or any(_is_proof(one) for one in heard)):
        return MissedWhy(Reason.DOCUMENTATION_ONLY)
    telling = [one for one in heard if one not in silent]
    actions = (_A_ACTIONS.get(one.code) for one in telling if one.dialect is Dialect.A)
    reason = next((one for one in actions if one is not None), None)
    reason = reason or next((found for one in telling if (found := _reason(one)) is not Reason.UNKNOWN), None)
    if reason is not None:
        return MissedWhy(reason)
    said = zip(codes, heard, strict=True)
    asked = tuple(code.strip() for code, one in said if one in telling and not _is_proof(one))
    return MissedWhy(Reason.UNKNOWN, () if silent else asked)


def spoken(code: str, dialect: str) -> Spoken:
    """`A214` names its dialect itself; a bare 214 is read in the dialect of the feed; words are dialect C."""
    match = _CODE.fullmatch(code.strip().upper())
    if match is None:
        return Spoken(Dialect.C if code.strip() else None, code.strip().lower())
    named = match["dialect"] or dialect
    number = match["code"]
    if named == Dialect.B and not number.startswith("E"):
        number = number.zfill(2)
    return Spoken(Dialect(named) if named in tuple(Dialect) else None, number)


def proves_delivery(codes: Iterable[str], dialect: str) -> bool:
    """Whether one of the codes is a timesheet or a confirmation that the care was given."""
    return any(_is_proof(spoken(code, dialect)) for code in codes)


def _is_proof(one: Spoken) -> bool:
    return one.dialect is Dialect.A and one.code in _A_PROOFS


def _is_no_call(one: Spoken) -> bool:
    return one.dialect is not None and one.code in _NO_CALL.get(one.dialect, ())


def _reason(one: Spoken) -> Reason:
    match one.dialect:
        case Dialect.A:
            return _A_REASONS.get(one.code) or _A_ACTIONS.get(one.code, Reason.UNKNOWN)
        case Dialect.B:
            return _B_REASONS.get(one.code) or _B_EXCEPTIONS.get(one.code, Reason.UNKNOWN)
        case Dialect.C:
            return next((why for signs, why in _C_WORDS if any(s in one.code for s in signs)), Reason.UNKNOWN)
        case None:
            return Reason.UNKNOWN
