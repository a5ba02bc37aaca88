"""Words that end messages or let them come again, as people text them."""

import pytest

from care_notifications.core.check_ins.replies import Reply, language_of, reply_of


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        *((word, Reply.STOP) for word in ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ALTO")),
        *((word, Reply.START) for word in ("START", "UNSTOP", "INICIAR")),
        (" stop ", Reply.STOP),
        ("Stop.", Reply.STOP),
        ("\u201cSTOP!\u201d", Reply.STOP),
        ("stop all", Reply.STOP),
        ("opt-out", Reply.STOP),
        ("Alto", Reply.STOP),
        ("", Reply.OTHER),
        ("Thank you", Reply.OTHER),
        ("Please do not stop", Reply.OTHER),
        ("the pain will not end", Reply.OTHER),
        ("start stop", Reply.OTHER),
        ("x" * 100_000, Reply.OTHER),
    ],
)
def test_what_a_text_wants(text, reply):
    assert reply_of(text) is reply


def test_a_spanish_word_is_answered_in_spanish():
    assert (language_of("alto"), language_of("Stop")) == ("es", "en")
