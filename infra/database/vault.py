"""The vault in PostgreSQL: one wrapped key per order; without it nothing about the person opens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from domain.errors import NotFound
from domain.snapshot import postal_zone_of
from domain.values import Address, Buyer
from infra.database.cipher import Cipher, derive_digits
from infra.database.store import Store

_ADDRESS = text("""
    SELECT v.wrapped_key, a.sealed
    FROM vault v JOIN addresses a ON a.order_id = v.order_id AND a.version = v.current_version
    WHERE v.order_id = :order_id AND v.wrapped_key IS NOT NULL""")
_BUYER = text("SELECT wrapped_key, buyer AS sealed FROM vault WHERE order_id = :order_id AND wrapped_key IS NOT NULL")
_KEY = text("SELECT wrapped_key FROM vault WHERE order_id = :order_id AND wrapped_key IS NOT NULL FOR UPDATE")
_PROPOSE = text("""
    INSERT INTO addresses (order_id, version, sealed)
    SELECT :order_id, coalesce(max(version), 0) + 1, :sealed FROM addresses WHERE order_id = :order_id
    RETURNING version""")
_USE = text("""
    UPDATE vault SET current_version = a.version FROM addresses a
    WHERE vault.order_id = :order_id AND a.order_id = vault.order_id AND a.version = :version""")
_REDIRECT = text("UPDATE orders SET country = :country, postal_zone = :postal_zone WHERE order_id = :order_id")
_PICKUP = text("""
    SELECT f.order_id, v.wrapped_key FROM fulfillment_orders f JOIN vault v USING (order_id)
    WHERE f.fulfillment_id = :fulfillment_id AND v.wrapped_key IS NOT NULL""")
_ERASE = text("""
    WITH keyless AS (
        UPDATE vault SET wrapped_key = NULL, buyer = NULL, erased_at = coalesce(erased_at, :now)
        WHERE order_id = :order_id
    ), unmarked AS (
        UPDATE orders SET address_mark = '' WHERE order_id = :order_id
    ), addresses_gone AS (
        DELETE FROM addresses WHERE order_id = :order_id
    ), messages AS (
        UPDATE inbox SET body = NULL, words = NULL WHERE order_id = :order_id
    ), requests AS (
        UPDATE effects SET request = NULL WHERE order_id = :order_id
    ), reasons AS (
        UPDATE returns SET reason = NULL WHERE order_id = :order_id
    )
    UPDATE parcels SET document = NULL
    FROM fulfillment_orders f WHERE f.order_id = :order_id AND f.fulfillment_id = parcels.fulfillment_id""")
_NOTE_TOLD = text("""
    UPDATE orders SET address_mark = :mark WHERE order_id = :order_id AND EXISTS (
        SELECT FROM vault WHERE vault.order_id = orders.order_id AND wrapped_key IS NOT NULL)""")
_PIN_DIGITS = 6


def mark_address(cipher: Cipher, order_id: str, address: Address) -> str:
    """Return a keyed hash of an address; the same address of another order has another one."""
    return cipher.fingerprint(f"{order_id}\n{address.gist}".encode(), "address").hex()


class PostgresVaultStore(Store):
    """Who bought and where it goes."""

    async def address(self, order_id: str) -> Address:
        """Return the current address."""
        row = await self._first(_ADDRESS, order_id=order_id)
        if row is None:
            raise NotFound("no-address", f"no address of {order_id}")
        key = self._cipher.unwrap(row["wrapped_key"], order_id)
        return Address.model_validate_json(self._cipher.open(key, row["sealed"], order_id, "address"))

    async def buyer(self, order_id: str) -> Buyer:
        """Return who bought."""
        row = await self._first(_BUYER, order_id=order_id)
        if row is None:
            raise NotFound("no-buyer", f"no buyer of {order_id}")
        key = self._cipher.unwrap(row["wrapped_key"], order_id)
        return Buyer.model_validate_json(self._cipher.open(key, row["sealed"], order_id, "buyer"))

    async def propose_address(self, order_id: str, address: Address) -> int:
        """Put another address beside the current one; raises NotFound after `erase`."""
        wrapped = await self._value(_KEY, order_id=order_id)
        if wrapped is None:
            raise NotFound("no-buyer", f"no buyer of {order_id}")
        key = self._cipher.unwrap(wrapped, order_id)
        sealed = self._cipher.seal(key, address.model_dump_json().encode(), order_id, "address")
        return int(await self._value(_PROPOSE, order_id=order_id, sealed=sealed))

    async def use_address(self, order_id: str, version: int) -> bool:
        """Make a proposed address current; False when there is no such version."""
        if not await self._run(_USE, order_id=order_id, version=version):
            return False
        address = await self.address(order_id)
        zone = postal_zone_of(address.postal_code)
        await self._run(_REDIRECT, order_id=order_id, country=address.country, postal_zone=zone)
        return True

    def mark(self, order_id: str, address: Address) -> str:
        """Return a keyed hash of an address of this order; no statement is run."""
        return mark_address(self._cipher, order_id, address)

    async def note_told(self, order_id: str, address: Address) -> None:
        """Keep the mark of the address that the channel has told last; after `erase` none is kept."""
        await self._run(_NOTE_TOLD, order_id=order_id, mark=self.mark(order_id, address))

    async def pickup_pin(self, fulfillment_id: str) -> str:
        """Return the six digits of a pickup."""
        row = await self._first(_PICKUP, fulfillment_id=fulfillment_id)
        if row is None:
            raise NotFound("no-fulfillment", f"no fulfillment order {fulfillment_id} of a known buyer")
        key = self._cipher.unwrap(row["wrapped_key"], row["order_id"])
        return derive_digits(key, fulfillment_id, _PIN_DIGITS)

    async def erase(self, order_id: str, now: datetime) -> None:
        """Delete the order's key, and everything sealed under keys of its own that goes with it."""
        await self._run(_ERASE, order_id=order_id, now=now)
