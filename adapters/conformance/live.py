"""What is promised in earnest: a few questions to the real vendor, with a test account that an operator lends.

A channel is only read. A carrier sells one label, in the vendor's test mode, and takes it back.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, cast

import httpx
import pytest
import pytest_asyncio
from pydantic import BaseModel, ValidationError

from adapters.conformance.promises import Promises, Scene, needs, promise
from adapters.conformance.worlds import CannotHappen, World
from adapters.conformance.writing import settled
from adapters.http import complaints
from adapters.manifest import Manifest
from domain.effect import Absent, Confirmed, Dedupe, EffectKind, Found
from domain.errors import ContractBroken, NotFound, Refused
from domain.order import ChannelOrder
from domain.ports.carrier import BuyLabel, ParcelWish, Rate, VoidLabel
from domain.ports.marketplace import OrderPage, RawOrder
from domain.values import Address

LIVE = "CROSSDOCK_LIVE"
"""Set while a real vendor may be asked; an adapter's variable begins with it, too."""

_A_MONTH = timedelta(days=30)
_PAGES = 3


def variable_of(manifest: Manifest[Any, Any]) -> str:
    """Return the variable that holds the settings of an adapter's test account, as JSON."""
    return f"{LIVE}_{manifest.name.upper()}"


def lent_account(manifest: Manifest[Any, Any]) -> Mapping[str, object]:
    """Return the settings of the account that was lent; without one the test is skipped.

    What is wrong with them is told by the names of the fields: what they hold is secret.
    """
    if not os.environ.get(LIVE) or not (told := os.environ.get(variable_of(manifest))):
        fields: dict[str, Any] = manifest.settings.model_fields
        wanted = ", ".join(name for name, field in fields.items() if field.is_required())
        pytest.skip(
            f"asked only by `crossdock adapters check {manifest.name} --live`, and when {variable_of(manifest)} holds "
            f"the settings of a test account: JSON with {wanted}"
        )
    wrong = "it is no JSON object"
    with contextlib.suppress(ValueError):
        account: object = json.loads(told)
        try:
            manifest.settings.model_validate(account)
        except ValidationError as error:
            wrong = complaints(error)
        else:
            return cast("Mapping[str, object]", account)
    pytest.fail(f"{variable_of(manifest)}: {wrong}", pytrace=False)


class RealWorld(World):
    """A vendor as it is, at the end of a wire; nothing about it can be arranged."""

    def __init__(self, account: Mapping[str, object], wire: httpx.AsyncBaseTransport) -> None:
        self._account, self._wire = account, wire

    @property
    def settings(self) -> Mapping[str, object]:
        """What the operator lent."""
        return self._account

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """The network."""
        return self._wire

    @property
    def now(self) -> datetime:
        """This machine's moment."""
        return datetime.now(UTC)  # noqa: TID251  a live test stands at the edge


class LivePromises(Promises):
    """Promises that a real vendor is asked about.

    Attributes:
        manifest: the adapter's.
    """

    manifest: ClassVar[Manifest[Any, Any]]

    @pytest.fixture
    def account(self) -> Mapping[str, object]:
        """Return the settings of the account that is asked; a vendor that runs right here lends its own."""
        return lent_account(self.manifest)

    @pytest_asyncio.fixture
    async def world(self, account: Mapping[str, object]) -> AsyncIterator[World]:
        """Reach out to the vendor."""
        kind = type("Real", (RealWorld,), {"manifest": self.manifest})
        wire = httpx.AsyncHTTPTransport()
        yield kind(account, wire)
        await wire.aclose()


class MarketplaceLive(LivePromises):
    """Inherit this as `test_live.py` beside an adapter's other tests, and name its manifest; it only reads.

    Attributes:
        unknown_order: an id of the right kind that no order has.
    """

    unknown_order: ClassVar[str] = "999999999"

    @promise
    async def test_the_account_is_known_and_nothing_lacks(self, scene: Scene) -> None:
        access = await scene.adapter.check_access()
        assert access.remote_account, "one account could be connected twice"
        assert access.missing == ()

    @promise
    async def test_every_order_that_is_listed_can_be_read(self, scene: Scene) -> None:
        read = [_read(scene, raw) for raw in await self._listed(scene)]
        unreadable = [told for told in read if isinstance(told, str)]
        assert not unreadable, "what stands there is not what was agreed"

    @promise
    async def test_the_list_goes_on_and_names_no_order_twice(self, scene: Scene) -> None:
        ids = [raw.channel_order_id for raw in await self._listed(scene)]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        assert not twice

    @promise
    async def test_an_order_is_fetched_as_it_was_listed(self, scene: Scene) -> None:
        raw, *_ = await self._listed(scene)
        listed = _read(scene, raw)
        fetched = _read(scene, await scene.adapter.fetch_order(raw.channel_order_id))
        # Neither is shown: buyers stand in them.
        same = _gist(listed) == _gist(fetched)
        assert same, f"{raw.channel_order_id} is one order in the list, and another by itself"

    @promise
    async def test_an_order_that_nobody_placed_is_not_found(self, scene: Scene) -> None:
        with pytest.raises((NotFound, Refused)):
            await scene.adapter.fetch_order(self.unknown_order)

    async def _listed(self, scene: Scene) -> list[RawOrder]:
        """Return the orders on the first pages of what changed lately."""
        rule, now = scene.capability.pull, scene.world.now
        rows: list[RawOrder] = []
        cursors: list[str | None] = [None]
        while len(cursors) <= _PAGES:
            page: OrderPage = await scene.adapter.list_orders(rule.within_reach(now - _A_MONTH, now), cursors[-1])
            rows += page.orders
            if page.next_cursor is None:
                break
            assert page.next_cursor not in cursors, "the list goes round in a circle"
            cursors.append(page.next_cursor)
        if not rows:
            raise CannotHappen("the account has no orders of the last 30 days: place one there by hand")
        return rows


class CarrierLive(LivePromises):
    """Inherit this as `test_live.py` beside an adapter's other tests, and name its manifest.

    Attributes:
        sender: where the parcel leaves, and `destination` where it goes; both to be served by the account's services.
    """

    origin: ClassVar[str] = "LIVE"
    sender: ClassVar[Address] = Address(
        name="Crossdock", street="417 Montgomery Street", city="San Francisco", postal_code="94104", region="CA",
        country="US", phone="4155550100",
    )  # fmt: skip
    destination: ClassVar[Address] = Address(
        name="Ann Lee", street="179 N Harbor Dr", city="Redondo Beach", postal_code="90277", region="CA",
        country="US", phone="3105550100",
    )  # fmt: skip

    def in_test_mode(self, settings: BaseModel) -> bool:
        """Tell whether a label under these settings costs nothing and carries nothing; unless told, it does."""
        del settings
        return False

    @promise
    async def test_rates_are_told_for_a_parcel(self, scene: Scene) -> None:
        needs(scene.capability, "rates")
        rates: tuple[Rate, ...] = await scene.adapter.rate(self._parcel())
        assert rates, "none of the services in the settings would carry it"
        assert all(rate.cost.amount > 0 for rate in rates)
        assert {rate.speed for rate in rates} <= {"", *scene.capability.speeds}

    @promise
    async def test_a_test_label_is_bought_found_and_given_back(self, scene: Scene) -> None:
        settings = self.manifest.settings.model_validate(scene.world.settings)
        if not self.in_test_mode(settings):
            raise CannotHappen("labels are only bought in the vendor's test mode, and the account is not in it")
        write = await self._wanted(scene)
        bought = await scene.adapter.buy_label(write)
        found = await settled(scene, write, bought)
        label = found.confirmed if isinstance(found, Found) else found
        assert isinstance(label, Confirmed), f"{label!r}"
        try:
            await self._look_at(scene, write, label)
        finally:
            await self._give_back(scene, label)

    async def _wanted(self, scene: Scene) -> BuyLabel:
        # Unlike any other run's, for the vendor remembers them all.
        reference = f"label:live/{scene.world.now:%Y%m%d%H%M%S%f}/F1/P1:1"
        write = BuyLabel(reference=reference, **self._parcel().model_dump())
        if scene.capability.dedupe[EffectKind.LABEL].dedupe is Dedupe.TWO_PHASE:
            return write.model_copy(update={"trace": await scene.adapter.draft_label(write)})
        return write

    def _parcel(self) -> ParcelWish:
        return ParcelWish(
            origin=self.origin, sender=self.sender, destination=self.destination, weight_grams=700
        )  # fmt: skip

    async def _look_at(self, scene: Scene, write: BuyLabel, label: Confirmed) -> None:
        assert label.tracking_number, "a label without a number"
        assert label.cost is not None, "a label without a price"
        assert label.document is not None, "a label without a paper"
        assert label.document.media_type != "application/octet-stream", "nobody knows what to print it with"
        finding = await scene.adapter.find(write)
        assert not isinstance(finding, Absent), "it was bought, and would be bought again"
        with contextlib.suppress(NotFound):
            events = await scene.adapter.track(label.tracking_number)
            assert all(event.tracking_number == label.tracking_number for event in events)

    async def _give_back(self, scene: Scene, label: Confirmed) -> None:
        if not scene.capability.voids:
            return
        write = VoidLabel(
            reference=f"void:live/{label.remote_id}:1", remote_id=label.remote_id,
            tracking_number=label.tracking_number or "",
        )  # fmt: skip
        outcome = await settled(scene, write, await scene.adapter.void_label(write))
        assert isinstance(outcome, Confirmed | Found), f"it is still to be paid for: {outcome!r}"


def _read(scene: Scene, raw: RawOrder) -> ChannelOrder | str:
    """Return an order, or what is wrong with it in words that name no buyer."""
    try:
        order: ChannelOrder = scene.adapter.read_order(raw.body)
    except ContractBroken as error:
        return f"{raw.channel_order_id}: {error.code}"
    own = order.channel_order_id == raw.channel_order_id
    return order if own else f"{raw.channel_order_id}: it says that it is {order.channel_order_id}"


def _gist(order: ChannelOrder | str) -> object:
    """Return what no second changes."""
    if isinstance(order, str):
        return order
    lines = {(line.line_id, line.listing_id, line.quantity, line.unit_price) for line in order.lines}
    return order.placed_at, order.currency, order.total, lines
