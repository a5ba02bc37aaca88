"""What becomes of a gap when the stay it was named after was withdrawn, or turned out to be part of another."""

from collections.abc import Collection, Iterator

from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.state.patient import PatientState
from care_scoring.core.verdicts import Settled
from care_shared.vocabulary import CloseReason, EncounterId


def without_ground(state: PatientState, rule_key: str, spoken_of: Collection[str]) -> Iterator[Settled]:
    """One verdict for each open gap of which the rule speaks no longer, as far as its stay says why.

    A gap is named after the number of its stay, and may add a part of its own after a colon.
    """
    for episode in state.open_episodes(rule_key):
        if episode in spoken_of:
            continue
        stay = state.encounters.get(EncounterId(episode.partition(":")[0]))
        if stay is None:
            continue
        if stay.never_happened:
            yield Settled(
                episode=episode, close_reason=CloseReason.WITHDRAWN, reason=DischargeReason.ADMISSION_CANCELLED
            )
        elif stay.end_stated is not None and stay.discharged_at is None:
            yield Settled(
                episode=episode, close_reason=CloseReason.WITHDRAWN, reason=DischargeReason.DISCHARGE_CANCELLED
            )
