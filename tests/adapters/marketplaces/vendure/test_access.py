"""Getting in: the login is renewed, refused, or cannot be reached."""

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.adapter import VendureMarketplace
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.effect import CannotTell, Confirmed, Found
from domain.errors import Unauthorized, Unavailable
from domain.ports.marketplace import AcknowledgeOrder
from infra.vendure.buyer import PlacedOrder
from infra.vendure.store import Store
from tests.adapters.marketplaces.vendure.line import LossyLine
from tests.adapters.marketplaces.vendure.writes import refund, shipment

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


async def test_nothing_is_acknowledged_for_the_shop_does_not_ask(
    order: PlacedOrder, marketplace: VendureMarketplace
) -> None:
    write = AcknowledgeOrder(channel_order_id=order.id, reference="ack")
    assert isinstance(await marketplace.acknowledge(write), Confirmed)
    assert isinstance(await marketplace.find(write), Found)
    assert not marketplace.capability.acknowledges


async def test_a_forgotten_login_is_renewed_once_and_unseen(
    vendure_store: Store, order: PlacedOrder, marketplace: VendureMarketplace, line: LossyLine
) -> None:
    await marketplace.fetch_order(order.id)
    line.forget()
    await marketplace.fetch_order(order.id)
    token = line.requests[-1].headers["Authorization"]
    async with httpx.AsyncClient(headers={"Authorization": token}) as http:
        await http.post(vendure_store.admin_api, json={"query": "mutation { logout { success } }"})
    assert isinstance(await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 1})), Confirmed)
    assert line.count("login(") == 1


async def test_a_wrong_password_is_unauthorized(order: PlacedOrder, settings: VendureSettings, line: LossyLine) -> None:
    wrong = settings.model_validate(settings.model_dump() | {"password": "wrong"})
    async with make_client(line) as http:
        with pytest.raises(Unauthorized):
            await MANIFEST.factory(wrong, http).fetch_order(order.id)


async def test_a_shop_that_is_down_executes_nothing_and_cannot_tell(
    order: PlacedOrder, settings: VendureSettings
) -> None:
    nowhere = settings.model_validate(settings.model_dump() | {"admin_api": "http://127.0.0.1:1/admin-api"})
    async with make_client() as http:
        marketplace = MANIFEST.factory(nowhere, http)
        with pytest.raises(Unavailable):
            await marketplace.refund(refund(order, 1))
        assert isinstance(await marketplace.find(refund(order, 1)), CannotTell)
