"""Laboratory results with their flags and acknowledgements, and results that are still to come."""

from datetime import datetime

from msgspec import Struct

from care_scoring.core.codes.lab_tests import LabTest, lab_test_of
from care_scoring.core.state.statements import Statement
from care_shared.vocabulary import EncounterId, SensitivityLabel

CRITICAL = frozenset({"HH", "LL", "AA"})
NORMAL = frozenset({"", "N"})


class Result(Statement, array_like=True, gc=False, frozen=True):
    """One result as last stated; a correction is a later statement and opens the clock again."""

    known_at: datetime  # when we learnt of it
    code: str = ""
    value: float | None = None
    unit: str = ""
    flag: str = ""
    corrected: bool = False
    order_id: str = ""
    has_text: bool = False  # the result is words; they stay at intake

    @property
    def test(self) -> LabTest | None:
        """The test, when it is one that rules name."""
        return lab_test_of(self.code)

    @property
    def is_critical(self) -> bool:
        """Flagged so by the laboratory."""
        return self.flag in CRITICAL

    @property
    def is_abnormal(self) -> bool:
        """Flagged at all."""
        return self.flag not in NORMAL


class Lab(Struct, array_like=True, gc=False):
    """One observation: its result and the last time a clinician took note; either may come first."""

    result: Result | None = None
    acknowledged: Statement | None = None

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of what was stated."""
        return self.result.labels if self.result else ()

    @property
    def stands(self) -> bool:
        """Whether there is a result that was not withdrawn."""
        return self.result is not None and not self.result.void

    @property
    def acknowledged_at(self) -> datetime | None:
        """When somebody took note of the result as it stands now; note of what was corrected since does not count."""
        if self.result is None or self.acknowledged is None:
            return None
        # A result that only reached us late was there to be read all the time; a correction was not.
        readable_at = self.result.said if self.result.corrected else self.result.at
        return self.acknowledged.at if self.acknowledged.at >= readable_at else None


class PendingResult(Statement, array_like=True, gc=False, frozen=True):
    """A test whose result is still to come, keyed by its order; resolved when a result names the order."""

    code: str
    encounter_id: EncounterId | None
