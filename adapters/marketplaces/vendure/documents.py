"""The GraphQL documents that we send to the Admin API.

Each asks for one thing, which is answered under the name `field`; a mutation's is an id or an error code.
"""

from __future__ import annotations

_ORDER = """id code type state orderPlacedAt updatedAt currencyCode totalWithTax
  shippingAddress { fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber }
  customer { firstName lastName emailAddress phoneNumber }
  lines { id quantity orderPlacedQuantity unitPriceWithTax productVariant { id sku name } }
  shippingLines { priceWithTax shippingMethod { code fulfillmentHandlerCode } }
  payments { id method state amount refunds { id state total updatedAt transactionId reason
    lines { orderLineId quantity } } }
  fulfillments { id state method trackingCode updatedAt lines { orderLineId quantity } }"""

ORDERS = f"query ($options: OrderListOptions!) {{ field: orders(options: $options) {{ items {{ {_ORDER} }} }} }}"

ORDER = f"query ($id: ID!) {{ field: order(id: $id) {{ {_ORDER} }} }}"

ME = "query { field: me { channels { code token permissions } } }"

# Newest first: the entry that is looked for was written minutes ago.
CANCELLATIONS = """query ($id: ID!) { field: order(id: $id) { history(options: {
  filter: {type: {eq: "ORDER_CANCELLATION"}}, sort: {createdAt: DESC}, take: 100}) { items { id data } } } }"""

FULFILL = """mutation ($input: FulfillOrderInput!) { field: addFulfillmentToOrder(input: $input) {
  ... on Fulfillment { id } ... on ErrorResult { errorCode } } }"""

MOVE = """mutation ($id: ID!, $state: String!) { field: transitionFulfillmentToState(id: $id, state: $state) {
  ... on Fulfillment { id } ... on ErrorResult { errorCode } } }"""

MOVE_ORDER = """mutation ($id: ID!, $state: String!) { field: transitionOrderToState(id: $id, state: $state) {
  ... on Order { id } ... on ErrorResult { errorCode } } }"""

CANCEL = """mutation ($input: CancelOrderInput!) { field: cancelOrder(input: $input) {
  ... on Order { id } ... on ErrorResult { errorCode } } }"""

REFUND = """mutation ($input: RefundOrderInput!) { field: refundOrder(input: $input) {
  ... on Refund { id } ... on ErrorResult { errorCode } } }"""

SETTLE = """mutation ($input: SettleRefundInput!) { field: settleRefund(input: $input) {
  ... on Refund { id } ... on ErrorResult { errorCode } } }"""

_LEVELS = "id stockLevels { stockLocationId stockOnHand stockAllocated }"

STOCK = f"""query ($ids: [String!]!, $take: Int!) {{ field: productVariants(options: {{filter: {{id: {{in: $ids}}}},
  take: $take}}) {{ items {{ {_LEVELS} }} }} }}"""

SET_STOCK = f"""mutation ($input: [UpdateProductVariantInput!]!) {{ field: updateProductVariants(input: $input) {{
  {_LEVELS} }} }}"""

LOG_IN = """mutation ($username: String!, $password: String!) { field: login(username: $username, password: $password) {
  ... on CurrentUser { id } ... on ErrorResult { errorCode } } }"""
