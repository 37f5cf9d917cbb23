"""The director: deals seeded scenes, says what an operator has to clear, and can stop and push the actors."""

from __future__ import annotations

from random import Random

from pydantic import Field, JsonValue
from starlette.routing import Route

from infra.sandbox import compose, hand
from infra.sandbox.clockwork import Clockwork
from infra.sandbox.endpoint import Answer, Call, RefusedRequest, dump, found, route
from infra.sandbox.order import Order
from infra.sandbox.records import Cause, Scene, Units, Wish
from infra.sandbox.scripts import SCRIPTS
from infra.sandbox.world import World

_MOST_ORDERS = 20_000


class SceneWish(Wish):
    """A mix of orders to be dealt.

    Attributes:
        orders: how many.
        seed: the same seed deals the same orders.
        mix: script → weight; by default every script once, as far as `orders` goes, then by the scripts' own weights.
        account: where they are placed; the first account by default.
        over: seconds over which they are spread evenly; all at once by default.
    """

    orders: int = Field(gt=0, le=_MOST_ORDERS)
    seed: int = 0
    mix: dict[str, int] = Field(default_factory=dict[str, int])
    account: str = ""
    over: float = Field(default=0, ge=0)


class PaceWish(Wish):
    """How fast the actors move; what is not told stays as it is."""

    seconds: float | None = Field(default=None, ge=0)
    paused: bool | None = None


class DeedWish(Wish):
    """Something an actor is to do at once."""

    deed: str
    args: dict[str, str] = Field(default_factory=dict[str, str])


def deal(wish: SceneWish) -> list[str]:
    """Return the scripts of a scene, in the order in which they are placed."""
    chance = Random(f"scene/{wish.seed}")  # noqa: S311  reproducible, not secret
    weights = wish.mix or {name: script.weight for name, script in SCRIPTS.items()}
    names = list(weights)
    dealt = [] if wish.mix else chance.sample(names, min(len(names), wish.orders))
    dealt += chance.choices(names, weights=list(weights.values()), k=wish.orders - len(dealt))
    chance.shuffle(dealt)
    return dealt


def start_scene(call: Call) -> Answer:
    """Deal a scene and place its orders."""
    wish, world = call.read(SceneWish), call.world
    unknown = set(wish.mix) - set(SCRIPTS)
    if unknown or (wish.mix and sum(wish.mix.values()) <= 0):
        raise RefusedRequest(422, "bad-mix", f"there are {', '.join(SCRIPTS)}")
    account = wish.account or world.catalog.accounts[0]
    if account not in world.catalog.accounts:
        raise RefusedRequest(422, "unknown-account", account)
    scene = Scene(id=world.new_id("scene"), seed=wish.seed, planned=wish.orders)
    world.record("scene.started", "director", scene, subject=scene.id, amount=wish.orders)
    for place, script in enumerate(deal(wish)):
        args = {"scene": scene.id, "account": account, "script": script, "seed": f"{wish.seed}/{place}"}
        if wish.over:
            world.at(place * wish.over / wish.orders, "director.place", **args)
        else:
            place_one(world, args)
    return 201, _told(world, scene)


def place_one(world: World, args: dict[str, str]) -> None:
    """Place the next order of a scene."""
    order = compose.compose(world, args["account"], args["script"], args["seed"])
    order.scene = args["scene"]
    hand.place(world, order)
    cause = _cause_of(world, order)
    if cause is not None:
        world.record("cause.set", "director", cause, subject=cause.id, order_id=order.id, detail=cause.kind)


def clear_cause(call: Call) -> Answer:
    """Do the world's part of a remedy: goods arrive, a mistake is corrected. The answer says what is left to do."""
    world, cause = call.world, found(call.world.causes.get(call.path["cause"]), "cause")
    if cause.cleared:
        return 200, dump(cause)
    cause.cleared = True
    order = world.orders[cause.order_id]
    if cause.kind == "malformed":
        hand.correct(world, order)
    if cause.kind == "stock":
        units = [Units(sku=line.sku, quantity=line.quantity) for line in order.lines]
        world.record("units.came", "director", location=_DOCK, units=units, detail="from the supplier")
    world.record("cause.cleared", "director", cause, subject=cause.id, order_id=order.id, detail=cause.kind)
    return 200, dump(cause)


def set_pace(call: Call) -> Answer:
    """Let the actors move faster or slower, or stand still."""
    wish, world = call.read(PaceWish), call.world
    if wish.seconds is not None:
        world.pace = wish.seconds
    if wish.paused is not None:
        world.paused = wish.paused
    return 200, {"seconds": world.pace, "paused": world.paused}


_DOCK = "WH-AUTO"


def _cause_of(world: World, order: Order) -> Cause | None:
    """Return what an operator will have to clear for this order, in the terms of Crossdock's own verbs."""
    kind = SCRIPTS[order.script].cause
    line = order.lines[0]
    remedy: dict[str, JsonValue]
    match kind:
        case "stock":
            remedy = {"verb": "stock-receive", "sku": line.sku, "location": _DOCK, "quantity": line.quantity}
        case "sku":
            sku = next(one.sku for one in world.catalog.products if one.title == line.title)
            remedy = {"verb": "resolve-sku", "account": order.account, "listing_id": line.listing_id, "sku": sku}
        case "address" if order.address:
            amended = order.address.model_copy(update={"postal_code": "20457", "city": "Hamburg", "country": "DE"})
            remedy = {"verb": "amend-address", "address": dump(amended)}
        case "malformed":
            remedy = {"verb": "replay", "account": order.account}
        case _:
            return None
    return Cause(id=world.new_id("cause"), scene=order.scene, kind=kind, order_id=order.id, remedy=remedy)


def _told(world: World, scene: Scene) -> JsonValue:
    orders = [one for one in world.orders.values() if one.scene == scene.id]
    causes = [dump(cause) for cause in world.causes.values() if cause.scene == scene.id]
    shown: list[JsonValue] = [{"order_id": one.id, "account": one.account, "script": one.script} for one in orders]
    still: dict[str, JsonValue] = {"deeds_to_come": len(world.deeds), "hooks_waiting": len(world.hooks)}
    return {**scene.model_dump(mode="json"), "orders": shown, "causes": causes, **still}


DEEDS = {"director.place": place_one}


def routes(clockwork: Clockwork) -> list[Route]:
    """Return what a director may do."""

    def pace(call: Call) -> Answer:
        answer = set_pace(call)
        clockwork.resume()
        return answer

    def push(call: Call) -> Answer:
        wish = call.read(DeedWish)
        try:
            clockwork.do(wish.deed, wish.args)
        except KeyError as error:
            raise RefusedRequest(422, "no-such-deed", f"nobody can do {wish.deed} with {wish.args}") from error
        return 200, {"done": wish.deed}

    def begin_anew(call: Call) -> Answer:
        call.world.begin_anew()
        return set_pace(call)

    return [
        route("POST", "/reset", "director.reset", begin_anew),
        route("POST", "/scenes", "director.scenes.start", start_scene),
        route("GET", "/scenes/{scene}", "director.scenes.get",
              lambda call: (200, _told(call.world, found(call.world.scenes.get(call.path["scene"]), "scene")))),
        route("POST", "/causes/{cause}/clear", "director.causes.clear", clear_cause),
        route("PUT", "/pace", "director.pace", pace),
        route("POST", "/deeds", "director.push", push),
        route("GET", "/catalog", "director.catalog", lambda call: (200, dump(call.world.catalog))),
    ]  # fmt: skip
