// Tells a subscriber that an order changed: a signed POST that names the order and nothing else.
// Vendure has no webhooks of its own; this is what a shop's developer writes. Sent once, never repeated:
// a webhook is a hint, the API is the truth.
const { createHmac, randomUUID } = require('node:crypto');
const { EventBus, HistoryEntryEvent, Logger, RefundEvent } = require('@vendure/core');

const TIMEOUT_MS = 5000;
const BEFORE_PLACED = ['Created', 'Draft', 'AddingItems', 'ArrangingPayment'];

const isCheckout = (event) => BEFORE_PLACED.includes(event.input?.data?.to);

async function post(channel, orderId) {
  const { webhookUrl, webhookSecret, webhookAccount } = channel.customFields;
  if (!webhookUrl) return;
  const occurredAt = new Date();
  const body = JSON.stringify({
    id: randomUUID(),
    type: 'order.changed',
    account: webhookAccount,
    occurred_at: occurredAt.toISOString(),
    order: String(orderId),
  });
  const timestamp = String(Math.floor(occurredAt.getTime() / 1000));
  const signature = createHmac('sha256', webhookSecret ?? '').update(`${timestamp}.${body}`).digest('hex');
  const answer = await fetch(webhookUrl, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json',
      'X-Crossdock-Timestamp': timestamp,
      'X-Crossdock-Signature': `v1=${signature}`,
    },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`the subscriber answered ${answer.status}`);
}

exports.postWebhooks = (app) => {
  const tell = (event, orderId) =>
    post(event.ctx.channel, orderId).catch((error) => Logger.warn(`webhook lost: ${error.message}`, 'webhooks'));
  const events = app.get(EventBus);
  // Every act on an order writes its history, except a refund that is asked for and not settled yet.
  events.ofType(HistoryEntryEvent).subscribe((event) => {
    if (event.entity.order && !isCheckout(event)) tell(event, event.entity.order.id);
  });
  events.ofType(RefundEvent).subscribe((event) => tell(event, event.order.id));
};
