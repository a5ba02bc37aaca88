"""The care gaps a patient has or had: what was told about each, and how often."""

from datetime import datetime

from msgspec import Struct

from care_scoring.core.state.registers import joined_labels
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier


class Gap(Struct, array_like=True, gc=False):
    """One gap as it was last told. A closed one is kept as long as its episode may come back."""

    revision: int
    tier: Tier
    reason: str
    opened_at: datetime
    changed_at: datetime
    stamp: str
    due_at: datetime | None = None
    occurrences: int = 1
    late_notice: bool = False
    audience: tuple[Role, ...] = ()
    labels: tuple[SensitivityLabel, ...] = ()  # of what it rests on
    closed: CloseReason | None = None
    shadow: bool = False  # recorded only: nobody was told
    private: bool = False  # never to what the household shares
    card: str = ""  # the episode of care under which people see it, whatever its rule calls its own
    worst: tuple[str, float, str, datetime | None] | None = None  # what, how much, unit, when
    labels_before: tuple[SensitivityLabel, ...] = ()  # of what it rested on when it was told before

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.closed is None

    @property
    def labels_told(self) -> tuple[SensitivityLabel, ...]:
        """Of all that was ever told of it. They never shrink: its history goes on telling of the labelled fact."""
        return joined_labels(self.labels_before, self.labels)

    def rest_on(self, labels: tuple[SensitivityLabel, ...]) -> None:
        """It stands as it was told; what it rests on may carry fewer labels now."""
        self.labels_before, self.labels = self.labels_told, labels
