"""Log lines are events as JSON, and only allow-listed keys get through: a log cannot hold patient data by accident."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from care_shared.vocabulary import PatientId

# A key that is not listed here is dropped and counted in `dropped_keys`. Values are ids, codes, counts and times.
ALLOWED_KEYS = frozenset(
    {
        *("event", "timestamp", "level", "logger", "service", "dropped_keys", "error", "error_at"),
        *(
            "attempt",
            "seconds",
            "count",
            "size",
            "bytes",
            "port",
            "host",
            "path",
            "method",
            "status",
            "pid",
            "code",
            "signal",
        ),
        *("topic", "partition", "offset", "first_offset", "next_offset", "lag", "epoch", "batch", "connections"),
        *(
            "event_id",
            "event_type",
            "gap_id",
            "rule_id",
            "rule_version",
            "policy_version",
            "reason",
            "patient",
            "change",
        ),
        *(
            "source",
            "feed",
            "control_id",
            "verdict",
            "ack",
            "field",
            "format",
            "kind",
            "revision",
            "tier",
            "state",
            "step",
        ),
        *("channel", "recipient", "delivery", "dead_letters", "schema", "migration", "version"),
        *("due_at", "occurred_at", "recorded_at"),
    }
)


def masked(patient_id: PatientId | str) -> str:
    """Enough of an id to follow one patient through the logs, not enough to look one up."""
    return f"{patient_id[:8]}…"


def _only_allowed(_: object, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    dropped = [key for key in line if key not in ALLOWED_KEYS and not key.startswith("_")]
    for key in dropped:
        del line[key]
    if dropped:
        line["dropped_keys"] = len(dropped)
    return line


def _error_without_values(_: object, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Type and place of an exception, never its text: asyncpg's DETAIL and pydantic's input quote patient data."""
    info = line.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else (sys.exc_info()[1] if info else None)
    if error is not None:
        line["error"] = type(error).__name__
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        if frame is not None:
            line["error_at"] = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}"
    return line


def _library_line_without_text(_: object, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A library's log message is free text, so only its level and logger are kept, unless it is one of ours."""
    if line.get("_from_structlog") is False:
        line["event"] = "library.logged"
    return line


def configure_logs(service: str, level: str = "INFO") -> None:
    """Send every log line of this process, ours and libraries', to standard output as one JSON object each."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _library_line_without_text,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _error_without_values,
                _only_allowed,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # A line per request, of which only the fact remains that there was one; our own lines say what it was about.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


def get_log(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one module: `log.info("gap.opened", gap_id=…)`; noun.verb, no sentences."""
    log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return log
