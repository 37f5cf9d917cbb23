"""Proving who we are: the published vectors of OAuth, and a shop that checks every signature."""

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.woocommerce.auth import OneLegged, base_string, sign
from domain.errors import NotFound, Unauthorized
from tests.adapters.marketplaces.woocommerce.conftest import Sell, make_adapter, shipment
from tests.adapters.marketplaces.woocommerce.world import WooWorld

RFC_PARAMS = (
    ("size", "original"), ("file", "vacation.jpg"), ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
    ("oauth_token", "nnch734d00sl2jdk"), ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131202"),
    ("oauth_nonce", "chapoH"),
)  # fmt: skip


def test_the_example_of_rfc_5849_section_1_2_is_signed_as_printed_there() -> None:
    text = base_string("GET", "http://photos.example.net/photos", RFC_PARAMS)
    signature = sign(text, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00", digest="sha1")
    assert signature == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


def test_the_base_string_of_rfc_5849_section_3_4_1_is_signed_with_sha256_as_others_do() -> None:
    params = (
        ("b5", "=%3D"), ("a3", "a"), ("c@", ""), ("a2", "r b"), ("c2", ""), ("a3", "2 q"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA256"), ("oauth_timestamp", "137131201"), ("oauth_nonce", "7d8f3e4a"),
    )  # fmt: skip
    text = base_string("POST", "http://example.com/request", params)
    assert sign(text, "j49sk3j29djd", "dh893hdasih9") == "ypAxjNip++Dm0fTM+gCl8wAo6ufSnseu1WHxL7py3BU="


def test_each_request_has_its_own_moment_and_nonce() -> None:
    nonces = iter(("n1", "n2"))
    auth = OneLegged("k", "s", clock=lambda: 1700000000.9, nonce=lambda: next(nonces))
    first, second = [next(auth.sync_auth_flow(httpx.Request("GET", "http://shop.example/a?b=c%20d"))) for _ in range(2)]
    assert first.url.params["oauth_timestamp"] == "1700000000"
    assert first.url.params["b"] == "c d"
    assert (first.url.params["oauth_nonce"], second.url.params["oauth_nonce"]) == ("n1", "n2")
    assert first.url.params["oauth_signature"] != second.url.params["oauth_signature"]


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_a_shop_lets_us_read_and_write(scheme: str, sell: Sell, world: WooWorld) -> None:
    order = sell(1)
    plain = WooWorld(scheme=scheme)
    plain.shop = world.shop
    async with make_client(plain.transport) as http:
        adapter = make_adapter(plain, http)
        assert [raw.channel_order_id for raw in (await adapter.list_orders(world.now.replace(year=2020), None)).orders]
        await adapter.confirm_shipment(shipment(order, _11=1))
    assert order["status"] == "completed"


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_a_wrong_secret_is_refused(scheme: str, sell: Sell, world: WooWorld) -> None:
    order = sell(1)
    async with make_client(world.transport) as http:
        adapter = make_adapter(world, http, base_url=f"{scheme}://shop.example", consumer_secret="cs_guessed")
        with pytest.raises(Unauthorized):
            await adapter.check_access()
        with pytest.raises(Unauthorized):
            await adapter.fetch_order(str(order["id"]))


async def test_over_http_the_secret_itself_is_never_sent(sell: Sell, world: WooWorld) -> None:
    seen: list[httpx.Request] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return world.shop(request)

    async with make_client(httpx.MockTransport(look)) as http:
        await make_adapter(world, http, base_url="http://shop.example").fetch_order(str(sell(1)["id"]))
    assert seen
    assert not any(str(world.settings["consumer_secret"]) in f"{one.url} {one.headers}" for one in seen)


async def test_an_id_that_is_no_number_is_never_asked_for(sell: Sell, world: WooWorld, http: httpx.AsyncClient) -> None:
    sell(1)
    with pytest.raises(NotFound):
        await make_adapter(world, http).fetch_order("../products/1")
    assert world.shop.asked == []


async def test_several_things_that_lack_are_all_named(sell: Sell, world: WooWorld, http: httpx.AsyncClient) -> None:
    sell(1)
    world.shop.withheld = {"Write (REST API key)", "read_private_shop_orders (the key's user)"}
    access = await make_adapter(world, http).check_access()
    assert set(access.missing) == world.shop.withheld
    assert [(method, path, body) for method, path, body in world.shop.asked if method != "GET"] == []


async def test_what_asks_for_the_right_to_write_writes_nothing(world: WooWorld, http: httpx.AsyncClient) -> None:
    await make_adapter(world, http).check_access()
    assert [(path, body) for method, path, body in world.shop.asked if method != "GET"] == [
        ("/orders/batch", {}), ("/products/batch", {}),
    ]  # fmt: skip
