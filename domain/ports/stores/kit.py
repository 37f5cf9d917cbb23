"""How SKUs in detail are kept: what is a kit, and of what; what is no longer sold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from domain.kit import KitPart


class KitStore(Protocol):
    """Kits and retired SKUs."""

    async def load(self, skus: Iterable[str]) -> dict[str, tuple[KitPart, ...]]:
        """Return every kit among these SKUs, and every kit that they hold."""
        ...

    async def retired(self, skus: Iterable[str]) -> dict[str, bool]:
        """Return, for each of these SKUs that exists, whether it is retired."""
        ...

    async def save(self, kit: str, parts: tuple[KitPart, ...], author: str, now: datetime) -> None:
        """Declare what a SKU is made of from now on; lines that were matched stay as they are.

        No parts: it is no kit any more.

        Raises:
            NotFound: no such SKU.
            Refused: it could not be picked (`domain.kit.check_kit`), or it is kept in stock itself.
        """
        ...

    async def retire(self, sku: str, *, retired: bool) -> None:
        """Stop selling a SKU, or sell it again. Raises NotFound."""
        ...
