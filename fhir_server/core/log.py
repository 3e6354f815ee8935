"""Structured logs: one JSON object a line for machines, one plain line for people, no patient data in either.

A record carries its fields as `extra={"fields": {...}}`. Of an exception only its type and the places in the
code are written: messages of a database or a decoder repeat the values that they stumbled over.
"""

import json
import logging
import logging.config
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

import msgspec

from fhir_server.core.errors import FhirError
from fhir_server.core.instant import format_instant

LogFormat = Literal["json", "console"]

_FRAMES = 30
_LINES_AT_ONCE = 200
_CAUSES = 5
_encode = msgspec.json.Encoder(enc_hook=str).encode


class RequestLine(msgspec.Struct, frozen=True):
    """What is logged of a request: what was done to which type, never an id, a query or a body.

    `interaction` is FHIR's name of it, or the name of the endpoint; `milliseconds` is the time from the
    beginning of the request to the end of its answer.
    """

    request_id: str
    method: str
    interaction: str
    status: int
    milliseconds: float
    type: str = ""
    correlation_id: str | None = None
    trace_id: str | None = None


def log_request(logger: logging.Logger, line: RequestLine, fault: BaseException | None = None) -> None:
    """Log a finished request, and where it ended in a fault of the server where that came from.

    A fault is an error, another status from 500 on a warning, everything else information.
    """
    level = _level(line.status)
    if not logger.isEnabledFor(level):
        return
    fields: dict[str, Any] = {
        "request_id": line.request_id,
        "method": line.method,
        "interaction": line.interaction,
        "status": line.status,
        "ms": round(line.milliseconds, 2),
    }
    if line.type:
        fields["type"] = line.type
    if line.correlation_id is not None:
        fields["correlation_id"] = line.correlation_id
    if line.trace_id is not None:
        fields["trace_id"] = line.trace_id
    _handle(logger, level, "request", fields, fault)


def _level(status: int) -> int:
    if status < 500:
        return logging.INFO
    return logging.ERROR if status == 500 else logging.WARNING


def log_slow_statement(logger: logging.Logger, statement: str, *, milliseconds: float, threshold: float) -> None:
    """Log a statement that took at least `threshold` milliseconds.

    `statement` is its name or its text with placeholders, never with values.
    """
    if milliseconds >= threshold and logger.isEnabledFor(logging.WARNING):
        fields = {"statement": statement, "ms": round(milliseconds, 2)}
        _handle(logger, logging.WARNING, "slow statement", fields, None)


def _handle(
    logger: logging.Logger, level: int, message: str, fields: Mapping[str, Any], fault: BaseException | None
) -> None:
    logger.handle(_Record(logger.name, level, message, fields, fault))


class _Record(logging.LogRecord):
    """A record without the place in the code, the thread and the process, to find which costs more than the line."""

    def __init__(
        self, name: str, level: int, message: str, fields: Mapping[str, Any], fault: BaseException | None
    ) -> None:
        self.__dict__.update(_NOTHING_KNOWN)
        self.name = name
        self.levelno = level
        self.levelname = logging.getLevelName(level)
        self.msg = message
        self.created = time.time()
        self.exc_info = None if fault is None else (type(fault), fault, fault.__traceback__)
        self.fields = fields


_NOTHING_KNOWN = dict(vars(logging.LogRecord("", logging.INFO, "", 0, "", None, None)))


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, message, its fields and its error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end."""
        entry: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update(_fields(record))
        error = _error(record)
        if error is not None:
            entry["error"] = error
        return _encode(entry).decode()


class ConsoleFormatter(logging.Formatter):
    """Writes a record as one line for people: time, level, message and the fields as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end; an error follows on lines of its own."""
        fields = "".join(f" {name}={_plain(value)}" for name, value in _fields(record).items())
        line = f"{_time(record)} {record.levelname:<7} {record.name}: {_plain(record.getMessage())}{fields}"
        error = _error(record)
        if error is None:
            return line
        return "\n".join([line, *(f"    {cause['type']} at {' < '.join(cause['at'])}" for cause in error)])


class LineHandler(logging.Handler):
    """Writes lines to standard error in batches, because a system call a line costs as much as the rest of it.

    Warnings and worse are written at once, with what came before them. Whoever uses it calls `flush_logs` every
    now and then; the end of the process flushes too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        self._lines.append(self.format(record))
        if record.levelno >= logging.WARNING or len(self._lines) >= _LINES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait."""
        with self.lock or nullcontext():
            lines, self._lines = self._lines, []
            if lines:
                lines.append("")
                sys.stderr.write("\n".join(lines))
                sys.stderr.flush()


def flush_logs() -> None:
    """Write all lines that wait."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def configure_logging(level: str, log_format: LogFormat) -> None:
    """Send the logs of this process to standard error, as `logging_config` says."""
    # No line names them, and gathering them for every record costs more than formatting it.
    logging.logThreads = False
    logging.logProcesses = False
    logging.logMultiprocessing = False
    logging.config.dictConfig(logging_config(level, log_format))


def logging_config(level: str, log_format: LogFormat) -> dict[str, Any]:
    """Return what `logging.config.dictConfig` takes: everything from `level` on goes to standard error.

    Libraries are heard from warnings on only: they do not know what is confidential.
    """
    formatter = JsonFormatter if log_format == "json" else ConsoleFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"formatter": {"()": formatter}},
        "handlers": {"stream": {"()": LineHandler, "formatter": "formatter"}},
        "root": {"level": "WARNING", "handlers": ["stream"]},
        "loggers": {"fhir_server": {"level": level.upper()}},
    }


def _time(record: logging.LogRecord) -> str:
    seconds, milliseconds = divmod(int(record.created * 1000), 1000)
    return f"{_second(seconds)}{milliseconds:03d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return format_instant(datetime.fromtimestamp(seconds, UTC))[:-4]


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = getattr(record, "fields", {})
    return fields


def _plain(value: object) -> str:
    text = str(value)
    return text if text.isprintable() else json.dumps(text)


def _error(record: logging.LogRecord) -> list[dict[str, Any]] | None:
    """Return the exception of `record` and its causes, the outermost first, without their messages."""
    exception = record.exc_info[1] if record.exc_info else None
    if exception is None:
        return None
    return [_cause(each) for each in islice(_chain(exception), _CAUSES)]


def _chain(exception: BaseException | None) -> Iterator[BaseException]:
    while exception is not None:
        yield exception
        exception = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)


def _cause(exception: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(exception.__traceback__)[-_FRAMES:]
    cause: dict[str, Any] = {
        "type": f"{type(exception).__module__}.{type(exception).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)],
    }
    # The one family whose messages are written with care, and may be read.
    if isinstance(exception, FhirError):
        cause["message"] = str(exception)
    return cause
