"""Every setting of every service in one table, written from the code so that it cannot be wrong.

`python -m care_cli.configuration` writes `deploy/configuration.md` and `.env.example`; with `--check` it only compares.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from care_intake.settings import IntakeSettings
from care_local.settings import LocalSettings
from care_notifications.settings import NotificationsSettings
from care_scoring.settings import ScoringGroup
from care_shared.settings import CommonSettings, KafkaSettings, PostgresSettings

ROOT = Path(__file__).resolve().parents[3]
GROUPS: tuple[tuple[str, type[BaseSettings]], ...] = (
    ("All services", CommonSettings),
    ("Kafka, all services", KafkaSettings),
    ("PostgreSQL, all services", PostgresSettings),
    ("Intake", IntakeSettings),
    ("Scoring", ScoringGroup),
    ("Notifications", NotificationsSettings),
    ("Embedded stack of demo, smoke and tests", LocalSettings),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, default as text (None when it must be given), meaning."""

    name: str
    default: str | None
    meaning: str
    secret: bool


def settings_of(group: type[BaseSettings]) -> Iterator[Setting]:
    """The variables of one group, in the order of the code; nested groups have their own table."""
    prefix = str(group.model_config.get("env_prefix", ""))
    for name, field in group.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseSettings):
            continue
        secret = "SecretStr" in str(kind)
        yield Setting(f"{prefix}{name}".upper(), _default(field), field.description or "", secret)


def _default(field: FieldInfo) -> str | None:
    if field.is_required():
        return None
    value = field.default
    if field.default_factory is not None or isinstance(value, SecretStr) or value is None:
        return ""
    return str(value)


def reference() -> str:
    """The table for people."""
    lines = ["# Configuration", "", "Written by `make contracts` from the settings classes; do not edit.", ""]
    for title, group in GROUPS:
        lines += [f"## {title}", "", "| variable | default | meaning |", "|---|---|---|"]
        for one in settings_of(group):
            default = "**required**" if one.default is None else f"`{one.default}`" if one.default else ""
            lines.append(f"| `{one.name}` | {default} | {one.meaning}{' (secret)' if one.secret else ''} |")
        lines.append("")
    return "\n".join(lines)


def example() -> str:
    """The same as an environment file; what has a default is commented out."""
    lines = ["# Written by `make contracts` from the settings classes. Copy to .env and fill in what is required."]
    for title, group in GROUPS:
        lines += ["", f"# ---- {title}"]
        for one in settings_of(group):
            lines += [f"# {one.meaning}", f"{one.name}=" if one.default is None else f"#{one.name}={one.default}"]
    return "\n".join(lines) + "\n"


def documents() -> dict[Path, str]:
    """File to text, for everything that is committed."""
    return {ROOT / "deploy" / "configuration.md": reference(), ROOT / ".env.example": example()}


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 with one line per file that is not what the code says."""
    stale = [file for file, text in documents().items() if not file.exists() or file.read_text("utf-8") != text]
    if "--check" in arguments:
        sys.stdout.writelines(f"{file.relative_to(ROOT)} is out of date; run: make contracts\n" for file in stale)
        return 1 if stale else 0
    for file in stale:
        file.write_text(documents()[file], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
