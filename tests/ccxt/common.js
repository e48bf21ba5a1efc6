// What all checks share: clients of the simulator, and steps that tell how they went.
import ccxt from 'ccxt';

const STEP_TIMEOUT_MS = 60_000;

let failures = 0;

export function failureCount() {
  return failures;
}

export function check(condition, message) {
  if (!condition) throw new Error(message);
}

// Fails rather than hangs when an answer never comes.
export async function withTimeout(promise, what) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${STEP_TIMEOUT_MS} ms: ${what}`)),
        STEP_TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

// One line; a failure is told and the next step is tried.
export async function step(name, action) {
  try {
    const told = await withTimeout(action(), name);
    console.log(`ok      ${name}: ${told}`);
  } catch (error) {
    failures += 1;
    console.log(`failed  ${name}: ${error.constructor.name}: ${error.message.slice(0, 500)}`);
  }
}

// The same URLs with another host; every path stays. ccxt tells the futures socket from the spot one
// by the "fx" in its host's name, which is kept as a query.
function withHost(urls, host) {
  if (typeof urls === 'string') {
    const query = /^wss:\/\/fx/.test(urls) ? '?fx' : '';
    return urls.replace(/^https:\/\/[^/]+/, `http://${host}`)
        .replace(/^wss:\/\/[^/]+/, `ws://${host}`) + query;
  }
  return Object.fromEntries(Object.entries(urls).map(([key, url]) => [key, withHost(url, host)]));
}

// `account` is a row of the endpoints file; without one the client has no key.
export async function makeClient(kind, host, account = {}, more = {}) {
  const client = new ccxt.pro.gate({
    apiKey: account.api_key,
    secret: account.secret,
    uid: account.user_id,
    // Dated futures and options are no part of the simulator.
    options: { defaultType: kind, fetchMarkets: { types: [kind] } },
    ...more,
  });
  client.urls.api = withHost(client.urls.api, host);
  await client.loadHttpProxyAgent();  // ccxt opens no plain ws:// before this, proxy or not
  return client;
}

// Without keys: ccxt signs for this exchange with a native library that is no part of its package.
export async function makeLighterClient(host) {
  const client = new ccxt.pro.lighter();
  client.urls.api = withHost(client.urls.api, host);
  await client.loadHttpProxyAgent();
  return client;
}

export function checkBook(book) {
  check(book.bids.length > 0 && book.asks.length > 0, 'a side is empty');
  check(book.bids[0][0] < book.asks[0][0], `crossed: ${book.bids[0][0]} and ${book.asks[0][0]}`);
  for (let index = 1; index < book.bids.length; index += 1) {
    check(book.bids[index - 1][0] > book.bids[index][0], 'bids are not sorted');
  }
  for (let index = 1; index < book.asks.length; index += 1) {
    check(book.asks[index - 1][0] < book.asks[index][0], 'asks are not sorted');
  }
  return `${book.bids[0][0]} / ${book.asks[0][0]}`;
}

export function checkTicker(ticker) {
  check(ticker.last > 0, `last is ${ticker.last}`);
  check(!(ticker.bid > ticker.ask), `crossed: ${ticker.bid} and ${ticker.ask}`);
  return `last ${ticker.last}`;
}

export function checkTrades(trades) {
  check(trades.length > 0, 'none');
  for (const trade of trades) {
    check(trade.price > 0 && trade.amount > 0, `price ${trade.price}, amount ${trade.amount}`);
    check(trade.side === 'buy' || trade.side === 'sell', `side ${trade.side}`);
    check(trade.timestamp > 0, 'no time');
  }
  return `${trades.length}, last at ${trades.at(-1).price}`;
}

export function checkCandles(candles) {
  check(candles.length > 0, 'none');
  for (const [, open, high, low, close] of candles) {
    check(low <= open && low <= close && high >= open && high >= close, 'low or high is not');
  }
  return `${candles.length} candles`;
}

// Watches books at once until so many updates came.
export async function watchBooks(client, symbols, wanted) {
  let updates = 0;
  const nonces = new Map();
  await Promise.all(symbols.map(async (symbol) => {
    while (updates < wanted) {
      const book = await client.watchOrderBook(symbol);
      checkBook(book);
      check(book.nonce >= (nonces.get(symbol) ?? 0), `${symbol}: sequence went back`);
      nonces.set(symbol, book.nonce);
      updates += 1;
    }
  }));
  return `${updates} updates of ${symbols.length} books, never crossed`;
}
