"""What the administrator of the settings may do in the shop."""

from __future__ import annotations

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.errors import Unauthorized
from domain.ports.marketplace import Access

NEEDED = frozenset({"ReadOrder", "UpdateOrder", "ReadProduct", "UpdateProduct"})
_ALL = "SuperAdmin"
_CATALOG = {"ReadProduct": "ReadCatalog", "UpdateProduct": "UpdateCatalog"}
"""The wider permission that holds a narrower one."""


async def check_access(api: AdminApi, settings: VendureSettings) -> Access:
    """Ask for the permissions in our channel.

    Raises:
        Unauthorized: the administrator has no part in that channel.
    """
    me = await api.read(documents.ME, wire.Me)
    wanted = settings.channel_token
    ours = next((channel for channel in me.channels if not wanted or channel.token == wanted), None)
    if ours is None:
        raise Unauthorized("vendure-no-channel", "the administrator has no part in this channel")
    held = set(ours.permissions)
    missing = () if _ALL in held else tuple(sorted(one for one in NEEDED if not {one, _CATALOG.get(one, one)} & held))
    return Access(remote_account=f"{str(settings.admin_api).rstrip('/')}#{ours.code}", missing=missing)
