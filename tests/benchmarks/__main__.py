"""Runs every benchmark one after the other and prints one JSON object per line."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> int:
    failed = [
        script.name
        for script in sorted(FOLDER.glob("bench_*.py"))
        if subprocess.run([sys.executable, "-m", f"tests.benchmarks.{script.stem}"], check=False).returncode
    ]
    for name in failed:
        print(f"{name} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
