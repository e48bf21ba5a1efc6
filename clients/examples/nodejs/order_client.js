// Orders of one account: commands whose outcome is always asked for and never guessed, and the
// journal as a stream that loses nothing.
'use strict';
const { randomUUID } = require('crypto');
const { setTimeout: sleep } = require('timers/promises');
const { parseArgs } = require('util');
const { grpc, contract, connect, reasonOf, describe } = require('./client');

const DEADLINE_MS = 15000;  // of every call; one without would hang with its server
const FINISHED = ['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'].map((s) => `ORDER_STATE_${s}`);
const { UNKNOWN, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, UNAVAILABLE } = grpc.status;

const newId = () => `example-${randomUUID().replaceAll('-', '').slice(0, 24)}`;

// The arguments of both examples.
function parseOptions() {
  const text = (value) => ({ type: 'string', default: value });
  const { values, positionals: [router] } = parseArgs({ allowPositionals: true, options: {
    exchange: text('gateio'), account: text(''), symbol: text('BTC-USDT'), quantity: text('0.01'),
    seconds: text('30') } });
  return { ...values, router, seconds: Number(values.seconds) };
}

// One unary call as a promise.
const unary = (client, method, request) => new Promise((resolve, reject) => {
  client[method](request, { deadline: Date.now() + DEADLINE_MS },
      (error, response) => error ? reject(error) : resolve(response));
});

// The command may have taken effect: the service says so, or grpc-js, which speaks without a
// reason, gave up after sending it.
function outcomeUnknown(error) {
  if (reasonOf(error) !== 'NO_REASON') return reasonOf(error) === 'ORDER_OUTCOME_UNKNOWN';
  return [UNKNOWN, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, UNAVAILABLE].includes(error.code);
}

class OrderClient {
  constructor({ router, exchange, account }) {
    this.stub = connect(contract.switchyard.order.v1.OrderService, router);
    this.account = { exchange, account };
  }

  place(ticket) { return this.command('placeOrder', { ticket }, ticket.clientOrderId); }

  amend(id, price) {
    const request = { order: { clientOrderId: id }, price, requestId: newId() };
    return this.command('amendOrder', request, id);
  }

  cancel(id) {
    return this.command('cancelOrder', { order: { clientOrderId: id }, requestId: newId() }, id);
  }

  // The order after a command. An unknown outcome is asked for, never answered by another order;
  // other errors are the caller's.
  async command(method, request, id) {
    try {
      return (await unary(this.stub, method, { ...this.account, ...request })).order;
    } catch (error) {
      if (!outcomeUnknown(error)) throw error;
      console.error(`outcome unknown, asking: ${describe(error)}`);
    }
    return this.ask(id);
  }

  // The order once its outcome is known. A read: it may be repeated as often as needed.
  async ask(id) {
    const request = { ...this.account, order: { clientOrderId: id }, timeoutMs: 10000 };
    for (;; await sleep(500)) {
      try {
        const answer = await unary(this.stub, 'waitForOrder', request);
        if (!answer.timedOut) return answer.order;
      } catch (error) {
        if (![UNAVAILABLE, DEADLINE_EXCEEDED].includes(error.code)) throw error;
      }
    }
  }

  // The order and its fills.
  read(id) {
    const request = { ...this.account, order: { clientOrderId: id }, includeFills: true };
    return unary(this.stub, 'getOrder', request);
  }

  // Where the journal stands: events() from here misses nothing.
  async position() { return (await unary(this.stub, 'listOpenOrders', this.account)).position; }

  // Every event after `position`, once and in order, over as many streams as it takes; null each
  // time that a stream stands. A gap comes as an event: then read your orders anew.
  async *events(position, sessionId = '') {
    for (;; await sleep(500)) {
      const call = this.stub.streamOrderEvents(
          { ...this.account, resumeFrom: position, sessionId });
      call.on('error', () => {});  // the loop below throws it
      let [silenceMs, watchdog] = [DEADLINE_MS, setTimeout(() => call.cancel(), DEADLINE_MS)];
      try {
        for await (const { acknowledgement, events } of call) {
          clearTimeout(watchdog);
          if (acknowledgement) {
            const { status } = acknowledgement.results[0];
            if (status && status.code) throw new Error(status.message);
            silenceMs = 3 * acknowledgement.heartbeatIntervalMs;
            yield null;
          }
          for (const event of events) {
            const seen = event.epoch === position.epoch &&
                BigInt(event.sequence) <= BigInt(position.sequence);
            if (seen && !event.gap) continue;  // at least once is the promise
            position = { epoch: event.epoch, sequence: event.sequence };
            yield event;
          }
          watchdog = setTimeout(() => call.cancel(), silenceMs);
        }
      } catch (error) {
        const lost = [UNAVAILABLE, CANCELLED, INTERNAL].includes(error.code);  // INTERNAL: cut
        if (!lost && !(error.metadata && reasonOf(error) === 'SLOW_READER')) throw error;
        console.error(`${describe(error)}, resuming`);
      } finally {
        clearTimeout(watchdog);
        call.cancel();
      }
    }
  }
}

module.exports = { FINISHED, OrderClient, newId, parseOptions, unary };
