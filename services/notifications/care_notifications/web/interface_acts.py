"""What the forms of the interface desk say, what came of it in a sentence, and the line it leaves in the audit."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request

from care_notifications.adapters.intake_messages import Act, Fixed, Replayed
from care_notifications.adapters.postgres_api_audit import AuditLine
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.interface_words import verdict_word

SHORTEST_REASON, LONGEST_REASON = 3, 500
TRY = "try"


def act_in(request: Request) -> Act | None:
    """Who, why, and whether it is a trial; None without a reason. A trial needs none."""
    visit = visit_of(request)
    trial = visit.form.get("do", TRY) == TRY
    reason = visit.form.get("reason", "").strip()[:LONGEST_REASON]
    if len(reason) < SHORTEST_REASON:
        if not trial:
            return None
        reason = "a trial"
    return Act(viewer(visit).username, reason, trial)


def moment_in(text: str, zone: ZoneInfo) -> datetime | None:
    """What a field for a time says, on the clock of whoever asks; None when it is empty. Raises ValueError."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC) if text.strip() else None
    except OverflowError:
        raise ValueError("no such time on our calendar") from None


async def note(request: Request, operation: str, subject: str) -> None:
    """A line in the audit of this service; intake keeps its own."""
    visit = visit_of(request)
    person = viewer(visit)
    line = AuditLine(visit.now, f"session:{person.username}", person.person, operation, subject, 200)
    await desk_of(request).insight.audit.note(line, changed=True)


def sentence_of_fix(done: Fixed) -> str:
    """What a trial found, or why the copy was not kept."""
    if done.is_kept:
        return f"The copy would be {verdict_word(done.verdict).word.lower()}: {facts_in_words(done.facts)}."
    return f"The copy would be refused as well: {done.field} {done.problem}. Nothing was changed."


def sentence_of_replay(done: Replayed) -> str:
    """What a trial found."""
    word = verdict_word(done.after).word.lower()
    if not done.is_applied:
        return f"It would stay as it is; read again today it would be {word}. {_why(done)}".strip()
    return f"It would be {word}: {facts_in_words(done.added)}. {_why(done)}".strip()


def facts_in_words(kinds: Sequence[str]) -> str:
    """«2 new facts (hospital-discharged, patient-updated)»."""
    if not kinds:
        return "no new fact"
    counts = Counter(kinds)
    told = ", ".join(f"{kind} {count} times" if count > 1 else kind for kind, count in sorted(counts.items()))
    return f"{len(kinds)} new fact{'' if len(kinds) == 1 else 's'} ({told})"


def outcomes(done: Iterable[Replayed]) -> list[tuple[str, str, int, str]]:
    """After a replay of many: verdict as word and colour, how many, and why where there is a reason; most first."""
    counts = Counter((one.after if one.is_applied else one.before, _why(one)) for one in done)
    return [
        (verdict_word(verdict).word if verdict else "Not readable", verdict_word(verdict).tone, count, why)
        for (verdict, why), count in counts.most_common()
    ]


def _why(done: Replayed) -> str:
    return f"{done.field} {done.problem}".strip()
