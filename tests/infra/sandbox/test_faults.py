"""Each fault does what its name says, to requests and to webhooks."""

import time

import httpx
import pytest

from infra.sandbox.hooks import sign
from tests.sandbox_world import ADDRESS, PATIENCE_SECONDS, Gateway, Visitor, eventually

LABELS = "/carriers/sandbox-blind/labels"
WISH = {"reference": "label:1", "location": "WH-AUTO", "address": ADDRESS, "weight_grams": 100}


def bought(visitor: Visitor) -> int:
    return len(visitor.journal("label.bought"))


def test_latency_delays_and_executes(visitor: Visitor) -> None:
    visitor.post("/faults", operation="carrier.*", kind="latency", seconds=0.3)
    started = time.monotonic()
    visitor.post(LABELS, **WISH)
    assert time.monotonic() - started >= 0.3


def test_a_time_out_comes_after_the_execution(visitor: Visitor) -> None:
    visitor.post("/faults", operation="carrier.labels.buy", kind="timeout_after", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        visitor.http.post(LABELS, json=WISH, timeout=httpx.Timeout(PATIENCE_SECONDS, read=0.3))
    eventually(lambda: bought(visitor) == 1)


@pytest.mark.parametrize(("kind", "executed"), [("reset_after", 1), ("reset_before", 0)])
def test_a_reset_cuts_the_connection(visitor: Visitor, kind: str, executed: int) -> None:
    visitor.post("/faults", operation="carrier.labels.buy", kind=kind)
    with pytest.raises(httpx.TransportError):
        visitor.http.post(LABELS, json=WISH)
    assert bought(visitor) == executed


@pytest.mark.parametrize("seconds", [None, 7])
def test_throttling_executes_nothing_and_may_say_when_to_come_back(visitor: Visitor, seconds: int | None) -> None:
    visitor.post("/faults", operation="carrier.labels.buy", kind="throttle", seconds=seconds)
    answer = visitor.http.post(LABELS, json=WISH)
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, str(seconds) if seconds else None)
    assert bought(visitor) == 0


@pytest.mark.parametrize("kind", ["error_500", "html", "broken_json"])
@pytest.mark.parametrize("before", [True, False])
def test_a_spoilt_answer_comes_before_or_after_the_execution(visitor: Visitor, kind: str, *, before: bool) -> None:
    visitor.post("/faults", operation="carrier.labels.buy", kind=kind, before=before, status=503)
    answer = visitor.http.post(LABELS, json=WISH)
    assert bought(visitor) == (0 if before else 1)
    assert answer.status_code == (503 if kind == "error_500" else 200)
    assert ("text/html" in answer.headers["content-type"]) == (kind == "html")


def test_a_fault_strikes_only_its_operation_and_party_and_as_often_as_told(visitor: Visitor) -> None:
    visitor.post("/faults", operation="carrier.labels.buy", party="sandbox-blind", kind="throttle", times=2)
    assert visitor.http.get("/marketplace/sandbox-eu/orders").status_code == 200
    assert visitor.http.post("/carriers/sandbox-swift/labels", json=WISH).status_code == 201
    assert [visitor.http.post(LABELS, json=WISH).status_code for _ in range(3)] == [429, 429, 201]


def test_faults_can_be_switched_off_and_their_chance_is_the_seeds(visitor: Visitor) -> None:
    visitor.post("/faults", kind="throttle", operation="carrier.*", times=None, probability=0.5)
    codes = {visitor.http.post(LABELS, json=WISH).status_code for _ in range(30)}
    assert codes == {201, 429}
    visitor.http.delete("/faults")
    assert {visitor.http.post(LABELS, json=WISH).status_code for _ in range(10)} == {201}
    assert visitor.http.post("/faults", json={"kind": "plague"}).status_code == 422


def test_webhooks_are_signed_over_time_and_body(visitor: Visitor, gateway: Gateway) -> None:
    visitor.order()
    eventually(lambda: gateway.received)
    path, headers, body = gateway.received[0]
    assert path == "/hooks/sandbox-eu"
    timestamp = headers["x-crossdock-timestamp"]
    assert headers["x-crossdock-signature"] == sign("sandbox-secret", timestamp, body.decode())


def test_a_webhook_is_sent_again_until_it_is_accepted(visitor: Visitor, gateway: Gateway) -> None:
    gateway.answers += [500, 401]
    visitor.order()
    eventually(lambda: visitor.journal("hook.accepted"))
    assert len({body for _, _, body in gateway.received}) == 1
    assert len(gateway.received) == 3


def test_a_wrong_signature_is_followed_by_the_right_one(visitor: Visitor, gateway: Gateway) -> None:
    gateway.answers += [401]
    visitor.post("/faults", operation="hook.order.*", kind="bad_signature")
    visitor.order()
    eventually(lambda: len(gateway.received) == 2)
    right = [
        headers["x-crossdock-signature"] == sign("sandbox-secret", headers["x-crossdock-timestamp"], body.decode())
        for _, headers, body in gateway.received
    ]
    assert right == [False, True]


def test_a_webhook_may_come_twice(visitor: Visitor, gateway: Gateway) -> None:
    visitor.post("/faults", operation="hook.*", kind="duplicate_hook")
    visitor.order()
    eventually(lambda: len(gateway.received) == 2)
    assert gateway.received[0][2] == gateway.received[1][2]


def test_a_late_webhook_is_overtaken(visitor: Visitor, gateway: Gateway) -> None:
    visitor.post("/faults", operation="hook.*", kind="late_hook", seconds=3)
    first, second = visitor.order(), visitor.order()
    eventually(lambda: len(gateway.received) == 2)
    assert [event["order_id"] for event in gateway.events()] == [second["id"], first["id"]]


def test_webhooks_can_be_shuffled(visitor: Visitor, gateway: Gateway) -> None:
    visitor.post("/faults", operation="hook.*", kind="reorder_hooks", times=None, seconds=3)
    placed = [visitor.order()["id"] for _ in range(8)]
    eventually(lambda: len(gateway.received) == 8)
    told = [event["order_id"] for event in gateway.events()]
    assert told != placed
    assert sorted(told) == placed
