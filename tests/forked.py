"""Deaths for programs of tests: a step in a child process that ends by SIGKILL before a line of the code under test.

To be used in a program that has one thread only, since what is forked is a copy of that thread.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any


def dies_before(line: int, step: Callable[[], object], files: Iterable[str]) -> bool:
    """Take a step in a child that kills itself before it runs so many lines of these files.

    Return whether it came so far; otherwise it took the step to its end.
    """
    child = os.fork()
    if not child:
        _take(line, step, frozenset(files))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the step failed by itself"
    return False


def _take(line: int, step: Callable[[], object], files: frozenset[str]) -> None:
    """Take the step, and never return: this is the child."""
    left = iter(range(line))

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        if event == "line" and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)
    try:
        step()
    finally:
        os._exit(0 if sys.exc_info()[0] is None else 1)
