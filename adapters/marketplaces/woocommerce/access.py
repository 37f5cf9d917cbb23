"""What the shop's key may do, and the user it belongs to: asked by a page of one order, and by batches of nothing."""

from __future__ import annotations

from adapters.access import CREDENTIALS, PERMISSION, refusal
from adapters.http import Raw
from adapters.marketplaces.woocommerce import pull
from adapters.marketplaces.woocommerce.shop import Shop
from domain.errors import Unauthorized
from domain.ports.marketplace import Access

_BATCHES = {
    "/orders/batch": "edit_others_shop_orders (the key's user)",
    "/products/batch": "edit_others_products (the key's user)",
}
"""What changes many at once, and the capability that WordPress wants for it."""


async def check_access(shop: Shop) -> Access:
    """Ask for what the key may do (refused by 401), and for what its user may do (refused by 403).

    Raises:
        Unauthorized: the shop does not know the key.
    """
    read = await refusal(pull.knock(shop))
    written = {path: await refusal(shop.write("POST", path, {}, Raw)) for path in _BATCHES}
    told = [read, *written.values()]
    if all(code == CREDENTIALS for code in told):
        raise Unauthorized(CREDENTIALS)
    missing = ["Read (REST API key)"] if read == CREDENTIALS else []
    missing += ["Write (REST API key)"] if CREDENTIALS in written.values() else []
    missing += ["read_private_shop_orders (the key's user)"] if read == PERMISSION else []
    missing += [capability for path, capability in _BATCHES.items() if written[path] == PERMISSION]
    return Access(remote_account=str(shop.settings.base_url).rstrip("/"), missing=tuple(missing))
