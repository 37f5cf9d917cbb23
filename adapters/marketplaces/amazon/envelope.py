"""The XML of order feeds: what is sent, and the report of what became of it. After Amazon's amzn-envelope.xsd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from domain.errors import ContractBroken
from domain.values import Money

_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
_MOST_CODES = 20


@dataclass(frozen=True)
class Verdict:
    """What a report says: how many messages were taken, and the codes of what was refused."""

    taken: int
    codes: tuple[str, ...]


def cancellation(seller_id: str, order_id: str, reasons: Mapping[str, str]) -> bytes:
    """Return the feed that cancels an order, with a reason by line id."""
    root, message = _envelope(seller_id, "OrderAcknowledgement")
    _add(message, "AmazonOrderID", order_id)
    _add(message, "StatusCode", "Failure")
    for line_id, reason in reasons.items():
        line = _add(message, "Item")
        _add(line, "AmazonOrderItemCode", line_id)
        _add(line, "CancelReason", reason)
    return _written(root)


def refund(seller_id: str, order_id: str, reason: str, parts: Mapping[str, Mapping[str, Money]]) -> bytes:
    """Return the feed that gives money back: amounts by line id and component, such as Principal."""
    root, message = _envelope(seller_id, "OrderAdjustment")
    _add(message, "AmazonOrderID", order_id)
    for line_id, components in parts.items():
        line = _add(message, "AdjustedItem")
        _add(line, "AmazonOrderItemCode", line_id)
        _add(line, "AdjustmentReason", reason)
        amounts = _add(line, "ItemPriceAdjustments")
        for kind, money in components.items():
            component = _add(amounts, "Component")
            _add(component, "Type", kind)
            _add(component, "Amount", str(money).partition(" ")[0], currency=money.currency)
    return _written(root)


def read_report(body: bytes) -> Verdict:
    """Return what a processing report says.

    Raises:
        ContractBroken: it is none.
    """
    try:
        text = body.decode()
        if "<!" in text.replace("<!--", ""):
            raise ContractBroken("amazon-unreadable-report", "a document type is declared")
        root = ET.fromstring(text.encode())  # noqa: S314  it declares nothing that could unfold
        taken = int(root.findtext(".//ProcessingSummary/MessagesSuccessful", ""))
        refused = int(root.findtext(".//ProcessingSummary/MessagesWithError", ""))
    except (ET.ParseError, ValueError) as error:
        raise ContractBroken("amazon-unreadable-report") from error
    found = [result for result in root.iterfind(".//Result") if result.findtext("ResultCode") == "Error"]
    codes = tuple(result.findtext("ResultMessageCode") or "error" for result in found[:_MOST_CODES])
    return Verdict(taken, codes or ("error",) * min(refused, 1))


def _envelope(seller_id: str, kind: str) -> tuple[ET.Element, ET.Element]:
    ET.register_namespace("xsi", _SCHEMA)
    root = ET.Element("AmazonEnvelope", {f"{{{_SCHEMA}}}noNamespaceSchemaLocation": "amzn-envelope.xsd"})
    header = _add(root, "Header")
    _add(header, "DocumentVersion", "1.01")
    _add(header, "MerchantIdentifier", seller_id)
    _add(root, "MessageType", kind)
    message = _add(root, "Message")
    _add(message, "MessageID", "1")
    return root, _add(message, kind)


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, name, attributes)
    made.text = text or None
    return made


def _written(root: ET.Element) -> bytes:
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)
