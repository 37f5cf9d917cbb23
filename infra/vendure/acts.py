"""The documents a person's acts are made of, in the words of Vendure's Admin API."""

from __future__ import annotations

LOG_IN = """mutation ($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    ... on CurrentUser { id } ... on ErrorResult { errorCode message } } }"""

ORDER = """query ($id: ID!) { order(id: $id) {
  id code state
  lines { id quantity orderPlacedQuantity }
  payments { id state amount refunds { id state total transactionId reason } }
  fulfillments { id state method trackingCode lines { orderLineId quantity } } } }"""

FULFILL = """mutation ($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) {
    ... on Fulfillment { id } ... on ErrorResult { errorCode message } } }"""

MOVE = """mutation ($id: ID!, $state: String!) { transitionFulfillmentToState(id: $id, state: $state) {
    ... on Fulfillment { id } ... on ErrorResult { errorCode message } } }"""

CANCEL = """mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) {
    ... on Order { id } ... on ErrorResult { errorCode message } } }"""

REFUND = """mutation ($input: RefundOrderInput!) { refundOrder(input: $input) {
    ... on Refund { id } ... on ErrorResult { errorCode message } } }"""

SETTLE = """mutation ($input: SettleRefundInput!) { settleRefund(input: $input) {
    ... on Refund { id } ... on ErrorResult { errorCode message } } }"""

TAKE = """mutation ($id: ID!) { settlePayment(id: $id) {
    ... on Payment { id } ... on ErrorResult { errorCode message } } }"""

VARIANT = """query ($sku: String!) { productVariants(options: {filter: {sku: {eq: $sku}}, take: 1}) {
    items { id sku name stockLevels { stockOnHand stockAllocated } } } }"""

VARIANTS = """query { productVariants(options: {sort: {sku: ASC}, take: 100}) {
    items { id sku name stockLevels { stockOnHand stockAllocated } } } }"""

SET_STOCK = "mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }"

CHANNEL = "query { activeChannel { id } }"

SET_CHANNEL = """mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) {
    ... on Channel { id } ... on ErrorResult { errorCode message } } }"""

ROLE = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }"

HIRE = "mutation ($input: CreateAdministratorInput!) { createAdministrator(input: $input) { id } }"
