"""The log of a process: JSON lines in which no secret and no body survives."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any, Final

from opentelemetry import trace

REDACTED: Final = "[redacted]"
_SCALARS: Final = (str, int, float, bool, type(None), datetime, BaseException)
_SECRET_NAMES: Final = re.compile(
    r"authori[sz]ation|cookie|passw|secret|token|api_?key|vault|signature|body|payload|address|e?mail|phone|\bpin\b",
    re.IGNORECASE,
)
_SECRET_TEXT: Final = re.compile(
    r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)|(?i:(?<=bearer )|(?<=basic ))\S+|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|(?i:(?<=token=)|(?<=key=)|(?<=secret=)|(?<=password=))[^\s&]+"
)
_STANDARD: Final = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"}


class Redaction(logging.Filter):
    """Takes out of every record what must not be kept: bodies, secrets, personal data."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, with only scalars in it and what looks like a secret struck out."""
        if isinstance(record.args, tuple):
            record.args = tuple(arg if isinstance(arg, _SCALARS) else f"[{type(arg).__name__}]" for arg in record.args)
        record.msg, record.args = _SECRET_TEXT.sub(REDACTED, record.getMessage()), None
        for name in record.__dict__.keys() - _STANDARD:
            record.__dict__[name] = _redact(name, record.__dict__[name])
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: when, how bad, who, what, and the trace it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; of an exception only type and stack, as its text may quote what was sent."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        if (span := trace.get_current_span().get_span_context()).is_valid:
            line["trace_id"] = trace.format_trace_id(span.trace_id)
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["stack"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps(line, default=str, ensure_ascii=False)


def configure_logging(level: str = "INFO") -> None:
    """Write all logs of this process to standard error as redacted JSON lines."""
    lines = logging.StreamHandler()
    lines.setFormatter(JsonLines())
    lines.addFilter(Redaction())
    logging.basicConfig(level=level.upper(), handlers=[lines], force=True)
    # They log whole URLs and headers, and some vendors want their token there.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _redact(name: str, value: object) -> object:
    if _SECRET_NAMES.search(name) or not isinstance(value, _SCALARS):
        return REDACTED
    return _SECRET_TEXT.sub(REDACTED, value) if isinstance(value, str) else value
