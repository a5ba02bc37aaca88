"""The numbers of the follow-up after a discharge: whom we owe a call, by when, and how we warn before that."""

from datetime import time, timedelta
from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold
from care_shared.vocabulary import Disposition, EncounterClass

QUALIFYING_STAYS = frozenset(
    {
        EncounterClass.INPATIENT,
        EncounterClass.OBSERVATION,
        EncounterClass.PSYCHIATRIC,
        EncounterClass.REHABILITATION,
        EncounterClass.LONG_TERM_ACUTE,
        EncounterClass.SKILLED_NURSING,
        EncounterClass.UNKNOWN,
    }
)
DESTINATIONS = frozenset(
    {Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE, Disposition.UNKNOWN}
)
SUPERSEDING_STAYS = QUALIFYING_STAYS - {EncounterClass.OBSERVATION, EncounterClass.UNKNOWN}


class DischargeContactSettings(RuleSettings):
    """Two-way contact within two business days of a discharge home (CPT 99495/99496)."""

    section: ClassVar[str] = "discharge_contact"

    business_days: int = threshold(
        2, Mark.CONFIRMED, "a Friday discharge is due Tuesday", looser=Looser.HIGHER, least=1, most=30
    )
    raise_at: time = threshold(
        time(12), Mark.DESIGN, "P2 at noon of the last day, local time at home", looser=Looser.LATER
    )
    escalate_at: time = threshold(time(17), Mark.DESIGN, "P1 in the evening of the last day", looser=Looser.LATER)
    period_days: int = threshold(30, Mark.CONFIRMED, "D through D+29", looser=Looser.LOWER, least=1, most=90)
    attempts_needed: int = threshold(
        2, Mark.CONFIRMED, "two separate timely attempts also satisfy it ...", looser=Looser.LOWER, least=1, most=10
    )
    attempts_apart_hours: float = threshold(
        2.0, Mark.DESIGN, "... this far apart or over different channels", looser=Looser.LOWER, least=0, most=72
    )
    qualifying_stays: frozenset[EncounterClass] = threshold(
        QUALIFYING_STAYS,
        Mark.CONFIRMED,
        "stays that ask for contact; that a stay of unknown class counts is our design: better one call too many",
        looser=Looser.FEWER,
    )
    destinations: frozenset[Disposition] = threshold(
        DESTINATIONS,
        Mark.CONFIRMED,
        "home and domiciliary; against advice is a practice policy, unknown until a later notice says where (design)",
        looser=Looser.FEWER,
    )
    superseding_stays: frozenset[EncounterClass] = threshold(
        SUPERSEDING_STAYS,
        Mark.DESIGN,
        "an admission to one of these ends the follow-up; the next discharge starts anew",
    )

    @property
    def attempts_apart(self) -> timedelta:
        """How far apart two attempts over the same channel must lie to be two."""
        return timedelta(hours=self.attempts_apart_hours)
