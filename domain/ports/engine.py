"""The port to the durable engine, for those who may not import it: the relay tells it what became true."""

from __future__ import annotations

from typing import Protocol

from domain.ports.stores.outbox import Telling


class Engine(Protocol):
    """Starts and signals workflows."""

    async def start(self, telling: Telling) -> None:
        """Start a workflow, or leave the one that runs or has completed under this id alone."""
        ...

    async def signal(self, telling: Telling) -> bool:
        """Signal a workflow; False when there is none to hear it. Raises Unavailable when the engine is down."""
        ...
