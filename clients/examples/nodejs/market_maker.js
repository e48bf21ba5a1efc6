// Quotes both sides of one market at the best prices of the streamed book, follows them by
// amending, and after --seconds cancels, flattens what was filled and stops. Exits 0 if all of it
// worked.
//
// It trades on no stale book, has its quotes cancelled by the service if it dies, counts every fill
// once over lost streams, and never answers an unknown outcome with another order.
'use strict';
const { once } = require('events');
const { setTimeout: sleep } = require('timers/promises');
const { grpc, contract, connect, reasonOf, describe, fromMantissa, parseDecimal, formatDecimal } =
    require('./client');
const { OrderClient, newId, parseOptions } = require('./order_client');
const { OwnOrders } = require('./own_orders');

const STEP_MS = 250;  // at most one change of a quote in this time: exchanges count requests
// Refusals after which the next look at the book decides anew.
const { FAILED_PRECONDITION, RESOURCE_EXHAUSTED, UNAVAILABLE, NOT_FOUND } = grpc.status;
const PASSING = [FAILED_PRECONDITION, RESOURCE_EXHAUSTED, UNAVAILABLE, NOT_FOUND];
// Less than an order may be: of the market's step, or of its smallest value.
const TOO_SMALL = ['NOT_REPRESENTABLE', 'INVALID_FIELD'];

const options = parseOptions();
const client = new OrderClient(options);
const sessionId = newId();
const own = new OwnOrders(client, sessionId);
const marketData = connect(contract.switchyard.marketdata.v1.MarketDataService, options.router);
const emptyBook = (state) => ({ state, SIDE_BUY: new Map(), SIDE_SELL: new Map() });
let book = emptyBook('WAITING');  // quantity by price; state: why it must not be traded on
const quotes = {};                // clientOrderId by side
const quoted = new Set();
let [requotes, over] = [0, false];

// Throws where an event does not continue the book.
function applyBook({ kind, epoch, sequence, reason, orderBook }) {
  if (kind === 'EVENT_KIND_STALE') {
    book.state = reason;
    return;
  }
  if (kind === 'EVENT_KIND_SNAPSHOT') {
    book = emptyBook('');
  } else if (book.state || epoch !== book.epoch || BigInt(sequence) !== book.sequence + 1n) {
    throw new Error(`delta ${sequence} of ${epoch} after ${book.sequence} of ${book.epoch}`);
  }
  Object.assign(book, { epoch, sequence: BigInt(sequence) });
  for (const [side, prices, quantities] of [
    ['SIDE_BUY', orderBook.bidPriceMantissas, orderBook.bidQuantityMantissas],
    ['SIDE_SELL', orderBook.askPriceMantissas, orderBook.askQuantityMantissas]]) {
    prices.forEach((mantissa, index) => {
      const price = fromMantissa(mantissa, orderBook.priceExponent);
      const quantity = fromMantissa(quantities[index], orderBook.quantityExponent);
      if (quantity === 0n) book[side].delete(price); else book[side].set(price, quantity);
    });
  }
}

async function followBook() {
  const { exchange, symbol } = options;
  const subscriptions = [{ exchange, symbol, channel: 'CHANNEL_ORDER_BOOK', depth: 10 }];
  for (;; await sleep(500)) {
    const call = marketData.streamMarketData({ subscriptions });
    call.on('error', () => {});  // the loop below throws it
    let [silenceMs, watchdog] = [15000, setTimeout(() => call.cancel(), 15000)];
    try {
      for await (const { acknowledgement, events } of call) {
        clearTimeout(watchdog);
        if (acknowledgement) {
          const { status } = acknowledgement.results[0];
          if (status && status.code) fail(status.message);
          silenceMs = 3 * acknowledgement.heartbeatIntervalMs;
        }
        watchdog = setTimeout(() => call.cancel(), silenceMs);
        events.forEach(applyBook);
        own.emit('changed');
      }
    } catch (error) {
      console.error('book stream lost, opening it again:', describe(error));
    }
    clearTimeout(watchdog);
    call.cancel();
    book = emptyBook('WAITING');  // nothing is known until the next snapshot
    own.emit('changed');
  }
}

// The best price of a side that is not ours alone. Undefined: the book must not be traded on.
function target(side, order) {
  const prices = book.state ? [] : [...book[side].keys()];
  prices.sort((left, right) => (left < right ? -1 : 1) * (side === 'SIDE_BUY' ? -1 : 1));
  return prices.find((price) => !order || parseDecimal(order.ticket.price) !== price ||
      book[side].get(price) > parseDecimal(order.ticket.quantity));
}

// Brings one quote to where the book says.
async function step(side) {
  const order = own.live(quotes[side]);
  const price = target(side, order);
  if (order && order.outcomeUnknown) {
    own.keep(await client.ask(quotes[side]));
  } else if (order && price === undefined) {
    console.log(`book ${book.state || 'empty'}: pulling the ${side} quote`);
    own.keep(await client.cancel(quotes[side]));
  } else if (order && parseDecimal(order.ticket.price) !== price) {
    own.keep(await client.amend(quotes[side], formatDecimal(price)));
    requotes += 1;
  } else if (price !== undefined && !order) {
    console.log(`quote ${side} ${options.quantity} at ${formatDecimal(price)}`);
    quotes[side] = newId();
    await own.place({
      clientOrderId: quotes[side], symbol: options.symbol, side, type: 'ORDER_TYPE_LIMIT',
      quantity: options.quantity, quantityRounding: 'ROUNDING_DOWN', price: formatDecimal(price),
      postOnly: true, cancelOnDisconnect: { sessionId } });
    quoted.add(side);
  }
}

async function tolerant(work) {
  try {
    await work;
  } catch (error) {
    if (!PASSING.includes(error.code)) throw error;
    console.error(describe(error));
  }
}

async function stop() {
  for (const id of [...own.orders.keys()].filter((key) => !own.ended.has(key))) {
    await tolerant(client.cancel(id));
  }
  await own.settled();
  if (own.net === 0n) return;
  console.log('flattening', formatDecimal(own.net));
  try {
    await own.place({
      clientOrderId: newId(), symbol: options.symbol, type: 'ORDER_TYPE_MARKET',
      side: own.net > 0n ? 'SIDE_SELL' : 'SIDE_BUY', quantityRounding: 'ROUNDING_DOWN',
      quantity: formatDecimal(own.net > 0n ? own.net : -own.net),
      reduceOnly: options.symbol.endsWith('-PERP') });
  } catch (error) {
    if (!TOO_SMALL.includes(reasonOf(error))) throw error;
    console.log('left as dust');
  }
  await own.settled();
}

async function run() {
  await once(own, 'streaming');  // cancel-on-disconnect needs the session's stream
  while (!over) {
    for (const side of ['SIDE_BUY', 'SIDE_SELL']) await tolerant(step(side));
    await sleep(STEP_MS);
  }
  await stop();
  console.log(`done: ${own.ended.size} orders, ${requotes} requotes, ${own.fills.size} fills, net`,
      formatDecimal(own.net));
  process.exit(quoted.size === 2 ? 0 : fail('never quoted both sides'));
}

function fail(error) {
  console.error(describe(error));
  process.exit(1);
}

const finish = () => { over = true; };
setTimeout(finish, 1000 * options.seconds);
setTimeout(() => fail('it does not stop'), 1000 * options.seconds + 60000);
process.on('SIGINT', finish).on('SIGTERM', finish);
followBook();
own.follow().catch(fail);
run().catch(fail);
