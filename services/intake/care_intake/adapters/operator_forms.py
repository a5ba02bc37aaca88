"""What an operator may ask of the desk, as it is written in the body of a request; every act names who and why."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from care_intake.core.effects import Verdict
from care_intake.core.rulings import Decided

EVER, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
MOST_ON_A_PAGE, MOST_AT_ONCE, MOST_PLACES = 100, 200, 10
LONGEST_RANK = 2**63 - 1

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._-]{0,99}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
# Any number of a sender, an id of ours, a cause: one line without controls.
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{0,200}$")]
Place = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.()\[\]-]{1,119}$")]
Value = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{0,2000}$")]
DoubtId = Annotated[int, Field(ge=1, le=LONGEST_RANK)]


class Said(BaseModel):
    """A body; an unknown word in it is refused, because it might have been meant to narrow something."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Reader(Said):
    """Who wants to see values."""

    by: Name


class Wanted(Said):
    """Which messages are looked for."""

    named: Word = ""
    source: Word = ""
    verdicts: tuple[Verdict, ...] = ()
    cause: Word = ""
    since: AwareDatetime = EVER
    until: AwareDatetime = NEVER
    after: Word = ""
    most: int = Field(default=50, ge=1, le=MOST_ON_A_PAGE)


class OfSource(Said):
    """Which source is meant."""

    source: Word


class Act(Said):
    """Who, why, and whether only to see what would happen."""

    by: Name
    reason: Reason
    dry_run: bool = False


class Fix(Act):
    """Other values at these places of one refused message."""

    changes: dict[Place, Value] = Field(min_length=1, max_length=MOST_PLACES)


class ReplayMany(Act):
    """Messages of one cause, the oldest first, after the last one of the request before."""

    since: AwareDatetime = EVER
    until: AwareDatetime = NEVER
    after: Word = ""
    most: int = Field(default=MOST_AT_ONCE, ge=1, le=MOST_AT_ONCE)


class Settle(Said):
    """What a person says of one doubt; `record` is an id of ours or a number as `authority|type|value`."""

    by: Name
    reason: Reason
    decided: Decided
    record: Word = ""


class Tie(Said):
    """Two records are one person, or two."""

    by: Name
    reason: Reason
    survivor: Word
    other: Word
    is_one: bool
