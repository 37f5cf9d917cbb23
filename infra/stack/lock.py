"""The lock of a data folder: one stack at a time, and no lock survives its holder."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from infra.stack.errors import StackLockedError


@contextmanager
def hold_lock(data_dir: Path) -> Generator[None]:
    """Hold `data_dir/stack.lock`; raises `StackLockedError` with the holder's pid when a live stack has it.

    The kernel frees the lock with its holder, so a pid left behind in the file never stands in the way.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data_dir / "stack.lock"
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read_text().strip() or "unknown"
            raise StackLockedError(
                f"another stack (pid {holder}) runs on {data_dir}: stop it, or choose another CROSSDOCK_DATA_DIR"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)
