"""Content that is not right is refused at the start, by file and place."""

import pytest

from care_notifications.adapters.content_files import content_folder, read_library
from care_shared.errors import ConfigurationError

STEP = "  - {code: call, title: Call, how: Call.}"
HEAD = "reviewed: {by: Nora Nurse, date: 2026-11-01, clinical: true}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[", "is not YAML", id="no YAML"),
        pytest.param("steps: []", "reviewed: Field required", id="nobody reviewed it"),
        pytest.param(
            HEAD + f"steps:\n{STEP}\noffers: []\notherwise: [{{step: fly, why: Fast.}}]",
            "offered but not described: fly",
            id="a step that is not described",
        ),
        pytest.param(
            HEAD + f"steps:\n{STEP}\n{STEP}\noffers: []\notherwise: [{{step: call, why: So.}}]",
            "named twice: call",
            id="a step named twice",
        ),
        pytest.param(
            HEAD + f"steps:\n{STEP}\noffers: []\notherwise: []", "otherwise", id="nothing for alerts without an offer"
        ),
        pytest.param(HEAD + "stepps: []", "stepps: Extra inputs", id="a misspelt word"),
    ],
)
def test_a_library_that_is_not_right_is_refused(tmp_path, text, problem):
    (tmp_path / "next_steps.yaml").write_text(text)

    with pytest.raises(ConfigurationError) as refused:
        read_library(content_folder(str(tmp_path)))

    assert "next_steps.yaml" in str(refused.value)
    assert problem in str(refused.value)


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"next_steps\.yaml is missing"):
        read_library(content_folder(str(tmp_path)))
    with pytest.raises(ConfigurationError, match="CARE_NOTIFICATIONS_CONTENT_FOLDER"):
        content_folder(str(tmp_path / "nowhere"))
