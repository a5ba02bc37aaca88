"""Attacks 8 and 9: a hostile name in PID-5 is one line of log and plain text on every page, isolated from its text."""

import io
import json
import logging

import pytest

from care_shared.contracts.care_alerts import PatientSummary
from care_shared.runtime.logs import configure_logs, get_log
from tests.care_alerts import care_alert
from tests.intake_builders import adt, only
from tests.integration.notifications.conftest import site  # noqa: F401  # the fixture

MARKUP = "<img src=x onerror=alert(1)> {{7*7}}"
BREAKING = "Ann\r\n\x1b[31m\u202egnp.exe"


def as_escaped(name: str) -> str:
    """In a message: & and line ends travel escaped, other control characters are refused (attack 7)."""
    return name.replace("\r\n", r"\X0D0A\ ".strip()).replace("\x1b", "")


def name_from(message: bytes) -> str:
    """The family name that the hospital's message becomes."""
    return str(only(message, "patient-updated").family_name)


@pytest.mark.stack
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param(MARKUP, "&lt;img src=x onerror=alert(1)&gt; {{7*7}}", id="8 markup and a template"),
        pytest.param(BREAKING, "[31m\u202egnp.exe</bdi>", id="9 line ends and an override of direction"),
    ],
)
async def test_a_hostile_name_goes_from_the_message_to_the_page_as_text(site, name: str, shown: str) -> None:  # noqa: F811
    heard = name_from(adt("A01", pid={5: as_escaped(name)}))
    await site.hear(care_alert(patient=PatientSummary(display_name=heard), explanation=heard, next_step=heard))
    await site.browser.sign_in()

    for path in ("/", "/alerts/gap-1"):
        page = (await site.browser.http.get(path)).text
        assert shown in page
        assert f"<bdi>{shown}" in page or shown.endswith("</bdi>")
        assert "<img" not in page
        assert ">49<" not in page
        assert "\x1b" not in page


def test_9_a_hostile_value_in_a_log_is_one_line_of_json_and_all_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    try:
        configure_logs("test", "INFO")
        get_log("attack").warning("message.refused", control_id=BREAKING, patient_name=BREAKING)
        logging.getLogger("some.library").warning("heard %s", BREAKING)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)

    lines = stream.getvalue().split("\n")
    assert lines.pop() == ""
    first, second = (json.loads(line) for line in lines)
    assert first["control_id"] == BREAKING
    assert "patient_name" not in first
    assert second["event"] == "library.logged"
    assert stream.getvalue().replace("\n", "").isprintable()
    assert stream.getvalue().isascii()
