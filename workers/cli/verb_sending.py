"""Which workflows a verb goes to, and what becomes of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import typer

from domain.errors import NotFound
from domain.fulfillment import TERMINAL
from domain.messages import AMEND_ADDRESS, RETRY, AmendAddress, Answer, Retry, Verb, order_workflow_id
from domain.order import OrderState
from domain.values import Address
from infra.database.reports.order_page import FulfillmentRow, read_order_page
from infra.database.reports.reading import reading
from infra.database.reports.waiting import WaitingWorkflow, list_waiting_workflows
from workers.cli import output
from workers.cli.errors import ExitCode, Problem, checking_input, misused
from workers.cli.parts import connect_temporal, find_order, opened_house, opened_reading
from workers.cli.updates import send_verb
from workers.wiring import House

_MOST_BYTES = 100_000
_OVER = frozenset(stage.value for stage in TERMINAL)


@dataclass(frozen=True)
class Errand:
    """One verb on its way: the order as it was named, the name of the request, and how the answer is told."""

    order: str
    request: str
    as_json: bool


async def send_to_order(errand: Errand, name: str, verb: Verb) -> None:
    """Send a verb to the workflow of the order, and tell its answer."""
    async with opened_house() as house:
        async with reading(house.engine) as connection:
            order_id = await find_order(connection, errand.order)
        answers = await _send(house, errand, [order_workflow_id(order_id)], name, verb)
    _tell(errand, order_id, name, answers)


async def send_address(errand: Errand, address: Address, actor: str, reason: str) -> None:
    """Put an address into the vault, and only its version into the verb."""
    async with opened_house() as house:
        async with reading(house.engine) as connection:
            order_id = await find_order(connection, errand.order)
        async with house.context.record.begin() as tx:
            try:
                version = await tx.vault.propose_address(order_id, address)
            except NotFound as error:
                raise Problem(f"the personal data of {order_id} was erased", code=error.code) from error
        verb = AmendAddress(actor=actor, reason=reason, version=version)
        answers = await _send(house, errand, [order_workflow_id(order_id)], AMEND_ADDRESS, verb)
    _tell(errand, order_id, AMEND_ADDRESS, answers)


async def send_retry(errand: Errand, verb: Retry) -> None:
    """Send `retry` to every workflow of the order that waits; a decision only to the one that waits for it."""
    async with opened_house() as house:
        async with reading(house.engine) as connection:
            order_id = await find_order(connection, errand.order)
            waiting = await list_waiting_workflows(connection, order_id)
            page = await read_order_page(connection, order_id)
        is_open = page is not None and page.header.state is OrderState.OPEN
        targets = choose_targets(order_id, waiting, verb.effect, is_open=is_open)
        if not targets:
            raise Problem(
                f"{order_id} is closed, and none of its returns and refunds waits", code="nothing-waits",
                remedy=f"crossdock orders show {order_id}",
            )  # fmt: skip
        answers = await _send(house, errand, targets, RETRY, verb)
    _tell(errand, order_id, RETRY, answers)


def choose_targets(order_id: str, waiting: list[WaitingWorkflow], effect: str, *, is_open: bool) -> list[str]:
    """Return the workflows that a retry is for, those of returns and refunds last.

    An open order hears every retry; a closed one has no workflow any more.
    """
    order = order_workflow_id(order_id)
    if effect:
        for_it = [wait.workflow_id for wait in waiting if wait.cause == f"effect:{effect}"]
        return for_it[:1] or ([order] if is_open else [])
    others = dict.fromkeys(wait.workflow_id for wait in waiting if wait.workflow_id != order)
    return [*([order] if is_open else []), *others]


async def find_fulfillment(order: str, wanted: str) -> str:
    """Return the id of the fulfillment order that is meant: `F1`, its whole id, or the only one under way."""
    async with opened_reading() as connection:
        order_id = await find_order(connection, order)
        page = await read_order_page(connection, order_id)
    parts: list[FulfillmentRow] = page.fulfillments if page else []
    under_way = [part.fulfillment_id for part in parts if part.stage not in _OVER]
    if not wanted and len(under_way) == 1:
        return under_way[0]
    known = {part.fulfillment_id for part in parts}
    for meant in (wanted, f"{order_id}/{wanted}"):
        if meant in known:
            return meant
    choice = f"under way: {', '.join(under_way)}" if under_way else "none is under way"
    raise Problem(f"name a fulfillment order of {order_id}; {choice}", code="no-fulfillment")


def read_address(file: Path) -> Address:
    """Read an address from JSON; what is wrong with it is told without its values."""
    try:
        text = sys.stdin.read(_MOST_BYTES) if str(file) == "-" else file.read_text(encoding="utf-8")[:_MOST_BYTES]
    except (OSError, UnicodeDecodeError) as error:
        raise misused(f"--address {file}: cannot be read ({type(error).__name__})") from error
    with checking_input():
        return Address.model_validate_json(text)


async def _send(house: House, errand: Errand, targets: list[str], name: str, verb: Verb) -> list[tuple[str, Answer]]:
    client = await connect_temporal(house.settings)
    return [(target, await send_verb(client, target, name, verb, errand.request)) for target in targets]


def _tell(errand: Errand, order_id: str, name: str, answers: list[tuple[str, Answer]]) -> None:
    done = all(answer.done for _, answer in answers)
    if errand.as_json:
        told = [{"workflow_id": target, **answer.model_dump()} for target, answer in answers]
        output.show_json(order_id=order_id, verb=name, request=errand.request, done=done, answers=told)
    else:
        for target, answer in answers:
            output.say(f"{target.removeprefix('order/')}: {'' if answer.done else 'not done: '}{answer.words}")
    if not done:
        raise typer.Exit(ExitCode.FAILED)
