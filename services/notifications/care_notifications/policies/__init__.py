"""The notice policy we ship, reviewed as a file, and the one an installation sets in its place."""

from importlib.resources import files
from pathlib import Path

from care_notifications.core.ladders import DEFAULT_TERMS, Terms, load_terms
from care_notifications.core.notice_policy import NoticePolicy, load_notice_policy
from care_shared.errors import ConfigurationError

SHIPPED_FILE = "notices.yaml"


def shipped_notice_policy() -> str:
    """The text of the policy we ship."""
    return files(__package__).joinpath(SHIPPED_FILE).read_text("utf-8")


def read_notice_policy(chosen: str) -> NoticePolicy:
    """The policy of this installation. Raises ConfigurationError when there is no such file or it cannot be used."""
    if not chosen:
        return load_notice_policy(shipped_notice_policy(), SHIPPED_FILE)
    return load_notice_policy(_read("notice policy", chosen), chosen)


def read_terms(chosen: str) -> Terms:
    """The ladders of this installation. Raises ConfigurationError when there is no such file or it cannot be used."""
    return load_terms(_read("file of ladders", chosen), chosen) if chosen else DEFAULT_TERMS


def _read(what: str, chosen: str) -> str:
    try:
        return Path(chosen).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the {what} {chosen} cannot be read ({type(error).__name__})") from None
