"""Covering, with its starting sets, ranking and sharing: each says no less and no more than a look at everything."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest

from domain.planning import ranking
from domain.planning.board import SHORT, Board, set_up
from domain.planning.covering import Covering
from domain.planning.ranking import Ranking
from domain.planning.sharing import Sharing
from domain.planning.starting import Start
from domain.snapshot import Demand, Snapshot
from tests.builders import location
from tests.domain.planning.test_search import heavy_policy

PLACES, LINES = 6, 4
EVERY = 10_000


def board_of(rng: random.Random) -> Board:
    """Return a board of four lines that any of six places may have; one place at least has each."""
    codes = [f"P{number}" for number in range(PLACES)]
    skus = [f"SKU-{number}" for number in range(LINES)]
    places = tuple(
        location(code, rank=rng.randint(0, 9), carrier=rng.choice(("swift", "blind")), handling=rng.randint(0, 300),
                 handling_line=rng.randint(0, 90))
        for code in codes
    )  # fmt: skip
    demands = tuple(Demand(line_id=sku, sku=sku, quantity=1, grams=rng.choice((100, 400, 900))) for sku in skus)
    stock = {sku: {code: rng.randint(0, 1) for code in codes} | {rng.choice(codes): 5} for sku in skus}
    snapshot = Snapshot(delivery="ship", pickup_location=None, country="DE", demands=demands, locations=places,
                        stock=stock, policy=heavy_policy(rng))  # fmt: skip
    return set_up(snapshot)


def rows_of(board: Board) -> list[int]:
    """Return what each line counts more at each place than at least."""
    return [line.row - line.least * board.lanes.ones for line in board.lines]


def paid(board: Board, plan: tuple[int, ...]) -> int:
    """Return what a plan counts, given by the place of each line."""
    weights: dict[int, int] = {}
    for line, number in zip(board.lines, plan, strict=True):
        weights[number] = weights.get(number, 0) + line.weight
    lines = sum(line.cost[number] for line, number in zip(board.lines, plan, strict=True))
    return lines + sum(board.base[number] + board.parcel(number, grams) for number, grams in weights.items())


@pytest.mark.parametrize("seed", range(30))
def test_the_best_of_all_sets_is_found_and_nothing_is_left_below_it(seed: int) -> None:
    board = board_of(random.Random(seed))  # noqa: S311 - a seeded load
    covering = Covering(board, board.lines, 100_000)
    covering.run()
    assert covering.best == min(paid(board, plan) for plan in product(range(PLACES), repeat=LINES))
    assert paid(board, tuple(covering.plan)) == covering.best
    assert covering.floor >= covering.best


@pytest.mark.parametrize("seed", range(30))
def test_without_effort_no_plan_counts_less_than_the_floor(seed: int) -> None:
    board = board_of(random.Random(seed))  # noqa: S311 - a seeded load
    covering = Covering(board, board.lines, 0)
    covering.run()
    best = min(paid(board, plan) for plan in product(range(PLACES), repeat=LINES))
    assert min(covering.best, covering.floor) <= best <= covering.best


@pytest.mark.parametrize("seed", range(30))
def test_lines_are_shared_among_places_in_the_best_way(seed: int) -> None:
    board = board_of(random.Random(seed))  # noqa: S311 - a seeded load
    sharing = Sharing(board, board.lines)
    for chosen in combinations(range(PLACES), 2):
        best = min(paid(board, plan) for plan in product(chosen, repeat=LINES) if set(plan) == set(chosen))
        share = sharing.cheapest(chosen)
        if share[0] < SHORT:
            better, looked = sharing.improve(chosen, SHORT, EVERY)
            assert looked <= EVERY
            assert better is not None
            assert better[0] == paid(board, tuple(better[1])) <= min(best, share[0])
            assert share[0] == paid(board, tuple(share[1]))
            assert sharing.improve(chosen, better[0], EVERY)[0] is None


@pytest.mark.parametrize("seed", range(30))
def test_lines_are_shared_among_more_places_in_the_best_way(seed: int) -> None:
    board = board_of(random.Random(seed))  # noqa: S311 - a seeded load
    sharing = Sharing(board, board.lines)
    for chosen in combinations(range(PLACES), 3):
        best = min(paid(board, plan) for plan in product(chosen, repeat=LINES) if set(plan) == set(chosen))
        if best < SHORT:
            better, _ = sharing.improve(chosen, best + 1, EVERY)
            assert better is not None
            assert better[0] == paid(board, tuple(better[1])) <= best


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_every_set_to_start_with_has_all_lines(seed: int, *, many: bool) -> None:
    board = board_of(random.Random(seed))  # noqa: S311 - a seeded load
    start = Start(board, board.lines, [line.least for line in board.lines], rows_of(board), many=many)
    for chosen in [start.wide_set()] if many else start.sets():
        assert all(min(line.cost[number] for number in chosen) < SHORT for line in board.lines)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("seed", range(30))
def test_a_place_is_ranked_unless_no_set_with_it_is_below_the_limit(
    seed: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "_WORTH", 0)
    board = board_of(random.Random(seed))  # noqa: S311 - a seeded load
    columns, least = [line.cost for line in board.lines], [line.least for line in board.lines]
    slack = random.Random(seed).randint(100, 900)  # noqa: S311 - a seeded load
    limit = sum(least) + count * board.toll[0] + slack
    known = Ranking(rows_of(board), board.lanes, board.toll, slack, count)
    sure = sum(least) + known.raised
    assert known.adds == sorted(known.adds)
    for chosen in combinations(range(PLACES), count):
        lines = sum(min(column[number] for number in chosen) for column in columns)
        cost = sum(board.toll[number] for number in chosen) + lines
        if cost < limit:
            ranks = sorted(known.order.index(number) for number in chosen)
            assert sum(known.adds[rank] for rank in ranks) + sure <= cost
            caps, free = known.caps, known.free
            for rank in ranks[:-1]:
                caps = known.with_place(caps, rank)
                free = known.without(free, rank)
            paid = sum(least) + sum(known.tolls[rank] for rank in ranks[:-1])
            adds = sure + sum(known.adds[rank] for rank in ranks[:-1])
            assert (ranks[-1], cost - paid) in known.last_after(caps, 0, limit - paid, limit - adds, free)
            spare = limit - sure - (count - 1) * known.adds[0]
            assert not set(ranks).isdisjoint(known.next_after(known.caps, spare, known.free))
