// Watches books with ccxt until it is stopped; says "watching" once each has come.
//   node watch.js HOST:PORT SYMBOL...
import { check, makeClient } from '../../ccxt/common.js';

const [host, ...symbols] = process.argv.slice(2);
const client = await makeClient('spot', host);

async function watch(symbol, onFirst) {
  let nonce = 0;
  for (;;) {
    const book = await client.watchOrderBook(symbol);
    check(book.bids[0][0] < book.asks[0][0], `${symbol}: crossed`);
    check(book.nonce >= nonce, `${symbol}: sequence went back`);
    if (nonce === 0) onFirst();
    nonce = book.nonce;
  }
}

// A failure ends the process, and so the benchmark.
await Promise.all(symbols.map((symbol) => new Promise((resolve, reject) => {
  watch(symbol, resolve).catch((error) => {
    console.error(error);
    process.exit(1);
  });
})));
console.log(`watching ${symbols.length}`);
