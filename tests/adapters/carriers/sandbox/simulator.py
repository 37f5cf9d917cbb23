"""The sandbox's carriers as worlds to be held against."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from adapters.carriers.sandbox import MANIFEST
from adapters.carriers.sandbox.mapping import STATUSES
from adapters.conformance.worlds import CarrierWorld, SoldLabel, Vital
from domain.shipment import TrackingStatus
from domain.values import Address
from infra.sandbox.catalog import NOWHERE_TO_GO
from infra.sandbox.records import Scan
from tests.adapters.sandbox_inside import SandboxInside, told

HOME = Address(name="Ada Koch", street="Lindenweg 7", city="Hamburg", postal_code="20457", country="DE")


class LabelsInside(SandboxInside, CarrierWorld):
    """Labels of the sandbox, whoever sells them there."""

    origin = "WH-AUTO"
    destination = HOME
    nowhere = HOME.model_copy(update={"postal_code": NOWHERE_TO_GO})
    words: ClassVar[Mapping[str, TrackingStatus]] = STATUSES
    tracked: ClassVar = Vital(
        texts=("tracking_number",), words=("scans", "status", "scans.0.status"), moments=("scans.0.at",)
    )
    hooked: ClassVar = Vital(texts=("tracking_number",), words=("type", "status"), moments=("scanned_at",))
    bought: ClassVar = Vital(texts=("tracking_number", "currency"), amounts=("cost",), words=("label_id", "document"))

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


class SandboxSwiftWorld(LabelsInside):
    """The carrier that can be asked by reference."""

    manifest = MANIFEST
    carrier = "sandbox-swift"

    @property
    def settings(self) -> Mapping[str, object]:
        return {**super().settings, "carrier": self.carrier}

    async def collections(self, remote_ids: tuple[str, ...]) -> int:
        return sum(set(remote_ids) <= set(driver.labels) for driver in self.world.drivers.values())


class SandboxBlindWorld(SandboxSwiftWorld):
    """The carrier that cannot be asked by reference, and turns no parcel round."""

    carrier = "sandbox-blind"
