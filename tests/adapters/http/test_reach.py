"""Where the requests of one party may go."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from pydantic import BaseModel, Field, HttpUrl

from adapters.http.reach import Reach, ReachTransport, reach_of
from domain.errors import Refused

PUBLIC = Reach(origins=frozenset({"https://shop.example:443"}), hosts=("*.vendor.example", "login.example"))


class Inner(BaseModel):
    label_api: HttpUrl


class Settings(BaseModel):
    api: HttpUrl = HttpUrl("https://Shop.Example/admin-api")
    name: str = "https://elsewhere.example"
    nothing: HttpUrl | None = None
    inner: Inner = Inner(label_api=HttpUrl("http://labels.example:8080/v1"))
    stores: Mapping[str, HttpUrl] = Field(default_factory=lambda: {"one": HttpUrl("https://one.example")})
    more: tuple[HttpUrl, ...] = (HttpUrl("https://two.example"),)


@pytest.mark.parametrize(
    "url",
    ["https://shop.example/orders", "https://shop.example:443/", "https://eu.vendor.example/", "https://login.example/t",
     "https://a.b.vendor.example/"],
)  # fmt: skip
def test_a_party_is_reached_at_its_addresses(url: str) -> None:
    assert PUBLIC.holds(httpx.URL(url))


@pytest.mark.parametrize(
    "url",
    ["https://shop.example:8443/", "http://shop.example/", "https://shop.example.evil.example/", "https://evil.example/",
     "https://evilvendor.example/", "https://vendor.example/", "https://eu.vendor.example:8443/", "ftp://shop.example/",
     "http://eu.vendor.example/", "https://shop.example@evil.example/", "https://169.254.169.254/"],
)  # fmt: skip
def test_a_party_is_reached_nowhere_else(url: str) -> None:
    assert not PUBLIC.holds(httpx.URL(url))


def test_a_private_party_may_do_without_tls_but_not_elsewhere() -> None:
    private = Reach(origins=frozenset({"http://10.0.0.5:8080"}), allow_private=True)
    assert private.holds(httpx.URL("http://10.0.0.5:8080/work"))
    assert not private.holds(httpx.URL("http://10.0.0.6:8080/work"))
    assert not private.holds(httpx.URL("http://10.0.0.5/work"))


def test_every_address_in_the_settings_is_one_of_the_party() -> None:
    assert reach_of(Settings(), ("*.vendor.example",)) == Reach(
        frozenset({
            "https://shop.example:443", "http://labels.example:8080", "https://one.example:443",
            "https://two.example:443",
        }),
        ("*.vendor.example",),
    )  # fmt: skip


async def test_what_is_addressed_to_anybody_else_is_refused_before_it_is_sent() -> None:
    sent: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(204)

    transport = ReachTransport(httpx.MockTransport(take), "shop-eu", PUBLIC)
    async with httpx.AsyncClient(transport=transport) as client:
        assert (await client.get("https://shop.example/")).status_code == 204
        with pytest.raises(Refused) as caught:
            await client.get("https://evil.example/orders?token=hunter2")
    assert len(sent) == 1
    assert caught.value.code == "address-not-allowed"
    assert "shop-eu" in str(caught.value)
    assert "hunter2" not in str(caught.value)
