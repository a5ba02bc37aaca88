"""The numbers of home visits: when silence about a visit becomes a missed visit, and when misses become a pattern."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold
from care_shared.vocabulary import Discipline

SKILLED = frozenset(
    {
        Discipline.SKILLED_NURSING,
        Discipline.PHYSICAL_THERAPY,
        Discipline.OCCUPATIONAL_THERAPY,
        Discipline.SPEECH_THERAPY,
    }
)


class MissedVisitSettings(RuleSettings):
    """Home visits that do not take place, told by six rules."""

    section: ClassVar[str] = "missed_visit"

    late_after_minutes: int = threshold(
        15, Mark.DESIGN, "nobody clocked in: the agency alone is told", looser=Looser.HIGHER, least=1, most=240
    )
    late_needs_live_feed: bool = threshold(
        default=True,
        mark=Mark.DESIGN,
        why="only where clock-ins arrive as they happen; a feed of evenings would cry for every visit",
    )
    unverified_after_minutes: int = threshold(
        60, Mark.DESIGN, "a critical visit without proof is presumed missed", looser=Looser.HIGHER, least=1, most=1440
    )
    missed_after_hours: int = threshold(
        24, Mark.CONFIRMED, "vendors' data may lag a day", looser=Looser.HIGHER, least=1, most=168
    )
    in_a_row_for_p2: int = threshold(
        2, Mark.DESIGN, "so many in a row are told", looser=Looser.HIGHER, least=2, most=10
    )
    in_a_row_for_p1: int = threshold(
        3, Mark.DESIGN, "so many in a row are urgent", looser=Looser.HIGHER, least=2, most=10
    )
    pattern_count: int = threshold(
        3, Mark.DESIGN, "so many misses in any pattern ...", looser=Looser.HIGHER, least=2, most=20
    )
    pattern_days: int = threshold(14, Mark.DESIGN, "... within so many days", looser=Looser.LOWER, least=1, most=60)
    refusals_for_p2: int = threshold(
        2, Mark.DESIGN, "so many visits that the patient refused ...", looser=Looser.HIGHER, least=2, most=10
    )
    refusal_days: int = threshold(30, Mark.DESIGN, "... within so many days", looser=Looser.LOWER, least=1, most=45)
    cancel_notice_hours: int = threshold(
        24,
        Mark.DESIGN,
        "cancelled by the patient this early is not missed care",
        looser=Looser.LOWER,
        least=0,
        most=168,
    )
    welfare_call_minutes: int = threshold(
        60,
        Mark.DESIGN,
        "homebound, alone, did not open: this long to reach somebody by phone",
        looser=Looser.HIGHER,
        least=0,
        most=1440,
    )
    welfare_attempts: int = threshold(
        2, Mark.DESIGN, "or this many calls in vain", looser=Looser.HIGHER, least=1, most=10
    )
    welfare_late_hours: int = threshold(
        48, Mark.DESIGN, "a notice older than this asks for no welfare call", looser=Looser.LOWER, least=1, most=168
    )
    expires_after_days: int = threshold(
        14, Mark.DESIGN, "too long ago to act on", looser=Looser.LOWER, least=1, most=30
    )
    skilled: frozenset[Discipline] = threshold(
        SKILLED, Mark.DESIGN, "whose week is counted for the ordering practitioner", looser=Looser.FEWER
    )
