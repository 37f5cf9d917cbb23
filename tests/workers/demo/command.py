"""The demo's command as a person calls it, but for the folder."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run_demo(folder: Path, *options: str, within: float = 110, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command with its data in `folder`, for so many seconds at most."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("CROSSDOCK_", "TEMPORAL_"))}
    return subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "workers.cli", "demo", *options],
        env={**own, "CROSSDOCK_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), **environment},
        cwd=folder, capture_output=True, text=True, timeout=within, check=False,
    )  # fmt: skip
