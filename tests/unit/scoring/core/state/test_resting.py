"""What rests is deflated once, and comes back byte by byte; what we did not write is refused."""

from zlib import DEFLATED, compressobj

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_scoring.core.state import resting as module
from care_scoring.core.state.resting import WINDOW_BITS, WORDS, Resting


@given(plain=st.binary(max_size=20_000))
def test_what_was_deflated_comes_back(plain: bytes) -> None:
    assert Resting().inflated(Resting().deflated(plain)) == plain


@given(parts=st.lists(st.sampled_from([b"", b"a", b"stay-1", bytes(range(256))]), max_size=6))
def test_what_was_stored_before_makes_no_difference_to_what_is_stored_now(parts: list[bytes]) -> None:
    one = Resting()

    assert [one.deflated(part) for part in parts] == [Resting().deflated(part) for part in parts]


def test_what_did_not_change_is_not_deflated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    written, read = Resting(), Resting()
    stored = written.deflated(b"contact_made" * 9)
    read.inflated(stored)
    monkeypatch.delattr(module, "compressobj")

    assert [one.deflated(b"contact_made" * 9) for one in (written, read)] == [stored, stored]


def test_it_says_how_much_it_spares() -> None:
    one = Resting()
    assert one.spared == 0

    stored = one.deflated(b"contact_made" * 9)

    assert one.spared == 9 * 12 - len(stored) > 80


def deflated_by(words: bytes, plain: bytes = b"contact_made") -> bytes:
    work = compressobj(1, DEFLATED, WINDOW_BITS, zdict=words)
    return work.compress(plain) + work.flush()


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(b"\xff\xff", id="garbage"),
        pytest.param(deflated_by(WORDS)[:-1], id="torn off"),
        pytest.param(deflated_by(WORDS) + b"!", id="more than was written"),
        pytest.param(deflated_by(WORDS[1:]), id="written with other words"),
        pytest.param(deflated_by(WORDS, bytes(module.MOST_BYTES + 1)), id="a bomb"),
    ],
)
def test_what_we_did_not_write_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match=r"not deflated by us|not whole"):
        Resting().inflated(stored)
