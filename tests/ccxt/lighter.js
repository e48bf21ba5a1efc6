// Lighter's public data as ccxt reads it. What cannot be judged this way: whatever is signed
// (balances, orders, private channels), because ccxt signs for Lighter with a native library that npm
// does not bring; the continuity of books by begin_nonce, which ccxt does not look at; trades by REST
// and candles by socket, which it does not ask Lighter for.
import {
  check, checkBook, checkCandles, checkTicker, checkTrades, makeLighterClient, step, watchBooks,
} from './common.js';

const BOOK_UPDATES = 300;

export async function checkLighter(host) {
  const client = await makeLighterClient(host);
  const at = (name) => `lighter ${name}`;
  const swap = 'BTC/USDC:USDC';
  await step(at('loadMarkets'), async () => {
    await client.loadMarkets();
    check(client.market(swap).precision.price === 0.1, 'BTC tick');
    check(client.market(swap).precision.amount === 0.00001, 'BTC step');
    check(client.market('ETH/USDC').spot, 'no spot market');
    return `${client.symbols.length} markets`;
  });
  await step(at('fetchStatus'), async () => (await client.fetchStatus()).status);
  await step(at('fetchTime'), async () => {
    const time = await client.fetchTime();
    check(Math.abs(time - Date.now()) < 60_000, `${time} is not now`);
    return `${time}`;
  });
  await step(at('fetchOrderBook'), async () => {
    // Single orders, several of one price: ccxt does not add them up.
    const book = await client.fetchOrderBook(swap, 20);
    check(book.bids.length === 20 && book.asks.length === 20, 'not 20 a side');
    check(book.bids[0][0] < book.asks[0][0], 'crossed');
    for (let index = 1; index < 20; index += 1) {
      check(book.bids[index - 1][0] >= book.bids[index][0], 'bids are not sorted');
      check(book.asks[index - 1][0] <= book.asks[index][0], 'asks are not sorted');
    }
    return `${book.bids[0][0]} / ${book.asks[0][0]}`;
  });
  await step(at('fetchTicker'), async () => checkTicker(await client.fetchTicker(swap)));
  await step(at('fetchTickers'),
      async () => `${Object.keys(await client.fetchTickers()).length} tickers`);
  await step(at('fetchOHLCV'),
      async () => checkCandles(await client.fetchOHLCV(swap, '1m', undefined, 10)));
  await step(at('fetchFundingRates'), async () => {
    const rates = await client.fetchFundingRates();
    const rate = rates[swap].fundingRate;
    check(Number.isFinite(rate), `rate is ${rate}`);
    return `${Object.keys(rates).length}, BTC ${rate}`;
  });
  await step(at('fetchFundingRate'), async () => {
    const funding = await client.fetchFundingRate(swap);
    check(Number.isFinite(funding.fundingRate), `rate is ${funding.fundingRate}`);
    return `${funding.fundingRate}`;
  });
  // At once, as a trading program does: one socket carries all of it.
  await Promise.all([
    step(at('watchOrderBook'),
        () => watchBooks(client, [swap, 'ETH/USDC:USDC', 'ETH/USDC'], BOOK_UPDATES)),
    step(at('watchTrades'), async () => checkTrades(await client.watchTrades(swap))),
    step(at('watchTicker'), async () => checkTicker(await client.watchTicker(swap))),
  ]);
  await step(at('unWatchOrderBook'), async () => {
    await client.unWatchOrderBook(swap);
    return checkBook(await client.watchOrderBook(swap));
  });
  await client.close();
}
