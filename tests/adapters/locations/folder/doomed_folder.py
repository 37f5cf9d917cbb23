"""A program that takes each step of the shared folder again and again, each time killed before another of its lines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from adapters.locations.folder import folder
from adapters.locations.folder.folder import Folder
from tests.forked import dies_before

NAME, CONTENT, REASON = "release-1.csv", b"whole", "row 2 is odd"


def drop(root: Path) -> Callable[[], object]:
    """Let a file lie in a folder."""
    return lambda: Folder(root).drop(NAME, CONTENT)


def archive(root: Path, refusal: str = "") -> Callable[[], object]:
    """Answer a file that lies in a folder."""
    (root / "in").mkdir()
    (root / "in" / NAME).write_bytes(CONTENT)
    (letter,) = Folder(root).letters()
    return lambda: Folder(root).answer(letter, refusal)


def reject(root: Path) -> Callable[[], object]:
    """Reject it."""
    return archive(root, REASON)


def withdraw(root: Path) -> Callable[[], object]:
    """Take back a file that nobody took."""
    Folder(root).drop(NAME, CONTENT)
    return lambda: Folder(root).withdraw(NAME)


STEPS = {"drop": drop, "archive": archive, "reject": reject, "withdraw": withdraw}


def main(places: Path) -> None:
    """Take each step in a folder of its own for each line; in the last one it came to its end."""
    for name, step in STEPS.items():
        for line in count():
            root = places / name / f"{line:03}"
            root.mkdir(parents=True)
            if not dies_before(line, step(root), [folder.__file__]):
                break


if __name__ == "__main__":
    main(Path(sys.argv[1]))
