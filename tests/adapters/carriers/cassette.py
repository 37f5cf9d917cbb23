"""Recorded exchanges of others: a reader of the YAML in which VCR keeps them, as far as VCR writes it.

Only what a cassette holds is read: nested mappings and lists, plain and quoted text over several lines, and blocks.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx

_KEY = re.compile(r"(- )?([\w-]+):(?: (.*))?$", re.ASCII)
_ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "e": "\x1b", "_": "\xa0", "N": "\x85"}
_EMPTY: dict[str, Any] = {"null": None, "{}": {}, "[]": []}


class Exchange(NamedTuple):
    """One recorded request with its answer."""

    method: str
    url: str
    sent: Any
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The answer."""
        return json.loads(self.body)

    def response(self, request: httpx.Request) -> httpx.Response:
        """Return the answer to a request of ours."""
        return httpx.Response(
            self.status, headers={"Content-Type": "application/json"}, content=self.body, request=request
        )


def read_cassettes(folder: Path) -> dict[str, list[Exchange]]:
    """Return the exchanges of all cassettes below a folder, by the name of their file."""
    return {path.stem: list(read_cassette(path)) for path in sorted(folder.rglob("*.yaml"))}


def read_cassette(path: Path) -> Iterator[Exchange]:
    """Read one cassette."""
    told = parse(path.read_text())
    for one in told["interactions"]:
        asked, answered = one["request"], one["response"]
        body = answered["body"]["string"]
        yield Exchange(
            method=asked["method"],
            url=asked["uri"],
            sent=json.loads(asked["body"]) if (asked["body"] or "").startswith(("{", "[")) else asked["body"],
            status=int(answered["status"]["code"]),
            headers={name.lower(): values[0] for name, values in answered["headers"].items()},
            body=body if isinstance(body, bytes) else body.encode(),
        )


def parse(text: str) -> Any:
    """Return what a cassette holds."""
    return _Lines(text.split("\n")).node(0)


class _Lines:
    def __init__(self, lines: list[str]) -> None:
        self._lines, self._at = lines, 0

    def node(self, indent: int) -> Any:
        """Read the mapping or list that begins on this line."""
        return self._list(indent) if self._here().lstrip().startswith("- ") else self._mapping(indent)

    def _here(self) -> str:
        return self._lines[self._at] if self._at < len(self._lines) else ""

    def _mapping(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._here().strip() and len(self._here()) - len(self._here().lstrip()) == indent:
            match = _KEY.match(self._here().strip())
            if match is None or match[1]:
                break
            self._at += 1
            found[match[2]] = self._value(match[3] or "", indent)
        return found

    def _list(self, indent: int) -> list[Any]:
        found: list[Any] = []
        while self._here().startswith(" " * indent + "- "):
            rest = self._here()[indent + 2 :]
            if _KEY.match(rest):
                self._lines[self._at] = " " * (indent + 2) + rest
                found.append(self._mapping(indent + 2))
            else:
                self._at += 1
                found.append(self._value(rest, indent))
        return found

    def _value(self, first: str, indent: int) -> Any:
        binary = first.startswith("!!binary")
        first = first.removeprefix("!!binary").strip()
        if first.startswith("|"):
            block = self._block(indent)
            return base64.b64decode(block) if binary else block
        if first[:1] in {"'", '"'}:
            return self._quoted(first)
        if not first:
            here = self._here()
            deeper = len(here) - len(here.lstrip()) > indent or here.startswith(" " * indent + "- ")
            return self.node(len(here) - len(here.lstrip())) if here.strip() and deeper else None
        while self._here().startswith(" " * (indent + 1)):
            first += " " + self._here().strip()
            self._at += 1
        return _EMPTY.get(first, first)

    def _block(self, indent: int) -> str:
        lines: list[str] = []
        while not self._here().strip() or self._here().startswith(" " * (indent + 1)):
            lines.append(self._here())
            self._at += 1
            if self._at >= len(self._lines):
                break
        depth = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        return "\n".join(line[depth:] for line in lines).rstrip("\n") + "\n"

    def _quoted(self, first: str) -> str:
        quote, told = first[0], first[1:]
        while not _closes(told, quote):
            told = _fold(told, self._here(), quote)
            self._at += 1
        return _unescape(told.rstrip()[:-1], quote)


def _closes(told: str, quote: str) -> bool:
    if quote == "'":
        return told.rstrip().endswith("'") and len(re.findall(r"'*$", told.rstrip())[0]) % 2 == 1
    tail = re.search(r'(\\*)"$', told.rstrip())
    return tail is not None and len(tail[1]) % 2 == 0


def _fold(told: str, line: str, quote: str) -> str:
    """Join the next line: a break is a space, an empty line a break, and a backslash before it nothing."""
    stripped = line.strip(" ")
    if not stripped:
        return told.rstrip(" ") + "\n"
    if quote == '"' and re.search(r"(?<!\\)(\\\\)*\\$", told):
        return told[:-1] + stripped
    return told.rstrip(" ") + stripped if told.endswith("\n") else told.rstrip(" ") + " " + stripped


def _unescape(told: str, quote: str) -> str:
    if quote == "'":
        return told.replace("''", "'")

    def plain(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if code[0] in "xuU" and len(code) > 1 else _ESCAPES.get(code, code)

    return re.sub(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", plain, told, flags=re.DOTALL)
