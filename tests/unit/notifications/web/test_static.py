"""What others wrote is unchanged, and the page stays small."""

import gzip
import hashlib
import re
from importlib.resources import files

STATIC = files("care_notifications.web") / "static"
TEMPLATES = files("care_notifications.web") / "templates"


def test_the_file_of_others_is_the_one_we_looked_at():
    note = (STATIC / "THIRD_PARTY.md").read_text("utf-8")
    for name, checksum in re.findall(r"\| `([^`]+\.js)` \|.*`([0-9a-f]{64})`", note):
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == checksum


def test_what_a_page_loads_is_small():
    """What `base.html` loads for every page, and the largest style sheet that a page may have of its own."""
    shared = re.findall(r"static\('([^']+)'\)", (TEMPLATES / "base.html").read_text("utf-8"))
    sizes = {entry.name: len(entry.read_bytes()) for entry in STATIC.iterdir()}
    own = max(size for name, size in sizes.items() if name not in shared)

    assert sum(sizes[name] for name in shared) + own < 100_000


def test_all_files_of_the_list_together_are_small_as_they_are_sent():
    files_of_it = ("tokens.css", "carelead.css", "worklist.css", "live.js", "keys.js", "htmx-2.0.11.min.js")
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files_of_it) < 40_000
