"""The sandbox's marketplace as the carrier of its own orders: a world to be held against."""

from collections.abc import Mapping

from adapters.conformance.labels import LabelWorld, labels_of
from adapters.marketplaces.sandbox import MANIFEST
from domain.values import Address
from infra.sandbox import compose
from tests.adapters.carriers.sandbox.simulator import LabelsInside
from tests.adapters.marketplaces.sandbox.simulator import ACCOUNT

HOME = Address(name="Ada Koch", street="Lindenweg 7", city="Hamburg", postal_code="20457", country="DE")


class SandboxCounterWorld(LabelsInside, LabelWorld):
    manifest = labels_of(MANIFEST)

    @property
    def settings(self) -> Mapping[str, object]:
        return {**super().settings, "account": ACCOUNT, "sells_labels": True}

    async def order(self) -> tuple[str, Mapping[str, int]]:
        listing = self.world.catalog.listing(ACCOUNT, "LST-KETTLE")
        assert listing
        order = compose.assemble(self.world, ACCOUNT, "ship", [compose.make_line(1, listing, 2)], seed="1")
        self.world.keep(order)
        return order.id, {order.lines[0].id: 2}
