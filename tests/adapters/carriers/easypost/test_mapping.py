"""EasyPost's words and ours."""

import json
from typing import Any

import pytest

from adapters.carriers.easypost import MANIFEST, mapping, scan
from domain.effect import Rejected
from domain.errors import ContractBroken
from domain.facts import ParcelScanned
from domain.shipment import TrackingStatus as Status

DETAIL = {"status": "in_transit", "datetime": "2026-03-01T11:58:02Z", "source": "USPS", "carrier_code": ""}


def event(*details: dict[str, Any], description: str = "tracker.updated") -> bytes:
    tracker = {"tracking_code": "9400111899563821705427", "tracking_details": details}
    return json.dumps({"description": description, "result": tracker}).encode()


def statuses(*details: dict[str, Any]) -> list[Status]:
    facts = scan.read_event(event(*details))
    return [fact.scan.status for fact in facts if isinstance(fact, ParcelScanned)]


@pytest.mark.parametrize(("word", "status"), scan.STATUSES.items())
def test_each_status_has_a_word_of_ours(word: str, status: Status) -> None:
    assert statuses({**DETAIL, "status": word}) == [status]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "failure", "status_detail": "lost"}, Status.LOST),
        ({"status": "failure", "status_detail": "refused"}, Status.REFUSED),
        ({"status": "in_transit", "status_detail": "transit_exception"}, Status.EXCEPTION),
        ({"status": "beamed"}, Status.UNKNOWN),
        ({"status": "unknown", "source": "FedEx", "carrier_code": "PU"}, Status.ACCEPTED),
        ({"status": "error", "carrier_code": None, "source": None}, Status.UNKNOWN),
    ],
)
def test_a_detail_or_the_carriers_own_code_says_more(changes: dict[str, Any], status: Status) -> None:
    assert statuses({**DETAIL, **changes}) == [status]


def test_an_event_tells_every_scan_once_in_the_carriers_order() -> None:
    later = {**DETAIL, "status": "delivered", "datetime": "2026-03-02T09:00:00+01:00"}
    assert statuses(later, DETAIL, DETAIL) == [Status.IN_TRANSIT, Status.DELIVERED]


def test_events_about_other_things_mean_nothing() -> None:
    assert scan.read_event(event(description="batch.updated")) == ()
    assert scan.read_event(b'{"description": "refund.successful", "result": {}}') == ()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"<html></html>", event()[:-4], b'{"description": 7}', b'{"description": "tracker.created"}',
        event({**DETAIL, "datetime": "2026-03-01T11:58:02"}), event({**DETAIL, "datetime": None}),
        event({"datetime": "2026-03-01T11:58:02Z"}),
    ],
)  # fmt: skip
def test_a_broken_event_is_refused(body: bytes) -> None:
    with pytest.raises(ContractBroken):
        scan.read_event(body)


def test_an_address_that_is_refused_is_undeliverable_and_all_else_is_not() -> None:
    told = b'{"error": {"code": "ADDRESS.VERIFY.FAILURE", "errors": ["not found"]}}'
    assert mapping.read_refusal(422, told) == Rejected(code="ADDRESS.VERIFY.FAILURE", undeliverable=True)
    assert mapping.read_refusal(402, b"{}") == Rejected(code="http-402")


@pytest.mark.parametrize(("field", "told"), [("ordinary", []), ("colour", "red"), ("base_url", "here")])
def test_settings_that_make_no_sense_are_refused_by_name(field: str, told: object) -> None:
    good = {"api_key": "k", "ordinary": ["USPS/Priority"]}
    with pytest.raises(ValueError, match=field):
        MANIFEST.settings.model_validate({**good, field: told})
