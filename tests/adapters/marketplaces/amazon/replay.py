"""Amazon's static sandbox, played from its published pairs: who asks with a pair's parameters gets its response."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import httpx

Json = dict[str, Any]
_CHOICES = frozenset({"includedData"})
"""What only chooses how much is shown: we always ask for the same."""


@dataclass(frozen=True)
class Pair:
    """One published pair."""

    name: str
    operation: str
    method: str
    path: str
    status: int
    asked: dict[str, Any]
    response: Any

    def fits(self, request: httpx.Request) -> bool:
        """Tell whether a request is this pair's: all that it says, the pair says too, and all ids are the same."""
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        found = re.fullmatch(pattern, request.url.raw_path.decode().partition("?")[0])
        if found is None or request.method != self.method:
            return False
        named = {name: unquote(value) for name, value in found.groupdict().items()} | dict(request.url.params)
        for name, value in self.asked.items():
            if name == "body":
                if not _within(json.loads(request.content), value):
                    return False
            elif name not in _CHOICES and named.get(name) != _written(value):
                return False
        return True


def read_pairs(file: Path) -> list[Pair]:
    """Return all pairs of one API."""
    return [
        Pair(
            name=one["id"], operation=one["operationId"], method=one["method"], path=one["path"], status=one["status"],
            asked={key: value.get("value", {}) for key, value in one["request"].get("parameters", {}).items()},
            response=one["response"],
        )
        for one in json.loads(file.read_text())["cases"]
    ]  # fmt: skip


def play(pairs: list[Pair]) -> httpx.MockTransport:
    """Return the way to a sandbox of these pairs; what fits none is refused."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/o2/token":
            return httpx.Response(200, json={"access_token": "Atza|sandbox", "expires_in": 3600})
        found = next((pair for pair in pairs if pair.fits(request)), None)
        if found is None:
            return httpx.Response(400, json={"errors": [{"code": "InvalidInput", "message": "fits no pair"}]})
        if found.status == HTTPStatus.NO_CONTENT:
            return httpx.Response(found.status)
        return httpx.Response(found.status, json=found.response)

    return httpx.MockTransport(answer)


def _written(value: Any) -> str:
    return ",".join(cast("list[str]", value)) if isinstance(value, list) else str(value)


def _within(ours: Any, theirs: Any) -> bool:
    """Tell whether all that we say is said there, too; one moment may be written in two ways."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        fields, wanted = cast("Json", ours), cast("Json", theirs)
        return all(name in wanted and _within(value, wanted[name]) for name, value in fields.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        rows, others = cast("list[Any]", ours), cast("list[Any]", theirs)
        return len(rows) == len(others) and all(_within(*both) for both in zip(rows, others, strict=True))
    return ours == theirs or _moment(ours) == _moment(theirs) != ""


def _moment(told: Any) -> str:
    try:
        return datetime.fromisoformat(told).isoformat()
    except (TypeError, ValueError):
        return ""
