"""How an account asks its gateway: requests below one address, under the headers that let it in."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import httpx


class GatewayApi:
    """One account's way to its gateway."""

    def __init__(self, http: httpx.AsyncClient, root: str, headers: Mapping[str, str]) -> None:
        self.http = http
        self._root, self._headers = root.rstrip("/"), headers

    def request(self, method: str, *path: str, operation: str = "any", **parts: object) -> httpx.Request:
        """Build a request to what the steps of the path name."""
        url = "/".join((self._root, *(quote(step, safe="") for step in path)))
        extensions = {"operation": operation}
        return self.http.build_request(method, url, headers=self._headers, extensions=extensions, **parts)  # pyright: ignore[reportArgumentType] - params or json
