// Streams one currency's spot books of all exchanges, merged, and prints the best prices.
'use strict';
const path = require('path');
const { parseArgs } = require('util');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const { values: { base, count }, positionals: [router] } = parseArgs({
  allowPositionals: true,
  options: { base: { type: 'string', default: 'BTC' }, count: { type: 'string', default: '0' } },
});
const files = ['switchyard/router/v1/router_service.proto', 'google/rpc/status.proto',
  'google/rpc/error_details.proto'];
const contract = grpc.loadPackageDefinition(protoLoader.loadSync(files, {
    includeDirs: [path.join(__dirname, '../../../protos')], longs: String, arrays: true }));
const { Status, ErrorInfo } = contract.google.rpc;
// A reader that stops shall hold little. The first two are gRPC core's names, the third grpc-js's.
const client = new contract.switchyard.router.v1.RouterService(
    router, grpc.credentials.createInsecure(), {
      'grpc.http2.bdp_probe': 0, 'grpc.http2.lookahead_bytes': 65535,
      'grpc-node.flow_control_window': 65535,
      'grpc.keepalive_time_ms': 10000, 'grpc.keepalive_timeout_ms': 5000 });

function describe(error) {
  const [trailer] = error.metadata.get('grpc-status-details-bin');
  const details = trailer ? Status.deserialize(trailer).details : [];
  const info = details.find((any) => any.type_url.endsWith('/google.rpc.ErrorInfo'));
  const reason = info ? ErrorInfo.deserialize(info.value).reason : 'NO_REASON';
  return `${grpc.status[error.code]} ${reason}: ${error.details}`;
}

const best = (prices, legs, book) => prices.length === 0 ? 'nothing' :
  `${prices[0]}e${book.priceExponent} on ${book.legs[legs[0]].exchange}`;  // never a double

function stream(left) {
  const call = client.streamConsolidatedBook({ legs: [{ base: { base, kind: 1 } }], depth: 5 });
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
