"""Why a home visit did not happen: three dialects of visit verification in one language (clinical.md 4.2)."""

import re
from collections.abc import Iterable
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


def missed_reason(code: str, action: str, dialect: str, *, has_proof: bool) -> Reason:
    """Why, in our words; a code nobody explained to us is kept by the caller and means `unknown`."""
    reason, done = spoken(code, dialect), spoken(action, dialect)
    if _is_proven(reason, done, has_proof=has_proof):
        return Reason.DOCUMENTATION_ONLY
    if done.dialect is Dialect.A and done.code in _A_ACTIONS:
        return _A_ACTIONS[done.code]
    if reason.dialect is not None and reason.code in _NO_CALL.get(reason.dialect, ()):
        return Reason.UNKNOWN
    return _reason(reason)


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
    heard = [spoken(code, dialect) for code in codes]
    return any(one.dialect is Dialect.A and one.code in _A_PROOFS for one in heard)


def _is_proven(reason: Spoken, action: Spoken, *, has_proof: bool) -> bool:
    """«No call came» with a timesheet, a confirmation or manual times is a matter of paper."""
    is_no_call = reason.dialect is not None and reason.code in _NO_CALL.get(reason.dialect, ())
    return is_no_call and (has_proof or (action.dialect is Dialect.A and action.code in _A_PROOFS))


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
