"""What the world testifies, from its journal alone: what was really done to it, and what should never be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from starlette.routing import Route

from infra.sandbox.catalog import Catalog
from infra.sandbox.endpoint import Answer, Call, route
from infra.sandbox.journal import Entry

_TOLD_OF_CANCELLATION = frozenset({"cancelled", "pickup-expired", "parcel-lost", "sent-back"})
_ONCE = frozenset({"label.bought", "driver.ordered", "order.shipped", "order.refunded", "order.cancelled"})


def bear_witness(entries: Iterable[Entry], catalog: Catalog) -> dict[str, int]:
    """Count what was done. The last six figures are told besides those of the demo's report."""
    journal = [entry for entry in entries if not entry.kind.startswith("hook.")]
    kinds = Counter(entry.kind for entry in journal)
    outbound = [entry for entry in journal if entry.detail == "outbound"]
    live = _live_labels(outbound)
    handed_over = {one.tracking_number for one in outbound if (one.kind, one.status) == ("parcel.scanned", "accepted")}
    return {
        "at_channel": kinds["order.placed"],
        "labels_bought": sum(one.kind == "label.bought" for one in outbound),
        "labels_live": len(live),
        "parcels_handed_over": len(handed_over),
        "parcels_with_two_live_labels": sum(count > 1 for count in Counter(live.values()).values()),
        "tracking_pushed": len({one.tracking_number for one in journal if one.kind == "order.shipped" and _ours(one)}),
        "refunds": sum(one.kind == "order.refunded" and _ours(one) for one in journal),
        "refunds_over_captured": _refunds_over_captured(journal),
        "units_oversold": _units_oversold(journal, catalog),
        "silent_cancellations": _silent_cancellations(journal),
        "units_sent_and_cancelled": _units_sent_and_cancelled(journal),
        "duplicate_effects": _duplicate_effects(journal),
        "return_labels_bought": kinds["label.bought"] - sum(one.kind == "label.bought" for one in outbound),
        "pickups_collected": kinds["work.collected"],
        "returns_received": kinds["return.received"],
        "messages": kinds["mail.received"],
    }


def _ours(entry: Entry) -> bool:
    return entry.by == "crossdock"


def _live_labels(outbound: list[Entry]) -> dict[str, str]:
    """Return tracking number → parcel of every label that was paid for and not voided."""
    live: dict[str, str] = {}
    for entry in outbound:
        if entry.kind == "label.bought":
            live[entry.tracking_number] = entry.parcel
        elif entry.kind == "label.voided":
            live.pop(entry.tracking_number, None)
    return live


def _refunds_over_captured(journal: list[Entry]) -> int:
    """Count orders that got back more than was ever taken, whoever gave it."""
    captured: dict[str, int] = defaultdict(int)
    refunded: dict[str, int] = defaultdict(int)
    for entry in journal:
        if entry.kind in {"order.placed", "order.released"}:
            captured[entry.order_id] = max(captured[entry.order_id], entry.amount)
        elif entry.kind == "order.refunded":
            refunded[entry.order_id] += entry.amount
    return sum(amount > captured[order] for order, amount in refunded.items())


def _units_oversold(journal: list[Entry], catalog: Catalog) -> int:
    """Count units that left a location which did not have them."""
    shelf = {(product.sku, code): units for product in catalog.products for code, units in product.stock.items()}
    oversold = 0
    for entry in journal:
        sign = {"units.came": 1, "work.handed_over": -1, "work.collected": -1}.get(entry.kind, 0)
        for units in entry.units if sign else []:
            place = (units.sku, entry.location)
            shelf[place] = shelf.get(place, 0) + sign * units.quantity
            if shelf[place] < 0:
                oversold -= shelf[place]
                shelf[place] = 0
    return oversold


def _silent_cancellations(journal: list[Entry]) -> int:
    """Count orders of which Crossdock cancelled units without a word to the buyer."""
    told = {one.order_id for one in journal if one.kind == "mail.received" and one.detail in _TOLD_OF_CANCELLATION}
    return len({one.order_id for one in journal if one.kind == "order.cancelled" and _ours(one)} - told)


def _units_sent_and_cancelled(journal: list[Entry]) -> int:
    """Count units that left for good although Crossdock cancelled them: together more than was ordered."""
    ordered: dict[tuple[str, str], int] = defaultdict(int)
    gone: dict[tuple[str, str], int] = defaultdict(int)
    for entry in journal:
        for units in entry.units:
            line = (entry.order_id, units.line_id)
            if entry.kind == "order.placed":
                ordered[line] += units.quantity
            elif entry.kind in {"work.handed_over", "work.collected"} or (
                entry.kind == "order.cancelled" and _ours(entry)
            ):
                gone[line] += units.quantity
            elif entry.kind == "return.received":
                gone[line] -= units.quantity
    return sum(max(0, units - ordered[line]) for line, units in gone.items() if line[1])


def _duplicate_effects(journal: list[Entry]) -> int:
    """Count effects that were done again under a reference under which they had been done before."""
    done = Counter((one.kind, one.reference) for one in journal if one.kind in _ONCE and one.reference and _ours(one))
    return sum(count - 1 for count in done.values())


def show_journal(call: Call) -> Answer:
    """Answer the entries after `since` (a sequence number), of one `kind` or those that begin with it."""
    since, kind = int(call.query.get("since", "0")), call.query.get("kind", "")
    entries = [one.public() for one in call.world.journal.entries if one.seq > since and one.kind.startswith(kind)]
    return 200, {"entries": [*entries]}


def routes() -> list[Route]:
    """Return what anybody may ask the witness."""
    return [
        route("GET", "/journal", "witness.journal", show_journal),
        route("GET", "/witness", "witness.testimony",
              lambda call: (200, {**bear_witness(call.world.journal.entries, call.world.catalog)})),
    ]  # fmt: skip
