"""Reasoning: why each location was chosen, lost or was left out, and what a line that is short waits for."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.fulfillment_plan import Reason, Short, Verdict
from domain.planning.board import Board, Line
from domain.planning.departures import OPERATORS
from domain.planning.draft import Part
from domain.waits import SOURCING_POLICY

Taken = tuple[tuple[Part, ...], ...]
"""For each line of the board its parts; none when it is short."""

UNSPLIT = "may-not-split"
"""Why a line goes nowhere that some place has, or several together: its channel lets no order be split."""

FULL_MOST = 20
"""An order waits for no more locations than this; further ones stand behind the policy."""


def explain_places(board: Board, taken: Taken) -> tuple[Reason, ...]:
    """Return one reason per location, in the order of the snapshot."""
    told = _explain_board(board, taken)
    return tuple(
        told[place.code]
        if place.code in told
        else Reason(location=place.code, verdict=Verdict.FILTERED, why=board.filtered[place.code])
        for place in board.snapshot.locations
    )


def _explain_board(board: Board, taken: Taken) -> dict[str, Reason]:
    chosen = {number for parts in taken for number, _ in parts}
    masks, differences, weights, doubted = _could_send(board, taken)
    saved = _Savings(board, taken)
    some: set[int] = {number for line in board.lines for number in line.room}
    known = any(line.demand.refused_by or line.demand.restrictions for line in board.lines)
    told: dict[str, Reason] = {}
    for number, place in enumerate(board.places):
        code, mask = place.code, masks[number]
        lines = mask.bit_count()
        if number in chosen:
            told[code] = Reason(location=code, verdict=Verdict.CHOSEN, why="cheapest", lines=lines)
        elif not mask:
            why = "too-little" if number in some else _why_nothing(board, code) if known else "no-stock"
            told[code] = Reason(location=code, verdict=Verdict.FILTERED, why=why)
        elif lines < len(board.lines) and not board.terms.may_split:
            told[code] = Reason(location=code, verdict=Verdict.FILTERED, why=UNSPLIT, lines=lines)
        else:
            by = place.base + place.ladder.price(weights[number]) + differences[number] - saved.of(mask)
            why = "dearer" if lines == len(board.lines) else "has-some-lines"
            why = "doubted" if number in doubted else why
            told[code] = Reason(location=code, verdict=Verdict.LOST, why=why, lines=lines, by=by)
    return told


def _why_nothing(board: Board, code: str) -> str:
    """Tell why a place that may serve the order has nothing for it."""
    if any(code in line.demand.refused_by for line in board.lines):
        return "refused"
    stock = board.snapshot.stock
    bound = (line for line in board.lines if line.demand.restrictions)
    return "restricted" if any(code in stock.get(line.needs[0][0], {}) for line in bound) else "no-stock"


def _could_send(board: Board, taken: Taken) -> tuple[list[int], list[int], list[int], set[int]]:
    """Return for each place which lines it could send whole (as bits), what they count there more, and their grams.

    And the places that come last for any of them: that is left out of what they count.
    """
    doubted: set[int] = set()
    masks, differences, weights = ([0] * len(board.places) for _ in range(3))
    stock, used = board.snapshot.stock, dict[tuple[str, int], int]()
    for position, (line, parts) in enumerate(zip(board.lines, taken, strict=True)):
        if not parts:
            continue
        paid = _paid(board, line, parts)
        bit = 1 << position
        for number, cost in line.whole.items():
            if line.contested:
                code = board.codes[number]
                after = {(sku, number): used.get((sku, number), 0) + each * line.quantity for sku, each in line.needs}
                if any(stock[sku].get(code, 0) < units for (sku, _), units in after.items()):
                    continue
                used |= after
            masks[number] |= bit
            doubts = board.doubts(line, number)
            differences[number] += cost - doubts - paid
            if doubts:
                doubted.add(number)
            weights[number] += line.weight
    return masks, differences, weights, doubted


def _paid(board: Board, line: Line, parts: tuple[tuple[int, int], ...]) -> int:
    costs = sum(board.line_cost(line, number, units) - board.doubts(line, number) for number, units in parts)
    return costs + (len(parts) - 1) * board.snapshot.policy.split_line


class _Savings:
    """What the chosen places count less when some lines go elsewhere; the same lines are worked out once."""

    def __init__(self, board: Board, taken: Taken) -> None:
        self._board = board
        self._lines: dict[int, list[tuple[int, int]]] = {}
        for position, (line, parts) in enumerate(zip(board.lines, taken, strict=True)):
            for number, units in parts:
                self._lines.setdefault(number, []).append((1 << position, units * line.grams))
        self._known: dict[int, int] = {}

    def of(self, mask: int) -> int:
        if mask not in self._known:
            self._known[mask] = sum(self._at(number, mask) for number in self._lines)
        return self._known[mask]

    def _at(self, number: int, mask: int) -> int:
        place = self._board.places[number]
        before = sum(grams for _, grams in self._lines[number])
        stays = [grams for bit, grams in self._lines[number] if not bit & mask]
        if not stays:
            return place.base + place.ladder.price(before)
        return place.ladder.price(before) - place.ladder.price(sum(stays))


def explain_short(board: Board, taken: Taken) -> tuple[Short, ...]:
    """Return what each line that got no place waits for."""
    return tuple(_explain_line(board, line) for line, parts in zip(board.lines, taken, strict=True) if not parts)


def _explain_line(board: Board, line: Line) -> Short:
    causes = {f"stock:{sku}": "short" for sku in _scarce(board, line)}
    if not board.terms.may_split and line.is_able:
        causes[SOURCING_POLICY] = UNSPLIT
    again: list[datetime] = []
    places = 0
    for place in board.snapshot.locations:
        why = board.filtered.get(place.code)
        if why is None or why == "not-chosen" or not _has_some(board, line, place.code):
            continue
        if why in OPERATORS and places < FULL_MOST:
            causes[f"location:{place.code}"] = why
            places += 1
        else:
            causes[SOURCING_POLICY] = why.partition(":")[0]
        if why == "full":
            again.append(board.snapshot.now + timedelta(minutes=board.snapshot.policy.full_minutes))
        elif why in OPERATORS and place.closed_until is not None and place.closed_until > board.snapshot.now:
            again.append(place.closed_until)
    return Short(
        line_id=line.demand.line_id,
        sku=line.demand.sku,
        causes=causes,
        units={f"stock:{sku}": each * line.quantity for sku, each in line.needs if f"stock:{sku}" in causes},
        again_at=min(again, default=None),
    )


def _scarce(board: Board, line: Line) -> list[str]:
    """Return the goods of which too little lies where the line may come from; all of them if none alone is scarce."""
    codes = board.numbers.keys() - line.demand.refused_by
    short = [
        sku
        for sku, each in line.needs
        if sum(units for code, units in board.snapshot.stock.get(sku, {}).items() if code in codes)
        < each * line.quantity
    ]
    return short or [sku for sku, _ in line.needs]


def _has_some(board: Board, line: Line, code: str) -> bool:
    stock = board.snapshot.stock
    return code not in line.demand.refused_by and all(
        stock.get(sku, {}).get(code, 0) >= each for sku, each in line.needs
    )
