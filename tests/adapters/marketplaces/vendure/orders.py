"""An order as the Admin API tells it, written by us after Vendure's schema; tests change what they are about."""

from typing import Any

Told = dict[str, Any]


def refund(**changed: object) -> Told:
    return {
        "id": "31",
        "state": "Settled",
        "total": 1000,
        "updatedAt": "2026-03-01T12:00:00.000Z",
        "transactionId": "t-1",
        "reason": None,
        "lines": None,
    } | changed


def payment(**changed: object) -> Told:
    return {"id": "21", "method": "dummy", "state": "Settled", "amount": 4490, "refunds": None} | changed


def fulfillment(**changed: object) -> Told:
    return {
        "id": "41",
        "state": "Shipped",
        "method": "Fast Parcels",
        "trackingCode": "T-1",
        "updatedAt": "2026-03-01T12:00:00.000Z",
        "lines": [{"orderLineId": "11", "quantity": 1}],
    } | changed


def line(**changed: object) -> Told:
    return {
        "id": "11",
        "quantity": 2,
        "orderPlacedQuantity": 2,
        "unitPriceWithTax": 2000,
        "productVariant": {"id": "7", "sku": "MUG", "name": "Mug"},
    } | changed


def shipping_line(**changed: object) -> Told:
    method = {"code": "standard", "fulfillmentHandlerCode": "manual-fulfillment"}
    return {"priceWithTax": 490, "shippingMethod": method | changed}


def order(**changed: object) -> Told:
    return {
        "id": "1",
        "code": "ABC",
        "type": "Regular",
        "state": "PaymentSettled",
        "orderPlacedAt": "2026-03-01T10:00:00.000Z",
        "updatedAt": "2026-03-01T10:00:00.000Z",
        "currencyCode": "EUR",
        "totalWithTax": 4490,
        "shippingAddress": {
            "fullName": "Ann Lee",
            "company": None,
            "streetLine1": "1 Quay",
            "streetLine2": "2nd floor",
            "city": "Kiel",
            "province": None,
            "postalCode": "24103",
            "countryCode": "DE",
            "phoneNumber": None,
        },
        "customer": {"firstName": "Ann", "lastName": "Lee", "emailAddress": "a@example.com", "phoneNumber": None},
        "lines": [line()],
        "shippingLines": [shipping_line()],
        "payments": [payment()],
        "fulfillments": None,
    } | changed
