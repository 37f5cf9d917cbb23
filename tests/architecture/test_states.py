"""Every state can be reached, and what is terminal stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from domain.effect import EffectState
from domain.fulfillment import GONE, HOLDS_RESERVATION, NEXT, REOPENS_LINES, TERMINAL, Stage, Status, status_of
from domain.order import OrderState
from domain.ports.stores.inbox import InboxState
from domain.ports.stores.money import RefundState
from domain.returns import RETURN_NEXT, ReturnState
from domain.shipment import MILESTONE, ParcelState
from domain.waits import CauseKind, advise
from tests.architecture.sources import LAYERS, python_files, tree

S = TypeVar("S", bound=StrEnum)

MACHINES: dict[str, tuple[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]], StrEnum]] = {
    "fulfillment order": (Stage, {**NEXT}, Stage.PLANNED),
    "return": (ReturnState, {**RETURN_NEXT}, ReturnState.REQUESTED),
}
ENDS: dict[str, frozenset[StrEnum]] = {
    "fulfillment order": frozenset(
        {Stage.DELIVERED, Stage.LOST, Stage.SENT_BACK, Stage.COLLECTED}
        | {Stage.EXPIRED, Stage.REJECTED, Stage.REPLANNED, Stage.CANCELLED}
    ),
    "return": frozenset({ReturnState.REFUNDED, ReturnState.DECLINED, ReturnState.EXPIRED}),
}
SET_SOMEWHERE = [
    *Stage, *ReturnState, *OrderState, *EffectState, *RefundState, *InboxState, *ParcelState,
]  # fmt: skip


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_says_what_may_follow(machine: str) -> None:
    states, ways, _ = MACHINES[machine]
    assert set(ways) == set(states)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_can_be_reached(machine: str) -> None:
    states, ways, first = MACHINES[machine]
    assert _reached(ways, first) == set(states)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_terminal_state_is_never_left(machine: str) -> None:
    _, ways, _ = MACHINES[machine]
    assert {state for state, after in ways.items() if not after} == ENDS[machine]


@pytest.mark.parametrize("machine", MACHINES)
def test_from_every_state_an_end_can_be_reached(machine: str) -> None:
    _, ways, _ = MACHINES[machine]
    assert all(_reached(ways, state) & ENDS[machine] for state in ways)


def test_no_stage_leads_back() -> None:
    assert all(stage not in _reached(NEXT, after) for stage, ways in NEXT.items() for after in ways)


def test_every_stage_is_on_a_shelf_of_ours_or_gone_or_over() -> None:
    assert set(Stage) == HOLDS_RESERVATION | GONE | TERMINAL
    assert not HOLDS_RESERVATION & (GONE | TERMINAL)
    assert REOPENS_LINES < TERMINAL


def test_every_status_is_shown_for_some_stage() -> None:
    shown = {status_of(stage, held=held) for stage in Stage for held in (False, True)}
    assert shown == set(Status)


def test_every_milestone_follows_hand_over() -> None:
    assert set(MILESTONE.values()) <= _reached(NEXT, Stage.HANDED_OVER)


def test_every_stage_that_is_not_terminal_has_its_act_in_the_workflow() -> None:
    acts = next(
        node.value
        for node in ast.walk(tree(Path("workflows/fulfillment.py")))
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "acts"
    )
    assert isinstance(acts, ast.Dict)
    assert {ast.unparse(key) for key in acts.keys if key} == {f"Stage.{stage.name}" for stage in set(Stage) - TERMINAL}


@pytest.mark.parametrize("state", SET_SOMEWHERE, ids=lambda state: f"{type(state).__name__}.{state.name}")
def test_a_state_is_named_where_something_comes_to_it(state: StrEnum) -> None:
    assert f"{type(state).__name__}.{state.name}" in _named() or state.value in _written()


@pytest.mark.parametrize("kind", CauseKind)
def test_every_cause_says_who_can_clear_it_and_how(kind: CauseKind) -> None:
    advice = advise("shop/1", f"{kind.value}:shop:1")
    assert advice.waits_for
    assert advice.cleared_by
    assert advice.command.startswith("crossdock ")


def _reached(ways: Mapping[S, frozenset[S]], first: S) -> set[S]:
    """Return the state and all that can follow it."""
    found: set[S] = set()
    left = [first]
    while left:
        state = left.pop()
        if state not in found:
            found.add(state)
            left += ways[state]
    return found


@cache
def _named() -> frozenset[str]:
    """Every `Enum.MEMBER` outside the domain, which only defines them."""
    return frozenset(
        ast.unparse(node)
        for file in python_files(*LAYERS)
        if file.parts[0] != "domain"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute)
    )


@cache
def _written() -> str:
    """Every text of the database, where SQL writes states as they are."""
    return "\n".join(
        node.value
        for file in python_files("infra/database")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
