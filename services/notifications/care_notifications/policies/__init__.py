"""The notice policy we ship, reviewed as a file, and the one an installation sets in its place."""

from importlib.resources import files
from pathlib import Path

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
    try:
        text = Path(chosen).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the notice policy {chosen} cannot be read ({type(error).__name__})") from None
    return load_notice_policy(text, chosen)
