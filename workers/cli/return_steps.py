"""Returns as the command line opens and receives them: the same steps of the record as by a location's report."""

from __future__ import annotations

from collections.abc import Mapping

from activities.barring import require_returnable
from domain.errors import Conflict, NotFound
from domain.fulfillment import Stage
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.returns import ReturnRequest
from domain.returns import Disposition, Return, ReturnCourse, ReturnLine, ReturnState
from domain.values import Model
from infra.database.reports.reading import reading
from workers.cli import output
from workers.cli.errors import misused
from workers.cli.parts import find_order, opened_house

_CAME_TO_BUYER = frozenset({Stage.DELIVERED, Stage.COLLECTED})

Findings = Mapping[str, Mapping[Disposition, int]]


class Wish(Model):
    """What is to come back, how and where to; an empty location means where it came from."""

    course: ReturnCourse
    units: dict[str, int]
    location: str
    reason: str


async def open_return(order: str, wish: Wish, actor: str, request: str) -> Return:
    """Open a return; the same request opens it once."""
    async with opened_house() as house:
        async with reading(house.engine) as connection:
            order_id = await find_order(connection, order)
        now = house.context.now()
        async with house.context.record.begin() as tx:
            kept = await tx.orders.load(order_id, lock=True)
            asked = ReturnRequest(
                order_id=order_id,
                key=f"cli:{request}",
                course=wish.course,
                lines=_lines(kept, wish.units),
                location=await _known_place(tx, wish.location or _origin(kept)),
                reason=wish.reason,
            )
            await require_returnable(tx, kept, asked)
            opened = await tx.returns.open(asked, now)
            await tx.audit.note(order_id, "open_return", actor, f"opened {opened.return_id}", now)
        return opened


async def receive(rma: str, found: Findings, actor: str) -> Return:
    """Receive a return, and inspect it when anything was found.

    Raises:
        Conflict: it is not authorised yet, or was received or inspected before.
    """
    async with opened_house() as house:
        now = house.context.now()
        async with house.context.record.begin() as tx:
            back = await tx.returns.load(rma)
            unknown = set(found) - {line.line_id for line in back.lines}
            if unknown:
                raise NotFound("no-such-line", f"{rma} has no line {min(unknown)}")
            if back.state is ReturnState.REQUESTED:
                raise Conflict("not-authorised", f"{rma} is not authorised yet: is the worker running?")
            moved = await tx.returns.advance(rma, ReturnState.RECEIVED, now, tells=not found)
            if found:
                moved = await tx.returns.advance(rma, ReturnState.INSPECTED, now, tells=True)
            if moved is None:
                raise Conflict("too-late", f"{rma} is {back.state.value} already")
            if found:
                await tx.returns.inspect(rma, found)
            await tx.audit.note(back.order_id, "receive_return", actor, f"{rma} {moved.state.value}", now)
        return moved


def read_course(text: str) -> ReturnCourse:
    """Read how goods come back."""
    match text.lower():
        case "label":
            return "label"
        case "store":
            return "store"
        case _:
            raise misused(f"--course {text}: expected label or store")


def tell(back: Return, *, as_json: bool) -> None:
    """Print a return after a step."""
    if as_json:
        output.show_json(**back.model_dump(mode="json", exclude={"reason"}))
        return
    output.say(f"{back.return_id} is {back.state.value}; it comes to {back.location} (course {back.course})")
    output.say(f"  crossdock orders show {back.order_id}")


def _lines(order: KeptOrder, units: Mapping[str, int]) -> tuple[ReturnLine, ...]:
    skus = {line.line_id: line.sku for line in order.lines}
    for line_id in units:
        if not skus.get(line_id):
            raise NotFound("no-such-line", f"order {order.order_id} has no line {line_id} that was ever sent")
    return tuple(ReturnLine(line_id=each, sku=skus[each] or "", quantity=count) for each, count in units.items())


async def _known_place(tx: Transaction, code: str) -> str:
    places = [place.code for place in await tx.catalog.locations()]
    if code not in places:
        raise NotFound("no-location", f"there is no location {code}; there are: {', '.join(places)}")
    return code


def _origin(order: KeptOrder) -> str:
    places = [part.location for part in order.fulfillments if part.stage in _CAME_TO_BUYER]
    if not places:
        raise Conflict("nothing-delivered", f"nothing of {order.order_id} has reached the buyer: cancel it instead")
    return places[0]
