"""Intake's sandbox at the other end of the line: it judges an agreement and a first message, and keeps neither."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from pydantic import Field

from care_notifications.adapters.intake_layout import Line, Remark
from care_notifications.adapters.intake_line import Heard, IntakeLine
from care_notifications.core.feed_drafts import Draft, Evidence, Group, Tried, entry_of
from care_shared.errors import NotFoundError

TRY_SECONDS = 20.0


class Problem(Heard):
    """What is wrong with the agreement; `field` is intake's name for it."""

    field: str
    problem: str


class Trial(Heard):
    """What would become of the message."""

    kind: str
    verdict: str
    answer: str
    facts: tuple[dict[str, object], ...]
    remarks: tuple[Remark, ...]
    unplaced: tuple[Remark, ...]
    lines: tuple[Line, ...]


class Verdict(Heard):
    """What intake says of an agreement, and of the message that came with it."""

    problems: tuple[Problem, ...]
    doubts: tuple[str, ...]
    entry: str = Field(alias="yaml")
    trial: Trial | None = None


class Kinds(Heard):
    """Messages that mean the same to intake."""

    title: str
    kinds: tuple[str, ...]
    facts: tuple[str, ...] = ()


class Known(Heard):
    """What may be agreed, by format."""

    groups: dict[str, tuple[Kinds, ...]]


class SeenKind(Heard):
    """Messages that came over the wire."""

    kind: str
    verdict: str


class Sent(Heard):
    """What a source sent of late."""

    is_agreed: bool
    seen: tuple[SeenKind, ...]


class IntakeSandbox:
    """The sandbox."""

    def __init__(self, line: IntakeLine) -> None:
        self._line = line

    @property
    def is_connected(self) -> bool:
        """Whether there is an intake to ask."""
        return self._line.is_connected

    async def groups(self) -> Mapping[str, Sequence[Group]]:
        """What may be agreed, by format."""
        said = (await self._line.look("/ops/sandbox", Known)).groups
        return {form: [Group(one.title, one.kinds, one.facts) for one in groups] for form, groups in said.items()}

    async def tried(self, draft: Draft, message: str = "") -> Verdict:
        """What intake makes of the agreement, and of a message under it."""
        body = {"entry": entry_of(draft), "format": draft.format, "message": message}
        return await self._line.ask("/ops/sandbox", Verdict, body, TRY_SECONDS)

    async def evidence(self, draft: Draft, verdict: Verdict, trials: Sequence[Tried]) -> Evidence:
        """All that the list before going live needs."""
        try:
            sent = await self._line.look(f"/ops/sandbox/{quote(draft.name, safe='')}", Sent)
        except NotFoundError:
            sent = Sent(is_agreed=False, seen=())  # an intake of before
        groups = (await self.groups()).get(draft.format, ())
        problems = [f"{one.field} {one.problem}" for one in verdict.problems]
        wire = [Tried(one.kind, one.verdict) for one in sent.seen]
        return Evidence(problems, groups, trials, sent.is_agreed, wire)
