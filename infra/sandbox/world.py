"""The state of the world, and the one way to change it: every change is an entry of the journal."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from pydantic import JsonValue

from infra.sandbox.catalog import Catalog
from infra.sandbox.journal import Entry, Journal
from infra.sandbox.order import Order
from infra.sandbox.records import (
    Arrival,
    By,
    Cause,
    Deed,
    Driver,
    Hook,
    Label,
    Message,
    Offer,
    Record,
    Scene,
    Units,
    Work,
)

_ORDER_ID = re.compile(r"SX-\d+")
_PLACED_ELSEWHERE = re.compile(r"(?:^|:)([^/:]+/[^/:]+)/")
"""The seller's own name of an order at the beginning of what belongs to it: `shop-eu/17` in `label:shop-eu/17/F1:1`."""

R = TypeVar("R", bound=Record)
Reaction = Callable[["World", Entry], None]


class Facts(TypedDict, total=False):
    """What may be told about something that happened; the words are those of `Entry`."""

    subject: str
    order_id: str
    reference: str
    parcel: str
    location: str
    carrier: str
    tracking_number: str
    status: str
    detail: str
    amount: int
    currency: str
    units: list[Units]


class Table(dict[str, R], Generic[R]):
    """All records of one kind, by id, in the order in which they appeared."""

    def __init__(self, model: type[R]) -> None:
        super().__init__()
        self.model = model

    def restore(self, record_id: str, record: JsonValue) -> None:
        """Put back what the journal says of one record; None removes it."""
        if record is None:
            self.pop(record_id, None)
        else:
            self[record_id] = self.model.model_validate(record)


class World:
    """Tables of records, a journal, and actors that react to its entries.

    Attributes:
        pace: seconds that one step of an actor takes, on average.
        echoes: whether the marketplace also tells Crossdock of what Crossdock itself did.
        paused: whether the actors stand still; webhooks go out all the same.
    """

    def __init__(self, catalog: Catalog, *, seed: int = 0, pace: float = 0.2, path: Path | None = None) -> None:
        self.echoes = False
        self.catalog, self.seed, self.pace, self.paused = catalog, seed, pace, False
        self.echoes = False
        self.orders, self.offers, self.labels = Table(Order), Table(Offer), Table(Label)
        self.works, self.arrivals, self.mails = Table(Work), Table(Arrival), Table(Message)
        self.drivers = Table(Driver)
        self.hooks, self.scenes, self.causes, self.deeds = Table(Hook), Table(Scene), Table(Cause), Table(Deed)
        tables: list[Table[Any]] = [
            self.orders, self.offers, self.labels, self.works, self.arrivals,
            self.mails, self.drivers, self.hooks, self.scenes, self.causes, self.deeds,
        ]  # fmt: skip
        self._tables = {table.model.table: table for table in tables}
        self._puts: dict[str, dict[str, JsonValue]] = {}
        self._counter = 0
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._reactions: dict[str, list[Reaction]] = defaultdict(list)
        self.scheduled: list[Callable[[Deed], None]] = []
        self.journal = Journal(path)
        self._reload()

    def now(self) -> datetime:
        """Return the present moment; no two calls return the same one, so that order is never in doubt."""
        moment = datetime.now(UTC)  # noqa: TID251  the world outside is an edge and has its own clock
        self._latest = max(moment, self._latest + timedelta(microseconds=1))
        return self._latest

    def new_number(self) -> int:
        """Return a number nobody has had."""
        self._counter += 1
        return self._counter

    def new_id(self, prefix: str) -> str:
        """Return an id nobody has had."""
        return f"{prefix}-{self.new_number()}"

    def record(self, kind: str, by: By, *changed: Record, **facts: Unpack[Facts]) -> Entry:
        """Write what happened together with the records as they are now, and let the actors react."""
        for record in changed:
            self.keep(record)
        entry = Entry(
            seq=self.journal.next_seq, at=self.now(), kind=kind, by=by, puts=self._puts, counter=self._counter, **facts
        )
        self._puts = {}
        self.journal.append(entry)
        for reaction in self._reactions[kind]:
            reaction(self, entry)
        return entry

    def keep(self, record: Record) -> None:
        """Keep a record without telling of it."""
        self._tables[record.table][record.id] = record
        self._put(record)

    def on(self, kind: str, reaction: Reaction) -> None:
        """Let an actor react to every later entry of this kind."""
        self._reactions[kind].append(reaction)

    def after(self, steps: float, name: str, **args: str) -> None:
        """Let an actor do a deed in about so many steps; how many exactly depends on the seed only."""
        jitter = Random(f"{self.seed}/{name}/{sorted(args.items())}").uniform(0.6, 1.4)  # noqa: S311  not a secret
        self.at(self.pace * steps * jitter, name, **args)

    def at(self, seconds: float, name: str, **args: str) -> None:
        """Let a deed be done in exactly so many seconds."""
        deed = Deed(id=self.new_id("D"), name=name, due=self.now() + timedelta(seconds=seconds), args=args)
        self.keep(deed)
        for listener in self.scheduled:
            listener(deed)

    def forget(self, record: Record) -> None:
        """Remove a record that is of no further use."""
        self._tables[record.table].pop(record.id, None)
        self._puts.setdefault(record.table, {})[record.id] = None

    def order_in(self, text: str) -> str:
        """Return the order that a reference names: its id here, the seller's name if placed elsewhere, or nothing."""
        named = _ORDER_ID.search(text)
        if named and named.group() in self.orders:
            return named.group()
        elsewhere = _PLACED_ELSEWHERE.search(text)
        return elsewhere[1] if elsewhere else ""

    def flush(self) -> None:
        """Make everything that happened since the last flush survive a SIGKILL, all of it or nothing."""
        if self._puts:
            entry = Entry.silent(self.journal.next_seq, self.now(), self._puts, self._counter)
            self._puts = {}
            self.journal.append(entry)
        self.journal.flush()

    def begin_anew(self) -> None:
        """Forget everything, the journal included."""
        for table in self._tables.values():
            table.clear()
        self._puts.clear()
        self.journal.clear()

    def _put(self, record: Record) -> None:
        self._puts.setdefault(record.table, {})[record.id] = record.model_dump(mode="json")

    def _reload(self) -> None:
        for entry in self.journal.load():
            self._counter, self._latest = entry.counter, entry.at
            for table, records in entry.puts.items():
                for record_id, record in records.items():
                    self._tables[table].restore(record_id, record)
