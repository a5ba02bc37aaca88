"""Whether an end is still worth saying: of an episode nobody was told of and nobody waits for, once is enough."""

from collections.abc import Iterable, Iterator

from care_scoring.core.state.patient import PatientState
from care_scoring.core.verdicts import Settled, Verdict


def worth_saying(state: PatientState, rule_key: str, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """All but the ends of matters that were never open nor waited for, and those that were said before.

    A rule that judges every result of a year would else keep a reason for silence for each in the patient's state.
    """
    told, noted = state.open_episodes(rule_key), state.silences.get(rule_key, {})
    for verdict in verdicts:
        episode = verdict.episode
        if not isinstance(verdict, Settled) or episode in told or noted.get(episode, verdict.reason) != verdict.reason:
            yield verdict
