"""A marketplace that sells the labels of its orders: the carrier that it is keeps what every carrier promises."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel

from adapters.conformance.worlds import CarrierWorld
from adapters.manifest import Manifest
from domain.ports.carrier import Carrier
from domain.ports.marketplace import SellsLabels


class LabelWorld(CarrierWorld):
    """A marketplace as the carrier of its orders; its `manifest` is `labels_of` that of the marketplace."""

    @abstractmethod
    async def order(self) -> tuple[str, Mapping[str, int]]:
        """Let a buyer order; return the marketplace's id of the order, and its units by line id."""


def labels_of(manifest: Manifest[Any, Any]) -> Manifest[Any, Carrier]:
    """Return the manifest of the carrier that a marketplace is.

    Its factory raises TypeError where the adapter is none.
    """

    def make(settings: BaseModel, http: httpx.AsyncClient) -> Carrier:
        marketplace = manifest.factory(settings, http)
        if not isinstance(marketplace, SellsLabels):
            raise TypeError(f"{manifest.name} sells no labels")
        return marketplace.labels

    return dataclasses.replace(manifest, party="carrier", factory=make, capability=None)  # pyright: ignore[reportReturnType, reportArgumentType] - the same card of another party
