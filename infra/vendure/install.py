"""Vendure from npm: the program in a folder of its own, installed once for each lock file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.stack.errors import StackError

PROJECT = Path(__file__).parent
MANIFEST = ("package.json", "package-lock.json")
SOURCES = ("config.js", "seed.js", "server.js", "webhooks.js", "products.csv")
INSTALL_SECONDS = 600.0
OLDEST_NODE = 20


class StoreError(StackError):
    """The shop could not be installed, seeded, started or asked; the message says what to look at."""


def why_not() -> str | None:
    """Return why this machine cannot run Vendure, or None when it can."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "a real Vendure needs Node.js and npm on the PATH"
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    major = re.match(r"v(\d+)\.", told)
    if major is None or int(major[1]) < OLDEST_NODE:
        return f"a real Vendure needs Node.js {OLDEST_NODE} or newer; this one says {told.strip() or 'nothing'}"
    return None


def install(folder: Path) -> Path:
    """Install Vendure below `folder`, unless this lock file's is there already, and return where it is.

    The first time takes 20 to 130 seconds and 141 MB; npm keeps its own cache of the downloads.

    Raises:
        StoreError: Node.js is absent, npm gave up, or took longer than ten minutes.
    """
    if (reason := why_not()) is not None:
        raise StoreError(reason)
    digest = hashlib.sha256(b"".join((PROJECT / name).read_bytes() for name in MANIFEST)).hexdigest()
    home = folder.absolute() / f"vendure-{digest[:12]}"
    if not home.exists():
        _install_into(home)
    for name in SOURCES:
        shutil.copyfile(PROJECT / name, home / name)
    return home


def _install_into(home: Path) -> None:
    """Install beside `home` and move there at the end, so that a half-finished folder is never taken for it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".installing-", dir=home.parent, ignore_cleanup_errors=True) as draft:
        for name in MANIFEST:
            shutil.copyfile(PROJECT / name, Path(draft) / name)
        # Nothing here needs its install script: PostgreSQL's driver is plain JavaScript, bcrypt ships its binaries.
        words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run(words, Path(draft), {}, INSTALL_SECONDS)
        # Another run may have finished first: its folder is as good as ours.
        with contextlib.suppress(OSError):
            Path(draft).rename(home)
    if not home.exists():
        raise StoreError(f"npm finished, but {home} could not be put in place")


def run(words: Sequence[str], folder: Path, variables: Mapping[str, str], seconds: float) -> None:
    """Run a program to its end.

    Raises:
        StoreError: it failed or took longer than `seconds`; the message ends with the last lines it wrote.
    """
    line = " ".join(words)
    try:
        ended = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StoreError(f"`{line}` took longer than {seconds:.0f} seconds") from None
    if ended.returncode:
        raise StoreError(f"`{line}` ended with {ended.returncode}:\n{last_lines(ended.stdout)}")


def last_lines(written: bytes) -> str:
    """Return the end of what a program wrote, to show a person."""
    return "\n".join(written.decode(errors="replace").splitlines()[-15:])
