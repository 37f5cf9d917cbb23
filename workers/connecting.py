"""Connecting a channel: its settings are read and tried before they are kept, and it is only watched at first."""

from __future__ import annotations

import json
from typing import Any

from domain.errors import CrossdockError, NotFound, Refused
from domain.order import order_id
from domain.ports.marketplace import Marketplace
from domain.ports.stores.catalog import Channel, Mode
from domain.values import Model
from workers.parties import ConfiguredParties, PartyEntry
from workers.wiring import House

READS = "list orders"


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
    connection = await try_out(_parties(house).try_out(account, entry), house)
    if connection.works:
        channel = _channel(account, entry, connection).model_copy(update={"mode": Mode.OBSERVE})
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
    connection = await try_out(_parties(house).try_out(account, entry), house)
    if before.remote_account and connection.remote_account != before.remote_account and connection.works:
        raise Refused(
            "another-account", f"these settings are for {connection.remote_account}, not for {account}'s account"
        )
    if connection.works:
        await _keep(house, _channel(account, entry, connection), "rotate", actor, reason)
    return connection


async def try_kept(house: House, account: str) -> Connection:
    """Try the channel as it is kept. Raises NotFound."""
    return await try_out(await house.context.parties.marketplace(account), house)


async def try_out(marketplace: Marketplace, house: House) -> Connection:
    """Ask for permissions, and list orders of this moment; nothing is changed there."""
    try:
        access = await marketplace.check_access()
        checks = [Check(what=f"permission {one}", works=False, words="grant it there") for one in access.missing]
        await marketplace.list_orders(house.context.now(), None)
    except CrossdockError as error:
        if isinstance(error, NotFound):
            raise
        return Connection(remote_account="", checks=(Check(what=READS, works=False, words=f"{error.code}: {error}"),))
    return Connection(remote_account=access.remote_account, checks=(Check(what=READS, works=True), *checks))


async def _keep(house: House, channel: Channel, verb: str, actor: str, reason: str) -> None:
    async with house.context.record.begin() as tx:
        await tx.catalog.save_channel(channel)
        await tx.audit.note(f"channel:{channel.account}", verb, actor, reason, house.context.now())


def _channel(account: str, entry: PartyEntry, connection: Connection) -> Channel:
    return Channel(
        account=account,
        adapter=entry.adapter,
        settings=json.dumps(entry.settings),
        allow_private=entry.allow_private,
        remote_account=connection.remote_account,
    )


def _parties(house: House) -> ConfiguredParties:
    parties = house.context.parties
    if not isinstance(parties, ConfiguredParties):
        raise TypeError("this house has other parties than those that were configured")
    return parties
