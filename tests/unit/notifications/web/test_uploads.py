"""A form with a file is read by name; anything else than a form of ours is no form."""

import pytest

from care_notifications.web.uploads import read_upload

TYPE = "multipart/form-data; boundary=xyz"


def body(*parts):
    lines = [f"--xyz\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n" for head, content in parts]
    return ("".join(lines) + "--xyz--\r\n").encode()


def test_fields_and_file_by_name():
    sent = body(('name="form_token"', "abc"), ('name="file"; filename="run.json"', '{"a": "é"}'))

    assert read_upload(TYPE, sent) == {"form_token": "abc", "file": '{"a": "é"}'}


def test_the_mark_of_a_windows_file_is_left_out():
    assert read_upload(TYPE, body(('name="file"', "\ufeff{}"))) == {"file": "{}"}


def test_what_is_no_letter_becomes_the_sign_for_one_and_the_rest_of_the_form_stays():
    sent = body(('name="form_token"', "abc"), ('name="file"', "x")).replace(b"x\r\n--xyz--", b"\xff\0\r\n--xyz--")

    assert read_upload(TYPE, sent) == {"form_token": "abc", "file": "\ufffd\ufffd"}


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        pytest.param(TYPE, b"", id="nothing"),
        pytest.param(TYPE, b"--xyz", id="cut off"),
        pytest.param(TYPE, body(("", "no name")), id="a part without a name"),
        pytest.param(TYPE, body(*[(f'name="a{n}"', "") for n in range(9)]), id="more parts than any form of ours"),
        pytest.param("multipart/form-data", body(('name="file"', "x")), id="without a boundary"),
        pytest.param("multipart/form-data; boundary=\n\nx: y", body(('name="file"', "x")), id="a boundary with lines"),
        pytest.param("application/json", b"{}", id="no form"),
    ],
)  # fmt: skip
def test_what_is_no_form_of_ours_is_nothing(content_type, sent):
    assert read_upload(content_type, sent) == {}
