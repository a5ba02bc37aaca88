"""A score as it stands for one patient, with what leads it, what would lower it, and whose labels it carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from care_scoring.core.patient_scores.picture import Labels
from care_scoring.core.patient_scores.told import key_of
from care_scoring.core.scores.outreach_factors import Factor
from care_scoring.core.scores.outreach_priority import OutreachPriority, Queue, SortKey
from care_scoring.core.scores.score import Item, Score

FACTORS_TOLD = 5
STAYS_AS_IT_IS = "Nothing: it is a fact of the stay."
# By score and item; what is not named here is said by `STAYS_AS_IT_IS`.
LOWERED_BY: Mapping[str, Mapping[str, str]] = {
    "lace": {"comorbidity_sum": "A diagnosis withdrawn; conditions themselves stay."},
    "hospital": {"haemoglobin": "A later result of this stay.", "sodium": "A later result of this stay."},
    "charlson": {},
    "news2": {},
}
BY_DEFAULT: Mapping[str, str] = {
    "charlson": "Only a diagnosis that was wrong.",
    "news2": "Another set of measurements within the hour; treatment of the cause.",
}


@dataclass(frozen=True, slots=True)
class Leading:
    """One thing that earned points and what would take them away."""

    item: Item
    lowered_by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One score of one patient, or of one stay of theirs."""

    score: Score
    subject: str = ""
    labels: Labels = ()
    leading: tuple[Leading, ...] = ()
    queue: Queue | None = None
    place: SortKey | None = None
    evidence: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        """Under which name the state keeps what was told of it."""
        return key_of(self.score.model, self.subject)

    @property
    def essence(self) -> str:
        """What makes it another message: numbers, lines and place, but not how long ago something was."""
        score, place = self.score, self.place
        lines = sorted((item.name, item.points) for item in score.items if item.points)
        found = (score.total, score.band, lines, score.missing, score.flags, score.notes, score.version)
        order = place and (place.without_p1, place.without_p2, place.earliest_deadline, place.last_contact)
        return repr((*found, self.queue, order, self.labels))


def standing(score: Score, subject: str, labels: Labels) -> Standing:
    """A published score, explained by its lines."""
    earning = sorted((item for item in score.items if item.points), key=lambda item: -item.points)
    usual = BY_DEFAULT.get(score.model, STAYS_AS_IT_IS)
    leading = [Leading(item, LOWERED_BY[score.model].get(item.name, usual)) for item in earning[:FACTORS_TOLD]]
    return Standing(score, subject, labels, tuple(leading), evidence=_evidence(score.items))


def standing_priority(found: OutreachPriority, labels: Labels) -> Standing:
    """The outreach priority, explained by its factors."""
    leading = tuple(map(_leading, found.factors))
    return Standing(found.score, "", labels, leading, found.queue, found.sort_key, _evidence(found.score.items))


def _leading(factor: Factor) -> Leading:
    return Leading(factor.item, factor.lowered_by)


def _evidence(items: tuple[Item, ...]) -> tuple[str, ...]:
    """The facts it rests on, each once; a source in words is no fact."""
    named = (item.source for item in items if item.source and " " not in item.source)
    return tuple(dict.fromkeys(named))
