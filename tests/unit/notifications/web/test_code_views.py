"""The lines by which a sender's codes are agreed."""

from datetime import UTC, datetime

from care_notifications.adapters.intake_desk import Code
from care_notifications.web.code_views import agreement

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def code(kind, text):
    return Code(kind=kind, where="OBX-3", code=text, messages=1, last_receipt_id="r", last_at=NOW)


def test_codes_stand_below_their_kind_once_and_what_may_be_words_is_left_out():
    found = [code("unit", "kgs"), code("observation_code", "WTX"), code("unit", "kgs"), code("unit", "«xxx xxx»")]

    assert agreement("general", found) == (
        "  - name: general\n"
        "    mappings:\n"
        "      observation_code:\n"
        '        "WTX": ""  # a LOINC code\n'
        "      unit:\n"
        '        "kgs": ""  # a UCUM unit'
    )


def test_without_a_plain_code_there_is_nothing_to_write():
    assert agreement("general", [code("unit", "«xxx»")]) == ""
