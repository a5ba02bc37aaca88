"""Each kind of fact gathered as it was said: the newest word about each thing, and all words of one kind."""

from collections.abc import Sequence
from typing import TypeVar

from care_notifications.core.picture.known import Known
from care_shared.contracts.care_events import CareEvent, CodedConcept

Fact = TypeVar("Fact", bound=CareEvent)


class Words:
    """The facts that stand, in the order they were said."""

    def __init__(self, holding: Sequence[Known]) -> None:
        self._by_kind: dict[type[CareEvent], list[Known]] = {}
        for one in holding:
            self._by_kind.setdefault(type(one.event), []).append(one)

    def all(self, kind: type[Fact]) -> list[Fact]:
        """Every fact of this kind, the oldest word first."""
        return [one.event for one in self._by_kind.get(kind, ()) if isinstance(one.event, kind)]

    def last(self, kind: type[Fact]) -> Fact | None:
        """The newest word of this kind."""
        found = self.all(kind)
        return found[-1] if found else None

    def newest(self, kind: type[Fact]) -> list[Fact]:
        """The newest word of this kind about each thing."""
        found = {one.subject: one.event for one in self._by_kind.get(kind, ()) if isinstance(one.event, kind)}
        return list(found.values())

    def about(self, *kinds: type[Fact]) -> dict[str, list[Fact]]:
        """All words of these kinds by the thing they are about, as they were said."""
        found: dict[str, list[Known]] = {}
        for kind in kinds:
            for one in self._by_kind.get(kind, ()):
                found.setdefault(one.subject, []).append(one)
        return {
            subject: [one.event for one in sorted(words, key=lambda one: one.order) if isinstance(one.event, kinds)]
            for subject, words in found.items()
        }


def text_of(concept: CodedConcept | None) -> str:
    """A concept in words, or by its code when it has none."""
    return "" if concept is None else concept.display or concept.code
