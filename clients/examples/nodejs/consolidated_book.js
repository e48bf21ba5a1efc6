// Streams one currency's spot books of all exchanges, merged, and prints the best prices.
'use strict';
const { parseArgs } = require('util');
const { grpc, contract, connect, describe } = require('./client');

const { values: { base, count }, positionals: [router] } = parseArgs({
  allowPositionals: true,
  options: { base: { type: 'string', default: 'BTC' }, count: { type: 'string', default: '0' } },
});
const client = connect(contract.switchyard.router.v1.RouterService, router);

const best = (prices, legs, book) => prices.length === 0 ? 'nothing' :
  `${prices[0]}e${book.priceExponent} on ${book.legs[legs[0]].exchange}`;  // never a double

function stream(left) {
  const spot = { base, kind: 'INSTRUMENT_KIND_SPOT' };
  const call = client.streamConsolidatedBook({ legs: [{ base: spot }], depth: 5 });
  let [silenceMs, watchdog] = [15000, setTimeout(() => call.cancel(), 15000)];
  call.on('data', ({ acknowledgement, events }) => {
    // Three missed heartbeats mean a dead stream, however alive its connection looks.
    if (acknowledgement) silenceMs = 3 * acknowledgement.heartbeatIntervalMs;
    clearTimeout(watchdog);
    watchdog = setTimeout(() => call.cancel(), silenceMs);
    for (const { book } of events) {
      console.log('bid', best(book.bidPriceMantissas, book.bidLegs, book),
          'ask', best(book.askPriceMantissas, book.askLegs, book));
      if (--left === 0) process.exit(0);
    }
  });
  call.on('error', () => {});  // 'status' follows, with the trailer
  call.on('status', (status) => {
    clearTimeout(watchdog);
    console.error(describe(status));
    const { OK, UNAVAILABLE, CANCELLED, INTERNAL } = grpc.status;  // grpc-js: INTERNAL, cut
    if (![OK, UNAVAILABLE, CANCELLED, INTERNAL].includes(status.code)) process.exit(1);
    setTimeout(stream, 500, left);  // a state stream begins again with a fresh snapshot
  });
}
stream(Number(count));
