"""The verdict: everything that must hold at the end of a demo, and does not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from infra.database.invariants import Violation
from workers.demo.report import OrderCounts, WitnessCounts

NEVER = ("parcels_with_two_live_labels", "refunds_over_captured", "units_oversold", "silent_cancellations")
"""What the witness may never have seen."""


def find_violations(orders: OrderCounts, witness: WitnessCounts, of_record: Iterable[Violation]) -> tuple[str, ...]:
    """Return a sentence for each promise that was broken."""
    return (*_broken_laws(of_record), *_miscounted(orders), *_witnessed(witness))


def _broken_laws(of_record: Iterable[Violation]) -> Iterator[str]:
    for violation in of_record:
        yield f"{violation.view}: {json.dumps(violation.row, default=str, sort_keys=True)}"


def _miscounted(orders: OrderCounts) -> Iterator[str]:
    if orders.recorded != orders.at_channel:
        yield f"{orders.at_channel} orders at the channel, but {orders.recorded} recorded"
    accounted = orders.delivered + orders.collected + orders.cancelled + orders.waiting
    if accounted != orders.recorded:
        yield f"{orders.recorded} orders recorded, but {accounted} accounted for"
    for name, words in (("waiting", "still wait"), ("lost", "were lost"), ("duplicated", "were recorded twice")):
        if count := getattr(orders, name):
            yield f"{count} orders {words}"


def _witnessed(witness: WitnessCounts) -> Iterator[str]:
    for name in NEVER:
        if count := getattr(witness, name):
            yield f"the witness counts {count} {name.replace('_', ' ')}, and there may be none"
    for name in ("labels_live", "tracking_pushed"):
        if (count := getattr(witness, name)) != witness.parcels_handed_over:
            yield f"{witness.parcels_handed_over} parcels were handed over, but {name.replace('_', ' ')} is {count}"
