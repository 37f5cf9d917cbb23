"""Amazon's feeds and listings: documents put first, worked off when told to, each with its report."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from domain.values import CURRENCY_EXPONENTS, Money

Json = dict[str, Any]
_HOST = "https://documents.s3.eu-west-1.amazonaws.com"


def amount_of(minor: int, currency: str) -> Json:
    """Return money as Amazon tells it."""
    return {
        "amount": str(Decimal(minor).scaleb(-CURRENCY_EXPONENTS[currency])), "currencyCode": currency,
    }  # fmt: skip


class Feeds:
    """Feeds, documents and what they change: orders, refunds and offered quantities."""

    def __init__(self, orders: dict[str, Json], listings: tuple[str, ...]) -> None:
        self.orders, self.listings = orders, listings
        self.offered: dict[str, int] = {}
        self.refunded: dict[str, int] = {}
        self.feeds: dict[str, Json] = {}
        self.documents: dict[str, bytes] = {}
        self._kinds: dict[str, str] = {}

    def create_document(self, request: httpx.Request) -> httpx.Response:
        name = f"document-{len(self._kinds)}"
        self._kinds[name] = json.loads(request.content)["contentType"]
        return httpx.Response(201, json={"feedDocumentId": name, "url": f"{_HOST}/{name}?signature=1"})

    def store(self, request: httpx.Request) -> httpx.Response:
        """Put or get a document by its signed address."""
        name = request.url.path.strip("/")
        assert "x-amz-access-token" not in request.headers, "a token left for a stranger"
        if request.method == "GET":
            return httpx.Response(200, content=self.documents[name])
        if request.headers["Content-Type"] != self._kinds[name]:
            return httpx.Response(403, text="<Error><Code>SignatureDoesNotMatch</Code></Error>")
        self.documents[name] = request.content
        return httpx.Response(200)

    def create_feed(self, request: httpx.Request) -> httpx.Response:
        told = json.loads(request.content)
        if told["inputFeedDocumentId"] not in self.documents:
            return httpx.Response(400, json={"errors": [{"code": "InvalidInput", "message": "no document"}]})
        feed_id = str(50_000_000_000 + len(self.feeds))
        self.feeds[feed_id] = {**told, "feedId": feed_id, "processingStatus": "IN_QUEUE"}
        return httpx.Response(202, json={"feedId": feed_id})

    def get_feed(self, request: httpx.Request, feed_id: str) -> httpx.Response:
        del request
        if feed_id not in self.feeds:
            return httpx.Response(404, json={"errors": [{"code": "NotFound", "message": "no feed"}]})
        shown = ("feedId", "feedType", "marketplaceIds", "processingStatus", "resultFeedDocumentId")
        told = {name: self.feeds[feed_id][name] for name in shown if name in self.feeds[feed_id]}
        return httpx.Response(200, json=told | {"createdTime": "2026-11-02T10:00:00+00:00"})

    def get_feeds(self, request: httpx.Request) -> httpx.Response:
        kinds = request.url.params["feedTypes"].split(",")
        found = [self.get_feed(request, one["feedId"]) for one in self.feeds.values() if one["feedType"] in kinds]
        return httpx.Response(200, json={"feeds": [one.json() for one in found[: int(request.url.params["pageSize"])]]})

    def get_document(self, request: httpx.Request, name: str) -> httpx.Response:
        del request
        told = {"feedDocumentId": name, "url": f"{_HOST}/{name}?signature=2"}
        zipped = self.documents[name].startswith(b"\x1f\x8b")
        return httpx.Response(200, json=told | ({"compressionAlgorithm": "GZIP"} if zipped else {}))

    def get_listing(self, request: httpx.Request, seller_id: str, sku: str) -> httpx.Response:
        del seller_id
        if sku not in self.listings:
            return httpx.Response(404, json={"errors": [{"code": "NOT_FOUND", "message": "no such SKU"}]})
        assert request.url.params["marketplaceIds"]
        return httpx.Response(200, json={"sku": sku})

    def patch_listing(self, request: httpx.Request, seller_id: str, sku: str) -> httpx.Response:
        del seller_id
        errors = self._offer(sku, json.loads(request.content)["patches"])
        status = "INVALID" if errors else "ACCEPTED"
        return httpx.Response(200, json={"sku": sku, "status": status, "submissionId": "s-1", "issues": errors})

    def finish(self) -> None:
        """Work off everything that waits."""
        for feed_id, feed in self.feeds.items():
            if feed["processingStatus"] == "IN_QUEUE":
                content = self.documents[feed["inputFeedDocumentId"]]
                name = f"report-{feed_id}"
                self.documents[name] = self._work_off(feed["feedType"], content)
                feed |= {"processingStatus": "DONE", "resultFeedDocumentId": name}

    def _work_off(self, kind: str, content: bytes) -> bytes:
        if kind == "JSON_LISTINGS_FEED":
            return gzip.compress(json.dumps(self._list(json.loads(content))).encode())
        message = ET.fromstring(content).find("Message")  # noqa: S314  written by the adapter under test
        assert message is not None
        found = message.find("OrderAcknowledgement")
        error = self._cancel(found) if found is not None else self._refund(message.find("OrderAdjustment"))
        return report(error)

    def _cancel(self, message: ET.Element) -> str:
        order = self.orders[message.findtext("AmazonOrderID", "")]
        assert message.findtext("StatusCode") == "Failure"
        if order["fulfillment"]["fulfillmentStatus"] == "CANCELLED":
            return "18024"
        cancel(order)
        return ""

    def _refund(self, message: ET.Element | None) -> str:
        assert message is not None
        order_id = message.findtext("AmazonOrderID", "")
        total = self.orders[order_id]["proceeds"]["grandTotal"]
        amounts = [(one.text or "", one.attrib["currency"]) for one in message.iterfind(".//Amount")]
        wanted = sum(Money.from_major(*one).amount for one in amounts)
        done = self.refunded.get(order_id, 0)
        if done + wanted > Money.from_major(total["amount"], total["currencyCode"]).amount:
            return "18031"
        self.refunded[order_id] = done + wanted
        return ""

    def _list(self, feed: Json) -> Json:
        issues = [
            {"messageId": one["messageId"], "sku": one["sku"], **issue}
            for one in feed["messages"]
            for issue in self._offer(one["sku"], one["patches"])
        ]
        return {"header": feed["header"], "issues": issues, "summary": {"errors": len(issues)}}

    def _offer(self, sku: str, patches: list[Json]) -> list[Json]:
        if sku not in self.listings:
            return [{"code": "13013", "severity": "ERROR", "message": "no such SKU", "categories": []}]
        (value,) = patches[0]["value"]
        assert (patches[0]["op"], patches[0]["path"]) == ("replace", "/attributes/fulfillment_availability")
        self.offered[sku] = value["quantity"]
        return []


def cancel(order: Json) -> None:
    """Let every unit of an order be cancelled."""
    order["fulfillment"]["fulfillmentStatus"] = "CANCELLED"
    for line in order["orderItems"]:
        line["fulfillment"]["quantityUnfulfilled"] = 0


def report(error: str = "") -> bytes:
    """Return the report of a feed of one message, which was taken, or refused with this code."""
    root = ET.Element("AmazonEnvelope")
    ET.SubElement(root, "MessageType").text = "ProcessingReport"
    told = ET.SubElement(ET.SubElement(root, "Message"), "ProcessingReport")
    ET.SubElement(told, "StatusCode").text = "Complete"
    summary = ET.SubElement(told, "ProcessingSummary")
    ET.SubElement(summary, "MessagesProcessed").text = "1"
    ET.SubElement(summary, "MessagesSuccessful").text = str(int(not error))
    ET.SubElement(summary, "MessagesWithError").text = str(int(bool(error)))
    if error:
        result = ET.SubElement(told, "Result")
        ET.SubElement(result, "ResultCode").text = "Error"
        ET.SubElement(result, "ResultMessageCode").text = error
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)
