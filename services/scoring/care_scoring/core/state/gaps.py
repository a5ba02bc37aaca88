"""The care gaps a patient has or had: what was told about each, and how often."""

from datetime import datetime

from msgspec import Struct

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
    labels: tuple[SensitivityLabel, ...] = ()
    closed: CloseReason | None = None
    shadow: bool = False  # recorded only: nobody was told
    private: bool = False  # never to what the household shares
    card: str = ""  # the episode of care under which people see it, whatever its rule calls its own
    worst: tuple[str, float, str, datetime | None] | None = None  # what, how much, unit, when

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.closed is None
