"""Labelled facts are for the patient's own care team; everybody else learns only how many entries are not shown."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from care_notifications.core.picture.known import Known
from care_shared.vocabulary import PersonId, Role, SensitivityLabel


@dataclass(frozen=True, slots=True)
class Circle:
    """Who answers for the patient, and who else works on the patient's alerts."""

    answering: frozenset[PersonId]
    helping: frozenset[PersonId]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at the page."""

    person: PersonId
    roles: frozenset[Role]
    circle: Circle

    def may_see(self, labels: Collection[str]) -> bool:
        """As with notices: labels are for the care team, what is very restricted for whoever answers alone."""
        if not labels:
            return True
        answers = self.person in self.circle.answering
        if SensitivityLabel.VERY_RESTRICTED in labels:
            return answers
        return answers or self.person in self.circle.helping or Role.SUPERVISOR in self.roles


@dataclass(frozen=True, slots=True)
class Seen:
    """What the reader may see, and how many facts that leaves out."""

    known: tuple[Known, ...]
    not_shown: int


def seen_by(reader: Reader, known: Sequence[Known]) -> Seen:
    """Without what the reader may not see. Of a thing whose newest word is hidden, no older word is shown either."""
    hidden = {one.subject for one in known if not reader.may_see(one.event.labels)}
    shown = tuple(one for one in known if one.subject not in hidden)
    return Seen(shown, len(known) - len(shown))


def hidden_subjects(reader: Reader, labelled: Iterable[tuple[str, Sequence[str]]]) -> frozenset[str]:
    """The things about which this reader learns nothing; each comes with the labels of one of its facts."""
    return frozenset(subject for subject, labels in labelled if not reader.may_see(labels))
