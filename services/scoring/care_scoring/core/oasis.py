"""The comprehensive assessments of home health (OASIS): why each was made, and from which day care counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import local_date
from care_scoring.core.questionnaires import Form, plain_name
from care_scoring.core.state.patient import PatientState

# Reasons for assessment (item M0100) of OASIS, as we remember them: keep in step with the version an agency sends.
START, RESUMPTION, RECERTIFICATION = 1, 3, 4
ENDS = frozenset({7, 8, 9})  # transferred and discharged, died at home, discharged
REASON_ITEM, START_ITEM = "m0100", "m0030"  # the start of care stands in the form as a number, 20270301


@dataclass(frozen=True, slots=True)
class Oasis:
    """One form that stands. Without a stated reason it may serve as any."""

    form: Form
    day: date
    reason: int | None
    starts_on: date | None

    def serves(self, *reasons: int) -> bool:
        """Whether it was made for one of these reasons, as far as it says."""
        return self.reason is None or self.reason in reasons


def oasis_forms(state: PatientState, home: ZoneInfo) -> list[Oasis]:
    """Every form that stands, of any version, oldest first."""
    standing = [one for one in state.assessments.values() if not one.void]
    held = [one for one in standing if plain_name(one.instrument).startswith("oasis")]
    return [_read(Form(one), home) for one in sorted(held, key=lambda one: (one.at, one.rank))]


def _read(form: Form, home: ZoneInfo) -> Oasis:
    items = {name.casefold(): said for name, said in form.said.items.items()}
    return Oasis(form, local_date(form.at, home), items.get(REASON_ITEM), _date(items.get(START_ITEM)))


def _date(number: int | None) -> date | None:
    """20270301 as a day; nothing else is one."""
    try:
        return None if number is None else date(number // 10_000, number // 100 % 100, number % 100)
    except (ValueError, OverflowError):
        return None


def start_of_care(forms: Iterable[Oasis]) -> date | None:
    """The day from which certification periods count; None when nobody stated one, or care ended since."""
    starts_on = None
    for one in forms:
        if one.reason == START:
            starts_on = one.starts_on or one.day
        elif one.reason in ENDS:
            starts_on = None
        elif one.starts_on is not None:
            starts_on = one.starts_on
    return starts_on
