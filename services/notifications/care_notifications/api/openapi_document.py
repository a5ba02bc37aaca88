"""The description of the API as a committed file: `python -m care_notifications.api.openapi_document [--check]`."""

import json
import sys
from pathlib import Path

from care_notifications.api.application import build_routes

DOCUMENT = Path(__file__).parents[2] / "openapi.json"


def text() -> str:
    """The document as the code says it."""
    return json.dumps(build_routes().openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file, or say whether it is what the code says."""
    if "--check" not in sys.argv:
        DOCUMENT.write_text(text(), "utf-8")
        return 0
    if DOCUMENT.is_file() and DOCUMENT.read_text("utf-8") == text():
        return 0
    sys.stderr.write("services/notifications/openapi.json is not what the code says; run: make contracts\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
