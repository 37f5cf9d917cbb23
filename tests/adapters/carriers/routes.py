"""How the small vendors in memory find what was asked: by method and the steps of the path, where * is any id."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

Answer = Callable[..., httpx.Response]
Routes = Mapping[str, Answer]


def answer(routes: Routes, request: httpx.Request, root: str) -> httpx.Response | None:
    """Answer by the first route that fits: it gets the ids of the path, then what was sent or asked; None for none."""
    steps = request.url.raw_path.decode().partition("?")[0].removeprefix(root).strip("/").split("/")
    told: Any = json.loads(request.content) if request.content else dict(request.url.params)
    for route, play in routes.items():
        method, _, path = route.partition(" ")
        wanted = path.split("/")
        if method == request.method and len(wanted) == len(steps):
            pairs = list(zip(wanted, steps, strict=True))
            if all(want in {"*", step} for want, step in pairs):
                return play(*(step for want, step in pairs if want == "*"), told)
    return None
