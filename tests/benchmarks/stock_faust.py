"""Stock Faust as its manual shows it: one agent, JSON decoding, nothing kept; the yardstick beside our path."""

import json
import os
import sys
import time

import faust

EXPECTED = int(os.environ.get("EXPECTED", "0"))

app = faust.App(
    os.environ.get("GROUP", "stock"),
    broker=f"kafka://{os.environ.get('BOOTSTRAP', '')}",
    web_enabled=False,
    topic_allow_declare=False,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    datadir=os.environ.get("DATADIR", "/tmp"),
)
facts = app.topic(os.environ.get("TOPIC", "facts"), key_type=bytes, key_serializer="raw", value_serializer="json")


@app.agent(facts)
async def count(stream: faust.StreamT[dict[str, object]]) -> None:
    """Count facts, and say how long they took."""
    started, used, seen = 0.0, 0.0, 0
    async for _ in stream:
        if not seen:
            started, used = time.perf_counter(), time.process_time()
        seen += 1
        if seen == EXPECTED:
            took = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - used}
            sys.stdout.write(json.dumps({"seen": seen, **took}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARN", redirect_stdouts=False).execute_from_commandline()
