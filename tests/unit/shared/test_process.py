"""A service ends when it is told to: by itself with 0, and after its time whatever it waits for."""

import subprocess
import sys
import textwrap

import pytest

BEGINNING = """
import asyncio, os, signal, sys
from care_shared.runtime.process import run_service

async def obeys(stopping):
    os.kill(os.getpid(), signal.SIGTERM)
    await stopping.wait()

async def hangs(stopping):
    await obeys(stopping)
    await asyncio.Event().wait()

async def holds_its_thread(stopping):
    await obeys(stopping)
    while True:
        pass
"""


@pytest.mark.parametrize(
    ("serve", "code"),
    [
        pytest.param("obeys", 0, id="one that obeys ends with 0"),
        pytest.param("hangs", 1, id="one that waits for what never comes is ended"),
        pytest.param("holds_its_thread", 1, id="one that never gives the loop back is ended"),
    ],
)
def test_told_to_end(serve: str, code: int) -> None:
    program = textwrap.dedent(BEGINNING) + f"sys.exit(run_service('told', {serve}, end_seconds=0.5))"

    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == code
