"""What is asked in earnest finds fault where there is one, asks nobody unless it may, and keeps secrets."""

import dataclasses
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from adapters.carriers.sandbox.adapter import SandboxCarrier
from adapters.conformance.channel_deeds import wanted
from adapters.conformance.live import LIVE, CarrierLive, LivePromises, MarketplaceLive, lent_account
from adapters.conformance.promises import opened, promises_of
from adapters.conformance.worlds import World
from adapters.marketplaces.sandbox.adapter import SandboxMarketplace
from adapters.marketplaces.shopify import MANIFEST
from domain.effect import Absent, Confirmed, Finding, Outcome, OutsideWrite, Rejected
from domain.errors import ContractBroken
from domain.order import ChannelOrder
from domain.ports.carrier import BuyLabel, ParcelWish, Rate, VoidLabel
from domain.ports.marketplace import Access, OrderPage, RawOrder
from tests.adapters.carriers.sandbox.simulator import HOME, SandboxSwiftWorld
from tests.adapters.marketplaces.sandbox.simulator import SandboxMarketplaceWorld

VARIABLE = f"{LIVE}_SHOPIFY"


class LacksPermissions(SandboxMarketplace):
    async def check_access(self) -> Access:
        return Access(remote_account="north", missing=("read_orders",))


class ForgetsWhoseAccountItIs(SandboxMarketplace):
    async def check_access(self) -> Access:
        return Access(remote_account="")


class CannotReadItsOwnList(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        del body
        raise ContractBroken("sandbox-unknown-status")


class ReadsTheWrongOrder(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        return super().read_order(body).model_copy(update={"channel_order_id": "SX-1"})


class GoesRoundInACircle(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        del cursor
        page = await super().list_orders(since, None)
        return page.model_copy(update={"next_cursor": "again"})


class NamesOrdersTwice(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(since, cursor)
        return page.model_copy(update={"orders": (*page.orders, *page.orders[-1:])})


class ListsOtherPrices(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(since, cursor)
        orders = tuple(raw.model_copy(update={"body": _dearer(raw.body)}) for raw in page.orders)
        return page.model_copy(update={"orders": orders})


class MakesUpOrders(SandboxMarketplace):
    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        return RawOrder(channel_order_id=channel_order_id, body=b"{}")


class TellsNoRates(SandboxCarrier):
    async def rate(self, wish: ParcelWish) -> tuple[Rate, ...]:
        del wish
        return ()


class LosesThePaper(SandboxCarrier):
    async def buy_label(self, write: BuyLabel) -> Outcome:
        outcome = await super().buy_label(write)
        return outcome.model_copy(update={"document": None}) if isinstance(outcome, Confirmed) else outcome


class FindsNothing(SandboxCarrier):
    async def find(self, write: OutsideWrite) -> Finding:
        del write
        return Absent()


class KeepsTheMoney(SandboxCarrier):
    async def void_label(self, write: VoidLabel) -> Outcome:
        del write
        return Rejected(code="no")


CAUGHT_BY: dict[type[object], str] = {
    LacksPermissions: "the_account_is_known_and_nothing_lacks",
    ForgetsWhoseAccountItIs: "the_account_is_known_and_nothing_lacks",
    CannotReadItsOwnList: "every_order_that_is_listed_can_be_read",
    ReadsTheWrongOrder: "every_order_that_is_listed_can_be_read",
    NamesOrdersTwice: "the_list_goes_on_and_names_no_order_twice",
    GoesRoundInACircle: "the_list_goes_on_and_names_no_order_twice",
    ListsOtherPrices: "an_order_is_fetched_as_it_was_listed",
    MakesUpOrders: "an_order_that_nobody_placed_is_not_found",
    TellsNoRates: "rates_are_told_for_a_parcel",
    LosesThePaper: "a_test_label_is_bought_found_and_given_back",
    FindsNothing: "a_test_label_is_bought_found_and_given_back",
    KeepsTheMoney: "a_test_label_is_bought_found_and_given_back",
}


class Channel(MarketplaceLive):
    unknown_order = SandboxMarketplaceWorld.unknown_order


class Carrier(CarrierLive):
    manifest = SandboxSwiftWorld.manifest
    origin = SandboxSwiftWorld.origin
    destination = HOME

    def in_test_mode(self, settings: BaseModel) -> bool:
        return bool(settings)


def _dearer(body: bytes) -> bytes:
    order = json.loads(body)
    order["total"] += 1
    order["lines"][0]["unit_price"] += 1
    return json.dumps(order).encode()


async def _keep(suite: LivePromises, promise: str, world: World, factory: Any) -> None:
    own: Any = type("Own", (type(world),), {"manifest": dataclasses.replace(world.manifest, factory=factory)})()
    if isinstance(own, SandboxMarketplaceWorld):
        for number in range(4):
            await own.place_order(wanted(own, 1), own.now - timedelta(minutes=number), "EUR")
    async with opened(own) as scene:
        await getattr(suite, f"test_{promise}")(scene)


@pytest.mark.parametrize("mutant", CAUGHT_BY, ids=lambda mutant: mutant.__name__)
async def test_a_mutant_is_caught_in_earnest(mutant: type[object]) -> None:
    sells = issubclass(mutant, SandboxMarketplace)
    suite, world = (Channel(), SandboxMarketplaceWorld()) if sells else (Carrier(), SandboxSwiftWorld())
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await _keep(suite, CAUGHT_BY[mutant], world, mutant)


@pytest.mark.parametrize("promise", promises_of(Channel))
async def test_a_whole_channel_keeps_what_it_promises(promise: str) -> None:
    await _keep(Channel(), promise.removeprefix("test_"), SandboxMarketplaceWorld(), SandboxMarketplace)


@pytest.mark.parametrize("promise", promises_of(Carrier))
async def test_a_whole_carrier_keeps_what_it_promises_and_gets_its_label_back(promise: str) -> None:
    await _keep(Carrier(), promise.removeprefix("test_"), SandboxSwiftWorld(), SandboxCarrier)


class InEarnest(CarrierLive):
    manifest = SandboxSwiftWorld.manifest


async def test_outside_the_test_mode_nothing_is_bought() -> None:
    async with opened(SandboxSwiftWorld()) as scene:
        with pytest.raises(pytest.skip.Exception, match="test mode"):
            await InEarnest().test_a_test_label_is_bought_found_and_given_back(scene)
        assert not scene.line.requests


@pytest.mark.parametrize("missing", [LIVE, VARIABLE])
def test_nobody_is_asked_unless_it_is_wanted_and_an_account_was_lent(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in {LIVE, VARIABLE} - {missing}:
        monkeypatch.setenv(name, "{}")
    monkeypatch.delenv(missing, raising=False)
    with pytest.raises(pytest.skip.Exception) as caught:
        lent_account(MANIFEST)
    for word in (VARIABLE, "shop", "access_token", "stock_location", "--live"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ('{"shop": "north.myshopify.com", "access_token": "hush"', "no JSON object"),
        ('["hush"]', "valid dictionary"),
        ('{"shop": "hush", "access_token": "hush", "stock_location": "1"}', "shop"),
        ('{"shop": "north.myshopify.com", "access_token": "hush", "hush_too": 1}', "stock_location"),
    ],
)
def test_settings_that_are_wrong_are_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, told: str, words: str
) -> None:
    monkeypatch.setenv(LIVE, "1")
    monkeypatch.setenv(VARIABLE, told)
    with pytest.raises(pytest.fail.Exception) as caught:
        lent_account(MANIFEST)
    assert words in str(caught.value)
    assert "hush" not in str(caught.value).replace("hush_too", "")


def test_an_account_that_was_lent_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    account = {"shop": "north.myshopify.com", "access_token": "hush", "stock_location": "1"}
    monkeypatch.setenv(LIVE, "1")
    monkeypatch.setenv(VARIABLE, json.dumps(account))
    assert lent_account(MANIFEST) == account
