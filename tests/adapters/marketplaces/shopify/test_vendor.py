"""The adapter against what the vendor publishes: its schemas, its example bodies and its signature vectors."""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    validate,
    visit,
)

from adapters.marketplaces.shopify import documents, words
from adapters.marketplaces.shopify.answer import Answer
from adapters.marketplaces.shopify.api import VERSION
from adapters.marketplaces.shopify.documents import Document
from adapters.marketplaces.shopify.settings import SCOPES
from adapters.marketplaces.shopify.webhook import verify
from domain.effect import Rejected
from domain.errors import ContractBroken, CrossdockError
from domain.ports.marketplace import AnswerReturn
from tests.adapters.marketplaces.shopify.conftest import Shop, answering
from tests.adapters.marketplaces.shopify.cost import requested_cost
from tests.adapters.marketplaces.shopify.engine import parsed, read_schema
from tests.vendor import contracts

pytestmark = pytest.mark.vendor

EVERY = {name: value for name, value in vars(documents).items() if isinstance(value, Document)}
VERSIONS = ("2026-01", "2026-07", "2026-10")
MOST_POINTS = 1000


@pytest.fixture
def folder() -> Path:
    return contracts("channels/shopify")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_valid(folder: Path, version: str, capsys: pytest.CaptureFixture[str]) -> None:
    schema = read_schema(folder, version)
    wrong = {name: [each.message for each in validate(schema, parsed(one.text))] for name, one in EVERY.items()}
    with capsys.disabled():
        sys.stdout.write(f"\nshopify {version}: {len(EVERY)} documents, {sum(map(bool, wrong.values()))} invalid\n")
    assert not any(wrong.values()), wrong


def test_the_version_that_is_asked_for_is_one_that_was_checked() -> None:
    assert VERSION in VERSIONS


def test_no_document_asks_for_more_points_than_one_may(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = read_schema(folder, VERSION)
    costs = {name: requested_cost(schema, one.text) for name, one in EVERY.items()}
    with capsys.disabled():
        told = ", ".join(f"{name} {cost}" for name, cost in costs.items())
        sys.stdout.write(f"\nshopify points at most: {told}\n")
    assert all(cost <= MOST_POINTS for cost in costs.values())


def test_every_key_is_given_where_the_schema_asks_for_one(folder: Path) -> None:
    mutations = read_schema(folder, VERSION).mutation_type
    assert mutations is not None
    required = "the idempotency key is required"
    keyed = {name for name, field in mutations.fields.items() if required in (field.description or "")}
    for one in EVERY.values():
        needed = any(f"told: {name}(" in one.text for name in keyed)
        assert needed is ("@idempotent(key: $key)" in one.text), one.text


def test_the_scopes_that_are_asked_for_open_every_document(folder: Path) -> None:
    schema = read_schema(folder, VERSION)
    published = json.loads(gzip.decompress((folder / "schema" / f"admin_{VERSION}.json.gz").read_bytes()))
    rows: list[dict[str, Any]] = published["offline_scopes"]["items"]
    needed = {(row["typeName"], row.get("fieldName", "")): row["offlineScopes"] for row in rows if row["offlineScopes"]}
    used: set[str] = set()
    for name, one in EVERY.items():
        for place in places_of(schema, one.text):
            any_of = needed.get(place, [])
            assert not any_of or set(any_of) & set(SCOPES), (name, place, any_of)
            used |= set(any_of) & set(SCOPES)
    # A refund asks for a scope that its schema only names in words.
    assert used >= {*SCOPES} - {"read_orders", "write_orders"}


def places_of(schema: GraphQLSchema, text: str) -> set[tuple[str, str]]:
    """Return the types, and the fields by their type, that a document touches."""
    places: set[tuple[str, str]] = set()
    info = TypeInfo(schema)

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent, field = info.get_parent_type(), info.get_field_def()
            assert parent is not None
            assert field is not None
            places.add((parent.name, node.name.value))
            places.add((str(field.type).strip("[]!"), ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - lists hold anything

    visit(parsed(text), TypeInfoVisitor(info, Collect()))
    return places


def test_every_word_of_the_schemas_is_known(folder: Path) -> None:
    known = {
        "OrderDisplayFinancialStatus": words.PAID.keys(),
        "FulfillmentOrderStatus": words.LIVE_PARTS | words.ENDED_PARTS,
        "FulfillmentStatus": words.LIVE_FULFILLMENTS | words.DEAD_FULFILLMENTS,
        "DeliveryMethodType": words.SENT_METHODS | words.UNSENT_METHODS | {words.PICKUP},
    }
    for version in VERSIONS:
        types = read_schema(folder, version).type_map
        for name, ours in known.items():
            theirs = types[name]
            assert isinstance(theirs, GraphQLEnumType)
            assert set(theirs.values) - set(ours) == set(), (version, name)
        holds = types["FulfillmentHoldReason"]
        assert isinstance(holds, GraphQLEnumType)
        assert set(words.HELD) <= set(holds.values)


def bodies(folder: Path) -> Iterator[tuple[str, Any]]:
    for file in sorted(folder.glob("fixtures-*/**/*.json")):
        try:
            yield str(file.relative_to(folder)), json.loads(file.read_bytes())
        except ValueError:
            yield str(file.relative_to(folder)), None


def unwrapped(told: Any) -> Iterator[Any]:
    """Yield a recorded REST body, and what stands in it: a webhook is sent without its wrapping."""
    yield told
    for inner in fields_of(told).values():
        yield from cast("list[Any]", inner) if isinstance(inner, list) else [inner]


def fields_of(told: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


async def test_every_recorded_body_is_read_or_refused_as_an_order_as_a_webhook_and_as_an_answer(
    shop: Shop, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[str] = Counter()
    for name, told in bodies(folder):
        assert told is not None, f"{name} is no JSON"
        counts["files"] += 1
        for body in map(json.dumps, unwrapped(told)):
            counts["bodies"] += 1
            counts[webhook_verdict(shop, body.encode())] += 1
            try:
                shop.adapter.read_order(body.encode())
                counts["as an order: read"] += 1
            except ContractBroken as error:
                counts[f"as an order: {error.code}"] += 1
            try:
                await answering(shop.world, json.loads(body)).fetch_order("1001")
                counts["as an answer: read"] += 1
            except CrossdockError as error:
                counts[f"as an answer: {type(error).__name__} {error.code}"] += 1
    with capsys.disabled():
        sys.stdout.write("\nshopify\n" + "".join(f"  {each}: {count}\n" for each, count in sorted(counts.items())))
    assert counts["files"] >= 90
    assert counts["as a webhook: an order changed"] >= 9
    assert counts["as an order: read"] == counts["as an answer: read"] == 0


def webhook_verdict(shop: Shop, body: bytes) -> str:
    try:
        facts = shop.adapter.read_webhook(body)
    except ContractBroken as error:
        return f"as a webhook: {error.code}"
    return "as a webhook: an order changed" if facts else "as a webhook: nothing to us"


async def test_every_recorded_order_is_a_hint_to_read_that_order(shop: Shop, folder: Path) -> None:
    seen: set[str] = set()
    for _, told in bodies(folder):
        for body in unwrapped(told):
            fields = fields_of(body)
            if "order_number" in fields:
                (fact,) = shop.adapter.read_webhook(json.dumps(fields).encode())
                assert fact.model_dump()["channel_order_id"] == str(fields["id"])
                seen.add(str(fields["id"]))
    assert seen


def test_recorded_graphql_answers_are_understood_with_their_costs(folder: Path) -> None:
    files = sorted(folder.glob("fixtures-shopify_graphql/**/*.json"))
    for file in files:
        answer = Answer.model_validate_json(file.read_bytes())
        assert answer.fields
        assert answer.cost["requestedQueryCost"] >= 1
        assert answer.failure() is None
    assert len(files) >= 6


async def test_recorded_refusals_are_rejections_with_their_code(shop: Shop, folder: Path) -> None:
    (told,) = (each for name, each in bodies(folder) if name.endswith("multiple_user_errors.json"))
    answer = {"data": {"told": next(iter(told["data"].values()))}}
    found = {"data": {"told": {"id": "gid://shopify/Return/7", "status": "REQUESTED"}}}
    wish = AnswerReturn(channel_order_id="1001", reference="return-answer:x:1", request_id="7", granted=True)
    outcome = await answering(shop.world, found, answer).answer_return(wish)
    assert outcome == Rejected(code="shopify-invalid-value")


def test_the_signature_vectors_hold(shop: Shop, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vectors = json.loads((folder / "webhook" / "hmac_vectors.json").read_bytes())
    for case in vectors["webhook_cases"]:
        for name in (vectors["header"].lower(), "shopify-hmac-sha256"):
            headers = {name: case["hmac"]}
            known = verify(vectors["secret"], "north.myshopify.com", headers, case["raw_body"].encode(), shop.world.now)
            assert known is case["valid"], case
    with capsys.disabled():
        sys.stdout.write(
            f"\nshopify signatures: {len(vectors['webhook_cases'])} vectors under both families of headers\n"
        )
    shown = {name.lower() for name in (*vectors["headers_webhooks"], *vectors["headers_events_2026"])}
    assert {f"{family}{name}" for family in ("x-shopify-", "shopify-") for name in
            ("hmac-sha256", "shop-domain", "triggered-at")} <= shown  # fmt: skip
