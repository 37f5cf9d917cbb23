"""What gateways have in common: the choice of a service, senders, and papers behind an address."""

import httpx
import pytest
from pydantic import HttpUrl

from adapters.http import make_client
from adapters.parcels.gateway import GatewaySettings, Offer, choose, decode_paper, fetch_paper, read_paper
from domain.errors import ContractBroken, Refused, Unavailable
from domain.ports.carrier import ParcelWish, Rate
from domain.values import Address, Document, Money

FILES = HttpUrl("https://files.example.org")
HERE = Address(name="Depot", street="Kai 1", city="Hamburg", postal_code="20457", country="DE")
THERE = Address(name="Ada Koch", street="Lindenweg 7", city="Bremen", postal_code="28195", country="DE")
SETTINGS = GatewaySettings(ordinary=("dpd/classic", "dhl/paket"), speeds={"express": ("dhl/air",)}, senders={"W": HERE})


def offer(level: str, amount: int, currency: str = "EUR", days: int | None = None) -> Offer:
    cost = Money(amount=amount, currency=currency)
    return Offer(offer_id=f"{level}:{amount}", level=level, cost=cost, days=days)


def wish(**changes: object) -> ParcelWish:
    return ParcelWish.model_validate({"origin": "W", "destination": THERE, "weight_grams": 700, **changes})


def test_the_cheapest_of_the_allowed_services_is_chosen_and_the_first_named_among_equals() -> None:
    offers = [offer("ups/saver", 100), offer("dhl/paket", 590), offer("dpd/classic", 600)]
    chosen = choose(offers, ("dpd/classic", "dhl/paket"))
    assert chosen
    assert chosen.level == "dhl/paket"
    first = choose([offer("dhl/paket", 600), *offers[2:]], ("dpd/classic", "dhl/paket"))
    assert first
    assert first.level == "dpd/classic"
    assert choose(offers, ("gls/parcel",)) is None


def test_prices_in_several_currencies_are_not_compared() -> None:
    chosen = choose([offer("dhl/paket", 1, "USD"), offer("dpd/classic", 600)], ("dpd/classic", "dhl/paket"))
    assert chosen
    assert chosen.level == "dpd/classic"


def test_each_speed_that_is_served_has_its_rate_the_ordinary_one_first() -> None:
    rates = SETTINGS.rates([offer("dhl/air", 1900, days=1), offer("dhl/paket", 590), offer("dpd/classic", 640)])
    ordinary, express = Money(amount=590, currency="EUR"), Money(amount=1900, currency="EUR")
    assert rates == (Rate(speed="", cost=ordinary), Rate(speed="express", cost=express, days=1))
    assert SETTINGS.rates([offer("dhl/air", 1900)]) == (Rate(speed="express", cost=express),)
    assert SETTINGS.allowed("overnight") == ()
    assert SETTINGS.levels == ("dpd/classic", "dhl/paket", "dhl/air")


def test_the_sender_that_is_told_counts_before_the_one_in_the_settings() -> None:
    assert SETTINGS.sender(wish()) == HERE
    assert SETTINGS.sender(wish(sender=THERE)) == THERE
    with pytest.raises(Refused, match="senders") as refusal:
        SETTINGS.sender(wish(origin="MOON"))
    assert refusal.value.code == "no-sender"


PAPERS = {
    b"%PDF-1.4\n": "application/pdf",
    b"\x89PNG\r\n\x1a\n...": "image/png",
    b"GIF87a...": "image/gif",
    b"GIF89a...": "image/gif",
    b"\xff\xd8\xff\xe0": "image/jpeg",
    b"\n^XA^FO10^XZ": "application/zpl",
    b"~DGR:LOGO.GRF,1": "application/zpl",
    b"<svg xmlns='x'/>": "image/svg+xml",
    b"<?xml version='1.0'?><svg/>": "image/svg+xml",
    b"\nN\nA50,0": "application/octet-stream",
}


@pytest.mark.parametrize(("content", "media_type"), PAPERS.items())
def test_a_paper_is_kept_as_it_came_and_typed_by_its_bytes(content: bytes, media_type: str) -> None:
    assert read_paper(content) == Document(content=content, media_type=media_type)


@pytest.mark.parametrize(
    "content", [b"", b"  ", b"<html>down</html>", b'{"error": 1}', b"<?xml version='1.0'?><Error/>"]
)
def test_a_page_or_message_instead_of_a_label_is_refused(content: bytes) -> None:
    with pytest.raises(ContractBroken):
        read_paper(content)


@pytest.mark.parametrize("told", ["?", "JVBERi0", "ü", "PGh0bWw+", ""])
def test_a_paper_that_is_sent_along_is_read_or_refused(told: str) -> None:
    assert decode_paper("JVBERi0x").media_type == "application/pdf"
    with pytest.raises(ContractBroken):
        decode_paper(told)


async def test_a_paper_is_fetched_over_tls_from_allowed_hosts_only() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=b"%PDF-1.4")

    async with make_client(httpx.MockTransport(answer)) as http:
        paper = await fetch_paper(http, "https://files.example.org/1.pdf", [FILES])
        assert paper.media_type == "application/pdf"
        for elsewhere in (
            "https://169.254.169.254/x",
            "http://files.example.org/1.pdf",
            "",
            "https://files.example.org.evil/",
        ):
            with pytest.raises(ContractBroken):
                await fetch_paper(http, elsewhere, [FILES])
    assert [request.url.host for request in asked] == ["files.example.org"]


async def test_a_paper_that_cannot_be_had_now_says_so() -> None:
    async with make_client(httpx.MockTransport(lambda _: httpx.Response(503))) as http:
        with pytest.raises(Unavailable):
            await fetch_paper(http, "https://files.example.org/1.pdf", [FILES])
