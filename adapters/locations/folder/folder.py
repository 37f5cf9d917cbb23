"""The shared folder: every step of it is one rename, so that whoever dies between two steps can do both again."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path

from domain.errors import ContractBroken, NotFound, Unavailable
from domain.ports.mailbox import Letter

OUT, TAKEN, REFUSED, WITHDRAWN = "out", "taken", "refused", "withdrawn"
IN, ARCHIVE, REJECTED = "in", "archive", "rejected"

MAX_BYTES = 2_000_000
"""Larger files are refused; one byte more of them is read, so that this shows."""

_AT_ONCE = 50


class Folder:
    """One shared folder with its seven parts; files that begin with a dot are not finished, links are never followed.

    Failures are Unavailable: nothing was changed that a repeat would not do again.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def where(self, name: str) -> str:
        """Return the part in which a file of ours lies, or an empty string.

        In the order in which files move, so that one that is just being moved is seen.
        """
        return next((part for part in (OUT, TAKEN, REFUSED, WITHDRAWN) if self._is_file(part, name)), "")

    def drop(self, name: str, content: bytes) -> None:
        """Let a file lie in `out`, whole or not at all, unless it lies or lay there."""
        if not self.where(name):
            self._write(OUT, name, content)

    def withdraw(self, name: str) -> bool:
        """Take a file back that nobody took; False when somebody did."""
        return self._move(OUT, name, WITHDRAWN, name)

    def letters(self) -> tuple[Letter, ...]:
        """Return some finished files in `in`, by name; the body begins with the name."""
        found: list[Letter] = []
        for name in sorted(self._names(IN)):
            if name.startswith(".") or not name.lower().endswith(".csv") or not self._is_file(IN, name):
                continue
            try:
                found.append(Letter(receipt=name, body=self._letter(name)))
            except FileNotFoundError:
                continue  # somebody else has just answered it
            if len(found) == _AT_ONCE:
                break
        return tuple(found)

    def answer(self, letter: Letter, refusal: str) -> None:
        """Move a file to `archive`, or to `rejected` beside its reason; one that was changed since is left alone."""
        name = letter.receipt
        if name in {"", ".", ".."} or Path(name).name != name:
            raise NotFound("no-letter", f"{name[:100]!r} is no file of this folder")
        try:
            unchanged = self._letter(name) == letter.body
        except FileNotFoundError:
            return  # it was answered before
        if not unchanged:
            return
        kept = f"{Path(name).stem}.{sha256(letter.body).hexdigest()[:12]}.csv"
        if refusal:
            self._write(REJECTED, f"{kept}.reason.txt", refusal.encode("utf-8", "replace") + b"\n")
        self._move(IN, name, REJECTED if refusal else ARCHIVE, kept)

    def _letter(self, name: str) -> bytes:
        return name.encode("utf-8", "backslashreplace").replace(b"\n", b"?") + b"\n" + self._read(IN, name)

    def _names(self, part: str) -> list[str]:
        try:
            return [path.name for path in self._part(part).iterdir()]
        except OSError as error:
            raise _unreachable(error) from error

    def _is_file(self, part: str, name: str) -> bool:
        try:
            return stat.S_ISREG(os.lstat(self._part(part) / name).st_mode)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unreachable(error) from error

    def _read(self, part: str, name: str) -> bytes:
        path = self._part(part) / name
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                return file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _unreachable(error) from error

    def _write(self, part: str, name: str, content: bytes) -> None:
        unfinished = self._part(part) / f".{name}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        try:
            with os.fdopen(os.open(unfinished, flags, 0o660), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unreachable(error) from error
        self._move(part, unfinished.name, part, name)

    def _move(self, part: str, name: str, to: str, new_name: str) -> bool:
        """Move a file in one step; False when it is not there."""
        try:
            (self._part(part) / name).rename(self._part(to) / new_name)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unreachable(error) from error
        for changed in {part, to}:
            self._settle(changed)
        return True

    def _settle(self, part: str) -> None:
        """Let a rename outlive the machine; a share that cannot is believed to have done it."""
        try:
            directory = os.open(self._part(part), os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            return
        try:
            os.fsync(directory)
        except OSError:
            return
        finally:
            os.close(directory)

    def _part(self, part: str) -> Path:
        path = self._root / part
        try:
            path.mkdir(mode=0o770, exist_ok=True)
        except OSError as error:
            raise _unreachable(error) from error
        if path.is_symlink():
            raise ContractBroken("folder-is-a-link", f"{part} is a link: expected a folder of its own")
        return path


def _unreachable(error: OSError) -> Unavailable:
    return Unavailable("folder-unreachable", f"the shared folder: {type(error).__name__}")
