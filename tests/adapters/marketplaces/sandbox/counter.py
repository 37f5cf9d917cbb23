"""The sandbox's marketplace as the carrier of its own orders: a world to be held against."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from adapters.conformance.labels import LabelWorld, labels_of
from adapters.conformance.worlds import SoldLabel
from adapters.marketplaces.sandbox import MANIFEST
from adapters.marketplaces.sandbox.parcels import STATUSES
from domain.shipment import TrackingStatus
from domain.values import Address
from infra.sandbox import compose
from infra.sandbox.catalog import NOWHERE_TO_GO
from infra.sandbox.records import Scan
from tests.adapters.carriers.sandbox.simulator import SandboxSwiftWorld
from tests.adapters.marketplaces.sandbox.simulator import ACCOUNT
from tests.adapters.sandbox_inside import SandboxInside, told

HOME = Address(name="Ada Koch", street="Lindenweg 7", city="Hamburg", postal_code="20457", country="DE")


class SandboxCounterWorld(SandboxInside, LabelWorld):
    manifest = labels_of(MANIFEST)
    origin = "WH-AUTO"
    destination = HOME
    nowhere = HOME.model_copy(update={"postal_code": NOWHERE_TO_GO})
    words: ClassVar[Mapping[str, TrackingStatus]] = STATUSES
    tracked, hooked, bought = SandboxSwiftWorld.tracked, SandboxSwiftWorld.hooked, SandboxSwiftWorld.bought

    @property
    def settings(self) -> Mapping[str, object]:
        return {**super().settings, "account": ACCOUNT, "sells_labels": True}

    async def order(self) -> tuple[str, Mapping[str, int]]:
        listing = self.world.catalog.listing(ACCOUNT, "LST-KETTLE")
        assert listing
        order = compose.assemble(self.world, ACCOUNT, "ship", [compose.make_line(1, listing, 2)], seed="1")
        self.world.keep(order)
        return order.id, {order.lines[0].id: 2}

    async def labels(self) -> tuple[SoldLabel, ...]:
        return tuple(
            SoldLabel(
                reference=label.reference, tracking_number=label.id, cost=label.cost, currency=label.currency,
                voided=label.status == "voided", intercepted=label.fate == "intercepted",
            )
            for label in self.world.labels.values()
        )  # fmt: skip

    async def scan(self, tracking_number: str, word: str, moment: datetime) -> None:
        label = self.world.labels[tracking_number]
        label.status = word
        label.scans.append(Scan(status=word, at=moment))

    async def hand_over(self, tracking_number: str) -> None:
        await self.scan(tracking_number, "accepted", self.now)

    def scan_webhook(self, tracking_number: str, word: str, moment: datetime) -> bytes:
        words = {"tracking_number": tracking_number, "status": word, "scanned_at": moment.isoformat()}
        return json.dumps(told(type="parcel.scanned", reference="label:1", **words)).encode()

    def webhook_bodies(self) -> tuple[bytes, ...]:
        return (self.scan_webhook("SW0000000001", "in_transit", self.now),)
