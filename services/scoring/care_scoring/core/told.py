"""How a rule with many small episodes speaks: an end is said once, and what waits again closes with its reason."""

from collections.abc import Iterable, Iterator

from care_scoring.core.state.patient import PatientState
from care_scoring.core.verdicts import Settled, Verdict, Watching
from care_shared.vocabulary import CloseReason


def worth_saying(state: PatientState, rule_key: str, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """All but the ends of matters that were never open nor waited for, and those that were said before.

    A rule that judges every result of a year would else keep a reason for silence for each in the patient's state.
    An open gap that only waits again (it was booked) closes for that reason, and its next deadline is kept.
    """
    told, noted = state.open_episodes(rule_key), state.silences.get(rule_key, {})
    waiting: list[Watching] = []
    for verdict in verdicts:
        episode = verdict.episode
        if isinstance(verdict, Watching) and episode in told:
            yield Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=verdict.reason)
            waiting += [verdict] if verdict.wake_at is not None else []
        elif isinstance(verdict, Settled) and episode not in told:
            if noted.get(episode, verdict.reason) != verdict.reason:
                yield verdict
        else:
            yield verdict
    if waiting:
        first = min(waiting, key=lambda one: (one.wake_at is None, one.wake_at, one.episode))
        yield Watching(episode="", reason=first.reason, wake_at=first.wake_at)
