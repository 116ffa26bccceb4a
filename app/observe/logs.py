"""Structured logs: events with fields, JSON for machines, coloured lines for people; secrets masked in both."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from app.transport.redact import RedactingFilter, redact


def _masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what came to a library's line after the filter of the handler: its traceback and what it belongs to."""
    for name, value in event.items():
        if name != "event" and isinstance(value, str):
            event[name] = redact(value)
    return event


def configure_logs(*, level: str, style: Literal["auto", "json", "console"]) -> None:
    """Send our events and those of the libraries to standard error in one form."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    belongings: list[Any] = [structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info]
    stamps: list[Any] = [structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    structlog.configure(
        processors=[*belongings, *stamps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*belongings, _masked, *stamps],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    # These speak at every request; the metrics count them.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
