"""The GraphQL documents that we send to the Admin API, each with the points it usually costs; each asks one `told`."""

from __future__ import annotations

from typing import NamedTuple

ROWS = 15
"""Rows that the first page of each connection of an order holds; what does not fit is asked for by itself."""

LISTED = 5
"""Fulfillments and refunds that an order is asked for at first: lists, which have no pages."""

ALL_LISTED = 50


class Document(NamedTuple):
    """One operation; its points are what a usual answer costs, for the limit that all workers share."""

    text: str
    points: int


_MONEY = "{ presentmentMoney { amount currencyCode } }"
_MORE = "pageInfo { hasNextPage endCursor }"

_LINES = f"""{_MORE} nodes {{ id quantity currentQuantity sku name requiresShipping
  originalUnitPriceSet {_MONEY} variant {{ legacyResourceId barcode }} }}"""

_PART_LINES = f"{_MORE} nodes {{ id remainingQuantity lineItem {{ id }} }}"

_PARTS = f"""{_MORE} nodes {{ id status updatedAt fulfillAt fulfillBy fulfillmentHolds {{ reason }}
  deliveryMethod {{ methodType }} assignedLocation {{ location {{ legacyResourceId }} }}
  lineItems(first: {ROWS}) {{ {_PART_LINES} }} }}"""

_SENT_LINES = f"{_MORE} nodes {{ quantity lineItem {{ id }} }}"

_SENT = "id legacyResourceId status updatedAt trackingInfo(first: 2) { company number }"

_REFUNDS = f"id legacyResourceId note updatedAt totalRefundedSet {_MONEY}"

ORDER = Document(
    f"""query Order($id: ID!) {{ told: order(id: $id) {{
  id legacyResourceId name test processedAt updatedAt cancelledAt cancellation {{ staffNote }}
  presentmentCurrencyCode taxesIncluded dutiesIncluded displayFinancialStatus paymentGatewayNames email phone
  shippingAddress {{ name company address1 address2 city provinceCode zip countryCodeV2 phone }}
  totalPriceSet {_MONEY} totalShippingPriceSet {_MONEY} totalTaxSet {_MONEY} totalTipReceivedSet {_MONEY}
  originalTotalDutiesSet {_MONEY} originalTotalAdditionalFeesSet {_MONEY} totalReceivedSet {_MONEY}
  lineItems(first: {ROWS}) {{ {_LINES} }}
  fulfillmentOrders(first: 5) {{ {_PARTS} }}
  fulfillments(first: {LISTED}) {{ {_SENT} fulfillmentLineItems(first: {ROWS}) {{ {_SENT_LINES} }} }}
  refunds(first: {LISTED}) {{ {_REFUNDS} }} }} }}""",
    50,
)

ACCESS = Document("query Access { told: currentAppInstallation { accessScopes { handle } } }", 2)

# What an order holds beyond its first page; `rows` is the same word in all of them.
MORE_LINES = Document(
    f"""query MoreLines($id: ID!, $after: String) {{ told: node(id: $id) {{ ... on Order {{
  rows: lineItems(first: 100, after: $after) {{ {_LINES} }} }} }} }}""",
    100,
)
MORE_PARTS = Document(
    f"""query MoreParts($id: ID!, $after: String) {{ told: node(id: $id) {{ ... on Order {{
  rows: fulfillmentOrders(first: 10, after: $after) {{ {_PARTS} }} }} }} }}""",
    100,
)
MORE_PART_LINES = Document(
    f"""query MorePartLines($id: ID!, $after: String) {{ told: node(id: $id) {{ ... on FulfillmentOrder {{
  rows: lineItems(first: 100, after: $after) {{ {_PART_LINES} }} }} }} }}""",
    100,
)
MORE_SENT_LINES = Document(
    f"""query MoreSentLines($id: ID!, $after: String) {{ told: node(id: $id) {{ ... on Fulfillment {{
  rows: fulfillmentLineItems(first: 100, after: $after) {{ {_SENT_LINES} }} }} }} }}""",
    100,
)
ALL_SENT = Document(
    f"""query AllSent($id: ID!) {{ told: order(id: $id) {{ fulfillments(first: {ALL_LISTED}) {{ {_SENT}
  fulfillmentLineItems(first: 3) {{ {_SENT_LINES} }} }} }} }}""",
    200,
)
ALL_REFUNDS = Document(
    f"query AllRefunds($id: ID!) {{ told: order(id: $id) {{ refunds(first: {ALL_LISTED}) {{ {_REFUNDS} }} }} }}", 100
)

CHANGED = Document(
    f"""query Changed($query: String!, $after: String, $first: Int!) {{ told: orders(first: $first, after: $after,
  query: $query, sortKey: UPDATED_AT) {{ {_MORE} nodes {{ id updatedAt }} }} }}""",
    25,
)
CHANGED_PARTS = Document(
    f"""query ChangedParts($query: String!, $after: String, $first: Int!) {{ told: fulfillmentOrders(first: $first,
  after: $after, query: $query, sortKey: UPDATED_AT, includeClosed: true) {{ {_MORE}
  nodes {{ updatedAt order {{ id updatedAt }} }} }} }}""",
    45,
)

FULFILL = Document(
    """mutation Fulfill($fulfillment: FulfillmentInput!) { told: fulfillmentCreate(fulfillment: $fulfillment) {
  made: fulfillment { legacyResourceId } userErrors { field message } } }""",
    12,
)
CORRECT = Document(
    """mutation Correct($id: ID!, $tracking: FulfillmentTrackingInput!) { told: fulfillmentTrackingInfoUpdate(
  fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: true) {
  made: fulfillment { legacyResourceId } userErrors { field message } } }""",
    12,
)
PREPARED = Document(
    """mutation Prepared($input: FulfillmentOrderLineItemsPreparedForPickupInput!) {
  told: fulfillmentOrderLineItemsPreparedForPickup(input: $input) { userErrors { code field message } } }""",
    10,
)

CANCEL = Document(
    """mutation Cancel($id: ID!, $reason: OrderCancelReason!, $note: String) { told: orderCancel(orderId: $id,
  reason: $reason, staffNote: $note, restock: true, notifyCustomer: true,
  refundMethod: {originalPaymentMethodsRefund: false}) {
  job { id done } userErrors: orderCancelUserErrors { code field message } } }""",
    11,
)
JOB = Document("query Job($id: ID!) { told: job(id: $id) { id done } }", 1)

REFUND = Document(
    """mutation Refund($input: RefundInput!, $key: String!) { told: refundCreate(input: $input) @idempotent(key: $key) {
  made: refund { legacyResourceId } userErrors { field message } } }""",
    12,
)
PAYMENTS = Document(
    f"""query Payments($id: ID!) {{ told: order(id: $id) {{ id presentmentCurrencyCode
  transactions(first: {ALL_LISTED}) {{ id kind status gateway amountSet {_MONEY} parentTransaction {{ id }} }}
  refunds(first: {ALL_LISTED}) {{ {_REFUNDS} }} }} }}""",
    30,
)

RETURN = Document("query Return($id: ID!) { told: return(id: $id) { id status } }", 1)
APPROVE = Document(
    """mutation Approve($input: ReturnApproveRequestInput!) { told: returnApproveRequest(input: $input) {
  return { id status } userErrors { code field message } } }""",
    11,
)
DECLINE = Document(
    """mutation Decline($input: ReturnDeclineRequestInput!) { told: returnDeclineRequest(input: $input) {
  return { id status } userErrors { code field message } } }""",
    11,
)

LEVELS = Document(
    """query Levels($ids: [ID!]!, $location: ID!) { told: nodes(ids: $ids) { ... on ProductVariant { legacyResourceId
  inventoryItem { id tracked inventoryLevel(locationId: $location) {
  quantities(names: ["available"]) { quantity updatedAt } } } } } }""",
    200,
)
SET_STOCK = Document(
    """mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  told: inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code field message } } }""",
    10,
)
