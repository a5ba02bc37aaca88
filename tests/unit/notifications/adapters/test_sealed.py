"""A copy of the database does not hold the keys that sign our webhooks."""

import pytest

from care_notifications.adapters.sealed import Sealer
from care_shared.errors import ConfigurationError

OLD = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w="
NEW = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="
SECRET = "whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXct"


def test_what_is_sealed_opens_again_and_does_not_show():
    sealed = Sealer([NEW]).seal(SECRET, "endpoint-1")

    assert "bmV3LW5l" not in sealed
    assert Sealer([NEW]).open(sealed, "endpoint-1") == SECRET
    assert Sealer([NEW]).seal(sealed, "endpoint-1") == sealed, "sealed once is enough"


def test_the_same_secret_never_looks_the_same():
    assert Sealer([NEW]).seal(SECRET, "endpoint-1") != Sealer([NEW]).seal(SECRET, "endpoint-1")


def test_while_keys_are_changed_the_old_one_still_opens():
    sealed = Sealer([OLD]).seal(SECRET, "endpoint-1")

    assert Sealer([NEW, OLD]).open(sealed, "endpoint-1") == SECRET
    with pytest.raises(ConfigurationError, match="lacks the key"):
        Sealer([NEW]).open(sealed, "endpoint-1")


def test_a_secret_that_was_moved_to_another_endpoint_or_changed_does_not_open():
    sealed = Sealer([NEW]).seal(SECRET, "endpoint-1")

    for text, about in ((sealed, "endpoint-2"), (sealed[:-4] + "AAA=", "endpoint-1")):
        with pytest.raises(ConfigurationError, match="changed or moved"):
            Sealer([NEW]).open(text, about)


def test_without_a_key_nothing_is_sealed_and_what_was_clear_stays_readable():
    assert Sealer().seal(SECRET, "endpoint-1") == SECRET
    assert Sealer([NEW]).open(SECRET, "endpoint-1") == SECRET


@pytest.mark.parametrize("key", ["", "short", "QUJD", "!" * 44])
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(ConfigurationError, match="32 bytes"):
        Sealer([key])
