"""What others wrote is unchanged, and the page stays small."""

import hashlib
import re
from importlib.resources import files

STATIC = files("care_notifications.web") / "static"


def test_the_file_of_others_is_the_one_we_looked_at():
    note = (STATIC / "THIRD_PARTY.md").read_text("utf-8")
    for name, checksum in re.findall(r"\| `([^`]+\.js)` \|.*`([0-9a-f]{64})`", note):
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == checksum


def test_all_files_of_a_page_together_are_small():
    assert sum(len(entry.read_bytes()) for entry in STATIC.iterdir()) < 100_000
