"""Who may send us messages: a reviewed file of sources, each with its proof of identity and its agreement."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from care_intake.core.feed import Feed, Sender
from care_intake.core.translators.stated_facts import MAY_BE_STATED
from care_intake.core.visit_codes import Dialect
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import SourceId

LOOPBACK = ("127.0.0.1", "::1")
_DIGEST = r"^[0-9a-f]{64}$"


class Agreement(BaseModel):
    """An entry of the file; a typo must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SenderEntry(Agreement):
    """MSH-3 and MSH-4 that a source may carry; empty allows any."""

    application: str = ""
    facility: str = ""


class SourceEntry(Agreement):
    """One source. Without a token it cannot use HTTP; without certificate or peer it cannot use MLLP."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    kind: str = Field(default="hospital", max_length=64)
    zone: str
    token_sha256: str = Field(default="", pattern=f"{_DIGEST}|^$")
    certificates: list[str] = []
    peers: list[str] = []
    senders: list[SenderEntry] = []
    authorities: dict[str, str] = {}
    visit_dialect: Dialect | None = None
    may_state: list[str] = []

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


class Sources:
    """Finds the source of a request or a connection. No source, no message."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._by_token = {one.token_sha256: one.feed for one in sources if one.token_sha256}
        self._by_identity: dict[str, list[Feed]] = {}
        for one in sources:
            for identity in one.identities:
                self._by_identity.setdefault(identity, []).append(one.feed)

    def by_token(self, token: str) -> Feed | None:
        """The source that holds this bearer token; only digests are compared, so timing tells nothing."""
        return self._by_token.get(hashlib.sha256(token.encode()).hexdigest())

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
    if len({one.name for one in entries}) != len(entries):
        raise ConfigurationError("CARE_INTAKE_SOURCES_FILE names a source twice")
    tokens = [one.token_sha256 for one in entries if one.token_sha256]
    if len(set(tokens)) != len(tokens):
        raise ConfigurationError("CARE_INTAKE_SOURCES_FILE gives two sources the same token")
    return Sources(
        [Source(one.feed(), one.token_sha256, frozenset([*one.certificates, *one.peers])) for one in entries]
    )


def local_source(zone: str, token: str) -> Sources:
    """One source for a machine of one's own: anybody on it may send by MLLP, and by HTTP with the token."""
    digest = hashlib.sha256(token.encode()).hexdigest() if token else ""
    return Sources([Source(Feed(SourceId("local"), ZoneInfo(zone)), digest, frozenset(LOOPBACK))])
