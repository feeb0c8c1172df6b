"""Events → JSON lines on standard error, without a word of the texts."""

import json
import logging
import sys
import traceback
from datetime import datetime, timezone


def log(event: str, **details: object) -> None:
    """Writes an event with its details: a JSON object on a line."""
    if sys.stderr is not None:
        time = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        sys.stderr.write(json.dumps({"time": time, "event": event, **details}, ensure_ascii=False, default=str) + "\n")
        sys.stderr.flush()


def log_error(event: str, error: BaseException, **details: object) -> None:
    """Writes an unexpected error by its type and the place where it was raised: its message may have a text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-4:]]
    log(event, error=type(error).__name__, place=place, **details)


class Forwarded(logging.Handler):
    """Writes what uvicorn warns of as events."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record: its first line alone, because what follows may be a traceback."""
        log("uvicorn", level=record.levelname.lower(), message=record.getMessage().partition("\n")[0])


def forward_uvicorn() -> None:
    """Sends uvicorn's warnings to `log`, and leaves its other lines out."""
    logger = logging.getLogger("uvicorn.error")
    logger.handlers, logger.propagate = [Forwarded()], False
    logger.setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").propagate = False
