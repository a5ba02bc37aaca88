"""Endings within a bound: what a library does not finish in time is left behind, whatever it waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def ended_within(seconds: float, ending: Coroutine[Any, Any, None]) -> bool:
    """Whether it ended in time. Unlike `asyncio.wait_for` it does not wait for something that does not heed its end."""
    task = asyncio.create_task(ending)
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        task.cancel()
        return False
    await task
    return True
