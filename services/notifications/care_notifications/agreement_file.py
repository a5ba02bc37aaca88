"""Agreements as a reviewed YAML file: read, checked line by line, and turned into what the pipeline asks."""

from datetime import UTC, date, datetime, time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from care_notifications.core.agreements import Agreement, Grant
from care_notifications.core.state import Channel
from care_notifications.core.yaml_texts import checked, parsed
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import OrganizationId


class WrittenAgreement(BaseModel):
    """One agreement as people write it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    organization: str = Field(min_length=1)
    begin: date
    end: date | None = None
    rules: frozenset[str] = frozenset()
    channels: frozenset[Channel] = frozenset({Channel.WEBHOOK})
    fields: frozenset[Grant] = frozenset()
    care_instructions: str = Field(default="", max_length=2000)
    care_instructions_by_rule: dict[str, str] = Field(default_factory=dict)


class AgreementFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    agreements: tuple[WrittenAgreement, ...] = Field(min_length=1)


def read_agreement_file(path: Path) -> list[Agreement]:
    """The agreements in a file. Raises ConfigurationError that names the place, never a value."""
    try:
        text = path.read_text("utf-8")
    except OSError:
        raise ConfigurationError(f"{path.name} cannot be read") from None
    written = checked(AgreementFile, parsed(text, path.name), path.name)
    found = [_agreement(one) for one in written.agreements]
    if len({one.id for one in found}) < len(found):
        raise ConfigurationError(f"{path.name}: two agreements have the same id")
    return found


def _agreement(one: WrittenAgreement) -> Agreement:
    """Days count in UTC; the last day is the day before `end`."""
    if one.end is not None and one.end <= one.begin:
        raise ConfigurationError(f"agreement {one.id}: end must lie behind begin")
    words = dict(one.care_instructions_by_rule)
    if one.care_instructions:
        words[""] = one.care_instructions
    return Agreement(
        id=one.id,
        organization=OrganizationId(one.organization),
        begin=_midnight(one.begin),
        end=_midnight(one.end) if one.end is not None else None,
        rules=one.rules,
        channels=one.channels,
        grants=one.fields,
        instructions=words,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
