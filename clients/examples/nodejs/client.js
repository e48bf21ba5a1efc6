// What the examples share: the contract, a channel, why a call failed, and exact decimals.
'use strict';
const path = require('path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const files = ['switchyard/marketdata/v1/market_data_service.proto',
  'switchyard/order/v1/order_service.proto', 'switchyard/router/v1/router_service.proto',
  'google/rpc/status.proto', 'google/rpc/error_details.proto'];
const contract = grpc.loadPackageDefinition(protoLoader.loadSync(files, {
  includeDirs: [path.join(__dirname, '../../../protos')],
  longs: String, enums: String, defaults: true, oneofs: true }));
const { Status, ErrorInfo } = contract.google.rpc;

// A client of one service, for instance connect(contract.switchyard.order.v1.OrderService, router).
// A reader that stops shall hold little: the first two are gRPC core's names, the third grpc-js's.
const connect = (Service, router) => new Service(router, grpc.credentials.createInsecure(), {
  'grpc.http2.bdp_probe': 0, 'grpc.http2.lookahead_bytes': 65535,
  'grpc-node.flow_control_window': 65535,
  'grpc.keepalive_time_ms': 10000, 'grpc.keepalive_timeout_ms': 5000 });

// The reason in the trailer; NO_REASON where there is none, as in what grpc-js itself says.
function reasonOf(error) {
  const [trailer] = error.metadata ? error.metadata.get('grpc-status-details-bin') : [];
  const details = trailer ? Status.deserialize(trailer).details : [];
  const info = details.find((any) => any.type_url.endsWith('/google.rpc.ErrorInfo'));
  return info ? ErrorInfo.deserialize(info.value).reason : 'NO_REASON';
}

const describe = (error) => error.metadata === undefined ? String(error)
  : `${grpc.status[error.code]} ${reasonOf(error)}: ${error.details}`;

// Decimals as BigInt in units of 10^-18: exact, where a Number would not be.
const PLACES = 18;
const fromMantissa = (mantissa, exponent) =>
  BigInt(mantissa) * 10n ** BigInt(PLACES + exponent);

function parseDecimal(text) {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(text);
  return BigInt(sign + whole + fraction.padEnd(PLACES, '0'));
}

function formatDecimal(value) {
  const digits = String(value < 0n ? -value : value).padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  return (value < 0n ? '-' : '') + digits.slice(0, -PLACES) + (fraction && `.${fraction}`);
}

module.exports = { grpc, contract, connect, reasonOf, describe,
  fromMantissa, parseDecimal, formatDecimal };
