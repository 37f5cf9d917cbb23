"""Kits and retired SKUs in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from domain.errors import NotFound, Refused
from domain.kit import KitPart, check_kit
from infra.database.store import Store

_LOAD = text("""
    WITH RECURSIVE held AS (
        SELECT unnest(CAST(:skus AS text[])) AS sku
        UNION
        SELECT k.sku FROM held CROSS JOIN LATERAL (SELECT sku FROM kit_parts WHERE kit = held.sku OFFSET 0) k
    )
    SELECT k.kit, k.sku, k.units, k.worth
    FROM held CROSS JOIN LATERAL (SELECT * FROM kit_parts WHERE kit = held.sku OFFSET 0) k ORDER BY k.kit, k.sku""")
_STATES = text("SELECT sku, retired FROM skus WHERE sku = ANY(CAST(:skus AS text[]))")
# Two kits that are declared at once could each come to contain the other.
LOCK_KITS = text("LOCK TABLE kit_parts IN SHARE ROW EXCLUSIVE MODE")
_IN_STOCK = text("SELECT 1 FROM inventory_levels WHERE sku = :kit AND on_hand > 0 LIMIT 1")
_CLEAR = text("DELETE FROM kit_parts WHERE kit = :kit")
_SAVE = text("""
    INSERT INTO kit_parts (kit, sku, units, worth, author, declared_at)
    SELECT :kit, sku, units, worth, :author, :now
    FROM jsonb_to_recordset(CAST(:parts AS jsonb)) AS part(sku text, units integer, worth bigint)""")
_RETIRE = text("UPDATE skus SET retired = :retired WHERE sku = :sku")


class PostgresKitStore(Store):
    """Kits and retired SKUs."""

    async def load(self, skus: Iterable[str]) -> dict[str, tuple[KitPart, ...]]:
        """Return every kit among these SKUs, and every kit that they hold."""
        kits: dict[str, tuple[KitPart, ...]] = {}
        for row in await self._all(_LOAD, skus=list(skus)):
            kits[row["kit"]] = (*kits.get(row["kit"], ()), KitPart.model_validate(dict(row)))
        return kits

    async def retired(self, skus: Iterable[str]) -> dict[str, bool]:
        """Return, for each of these SKUs that exists, whether it is retired."""
        return {row["sku"]: row["retired"] for row in await self._all(_STATES, skus=list(skus))}

    async def save(self, kit: str, parts: tuple[KitPart, ...], author: str, now: datetime) -> None:
        """Declare what a SKU is made of from now on."""
        await self._run(LOCK_KITS)
        codes = {part.sku for part in parts}
        kits = await self.load(codes)
        states = await self.retired({kit, *codes, *kits, *(part.sku for held in kits.values() for part in held)})
        if kit not in states:
            raise NotFound("no-sku", f"no SKU {kit}")
        if parts:
            check_kit(kit, parts, kits, states)
            if await self._value(_IN_STOCK, kit=kit):
                raise Refused("kit-in-stock", f"{kit} lies in stock itself: count it to 0 before it becomes a kit")
        await self._run(_CLEAR, kit=kit)
        rows = json.dumps([part.model_dump() for part in parts])
        await self._run(_SAVE, kit=kit, parts=rows, author=author, now=now)

    async def retire(self, sku: str, *, retired: bool) -> None:
        """Stop selling a SKU, or sell it again."""
        if not await self._run(_RETIRE, sku=sku, retired=retired):
            raise NotFound("no-sku", f"no SKU {sku}")
