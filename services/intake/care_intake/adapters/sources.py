"""Who may send us messages: a reviewed file of sources, each with its proof of identity and its agreement."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from care_intake.core.feed import Feed, Sender
from care_intake.core.rate import Rate
from care_intake.core.translators.stated_facts import MAY_BE_STATED
from care_intake.core.visit_codes import Dialect
from care_intake.settings import IntakeSettings
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import SourceId

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


class SourceEntry(Agreement):
    """One source: a token opens HTTP, a certificate or an address MLLP, kafka_source Kafka; nothing else does."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    kind: str = Field(default="hospital", max_length=64)
    zone: str
    token_sha256: str = Field(default="", pattern=f"{_DIGEST}|^$")
    certificates: list[str] = []
    peers: list[str] = []
    senders: list[SenderEntry] = []
    authorities: dict[str, str] = {}
    kafka_source: str = Field(default="", max_length=256)
    silent_after: str = Field(default="", pattern=r"^([1-9]\d{0,3}(min|h|d))?$")
    visit_dialect: Dialect | None = None
    may_state: list[str] = []
    requests_per_minute: int = Field(default=0, ge=0, le=1_000_000, description="over HTTP; 0: as often as it likes")
    burst: int = Field(default=100, ge=1, le=100_000, description="requests at once after a quiet time")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("must be an IANA time zone such as America/New_York") from None
        return zone

    @field_validator("may_state")
    @classmethod
    def _facts_exist(cls, kinds: list[str]) -> list[str]:
        if unknown := set(kinds) - MAY_BE_STATED.keys():
            raise ValueError(f"unknown facts: {len(unknown)}; known are {', '.join(sorted(MAY_BE_STATED))}")
        return kinds

    def feed(self) -> Feed:
        """The agreement as the core knows it."""
        return Feed(
            SourceId(self.name), ZoneInfo(self.zone), dict(self.authorities),
            tuple(Sender(one.application, one.facility) for one in self.senders),
            self.visit_dialect or "", frozenset(self.may_state),
        )  # fmt: skip


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
    rate: Rate | None = None


class Sources:
    """Finds the source of a request or a connection. No source, no message."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._by_token = {one.token_sha256: one.feed for one in sources if one.token_sha256}
        self._by_kafka_source = {one.kafka_source: one.feed for one in sources if one.kafka_source}
        self._silent_after = {one.feed.source: one.silent_after for one in sources if one.silent_after}
        self._rates = {one.feed.source: one.rate for one in sources if one.rate}
        self._by_name = {one.feed.source: one.feed for one in sources}
        self._by_identity: dict[str, list[Feed]] = {}
        for one in sources:
            for identity in one.identities:
                self._by_identity.setdefault(identity, []).append(one.feed)

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
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        entries = SourcesFile.model_validate(content).sources
    except OSError as error:
        raise ConfigurationError("CARE_INTAKE_SOURCES_FILE cannot be read") from error
    except yaml.YAMLError:
        raise ConfigurationError("CARE_INTAKE_SOURCES_FILE is not YAML") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"CARE_INTAKE_SOURCES_FILE: {place}: {first['msg']}") from None
    _refuse_doubles(entries)
    return Sources([_source(one) for one in entries])


def _refuse_doubles(entries: Sequence[SourceEntry]) -> None:
    proofs = {
        "names a source twice": [one.name for one in entries],
        "gives two sources the same token": [one.token_sha256 for one in entries if one.token_sha256],
        "gives two sources the same kafka_source": [one.kafka_source for one in entries if one.kafka_source],
    }
    for problem, values in proofs.items():
        if len(set(values)) != len(values):
            raise ConfigurationError(f"CARE_INTAKE_SOURCES_FILE {problem}")


def _source(entry: SourceEntry) -> Source:
    identities = frozenset([*entry.certificates, *entry.peers])
    rate = Rate(entry.requests_per_minute, entry.burst) if entry.requests_per_minute else None
    silent_after = _interval(entry.silent_after)
    return Source(entry.feed(), entry.token_sha256, identities, entry.kafka_source, silent_after, rate)


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
