"""Connecting a channel: its settings are read and tried before they are kept, and it is only watched at first."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from datetime import datetime
from typing import Any, TypeVar

from domain.errors import CrossdockError, NotFound, Refused
from domain.order import order_id
from domain.ports.marketplace import Marketplace
from domain.ports.stores.catalog import Channel, Mode
from domain.values import Model
from workers.parties import ConfiguredParties, PartyEntry
from workers.terms import keep_channel, with_terms
from workers.wiring import House

READS = "list orders"
Answer = TypeVar("Answer")


class Check(Model):
    """One thing that was tried: what it is, whether it works, and what to do when it does not."""

    what: str
    works: bool
    words: str = ""


class Connection(Model):
    """What trying a channel told."""

    remote_account: str
    checks: tuple[Check, ...]

    @property
    def works(self) -> bool:
        """Whether everything works that the channel needs."""
        return all(check.works for check in self.checks)


async def connect(house: House, account: str, entry: PartyEntry, *, actor: str, reason: str) -> Connection:
    """Try a new channel and keep it, to be watched only; nothing is kept where it does not work.

    Raises:
        Refused: the name or the settings cannot be used, the channel exists, or its account is connected already.
    """
    order_id(account, "1")
    async with house.context.record.begin() as tx:
        if any(channel.account == account for channel in await tx.catalog.channels()):
            raise Refused(
                "channel-exists", f"{account} exists: crossdock channels rotate {account} changes its settings"
            )
    parties = _parties(house)
    if account in parties.file.carriers or account in parties.file.locations:
        raise Refused("name-taken", f"{account} is the name of a carrier or location system: choose another")
    marketplace = parties.try_out(account, entry)
    connection = await try_out(marketplace, house.context.now())
    if connection.works:
        channel = _channel(account, entry, connection, marketplace).model_copy(update={"mode": Mode.OBSERVE})
        await _keep(house, channel, "add", actor, reason)
    return connection


async def rotate(
    house: House, account: str, settings: dict[str, Any], *, allow_private: bool, actor: str, reason: str
) -> Connection:
    """Try new settings of a channel and keep them; workers use them within seconds.

    Raises:
        NotFound: no such channel.
        Refused: the settings cannot be used, or belong to another account than before.
    """
    async with house.context.record.begin() as tx:
        before = await tx.catalog.channel(account)
    entry = PartyEntry(adapter=before.adapter, settings=settings, allow_private=allow_private)
    marketplace = _parties(house).try_out(account, entry)
    connection = await try_out(marketplace, house.context.now())
    if before.remote_account and connection.remote_account != before.remote_account and connection.works:
        raise Refused(
            "another-account", f"these settings are for {connection.remote_account}, not for {account}'s account"
        )
    if connection.works:
        await _keep(house, _channel(account, entry, connection, marketplace), "rotate", actor, reason)
    return connection


async def try_kept(house: House, account: str) -> Connection:
    """Try the channel as it is kept. Raises NotFound."""
    return await try_out(await house.context.parties.marketplace(account), house.context.now())


async def try_out(marketplace: Marketplace, now: datetime) -> Connection:
    """Ask for permissions, and list the orders of this moment; nothing is changed there.

    Raises:
        NotFound: no such channel.
    """
    access, told = await _tried(marketplace.check_access())
    if access is None:
        return Connection(remote_account="", checks=(_reads(told),))
    _, told = await _tried(marketplace.list_orders(now, None))
    lacking = (Check(what=f"permission {one}", works=False, words="grant it there") for one in access.missing)
    return Connection(remote_account=access.remote_account, checks=(_reads(told), *lacking))


async def _tried(asked: Awaitable[Answer]) -> tuple[Answer | None, str]:
    """Return an answer, or none and what stands against it."""
    try:
        return await asked, ""
    except NotFound:
        raise
    except CrossdockError as error:
        return None, f"{error.code}: {error}"


def _reads(told: str) -> Check:
    return Check(what=READS, works=not told, words=told)


async def _keep(house: House, channel: Channel, verb: str, actor: str, reason: str) -> None:
    async with house.context.record.begin() as tx:
        await keep_channel(tx, channel, house.context)
        await tx.audit.note(f"channel:{channel.account}", verb, actor, reason, house.context.now())


def _channel(account: str, entry: PartyEntry, connection: Connection, marketplace: Marketplace) -> Channel:
    channel = Channel(
        account=account,
        adapter=entry.adapter,
        settings=json.dumps(entry.settings),
        allow_private=entry.allow_private,
        remote_account=connection.remote_account,
    )
    return with_terms(channel, marketplace)


def _parties(house: House) -> ConfiguredParties:
    parties = house.context.parties
    if not isinstance(parties, ConfiguredParties):
        raise TypeError("this house has other parties than those that were configured")
    return parties
