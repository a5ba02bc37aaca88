"""Ids are uuid5 of what they name, made by hand for speed."""

from uuid import uuid5

import pytest

from care_shared.contracts.envelope import CARELEAD_NAMESPACE, derived_id


@pytest.mark.parametrize("parts", [("a",), ("patient", "1.2.3", "MR", "4711"), ("é", ""), ("x" * 1000,)])
def test_a_derived_id_is_the_uuid5_of_its_parts(parts: tuple[str, ...]) -> None:
    assert derived_id(*parts) == str(uuid5(CARELEAD_NAMESPACE, "\x1f".join(parts)))
