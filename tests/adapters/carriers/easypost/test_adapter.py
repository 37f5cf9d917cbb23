"""EasyPost: what is sold, given back and fetched, beside what every carrier promises."""

import json
from typing import Any

import httpx
import pytest

from adapters.carriers.easypost import MANIFEST
from adapters.carriers.easypost.adapter import EasyPost
from adapters.http import make_client
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from domain.errors import ContractBroken, NotFound, Refused, Unavailable, Undeliverable
from domain.ports.carrier import BuyLabel, OrderCollection, ParcelWish, Rate, VoidLabel
from domain.values import Document, Money
from tests.adapters.carriers.easypost.simulator import PAPER, EasyPostWorld

WORLD = EasyPostWorld


@pytest.fixture
def world() -> EasyPostWorld:
    return EasyPostWorld()


@pytest.fixture
async def easypost(world: EasyPostWorld) -> EasyPost:
    return adapter(world)


def adapter(world: EasyPostWorld, transport: httpx.AsyncBaseTransport | None = None, **changes: Any) -> EasyPost:
    settings = MANIFEST.settings.model_validate({**world.settings, **changes})
    return MANIFEST.factory(settings, make_client(transport or world.transport))


def label(**changes: Any) -> BuyLabel:
    told = {"reference": "label:a/1/F1/P1#1", "origin": "WH-1", "sender": WORLD.sender, "weight_grams": 700}
    return BuyLabel.model_validate({**told, "destination": WORLD.destination, **changes})


async def drafted(easypost: EasyPost, **changes: Any) -> BuyLabel:
    write = label(**changes)
    return write.model_copy(update={"trace": await easypost.draft_label(write)})


async def buy(easypost: EasyPost, **changes: Any) -> Confirmed:
    outcome = await easypost.buy_label(await drafted(easypost, **changes))
    assert isinstance(outcome, Confirmed)
    return outcome


def void(bought: Confirmed) -> VoidLabel:
    return VoidLabel(reference="void:1#1", remote_id=bought.remote_id, tracking_number=bought.tracking_number or "")


async def test_the_cheapest_ordinary_service_is_bought_and_the_named_one_for_a_speed(easypost: EasyPost) -> None:
    ordinary, express = await buy(easypost), await buy(easypost, speed="express")
    assert (ordinary.cost, express.cost) == (Money(amount=607, currency="USD"), Money(amount=3115, currency="USD"))
    assert ordinary.document == Document(content=PAPER, media_type="application/pdf")


async def test_a_speed_that_nobody_named_is_refused_before_anything_is_bought(
    easypost: EasyPost, world: EasyPostWorld
) -> None:
    outcome = await easypost.buy_label(await drafted(easypost, speed="teleport"))
    assert outcome == Rejected(code="no-offer")
    assert await world.labels() == ()


async def test_rates_tell_each_speed_and_leave_a_draft_only(easypost: EasyPost, world: EasyPostWorld) -> None:
    wish = ParcelWish(origin="WH-1", sender=WORLD.sender, destination=WORLD.destination, weight_grams=700)
    assert await easypost.rate(wish) == (
        Rate(speed="", cost=Money(amount=607, currency="USD"), days=3),
        Rate(speed="express", cost=Money(amount=3115, currency="USD"), days=3),
    )
    assert await world.labels() == ()


async def test_a_label_is_not_bought_without_a_draft_that_was_kept(easypost: EasyPost, world: EasyPostWorld) -> None:
    assert await easypost.buy_label(label()) == Rejected(code="no-draft")
    assert await easypost.find(label()) == Absent()
    assert world.asked == []


async def test_the_draft_says_what_is_sent(world: EasyPostWorld) -> None:
    easypost = adapter(world, carrier_accounts=["ca_1"], label_format="ZPL", senders={"WH-1": WORLD.destination})
    await easypost.draft_label(label(is_return=True, sender=None, weight_grams=1))
    (request,) = world.asked
    told = json.loads(request.content)["shipment"]
    assert told["parcel"] == {"weight": 0.1}
    assert told["from_address"]["zip"] == "90277"
    assert (told["is_return"], told["carrier_accounts"], told["options"]) == (True, ["ca_1"], {"label_format": "ZPL"})
    assert told["reference"] == "label:a/1/F1/P1#1"


async def test_a_sender_that_nobody_knows_is_named_with_the_setting(easypost: EasyPost) -> None:
    with pytest.raises(Refused, match="senders"):
        await easypost.draft_label(label(sender=None))


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (422, "ADDRESS.VERIFY.FAILURE", Undeliverable),
        (422, "PARAMETER.REQUIRED", Refused),
        (500, "INTERNAL", Unavailable),
    ],
)
async def test_a_draft_that_is_not_made_says_why(
    world: EasyPostWorld, status: int, code: str, error: type[Exception]
) -> None:
    easypost = adapter(world, httpx.MockTransport(lambda _: httpx.Response(status, json={"error": {"code": code}})))
    with pytest.raises(error):
        await easypost.draft_label(label())


@pytest.mark.parametrize("code", ["SHIPMENT.POSTAGE.EXISTS", "SHIPMENT.POSTAGE.TIMED_OUT"])
async def test_a_refusal_after_which_there_may_be_a_label_is_looked_up(
    easypost: EasyPost, world: EasyPostWorld, code: str
) -> None:
    write = await drafted(easypost)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/buy"):
            return httpx.Response(422, json={"error": {"code": code}})
        return httpx.Response(200, json=world.shipments[write.trace])

    outcome = await adapter(world, httpx.MockTransport(answer)).buy_label(write)
    assert outcome == Unknown(code=code, trace=write.trace)


async def test_a_bought_label_whose_paper_is_not_to_be_had_is_found_later(
    easypost: EasyPost, world: EasyPostWorld
) -> None:
    lying = adapter(world, label_origins=["https://elsewhere.example.org"])
    write = await drafted(easypost)
    assert await lying.buy_label(write) == Unknown(code="paper-elsewhere", trace=write.trace)
    assert await lying.find(write) == CannotTell(code="paper-elsewhere")
    found = await easypost.find(write)
    assert isinstance(found, Found)
    assert found.confirmed.document
    assert len(await world.labels()) == 1


async def test_the_label_is_fetched_without_our_key(easypost: EasyPost, world: EasyPostWorld) -> None:
    await buy(easypost)
    (fetched,) = [request for request in world.asked if request.url.host != "api.easypost.com"]
    assert "authorization" not in fetched.headers


@pytest.mark.parametrize("price", ["6.075", "six", "", "1e400"])
async def test_a_price_that_is_not_exact_is_refused_for_allowed_services_only(
    easypost: EasyPost, world: EasyPostWorld, price: str
) -> None:
    write = await drafted(easypost)
    for rate in world.shipments[write.trace]["rates"]:
        rate["rate"] = rate["rate"] if rate["service"] == "Express" else price
    with pytest.raises(ContractBroken) as failure:
        await easypost.buy_label(write)
    assert failure.value.code == "easypost-unreadable-price"
    assert isinstance(await easypost.buy_label(write.model_copy(update={"speed": "express"})), Confirmed)


async def test_a_refund_that_was_taken_voids_the_label_and_one_that_was_refused_does_not(
    easypost: EasyPost, world: EasyPostWorld
) -> None:
    bought = await buy(easypost)
    assert await easypost.find(void(bought)) == Absent()
    assert await easypost.void_label(void(bought)) == Confirmed(remote_id=bought.remote_id)
    assert await easypost.void_label(void(bought)) == Confirmed(remote_id=bought.remote_id)
    world.shipments[bought.remote_id]["refund_status"] = "rejected"
    assert await easypost.find(void(bought)) == Rejected(code="refund-rejected")


async def test_a_driver_comes_for_one_label_by_the_cheapest_way(easypost: EasyPost, world: EasyPostWorld) -> None:
    bought = await buy(easypost)
    write = OrderCollection(
        reference="collection:1#1", origin="WH-1", sender=WORLD.sender, ready_at=world.now, closes_at=world.now,
        remote_ids=(bought.remote_id,),
    )  # fmt: skip
    assert await easypost.find(write) == Absent()
    outcome = await easypost.order_collection(write)
    assert await easypost.find(write) == Found(confirmed=Confirmed(remote_id="pickup_1"))
    assert outcome == Confirmed(remote_id="pickup_1")
    assert json.loads(world.asked[-2].content) == {"carrier": "USPS", "service": "NextDay"}


async def test_a_driver_for_several_labels_comes_once_their_batch_is_made(
    easypost: EasyPost, world: EasyPostWorld
) -> None:
    labels = (
        (await buy(easypost, reference="label:1#1")).remote_id,
        (await buy(easypost, reference="label:2#1")).remote_id,
    )
    write = OrderCollection(
        reference="collection:1#1", origin="WH-1", sender=WORLD.sender, ready_at=world.now, closes_at=world.now,
        remote_ids=labels,
    )  # fmt: skip
    with pytest.raises(Unavailable, match="batch-in-the-making"):
        await easypost.order_collection(write)
    assert await easypost.find(write) == Absent()
    assert await easypost.order_collection(write) == Confirmed(remote_id="pickup_1")
    assert (len(world.batches), await world.collections(labels)) == (1, 1)
    unknown = write.model_copy(update={"reference": "collection:2#1", "remote_ids": ("shp_8", "shp_9")})
    with pytest.raises(Unavailable):
        await easypost.order_collection(unknown)
    assert await easypost.order_collection(unknown) == Rejected(code="no-batch")


async def test_a_number_that_easypost_did_not_sell_is_not_found(easypost: EasyPost) -> None:
    with pytest.raises(NotFound):
        await easypost.track("9400111899563821705427")
