// Private calls and channels as ccxt makes them: money, orders, positions, and who is refused.
import ccxt from 'ccxt';
import { check, makeClient, step, withTimeout } from './common.js';

// Fails unless the action is refused with this class of error.
async function refused(kind, action) {
  try {
    await action();
  } catch (error) {
    check(error instanceof kind, `${error.constructor.name}: ${error.message}`);
    return `${error.constructor.name}`;
  }
  throw new Error('was not refused');
}

// Keeps what a watch method says, from before its first frame.
async function collect(watch) {
  const seen = [];
  let failure;
  let running = true;
  (async () => {
    while (running) {
      const found = await watch();
      seen.push(...(Array.isArray(found) ? found.map((row) => ({ ...row })) : [{ ...found }]));
    }
  })().catch((error) => { failure = error; });
  return {
    // Until one is as wanted.
    async until(wanted, what) {
      return withTimeout((async () => {
        for (;;) {
          if (failure !== undefined) throw failure;
          const found = seen.find(wanted);
          if (found !== undefined) return found;
          await new Promise((resolve) => { setTimeout(resolve, 10); });
        }
      })(), what);
    },
    stop() { running = false; },
  };
}

async function bestPrices(client, symbol) {
  const book = await client.fetchOrderBook(symbol, 20);
  return { bid: book.bids[0][0], ask: book.asks[0][0] };
}

// Orders over REST, and what the sockets say of them.
async function checkOrders(at, client, symbol, amount) {
  const { bid, ask } = await bestPrices(client, symbol);
  const orders = await collect(() => client.watchOrders(symbol));
  const trades = await collect(() => client.watchMyTrades(symbol));
  const balances = await collect(() => client.watchBalance());
  // The acknowledgements are not told by ccxt; the first order waits for its own frame instead.
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  let resting;
  await step(at('createOrder limit'), async () => {
    const price = Number(client.priceToPrecision(symbol, bid * 0.9));
    resting = await client.createOrder(symbol, 'limit', 'buy', amount, price,
        { clientOrderId: 't-ccxt-1' });
    check(resting.status === 'open', `status ${resting.status}`);
    check(resting.clientOrderId === 't-ccxt-1', `text ${resting.clientOrderId}`);
    check(resting.price === price && resting.amount === amount, 'price or amount differ');
    check(resting.filled === 0 && resting.remaining === amount, `filled ${resting.filled}`);
    return `${resting.id} at ${resting.price}`;
  });
  await step(at('watchOrders'), async () => {
    const seen = await orders.until((order) => order.id === resting.id, 'the order');
    check(seen.status === 'open', `status ${seen.status}`);
    return `${seen.id} ${seen.status}`;
  });
  await step(at('fetchOrder'), async () => {
    const byId = await client.fetchOrder(resting.id, symbol);
    check(byId.id === resting.id && byId.clientOrderId === 't-ccxt-1', 'another order');
    const byText = await client.fetchOrder('t-ccxt-1', symbol);
    check(byText.id === resting.id, 'the text finds another order');
    return `${byId.status}`;
  });
  await step(at('fetchOpenOrders'), async () => {
    const open = await client.fetchOpenOrders(symbol);
    check(open.some((order) => order.id === resting.id), 'the order is not among them');
    return `${open.length}`;
  });
  await step(at('editOrder'), async () => {
    const price = Number(client.priceToPrecision(symbol, bid * 0.91));
    const edited = await client.editOrder(resting.id, symbol, 'limit', 'buy', 2 * amount, price);
    check(edited.id === resting.id, 'it became another order');
    check(edited.price === price && edited.amount === 2 * amount, 'price or amount differ');
    return `${edited.amount} at ${edited.price}`;
  });
  await step(at('cancelOrder'), async () => {
    const cancelled = await client.cancelOrder(resting.id, symbol);
    check(cancelled.status === 'canceled', `status ${cancelled.status}`);
    await orders.until((order) => order.id === resting.id && order.status === 'canceled',
        'its end');
    return cancelled.status;
  });
  await step(at('cancelOrder twice is refused'),
      () => refused(ccxt.BaseError, () => client.cancelOrder(resting.id, symbol)));
  await step(at('post-only is refused when crossing'), () => refused(ccxt.OrderImmediatelyFillable,
      () => client.createOrder(symbol, 'limit', 'buy', amount,
          Number(client.priceToPrecision(symbol, ask * 1.01)), { postOnly: true })));
  let taken;
  await step(at('createOrder market'), async () => {
    taken = await client.createOrder(symbol, 'market', 'buy', amount, ask);
    check(taken.status === 'closed', `status ${taken.status}`);
    check(taken.average > 0, `average ${taken.average}`);
    return `${taken.filled} at ${taken.average}`;
  });
  await step(at('watchMyTrades'), async () => {
    const trade = await trades.until((one) => one.order === taken.id, 'the fill');
    check(trade.side === 'buy' && trade.price > 0 && trade.amount > 0, 'a wrong trade');
    check(trade.takerOrMaker === 'taker', `role ${trade.takerOrMaker}`);
    return `${trade.amount} at ${trade.price}`;
  });
  await step(at('watchBalance'), async () => {
    const balance = await balances.until((one) => one.USDT !== undefined, 'USDT');
    check(balance.USDT.total > 0, `total ${balance.USDT.total}`);
    return `USDT ${balance.USDT.total}`;
  });
  await step(at('fetchMyTrades'), async () => {
    const found = (await client.fetchMyTrades(symbol)).filter((one) => one.order === taken.id);
    check(found.length > 0, 'none of the order');
    const cost = found.reduce((sum, one) => sum + one.cost, 0);
    check(cost > 0, `cost ${cost}`);
    return `${found.length} of the order`;
  });
  await step(at('fetchClosedOrders'), async () => {
    const closed = await client.fetchClosedOrders(symbol);
    check(closed.some((order) => order.id === taken.id && order.status === 'closed'),
        'the order is not among them');
    return `${closed.length}`;
  });
  await step(at('createOrder trigger'), async () => {
    const trigger = await client.createOrder(symbol, 'limit', 'sell', amount,
        Number(client.priceToPrecision(symbol, bid * 0.89)),
        { stopLossPrice: Number(client.priceToPrecision(symbol, bid * 0.9)), expiration: 3600 });
    const open = await client.fetchOpenOrders(symbol, undefined, undefined, { trigger: true });
    check(open.some((order) => order.id === trigger.id), 'the trigger is not among them');
    await client.cancelAllOrders(symbol, { trigger: true });
    return trigger.id;
  });
  await step(at('cancelAllOrders'), async () => {
    for (const factor of [0.9, 0.91]) {
      await client.createOrder(symbol, 'limit', 'buy', amount,
          Number(client.priceToPrecision(symbol, bid * factor)));
    }
    const cancelled = await client.cancelAllOrders(symbol);
    check(cancelled.length === 2, `${cancelled.length} were cancelled`);
    check((await client.fetchOpenOrders(symbol)).length === 0, 'some are left');
    return `${cancelled.length}`;
  });
  for (const stream of [orders, trades, balances]) stream.stop();
}

// Order entry over the socket.
async function checkSocketOrders(at, client, symbol, amount) {
  const { bid } = await bestPrices(client, symbol);
  let order;
  await step(at('createOrderWs'), async () => {
    order = await client.createOrderWs(symbol, 'limit', 'buy', amount,
        Number(client.priceToPrecision(symbol, bid * 0.9)), { clientOrderId: 't-ccxt-ws' });
    check(order.status === 'open' && order.clientOrderId === 't-ccxt-ws', `status ${order.status}`);
    return order.id;
  });
  await step(at('fetchOrderWs'), async () => {
    const found = await client.fetchOrderWs(order.id, symbol);
    check(found.id === order.id, 'another order');
    return found.status;
  });
  await step(at('editOrderWs'), async () => {
    const price = Number(client.priceToPrecision(symbol, bid * 0.92));
    const edited = await client.editOrderWs(order.id, symbol, 'limit', 'buy', amount, price);
    check(edited.price === price, `price ${edited.price}`);
    return `${edited.price}`;
  });
  await step(at('cancelOrderWs'), async () => {
    const cancelled = await client.cancelOrderWs(order.id, symbol);
    check(cancelled.status === 'canceled', `status ${cancelled.status}`);
    return cancelled.status;
  });
  await step(at('cancelAllOrdersWs'), async () => {
    await client.createOrderWs(symbol, 'limit', 'buy', amount,
        Number(client.priceToPrecision(symbol, bid * 0.9)));
    const cancelled = await client.cancelAllOrdersWs(symbol);
    check(cancelled.length === 1, `${cancelled.length} were cancelled`);
    return `${cancelled.length}`;
  });
  await step(at('a refusal over the socket'), () => refused(ccxt.BaseError,
      () => client.cancelOrderWs('1', symbol)));
}

async function checkPositions(at, client, symbol) {
  await step(at('setLeverage'), async () => {
    const answer = await client.setLeverage(5, symbol);
    check(String(answer.leverage) === '5', `leverage ${answer.leverage}`);
    return answer.leverage;
  });
  await client.fetchPositions();
  const positions = await collect(() => client.watchPositions([symbol]));
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  const before = (await client.fetchPositions([symbol]))[0]?.contracts ?? 0;
  await step(at('fetchPositions'), async () => {
    await client.createOrder(symbol, 'market', 'buy', 20);
    const [position] = await client.fetchPositions([symbol]);
    check(position.contracts === before + 20, `${position.contracts} contracts`);
    check(position.side === 'long' && position.entryPrice > 0, `side ${position.side}`);
    check(position.liquidationPrice > 0 && position.markPrice > 0, 'a price is missing');
    check(position.leverage === 5 && position.marginMode === 'isolated', 'leverage or mode');
    return `${position.contracts} at ${position.entryPrice}`;
  });
  await step(at('watchPositions'), async () => {
    const seen = await positions.until((one) => one.contracts === before + 20, 'the position');
    return `${seen.contracts} ${seen.side}`;
  });
  await step(at('reduce-only must reduce'), () => refused(ccxt.BaseError,
      () => client.createOrder(symbol, 'market', 'buy', 1, undefined, { reduceOnly: true })));
  await step(at('createOrder reduce-only'), async () => {
    const order = await client.createOrder(symbol, 'market', 'sell', before + 20, undefined,
        { reduceOnly: true });
    check(order.status === 'closed' && order.reduceOnly === true, `status ${order.status}`);
    const [position] = await client.fetchPositions([symbol]);
    check(position === undefined || position.contracts === 0, 'something is left');
    return order.status;
  });
  positions.stop();
}

async function checkRefusals(at, kind, endpoint) {
  const wrong = await makeClient(kind, endpoint.host,
      { ...endpoint.credentials, secret: 'not-the-secret' });
  await step(at('a wrong secret is refused'),
      () => refused(ccxt.AuthenticationError, () => wrong.fetchBalance()));
  await step(at('a wrong secret is refused on the socket'),
      () => refused(ccxt.AuthenticationError, () => wrong.watchBalance()));
  await wrong.close();
  const late = await makeClient(kind, endpoint.host, endpoint.credentials);
  const seconds = late.milliseconds.bind(late);
  late.milliseconds = () => seconds() - 120_000;
  late.nonce = () => seconds() - 120_000;
  await step(at('an old timestamp is refused'),
      () => refused(ccxt.BaseError, () => late.fetchBalance()));
  await late.close();
  const reader = await makeClient(kind, endpoint.host, endpoint.accounts.read_only);
  await step(at('a read-only key reads'), async () => {
    const balance = await reader.fetchBalance();
    return `USDT ${balance.USDT.total}`;
  });
  await step(at('a read-only key does not trade'), () => refused(ccxt.PermissionDenied,
      () => reader.cancelAllOrders(kind === 'spot' ? 'BTC/USDT' : 'BTC/USDT:USDT')));
  await reader.close();
}

export async function checkTrading(kind, endpoint) {
  const at = (name) => `${kind.padEnd(4)} ${name}`;
  const client = await makeClient(kind, endpoint.host, endpoint.credentials);
  await client.loadMarkets();
  const symbol = kind === 'spot' ? 'BTC/USDT' : 'BTC/USDT:USDT';
  const amount = kind === 'spot' ? 0.01 : 10;
  await step(at('fetchBalance'), async () => {
    const balance = await client.fetchBalance();
    check(balance.USDT.total > 0 && balance.USDT.free > 0, 'no USDT');
    return `USDT ${balance.USDT.total}`;
  });
  await checkOrders(at, client, symbol, amount);
  await checkSocketOrders(at, client, symbol, amount);
  if (kind === 'swap') await checkPositions(at, client, symbol);
  await client.close();
  await checkRefusals(at, kind, endpoint);
}
