"""Matching: which stock-kept goods each line of an order means; what was matched before stays."""

from __future__ import annotations

from collections.abc import Mapping

from domain.kit import mean
from domain.listing import Matched, Rung, Unmatched, choose
from domain.ports.stores import Transaction
from domain.ports.stores.listing import Answers, WantedLine
from domain.ports.stores.order import KeptLine, KeptOrder
from domain.restriction import Nature


async def match_lines(tx: Transaction, order: KeptOrder, lines: list[KeptLine]) -> dict[str, Matched | Unmatched]:
    """Match each line and keep what was found; return line id → what it means, or why nobody can say."""
    means: dict[str, Matched | Unmatched] = {
        line.line_id: Matched(sku=line.sku, components=line.made_of, matched_by=Rung(line.matched_by or Rung.LISTING))
        for line in lines
        if line.sku is not None
    }
    wanted = [line for line in lines if line.sku is None]
    natures: dict[str, Nature] = {}
    if wanted:
        answers = await tx.listings.answers(order.account, [_wanted(line) for line in wanted])
        means |= {line.line_id: _mean(line, answers) for line in wanted}
        found = {line.line_id: own for line in wanted if isinstance(own := means[line.line_id], Matched)}
        if found:
            await tx.orders.match_lines(order.order_id, found)
        natures = answers.natures
    return await _with_natures(tx, means, natures)


async def _with_natures(
    tx: Transaction, means: dict[str, Matched | Unmatched], known: Mapping[str, Nature]
) -> dict[str, Matched | Unmatched]:
    """Say what is known of the goods beside their stock: as it is now, not as it was when they were matched."""
    goods = {line_id: _goods(own) for line_id, own in means.items()}
    if lacking := set[str]().union(*goods.values()) - known.keys():
        known = {**known, **await tx.catalog.natures(sorted(lacking))}
    return {
        line_id: own.known_as([known[sku] for sku in goods[line_id] if sku in known])
        if isinstance(own, Matched)
        else own
        for line_id, own in means.items()
    }


def _goods(own: Matched | Unmatched) -> tuple[str, ...]:
    return (own.sku, *(part.sku for part in own.components if part.sku != own.sku)) if isinstance(own, Matched) else ()


def _wanted(line: KeptLine) -> WantedLine:
    return WantedLine(line_id=line.line_id, listing_id=line.listing_id, channel_sku=line.channel_sku, gtin=line.gtin)


def _mean(line: KeptLine, answers: Answers) -> Matched | Unmatched:
    chosen = choose(answer for answer in answers.candidates if answer.line_id == line.line_id)
    if isinstance(chosen, Unmatched):
        return chosen
    return mean(chosen, answers.kits, answers.retired, line.unit_price)
