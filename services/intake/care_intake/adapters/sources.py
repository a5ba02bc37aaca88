"""Who may send us messages: a reviewed file of sources, each with its proof of identity and its agreement."""

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from care_intake.adapters.mllp_terms import MllpLimits
from care_intake.adapters.mllp_tls import Peer
from care_intake.core.feed import MOST_ENDED, Feed, Sender
from care_intake.core.formats import Format
from care_intake.core.hl7.charsets import CHARSETS, codec_of
from care_intake.core.hl7.parser import MAX_BYTES
from care_intake.core.local_codes import spelled_as_standard
from care_intake.core.rate import Rate
from care_intake.core.table_times import DateOrder
from care_intake.core.translators.stated_facts import MAY_BE_STATED
from care_intake.core.visit_codes import Dialect
from care_intake.core.zones import ZoneName
from care_intake.settings import IntakeSettings
from care_shared.errors import ConfigurationError, UnusableMessageError
from care_shared.vocabulary import MissedVisitReason, SourceId


class Ready(StrEnum):
    """How a file says that it is whole: nobody writes to it any more, or a file NAME.done stands beside it."""

    SETTLED = "settled"
    MARKED = "marked"


LOOPBACK = ("127.0.0.1", "::1")
LOCAL_KAFKA_SOURCE = "/local"
_DIGEST = r"^[0-9a-f]{64}$"


class Agreement(BaseModel):
    """An entry of the file; a typo must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SenderEntry(Agreement):
    """MSH-3 and MSH-4 that a source may carry; empty allows any."""

    application: str = ""
    facility: str = ""


class LimitsEntry(Agreement):
    """What one source may ask of MLLP beside the limits of everybody; 0 means those."""

    connections: int = Field(default=0, ge=0, le=500)
    in_flight: int = Field(default=0, ge=0, le=1_024)
    frame_bytes: int = Field(default=0, ge=0, le=MAX_BYTES)
    messages_per_second: float = Field(default=0.0, ge=0.0)

    def within(self, limits: MllpLimits) -> MllpLimits:
        """The limits of everybody, where this source has none of its own."""
        return replace(
            limits,
            max_connections_per_peer=self.connections or limits.max_connections_per_peer,
            max_in_flight=self.in_flight or limits.max_in_flight,
            max_frame_bytes=self.frame_bytes or limits.max_frame_bytes,
            messages_per_second=self.messages_per_second or limits.messages_per_second,
        )


class FolderEntry(Agreement):
    """A folder on our disk into which the source puts files of one kind, and how we know that a file is whole."""

    path: str = Field(min_length=1, max_length=1024)
    takes: Format
    ready: Ready = Ready.SETTLED
    settle_seconds: float = Field(default=30.0, ge=0, le=86_400)

    @field_validator("takes")
    @classmethod
    def _is_a_file_format(cls, takes: Format) -> Format:
        if takes is Format.HL7:
            raise ValueError("HL7 v2 comes by MLLP or HTTP, where each message is answered")
        return takes

    @field_validator("path")
    @classmethod
    def _is_absolute(cls, path: str) -> str:
        if not Path(path).is_absolute() or ".." in Path(path).parts:
            raise ValueError("must be an absolute path without ..")
        return path


class SourceEntry(Agreement):
    """One source: a token opens HTTP, a certificate or an address MLLP, kafka_source Kafka; nothing else does."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    kind: str = Field(default="hospital", max_length=64)
    zone: ZoneName
    token_sha256: str = Field(default="", pattern=f"{_DIGEST}|^$")
    certificates: list[str] = []
    peers: list[str] = []
    senders: list[SenderEntry] = []
    authorities: dict[str, str] = {}
    kafka_source: str = Field(default="", max_length=256)
    silent_after: str = Field(default="", pattern=r"^([1-9]\d{0,3}(min|h|d))?$")
    visit_dialect: Dialect | None = None
    visit_codes: dict[str, MissedVisitReason] = {}
    date_order: DateOrder | None = None
    most_ended: float = Field(default=MOST_ENDED, ge=0, le=1)
    may_state: list[str] = []
    charset: str = Field(default="", max_length=32)
    limits: LimitsEntry = LimitsEntry()
    mappings: dict[str, dict[str, str]] = {}
    folders: list[FolderEntry] = []
    requests_per_minute: int = Field(default=0, ge=0, le=1_000_000, description="over HTTP; 0: as often as it likes")
    burst: int = Field(default=100, ge=1, le=100_000, description="requests at once after a quiet time")

    @field_validator("may_state")
    @classmethod
    def _facts_exist(cls, kinds: list[str]) -> list[str]:
        if unknown := set(kinds) - MAY_BE_STATED.keys():
            raise ValueError(f"unknown facts: {len(unknown)}; known are {', '.join(sorted(MAY_BE_STATED))}")
        return kinds

    @field_validator("charset")
    @classmethod
    def _charset_is_taken(cls, charset: str) -> str:
        try:
            codec_of(charset)
        except UnusableMessageError:
            raise ValueError(f"must be one of {', '.join(filter(None, CHARSETS))}") from None
        return charset

    @field_validator("mappings")
    @classmethod
    def _words_exist(cls, mappings: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        spelled_as_standard(mappings)
        return mappings

    def feed(self) -> Feed:
        """The agreement as the core knows it."""
        return Feed(
            source=SourceId(self.name),
            zone=ZoneInfo(self.zone),
            authorities=dict(self.authorities),
            senders=tuple(Sender(one.application, one.facility) for one in self.senders),
            visit_dialect=self.visit_dialect or "",
            may_state=frozenset(self.may_state),
            charset=self.charset,
            mappings=spelled_as_standard(self.mappings),
            visit_codes={code.strip().lower(): str(reason) for code, reason in self.visit_codes.items()},
            date_order=self.date_order or "",
            most_ended=self.most_ended,
        )


class SourcesFile(Agreement):
    """The whole file."""

    sources: list[SourceEntry] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Source:
    """A source with the ways it may prove who it is."""

    feed: Feed
    token_sha256: str
    identities: frozenset[str]
    kafka_source: str = ""
    silent_after: timedelta | None = None
    limits: LimitsEntry | None = None
    folders: tuple[FolderEntry, ...] = ()
    rate: Rate | None = None


class Sources:
    """Finds the source of a request or a connection. No source, no message."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._by_token = {one.token_sha256: one.feed for one in sources if one.token_sha256}
        self._by_kafka_source = {one.kafka_source: one.feed for one in sources if one.kafka_source}
        self._silent_after = {one.feed.source: one.silent_after for one in sources if one.silent_after}
        self.folders = [(one.feed, folder) for one in sources for folder in one.folders]
        self._rates = {one.feed.source: one.rate for one in sources if one.rate}
        self._by_name = {one.feed.source: one.feed for one in sources}
        self._limits = {one.feed.source: one.limits for one in sources if one.limits}
        self._by_identity: dict[str, list[Feed]] = {}
        for one in sources:
            for identity in one.identities:
                self._by_identity.setdefault(identity, []).append(one.feed)

    def mllp_limits(self, peer: Peer, limits: MllpLimits) -> MllpLimits:
        """What a certificate or an address may ask of us; of several sources behind one, the first decides."""
        feeds = self._by_identity.get(peer.identity, [])
        own = next((self._limits.get(feed.source) for feed in feeds), None)
        return own.within(limits) if own else limits

    def frame_bytes(self, feed: Feed) -> int:
        """How large one HL7 message of a source may be, by whichever door."""
        limits = self._limits.get(feed.source)
        return (limits.frame_bytes if limits else 0) or MAX_BYTES

    def rate_of(self, source: SourceId) -> Rate | None:
        """How often it may knock over HTTP; None when nothing was agreed."""
        return self._rates.get(source)

    @property
    def silent_after(self) -> dict[SourceId, timedelta]:
        """The sources that speak at least so often; of the others silence says nothing."""
        return self._silent_after

    @property
    def names(self) -> list[SourceId]:
        """All agreed sources, in the order of the file."""
        return list(self._by_name)

    def by_token(self, token: str) -> Feed | None:
        """The source that holds this bearer token; only digests are compared, so timing tells nothing."""
        return self._by_token.get(hashlib.sha256(token.encode()).hexdigest())

    def by_kafka_source(self, ce_source: str) -> Feed | None:
        """The source that writes this ce_source; who may write to the topic at all, the broker decides."""
        return self._by_kafka_source.get(ce_source)

    def by_name(self, source: SourceId) -> Feed | None:
        """The source of a message that we hold already."""
        return self._by_name.get(source)

    def by_identity(self, identity: str, application: str, facility: str) -> Feed | None:
        """The source behind a certificate or an address; of several the one that may carry this MSH-3 and MSH-4.

        When none may, the first is named, so that the refusal stands on somebody's record.
        """
        feeds = self._by_identity.get(identity, [])
        agreed = (feed for feed in feeds if feed.senders and feed.speaks_for(application, facility))
        open_ = (feed for feed in feeds if not feed.senders)
        return next(agreed, None) or next(open_, None) or next(iter(feeds), None)


def load_sources(path: Path) -> Sources:
    """The sources of a YAML file. Raises ConfigurationError that names the entry, never a digest."""
    return Sources([_source(one) for one in read_entries(path)])


def read_entries(path: Path, name: str = "CARE_INTAKE_SOURCES_FILE") -> list[SourceEntry]:
    """The entries of a YAML file as they were reviewed; `name` is what an error calls the file."""
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_StrictLoader)  # noqa: S506  # a SafeLoader, only stricter
        entries = SourcesFile.model_validate(content).sources
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read") from error
    except yaml.constructor.ConstructorError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigurationError(f"{name}: line {line}: {error.problem}") from None
    except yaml.YAMLError:
        raise ConfigurationError(f"{name} is not YAML") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{name}: {place}: {first['msg']}") from None
    _refuse_doubles(entries, name)
    return entries


class _StrictLoader(yaml.SafeLoader):
    """Everything is text, and no key stands twice.

    YAML would read the codes 01 and NO as a number and a falsehood, and keep the last of two equal keys without a word.
    """

    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, "the same key stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _refuse_doubles(entries: Sequence[SourceEntry], name: str) -> None:
    proofs = {
        "names a source twice": [one.name for one in entries],
        "gives two sources the same token": [one.token_sha256 for one in entries if one.token_sha256],
        "names a folder twice": [one.path for entry in entries for one in entry.folders],
        "gives two sources the same kafka_source": [one.kafka_source for one in entries if one.kafka_source],
    }
    for problem, values in proofs.items():
        if len(set(values)) != len(values):
            raise ConfigurationError(f"{name} {problem}")


def _source(entry: SourceEntry) -> Source:
    identities = frozenset([*entry.certificates, *entry.peers])
    rate = Rate(entry.requests_per_minute, entry.burst) if entry.requests_per_minute else None
    return Source(
        feed=entry.feed(),
        token_sha256=entry.token_sha256,
        identities=identities,
        kafka_source=entry.kafka_source,
        silent_after=_interval(entry.silent_after),
        limits=entry.limits,
        folders=tuple(entry.folders),
        rate=rate,
    )


def _interval(text: str) -> timedelta | None:
    """«30min», «4h», «2d»."""
    if not text:
        return None
    number, unit = text.rstrip("minhd"), text.lstrip("0123456789")
    return int(number) * {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[unit]


def local_source(zone: str, token: str) -> Sources:
    """One source for a machine of one's own: anybody on it may send by MLLP, and by HTTP with the token."""
    digest = hashlib.sha256(token.encode()).hexdigest() if token else ""
    return Sources([Source(Feed(SourceId("local"), ZoneInfo(zone)), digest, frozenset(LOOPBACK), LOCAL_KAFKA_SOURCE)])


def sources_of(settings: IntakeSettings) -> Sources:
    """The agreed sources, or the one local source when no file is named."""
    if settings.sources_file:
        return load_sources(Path(settings.sources_file))
    return local_source(settings.zone, settings.token.get_secret_value())
