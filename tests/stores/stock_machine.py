"""The half of the machine that plays on shelves: what comes, goes, is counted, moved, kept back or held for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import product
from typing import Any, ClassVar, Protocol, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.availability import IncomingGoods
from domain.errors import NotFound, OutOfStock
from domain.inventory import Claim, MovementKind
from domain.ports.stores import Record, Transaction
from domain.ports.stores.catalog import Channel
from domain.ports.stores.reservation import SoftReservation
from tests.builders import ACCOUNT, BERLIN, MUG, MUNICH, NOW, TEA, channel_line, channel_order, movement
from tests.stores.ledger_model import Ledgers, Soft
from tests.stores.scenes import record_order, seed_catalog

PRICE = 40
RIVAL = "rival"
SKUS = {"a": TEA, "b": TEA, "c": MUG}
ORDER = channel_order(*(channel_line(line_id, 20, sku, unit_price=PRICE) for line_id, sku in SKUS.items()))
PLACES = st.tuples(st.sampled_from([TEA, MUG]), st.sampled_from([BERLIN, MUNICH]))
ACCOUNTS = st.sampled_from([ACCOUNT, RIVAL])
UNITS = st.integers(1, 12)
T = TypeVar("T")


class Ground(Protocol):
    """Where the machine plays."""

    def fresh(self) -> Record:
        """Return an empty record."""
        ...

    async def violations(self) -> list[Any]:
        """Return what the record itself finds wrong."""
        ...


class StockMachine(RuleBasedStateMachine):
    """Two locations, two SKUs, two channels."""

    ground: ClassVar[Ground]
    runner: ClassVar[asyncio.Runner]

    def __init__(self) -> None:
        super().__init__()
        self.record = self.ground.fresh()
        self.model = Ledgers({line.line_id: line.quantity for line in ORDER.lines}, SKUS, ORDER.captured)
        self.movements: dict[str, tuple[str, str]] = {}
        self.numbers = iter(range(1, 10_000))

    @initialize(shelves=st.tuples(*[st.integers(0, 25)] * 4))
    def open_shop(self, shelves: tuple[int, ...]) -> None:
        self.run(seed_catalog(self.record))
        self.within(lambda tx: tx.catalog.save_channel(Channel(account=RIVAL, adapter="sandbox", settings="{}")))
        self.order_id = self.run(record_order(self.record, ORDER))
        for place, units in zip(product((TEA, MUG), (BERLIN, MUNICH)), shelves, strict=True):
            self.move(f"opening:{place}", place, units)
            self.model.brought[place] += units

    @rule(place=PLACES, units=UNITS)
    def receive(self, place: tuple[str, str], units: int) -> None:
        key = f"receipt:{next(self.numbers)}"
        assert self.move(key, place, units)
        self.model.brought[place] += units

    @rule(place=PLACES, units=UNITS)
    def take_away(self, place: tuple[str, str], units: int) -> None:
        allowed = self.model.on_hand(place) - units >= self.model.reserved(place)
        if allowed:
            assert self.move(f"adjust:{next(self.numbers)}", place, -units)
            self.model.brought[place] -= units
        else:
            with pytest.raises(OutOfStock):
                self.move(f"adjust:{next(self.numbers)}", place, -units)

    @rule(place=PLACES, counted=st.integers(0, 30))
    def count(self, place: tuple[str, str], counted: int) -> None:
        tally = movement(1, key=f"count:{next(self.numbers)}", sku=place[0], place=place[1])
        tally = tally.model_copy(update={"kind": MovementKind.COUNT})
        if counted >= self.model.reserved(place):
            assert self.within(lambda tx: tx.stock.count(tally, counted, NOW))
            self.model.brought[place] += counted - self.model.on_hand(place)
        else:
            with pytest.raises(OutOfStock):
                self.within(lambda tx: tx.stock.count(tally, counted, NOW))

    @rule(place=PLACES, units=UNITS)
    def carry_over(self, place: tuple[str, str], units: int) -> None:
        """Carry units to the other location: nothing is lost on the way, and repeating it carries nothing."""
        other = (place[0], MUNICH if place[1] == BERLIN else BERLIN)
        wanted = movement(-units, key=f"carry:{next(self.numbers)}", sku=place[0], place=place[1])
        wanted = wanted.model_copy(update={"kind": MovementKind.TRANSFER})
        if self.model.on_hand(place) - units < self.model.reserved(place):
            with pytest.raises(OutOfStock):
                self.within(lambda tx: tx.stock.transfer(wanted, other[1], NOW))
            return
        assert self.within(lambda tx: tx.stock.transfer(wanted, other[1], NOW))
        assert not self.within(lambda tx: tx.stock.transfer(wanted, other[1], NOW))
        self.model.brought[place] -= units
        self.model.brought[other] += units

    @precondition(lambda self: self.movements)
    @rule(data=st.data(), units=UNITS)
    def move_again(self, data: st.DataObject, units: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.movements)))
        assert not self.move(key, self.movements[key], units)

    @rule(place=PLACES, units=UNITS, announced=st.integers(0, 2))
    def receive_what_was_announced(self, place: tuple[str, str], units: int, announced: int) -> None:
        """Goods come against a reference, as many as were announced or not; without an announcement they do not."""
        reference = f"PO-{announced}"
        arrival = movement(units, key=f"arrival:{next(self.numbers)}", sku=place[0], place=place[1])
        arrival = arrival.model_copy(update={"against": reference})
        if announced:
            goods = IncomingGoods(reference=reference, sku=place[0], location=place[1], units=5, expected_at=NOW)
            self.within(lambda tx: tx.availability.announce(goods))
            assert self.within(lambda tx: tx.stock.move(arrival, NOW))
            self.model.brought[place] += units
            self.model.arrived[reference, place] += units
        else:
            with pytest.raises(NotFound):
                self.within(lambda tx: tx.stock.move(arrival, NOW))

    @rule(place=PLACES, units=st.integers(0, 4))
    def keep_safety(self, place: tuple[str, str], units: int) -> None:
        self.within(lambda tx: tx.stock.keep_safety(*place, units))
        self.model.safety[place] = units

    @rule(sku=st.sampled_from([TEA, MUG]), account=ACCOUNTS,
          units=st.dictionaries(st.sampled_from([BERLIN, MUNICH]), UNITS))  # fmt: skip
    def set_aside(self, sku: str, account: str, units: dict[str, int]) -> None:
        self.within(lambda tx: tx.availability.set_aside(sku, account, units))
        self.model.set_aside(sku, account, units)

    @rule(place=PLACES, account=ACCOUNTS, units=UNITS)
    def hold_for_a_while(self, place: tuple[str, str], account: str, units: int) -> None:
        owner = f"soft:{next(self.numbers)}"
        soft = SoftReservation(owner=owner, account=account, until=NOW, actor="till", reason="phone")
        fits = self.model.available(place, account) >= units

        async def act(tx: Transaction) -> bool:
            await tx.reservations.add(soft)
            return await tx.stock.reserve(owner, (Claim(sku=place[0], location=place[1], quantity=units),))

        assert self.within(act) is fits
        if fits:
            self.model.soft[owner] = Soft(account, place, units, self.model.use_set_aside(place, account, units))

    @precondition(lambda self: self.model.soft)
    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        owner = data.draw(st.sampled_from(sorted(self.model.soft)))

        async def act(tx: Transaction) -> None:
            for _ in range(2):
                await tx.stock.free(owner)
            assert await tx.reservations.end(owner)

        self.within(act)
        soft = self.model.soft.pop(owner)
        self.model.give_back(soft.place, soft.account, soft.aside)

    @invariant()
    def what_is_set_aside_and_coming_is_as_the_model_says(self) -> None:
        async def look(tx: Transaction) -> tuple[dict[Any, int], dict[Any, int], list[int]]:
            asides = {((own.sku, own.location), own.account): own.units for own in await tx.availability.set_asides()}
            open_goods = {
                (goods.reference, (goods.sku, goods.location)): goods.received
                for goods in await tx.availability.incoming()
            }
            promised = [
                level.available - max(self.model.available((level.sku, level.location), account), 0)
                for account in (ACCOUNT, RIVAL)
                for level in await tx.stock.levels([TEA, MUG], account)
            ]
            return asides, open_goods, promised

        asides, open_goods, promised = self.within(look)
        assert asides == self.model.asides
        assert open_goods.items() <= dict(self.model.arrived).items()
        assert not any(promised)

    def run(self, act: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(act)

    def within(self, act: Callable[[Transaction], Coroutine[Any, Any, T]]) -> T:
        """Do something in a transaction of its own."""

        async def transact() -> T:
            async with self.record.begin() as tx:
                return await act(tx)

        return self.run(transact())

    def move(self, key: str, place: tuple[str, str], units: int) -> bool:
        wanted = movement(units, key=key, sku=place[0], place=place[1])
        booked = self.within(lambda tx: tx.stock.move(wanted, NOW))
        self.movements[key] = place
        return booked
