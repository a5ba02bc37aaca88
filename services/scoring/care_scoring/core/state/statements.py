"""One statement that one fact made about one thing: of all statements about a thing the latest holds, whole."""

from datetime import datetime
from typing import Self, TypeVar

from msgspec import Struct, structs

from care_scoring.core.state.packed_ids import packed, unpacked
from care_scoring.core.state.registers import joined_labels
from care_shared.contracts.envelope import CareEvent
from care_shared.vocabulary import EventId, SensitivityLabel

Key = TypeVar("Key", bound=str)
Envelope = tuple[datetime, bool, bytes, datetime, tuple[SensitivityLabel, ...]]


class Statement(Struct, array_like=True, gc=False, frozen=True):
    """What every statement carries. A book of statements (`dict[key, Statement]`) is merged with `tell`, key by key.

    A retraction is a statement too (`void`) and may come before what it retracts. Labels are a high-water mark: the
    statement that holds carries the labels of all that were made about the thing.
    """

    said: datetime  # when the source said so
    void: bool  # retracted, or entered by mistake
    event: bytes  # the event id, packed
    at: datetime  # when it happened
    labels: tuple[SensitivityLabel, ...]

    @property
    def event_id(self) -> EventId:
        """The fact it came with, for evidence."""
        return unpacked(self.event)

    @property
    def rank(self) -> tuple[datetime, bool, bytes]:
        """What decides: the later word, on a tie the retraction, then the greater event id."""
        return self.said, self.void, self.event

    def joined(self, other: Self) -> Self:
        """The one of two statements about the same thing that holds, with the labels of both."""
        winner = other if other.rank > self.rank else self
        labels = joined_labels(self.labels, other.labels)
        return winner if labels == winner.labels else structs.replace(winner, labels=labels)


Said = TypeVar("Said", bound=Statement)


def envelope_of(event: CareEvent, *, void: bool = False) -> Envelope:
    """The first five fields of a statement, from the fact that makes it."""
    return event.said_at, void, packed(event.event_id), event.occurred_at, tuple(sorted(event.labels))


def tell(book: dict[Key, Said], key: Key, said: Said) -> None:
    """Note a statement about one thing in a book."""
    held = book.get(key)
    book[key] = said if held is None else held.joined(said)


def told(held: Said | None, said: Said) -> Said:
    """The statement that holds, where there is one thing only."""
    return said if held is None else held.joined(said)
