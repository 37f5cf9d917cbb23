"""The leash of a child process: the kernel ends it when its supervisor dies, even by SIGKILL."""

import os
import pwd
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from infra.stack.errors import StackError


def leash(argv: Sequence[str], death_signal: signal.Signals) -> list[str]:
    """The command that runs `argv` and sends it `death_signal` when the thread that started it ends.

    Only Linux can do this; elsewhere the command stays as it is, and a killed supervisor leaves its children.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", death_signal.name[3:], "--", *argv] if setpriv else list(argv)


def leash_unprivileged(argv: Sequence[str], death_signal: signal.Signals, account: str) -> list[str]:
    """Like `leash`, but as `account`, for programs that refuse to run as root.

    The account may look into folders of root that lead to its own, such as /root/.crossdock.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StackError("PostgreSQL refuses to run as root, and setpriv (util-linux) is missing: run as another user")
    group = str(pwd.getpwnam(account).pw_gid)
    identity = ["--reuid", account, "--regid", group, "--clear-groups"]
    sight = ["--inh-caps", "-all,+dac_read_search", "--ambient-caps", "+dac_read_search"]
    return [setpriv, *identity, *sight, "--pdeathsig", death_signal.name[3:], "--", *argv]


def unprivileged_account(folder: Path) -> str | None:
    """The account for programs that refuse root: the folder's owner, else an existing one; none if we are not root."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return pwd.getpwuid(owner).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise StackError("PostgreSQL refuses to run as root, and there is neither an account postgres nor nobody")
