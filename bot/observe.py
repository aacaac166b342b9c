"""Logs that name no person: one redacting filter for everything that any library writes."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final

import structlog

_SECRETS = (
    (re.compile(r"\b[0-9]{5,}:[A-Za-z0-9_-]{10,}"), "<token>"),
    (re.compile(r"(?<![0-9])[0-9]{8}([0-9]{4})(?![0-9])"), r"…\1"),  # an account keeps its tail
    (re.compile(r"(?<=://)[^/\s@]+@"), "<password>@"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "<e-mail>"),
)


def redact(text: str) -> str:
    """The text without tokens, passwords in addresses, e-mails and full account numbers."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def trace(error: BaseException) -> str:
    """Where an error came from, without its words: they may hold what a customer typed."""
    chain = [_frames(one) for one in _chain(error)]
    return "\n".join(chain)


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def _frames(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join([type(error).__name__, *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)])


def _traced(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["trace"] = trace(error)
    return event


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


_BEFORE: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _traced,
]
PROCESSORS: Final[list[Any]] = [*_BEFORE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def formatter(log_format: str) -> logging.Formatter:
    """`log_format`: `json` for machines, `console` for people."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if log_format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    finishing = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    return RedactingFormatter(foreign_pre_chain=_BEFORE, processors=finishing)


def set_up_logging(log_format: str, log_level: str = "info") -> None:
    """`log_format` as in `formatter`; `log_level`: the least that is said."""
    level = logging.getLevelNamesMapping()[log_level.upper()]
    structlog.configure(
        processors=PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(log_format))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    quiet_libraries()
    sys.excepthook = _log_crash


def quiet_libraries() -> None:
    """Of these only warnings are logged, of the scheduler errors."""
    for noisy in ("aiogram.event", "httpx", "httpcore", "apscheduler", "alembic", "aiosqlite", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns of each tick that finds earlier work going on, and for a million customers that goes on for minutes.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def _log_crash(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger("crash").critical("the process ends", exc_info=error)
