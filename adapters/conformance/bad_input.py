"""Bad bodies, tried one by one and counted: each has to be refused, and so many have to be made at least."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

from adapters.conformance import bodies, sheets
from adapters.conformance.faults import Fault, Keeping, answering, as_json
from adapters.conformance.promises import Scene
from adapters.conformance.vital import Vital
from domain.errors import ContractBroken

ENOUGH = 60
"""So many bad bodies are made of each adapter's own at least."""

Note = Callable[[str, object], None]
"""Keeps a word about a test: pytest's `record_property`."""


class BadInput:
    """What was tried, and what of it was not refused."""

    def __init__(self) -> None:
        self._tried: Counter[str] = Counter()
        self._read: list[str] = []

    def tried(self, kind: str, words: str, *, refused: bool) -> None:
        """Count one body of this kind."""
        self._tried[kind] += 1
        self._read += [] if refused else [f"{kind}: {words}"]

    def close(self, note: Note) -> None:
        """Ask for enough, of which none was taken for good, and tell how many there were."""
        assert not self._read, f"they were read: {self._read}"
        assert self._tried.total() >= ENOUGH, f"only {self._tried.total()}: the world names too few vital fields"
        note("told", f"{self._tried.total()} refused: {', '.join(f'{n} {kind}' for kind, n in self._tried.items())}")


def bad(body: bytes, vital: Vital) -> Iterator[tuple[str, bytes]]:
    """Yield bad bodies made of a good one, be it JSON or a sheet."""
    if is_json(body):
        return bodies.bad(body, vital)
    return (one for made in (sheets.misnamed(body), sheets.bad(body, vital)) for one in made)


def is_json(body: bytes) -> bool:
    """Tell a document from a sheet."""
    try:
        return isinstance(json.loads(body), dict | list)
    except ValueError:
        return False


def is_refused(read: Callable[[bytes], object], body: bytes) -> bool:
    """Tell whether a body is refused as it should be; any other exception is none of ours."""
    try:
        read(body)
    except ContractBroken:
        return True
    return False


async def is_unread(asked: Awaitable[object]) -> bool:
    """Tell whether an answer is refused as it should be."""
    try:
        await asked
    except ContractBroken:
        return True
    return False


async def heard(scene: Scene, asked: Callable[[], Awaitable[object]]) -> list[tuple[str, bytes]]:
    """Ask while all is well, and return the method of each request with the body that answered it."""
    kept = Keeping()
    scene.line.strike(Fault("kept", kept.play))
    await asked()
    scene.line.heal()
    return kept.answers


def spoil(scene: Scene, at: int, words: str, body: bytes) -> None:
    """Let the request number `at` from now be answered with this body after it was executed."""
    scene.line.strike(Fault(words, answering(as_json(body), executed=True)), at, times=1)
