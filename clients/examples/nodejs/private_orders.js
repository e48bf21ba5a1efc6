// Places a post-only order, watches what becomes of it on two streams of which the second resumes
// the first, cancels it, and decodes why another order is refused. Exits 0 if all of it happened.
'use strict';
const { contract, connect, reasonOf, describe, fromMantissa, parseDecimal, formatDecimal } =
    require('./client');
const { OrderClient, newId, parseOptions, unary } = require('./order_client');

const options = parseOptions();
const client = new OrderClient(options);

function fail(why) {
  console.error(why);
  process.exit(1);
}

// 2 % under the best bid. The book's numbers are mantissas: exact, never a double.
async function farBelow() {
  const stub = connect(contract.switchyard.marketdata.v1.MarketDataService, options.router);
  const { exchange, symbol } = options;
  const { bestBidOffer } = await unary(stub, 'getBestBidOffer', { exchange, symbol });
  const mantissa = BigInt(bestBidOffer.bidPriceMantissa) * 98n / 100n;
  return formatDecimal(fromMantissa(mantissa, bestBidOffer.priceExponent));
}

// Follows the journal from `position` until the order is in a state; resolves to where that is.
async function watch(position, id, wanted) {
  for await (const event of client.events(position)) {
    if (event === null) continue;
    position = { epoch: event.epoch, sequence: event.sequence };
    if (event.gap) fail('events are missing: read the orders anew');
    if (!event.order || event.order.ticket.clientOrderId !== id) continue;
    console.log(`event ${event.sequence}: ${event.order.state}`);
    if (event.order.state === wanted) return position;
  }
  return position;
}

async function run() {
  const ticket = {
    clientOrderId: newId(), symbol: options.symbol, side: 'SIDE_BUY', type: 'ORDER_TYPE_LIMIT',
    quantity: options.quantity, price: await farBelow(), postOnly: true,
    priceRounding: 'ROUNDING_AWAY_FROM_MARKET' };
  const id = ticket.clientOrderId;
  const start = await client.position();
  const order = await client.place(ticket);
  console.log(`placed ${id}: BUY ${ticket.quantity} at ${order.sent ? order.sent.price : ''}`);
  const position = await watch(start, id, 'ORDER_STATE_OPEN');
  await client.cancel(id);
  // Another stream: it begins where the first was left, so that nothing is missed between.
  await watch(position, id, 'ORDER_STATE_CANCELED');

  // The same ticket again places nothing; another one under the same id is refused.
  await client.place(ticket);
  ticket.quantity = formatDecimal(2n * parseDecimal(ticket.quantity));
  try {
    await client.place(ticket);
  } catch (error) {
    console.log(`refused: ${describe(error)}`);
    if (reasonOf(error) === 'CLIENT_ORDER_ID_REUSED') process.exit(0);
  }
  fail('the second order was not refused as it should be');
}

setTimeout(() => fail(`not done after ${options.seconds} s`), 1000 * options.seconds);
run().catch((error) => fail(describe(error)));
