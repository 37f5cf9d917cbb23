"""Every recorded body of WooCommerce is read, or refused with a reason; nothing else happens."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.lenient import dumps, fields, loads, rows
from adapters.marketplaces.woocommerce import wire
from adapters.marketplaces.woocommerce.mapping import read_order
from adapters.marketplaces.woocommerce.settings import WooCommerceSettings
from adapters.marketplaces.woocommerce.webhook import read as read_webhook
from domain.errors import ContractBroken
from tests.adapters.marketplaces.woocommerce.world import WooWorld
from tests.vendor import contracts

pytestmark = pytest.mark.vendor
SETTINGS = WooCommerceSettings.model_validate(WooWorld().settings)
Body = tuple[str, bytes]
_TEMPLATE = re.compile(r"({{#assign 'customformat'}}.*?{{/assign}})?{{now.*?}}")
"""How a mock says now."""


def bodies() -> Iterator[Body]:
    """Yield every body, be it recorded, mocked or printed in the documentation, without the tunnel it came through."""
    folder = contracts("channels/woocommerce")
    for file in sorted((folder / "ios-responses").glob("*.json")):
        yield file.name, _untunnelled(file.read_bytes())
    for file in sorted((folder / "ios-wiremock").glob("*.json")):
        answer = fields(fields(_loads(file.read_bytes())).get("response"))
        told = json.dumps(answer.get("jsonBody", answer.get("body")))
        yield file.name, _untunnelled(_TEMPLATE.sub("2026-03-01T10:00:00", told).encode())
    for case in json.loads((folder / "docs-examples" / "wc_v3_examples.json").read_text())["cases"]:
        for response in case["responses"]:
            yield f"{case['method']} {case['path']}", json.dumps(response).encode()


def _loads(body: bytes) -> Any:
    try:
        return loads(body)
    except ContractBroken:
        return None


def _untunnelled(body: bytes) -> bytes:
    told = fields(_loads(body))
    return dumps(told["data"]) if set(told) == {"data"} else body


def _orders(body: bytes) -> list[bytes]:
    """Return what looks like an order, alone or in a list."""
    return [dumps(one) for one in _each(body) if {"line_items", "status"} <= set(fields(one))]


def _each(body: bytes) -> list[Any]:
    document: object = _loads(body)
    return rows(cast("object", document)) if isinstance(document, list) else [document]


def _outcome(body: bytes) -> str:
    try:
        read_order(body, SETTINGS)
    except ContractBroken as refused:
        return f"{refused.code}: {refused}"[:110]
    return "read"


def _print(title: str, outcomes: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        read = outcomes["read"]
        print(f"\nWooCommerce {title}: {outcomes.total()} cases, {read} read, {outcomes.total() - read} refused")  # noqa: T201  the counts are to be seen
        for words, several in sorted(outcomes.items()):
            if words != "read":
                print(f"  {several:4} {words}")  # noqa: T201  the counts are to be seen


def test_every_recorded_order_is_read_or_refused_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {name: _outcome(order) for name, body in bodies() for order in _orders(body)}
    _print("orders", Counter(outcomes.values()), capsys)
    assert outcomes["order-fully-refunded.json"] == "read"
    assert outcomes["order-with-attribution-info.json"] == "read"
    assert outcomes["GET /wp-json/wc/v3/orders/<id>"] == "read"
    faulty = [words for name, words in outcomes.items() if "faulty" in name or "broken" in name]
    assert not [words for words in faulty if words == "read"]


def test_every_body_of_whatever_kind_is_refused_as_an_order_or_read_but_brings_nothing_down(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcomes = Counter(_outcome(body).partition(":")[0] for _, body in bodies())
    _print("bodies of all kinds, taken for an order", outcomes, capsys)
    assert outcomes["read"] < outcomes.total()


def test_every_body_of_whatever_kind_is_a_webhook_of_some_kind_or_refused() -> None:
    for _, body in bodies():
        try:
            facts = read_webhook(body)
        except ContractBroken:
            continue
        assert all(fact.kind == "order-changed" for fact in facts)


def test_every_recorded_refund_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    named = [one for name, body in bodies() if "refund" in name and "order-" not in name for one in _each(body)]
    found = [one for one in named if {"amount", "line_items"} <= set(fields(one))]
    read = [wire.Refund.model_validate(one) for one in found]
    _print("refunds", Counter({"read": len(read)}), capsys)
    assert len(read) >= 8
    assert {row.line_id for refund in read for row in refund.line_items} > {"65"}


def test_what_we_ask_of_the_shop_is_documented() -> None:
    cases = json.loads((contracts("channels/woocommerce") / "docs-examples" / "wc_v3_examples.json").read_text())[
        "cases"
    ]
    documented = {f"{case['method']} {case['path'].removeprefix('/wp-json/wc/v3')}": case["request"] for case in cases}
    assert "status" in documented["PUT /orders/<id>"]
    assert "id" in documented["POST /products/batch"]["update"][0]
    assert "id" in documented["POST /products/<product_id>/variations/batch"]["update"][0]
    assert {"GET /orders", "GET /orders/<id>", "GET /orders/<id>/refunds", "POST /orders/<id>/refunds"} <= set(
        documented
    )


def test_the_files_are_there() -> None:
    folder: Path = contracts("channels/woocommerce")
    assert len(list((folder / "ios-responses").glob("*.json"))) > 50
