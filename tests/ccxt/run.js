// Gate.io and Lighter as ccxt speaks them, against the simulator: nothing but the host is changed. Prints a line
// for each thing tried; the exit code is 1 when any of them failed.
//   node run.js ENDPOINTS_FILE        (what the simulator wrote for --endpoints_file)
import { readFileSync } from 'node:fs';
import {
  check, checkBook, checkCandles, checkTicker, checkTrades, failureCount, makeClient, step, watchBooks,
} from './common.js';
import { checkLighter } from './lighter.js';
import { checkTrading } from './trade.js';

const BOOK_UPDATES = 1000;
// ccxt asks for the 100 ms channel, ten updates a second and symbol: several are watched at once.
const BOOKS = 5;

const endpoints = JSON.parse(readFileSync(process.argv[2], 'utf8'));

async function checkKind(kind, host) {
  const client = await makeClient(kind, host);
  const at = (name) => `${kind.padEnd(4)} ${name}`;
  let symbols = [];
  await step(at('loadMarkets'), async () => {
    await client.loadMarkets();
    symbols = client.symbols.filter((symbol) => client.market(symbol).quote === 'USDT');
    const bitcoin = symbols.find((symbol) => client.market(symbol).base === 'BTC');
    check(bitcoin !== undefined, 'no BTC market');
    symbols = [bitcoin, ...symbols.filter((symbol) => symbol !== bitcoin)];
    return `${client.symbols.length} markets, ${bitcoin}`;
  });
  if (symbols.length > 0) {
    const symbol = symbols[0];
    await step(at('fetchOrderBook'),
        async () => checkBook(await client.fetchOrderBook(symbol, 20)));
    await step(at('fetchTicker'), async () => checkTicker(await client.fetchTicker(symbol)));
    await step(at('fetchTrades'), async () => checkTrades(await client.fetchTrades(symbol)));
    await step(at('fetchOHLCV'), async () => {
      return checkCandles(await client.fetchOHLCV(symbol, '1m', undefined, 10));
    });
    if (kind === 'swap') {
      await step(at('fetchFundingRate'), async () => {
        const funding = await client.fetchFundingRate(symbol);
        check(Number.isFinite(funding.fundingRate), `rate is ${funding.fundingRate}`);
        check(funding.fundingTimestamp > Date.now(), 'next payment is not ahead');
        return `${funding.fundingRate} every ${funding.interval}`;
      });
    }
    // At once, as a trading program does: one socket carries all of it.
    await Promise.all([
      step(at('watchOrderBook'), 
          () => watchBooks(client, symbols.slice(0, BOOKS), BOOK_UPDATES)),
      step(at('watchTrades'), async () => checkTrades(await client.watchTrades(symbol))),
      step(at('watchTicker'), async () => checkTicker(await client.watchTicker(symbol))),
      step(at('watchBidsAsks'), async () => {
        const ticker = (await client.watchBidsAsks([symbol]))[symbol];
        check(ticker.bid < ticker.ask, `${ticker.bid} and ${ticker.ask}`);
        check(ticker.bidVolume > 0 && ticker.askVolume > 0, 'no sizes');
        return `${ticker.bid} / ${ticker.ask}`;
      }),
    ]);
  }
  await client.close();
}

await Promise.all([
  checkKind('spot', endpoints.gateio.host),
  checkKind('swap', (endpoints.gateio_futures ?? endpoints.gateio).host),
  checkLighter(endpoints.lighter.host),
]);
await Promise.all([
  checkTrading('spot', endpoints.gateio),
  checkTrading('swap', endpoints.gateio_futures),
]);
console.log(failureCount() === 0 ? 'all ok' : `${failureCount()} failed`);
process.exit(failureCount() === 0 ? 0 : 1);
