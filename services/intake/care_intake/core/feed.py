"""What we agreed with one sender: its name, its time zone, whose numbers it uses, what it may say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo

from care_shared.vocabulary import SourceId

# A truncated file looks like a roster from which many have left [D].
MOST_ENDED = 0.10
NO_NAMES: Mapping[str, str] = MappingProxyType({})
NO_MAPPINGS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sender:
    """MSH-3 and MSH-4 of a permitted sender; empty text allows any."""

    application: str = ""
    facility: str = ""

    def covers(self, application: str, facility: str) -> bool:
        """Whether a message that names itself so comes from this sender."""
        return self.application in ("", application) and self.facility in ("", facility)


@dataclass(frozen=True, slots=True)
class Feed:
    """The agreement with one source. Times without an offset are local to `zone`.

    `visit_codes` are its own reasons (in small letters) in our words; `date_order` says how it writes 03/04/2026; a
    complete roster that would end more than the share `most_ended` waits for a person. `stands_for_nobody` is the
    number under which a preview shows readings that name no patient; no agreed source has one.
    """

    source: SourceId
    zone: ZoneInfo
    authorities: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    senders: tuple[Sender, ...] = ()
    visit_dialect: str = ""
    may_state: frozenset[str] = frozenset()
    charset: str = ""  # what it writes in when MSH-18 is silent; empty means UTF-8
    mappings: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: NO_MAPPINGS)
    visit_codes: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    date_order: str = ""
    most_ended: float = MOST_ENDED
    stands_for_nobody: str = ""

    def agreed(self, kind: str, code: str) -> str:
        """What this sender's own code means, spelled as the standard would; empty when nothing was agreed."""
        known = self.mappings.get(kind)
        return known.get(spelled(code), "") if known and code else ""

    def speaks_for(self, application: str, facility: str) -> bool:
        """Whether the source may send messages that name this application and facility; no list allows all."""
        return not self.senders or any(sender.covers(application, facility) for sender in self.senders)


def spelled(code: str) -> str:
    """A local code in its one spelling: senders are careless about capitals and blanks."""
    return " ".join(code.split()).upper()
