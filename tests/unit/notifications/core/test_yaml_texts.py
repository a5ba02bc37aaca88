"""What is wrong with a YAML file is told by its name and place, and never by its values."""

import pytest
from pydantic import BaseModel, ConfigDict

from care_notifications.core.yaml_texts import checked, parsed
from care_shared.errors import ConfigurationError


class Shelf(BaseModel):
    """What the file must be."""

    model_config = ConfigDict(extra="forbid")

    books: int


def test_a_good_text_becomes_the_model():
    assert checked(Shelf, parsed("books: 7", "own.yaml"), "own.yaml") == Shelf(books=7)
    assert parsed("", "own.yaml") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("a: b\nbooks: [secret", "own.yaml is not YAML (line 2)", id="no YAML"),
        pytest.param("books: secret", "own.yaml: books: ", id="a wrong value"),
        pytest.param("bokos: 7", "own.yaml: bokos: Extra inputs are not permitted", id="a misspelt word"),
        pytest.param("- secret", "own.yaml: the file: ", id="a list"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(text, told):
    with pytest.raises(ConfigurationError) as refused:
        checked(Shelf, parsed(text, "own.yaml"), "own.yaml")

    assert told in str(refused.value)
    assert "secret" not in str(refused.value)
