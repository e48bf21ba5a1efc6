// What a program knows of the orders it placed: the newest version of each, every fill once, and
// which of them the journal has ended.
'use strict';
const { once, EventEmitter } = require('events');
const { grpc, parseDecimal, formatDecimal } = require('./client');
const { FINISHED } = require('./order_client');

// Emits 'changed', and 'streaming' when a stream of the session stands.
class OwnOrders extends EventEmitter {
  constructor(client, sessionId) {
    super();
    this.client = client;
    this.sessionId = sessionId;
    this.orders = new Map();  // by clientOrderId; null = on its way for the first time
    this.ended = new Set();   // ids that the journal called finished: all their fills are counted
    this.fills = new Set();   // by trade and order
    this.net = 0n;            // base units gained, as client.js keeps decimals
  }

  // Keeps all of it up to date, over lost streams; does not end.
  async follow() {
    for await (const event of this.client.events(await this.client.position(), this.sessionId)) {
      this.emit('streaming');
      if (event === null) continue;
      if (event.gap) await this.readAnew();
      if (event.fill) this.count(event.fill);
      if (event.order) this.keep(event.order, true);
      this.emit('changed');
    }
  }

  async readAnew() {
    for (const id of [...this.orders.keys()]) {
      const answer = await this.client.read(id).catch((error) => {
        if (error.code !== grpc.status.NOT_FOUND) throw error;  // else its events are to come
      });
      if (!answer) continue;
      answer.fills.forEach((fill) => this.count(fill));
      this.keep(answer.order, true);
    }
  }

  // Known before it is sent, for its fills may come before its answer.
  async place(ticket) {
    this.orders.set(ticket.clientOrderId, null);
    try {
      this.keep(await this.client.place(ticket));
    } catch (error) {
      this.orders.delete(ticket.clientOrderId);  // refused: there is no such order
      throw error;
    }
  }

  keep(order, inJournal = false) {
    const id = order.ticket.clientOrderId;
    if (!this.orders.has(id)) return;  // somebody else's
    const known = this.orders.get(id);
    if (!known || BigInt(order.version) >= BigInt(known.version)) this.orders.set(id, order);
    if (inJournal && FINISHED.includes(order.state)) this.ended.add(id);
  }

  count(fill) {
    const key = `${fill.tradeId} ${fill.clientOrderId}`;  // we may have traded with ourselves
    if (!this.orders.has(fill.clientOrderId) || this.fills.has(key)) return;
    this.fills.add(key);
    this.net += parseDecimal(fill.quantity) * (fill.side === 'SIDE_BUY' ? 1n : -1n);
    if (fill.fee && fill.feeCurrency === fill.symbol.split('-')[0]) {
      this.net -= parseDecimal(fill.fee);  // spot: paid in what was bought
    }
    console.log(`fill ${fill.side} ${fill.quantity} at ${fill.price}, net`,
        formatDecimal(this.net));
  }

  live(id) {
    const order = this.orders.get(id);
    return order && !FINISHED.includes(order.state) ? order : null;
  }

  // Until the journal has ended every order.
  async settled() {
    while ([...this.orders.keys()].some((id) => !this.ended.has(id))) await once(this, 'changed');
  }
}

module.exports = { OwnOrders };
