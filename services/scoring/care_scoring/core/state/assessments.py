"""What the patient or caregiver answered: questionnaires with their items, symptoms, pulse surveys."""

from msgspec import field

from care_scoring.core.state.statements import Statement
from care_shared.vocabulary import ContactParty


class Assessment(Statement, array_like=True, gc=False, frozen=True):
    """One filled-in form as last stated; keyed by the source's number, else by the event."""

    instrument: str = ""
    items: dict[str, int] = field(default_factory=dict)
    total: int | None = None
    score: float | None = None  # a result that is no whole number


class SymptomSaid(Statement, array_like=True, gc=False, frozen=True):
    """Whether a symptom is there, as last said; keyed by symptom."""

    present: bool
    party: ContactParty


class Survey(Statement, array_like=True, gc=False, frozen=True):
    """One answered pulse survey; keyed by the event. Care never depends on it."""

    survey: str
    answers: dict[str, int]


def latest_two(forms: dict[str, Assessment], instrument: str) -> tuple[Assessment | None, Assessment | None]:
    """The newest form of an instrument that stands, and the one before it."""
    standing = sorted(
        (form for form in forms.values() if form.instrument == instrument and not form.void),
        key=lambda form: (form.at, form.event),
        reverse=True,
    )
    newest, before = [*standing, None, None][:2]
    return newest, before
