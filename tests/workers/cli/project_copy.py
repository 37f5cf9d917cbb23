"""A copy of the project to be written into, and its command line."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
_NEEDED = ("domain", "activities", "workflows", "adapters", "infra", "workers", "tests")


def copy_project(folder: Path) -> Path:
    """Copy what the command line and the adapters' tests need."""
    for name in _NEEDED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run(root: Path, *words: str, also: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the project in this folder; `also` is where further packages are installed."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(root), also)))}
    return subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "workers.cli", *words],
        cwd=root, env=environment, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip


def told(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a command printed as JSON."""
    assert ran.stdout.startswith("{"), (ran.stdout, ran.stderr)
    return json.loads(ran.stdout)
