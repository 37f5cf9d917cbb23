"""Recorded exchanges of others, as VCR keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import yaml


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


@cache
def read_cassettes(folder: Path) -> Mapping[str, tuple[Exchange, ...]]:
    """Return the exchanges of all cassettes below a folder, by the name of their file; read once, for it takes long."""
    return {path.stem: tuple(read_cassette(path)) for path in sorted(folder.rglob("*.yaml"))}


def read_cassette(path: Path) -> Iterator[Exchange]:
    """Read one cassette."""
    told: Any = yaml.safe_load(path.read_text())
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
