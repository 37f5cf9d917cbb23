"""Scenes are dealt from a seed, and say what has to be cleared."""

from infra.sandbox.director import SceneWish, deal
from infra.sandbox.scripts import SCRIPTS
from tests.sandbox_world import Gateway, Json, Visitor, eventually


def scene(visitor: Visitor, **wish: object) -> Json:
    return visitor.post("/scenes", **wish)


def test_a_scene_of_enough_orders_plays_every_script() -> None:
    assert set(deal(SceneWish(orders=len(SCRIPTS)))) == set(SCRIPTS)
    assert deal(SceneWish(orders=80, seed=5)) == deal(SceneWish(orders=80, seed=5))
    assert deal(SceneWish(orders=80, seed=5)) != deal(SceneWish(orders=80, seed=6))


def test_the_same_seed_places_the_same_orders(visitor: Visitor) -> None:
    visitor.put("/pace", paused=True)
    first, second = scene(visitor, orders=12, seed=3), scene(visitor, orders=12, seed=3)

    def lines(one: Json) -> list[object]:
        path = "/marketplace/sandbox-eu/orders/"
        return [
            visitor.get(path + order["order_id"])["lines"] for order in one["orders"] if order["script"] != "unmapped"
        ]

    assert [one["script"] for one in first["orders"]] == [one["script"] for one in second["orders"]]
    assert lines(first) == lines(second)


def test_a_mix_deals_only_what_it_names(visitor: Visitor) -> None:
    dealt = scene(visitor, orders=10, mix={"ship": 1, "pickup": 1})
    assert {one["script"] for one in dealt["orders"]} == {"ship", "pickup"}
    assert visitor.http.post("/scenes", json={"orders": 1, "mix": {"opera": 1}}).status_code == 422
    assert visitor.http.post("/scenes", json={"orders": 0}).status_code == 422


def test_orders_can_be_spread_over_time(visitor: Visitor) -> None:
    dealt = scene(visitor, orders=10, mix={"ship": 1}, over=0.5)
    assert len(dealt["orders"]) < 10
    eventually(lambda: len(visitor.get(f"/scenes/{dealt['id']}")["orders"]) == 10)


def test_goods_arrive_when_their_cause_is_cleared(visitor: Visitor) -> None:
    (cause,) = scene(visitor, orders=1, mix={"short_stock": 1})["causes"]
    assert cause["remedy"]["verb"] == "stock-receive"
    visitor.post(f"/causes/{cause['id']}/clear")
    visitor.post(f"/causes/{cause['id']}/clear")
    (came,) = visitor.journal("units.came")
    assert came["units"] == [{"sku": cause["remedy"]["sku"], "quantity": cause["remedy"]["quantity"]}]


def test_a_malformed_order_is_right_after_its_cause_is_cleared(visitor: Visitor, gateway: Gateway) -> None:
    (cause,) = scene(visitor, orders=1, mix={"malformed_total": 1})["causes"]
    path = f"/marketplace/sandbox-eu/orders/{cause['order_id']}"
    wrong = visitor.get(path)
    visitor.post(f"/causes/{cause['id']}/clear")
    assert visitor.get(path)["total"] == wrong["total"] - 100
    eventually(lambda: len(gateway.events("order.changed")) == 2)


def test_an_unmapped_listing_and_a_bad_address_name_their_remedy(visitor: Visitor) -> None:
    (unmapped,) = scene(visitor, orders=1, mix={"unmapped": 1})["causes"]
    assert any(product["sku"] == unmapped["remedy"]["sku"] for product in visitor.get("/catalog")["products"])
    (address,) = scene(visitor, orders=1, mix={"bad_address": 1})["causes"]
    visitor.buy_label("a/b", "WH-AUTO", address=address["remedy"]["address"])


def test_only_known_deeds_can_be_pushed(visitor: Visitor) -> None:
    answer = visitor.http.post("/deeds", json={"deed": "staff.dance"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no-such-deed")


def test_the_catalog_has_enough_to_sell_and_places_to_sell_it_from(visitor: Visitor) -> None:
    catalog = visitor.get("/catalog")
    assert len(catalog["products"]) >= 20
    assert {one["code"]: (one["automated"], one["pickup"]) for one in catalog["locations"]} == {
        "WH-AUTO": (True, False), "STORE-1": (False, True), "STORE-2": (False, True),
    }  # fmt: skip
    assert {one["currency"] for one in catalog["listings"]} == {"EUR", "JPY"}
