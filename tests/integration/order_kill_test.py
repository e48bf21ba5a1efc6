"""Nothing sent twice, nothing lost: `switchyard` is killed again and again while clients place,
amend and cancel with retries and the simulator loses answers, cuts sockets and omits fills.

KILL_ROUNDS says how many rounds (3 by default, 25 in test.sh, 500 for a long run)."""

import collections
import os
import pathlib
import random
import signal
import sys
import threading
import time
import unittest
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.integration.stack import *  # noqa: E402,F403

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
CLIENTS = 4
LEAST_ACCEPTED, LEAST_RESOLVED = 50, 5  # a round with less proves too little
BACK_WITHIN_S = 10
# What becomes of commands and of what the private channels tell, parts per million. A lost answer
# alone leaves nothing unknown: the order's own event settles it.
COMMAND_FAULTS = {"SWALLOW_ORDER": 30_000, "LOSE_ANSWER": 150_000,
                  "ERROR_AFTER_ACCEPTING": 50_000}
DROPPED_EVENTS, OMITTED_FILLS = 400_000, 200_000
ORDER_CHANNELS = {SPOT: "spot.orders", FUTURES: "futures.orders"}
ASK_AGAIN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED,
             grpc.StatusCode.DEADLINE_EXCEEDED}
TERMINAL = {order_pb2.ORDER_STATE_FILLED, order_pb2.ORDER_STATE_CANCELED,
            order_pb2.ORDER_STATE_REJECTED, order_pb2.ORDER_STATE_EXPIRED}
OPEN = {order_pb2.ORDER_STATE_OPEN, order_pb2.ORDER_STATE_PARTIALLY_FILLED}
ANY_AGE_NS = 10**18  # served from the journal


class EventLog:
    """StreamOrderEvents of one exchange, resumed for ever; keeps what each row told."""

    def __init__(self, stack, exchange):
        self.stack, self.exchange = stack, exchange
        self.changed = threading.Condition()
        # From here a stream misses nothing.
        start = stack.orders(routed=False).ListOpenOrders(orders.ListOpenOrdersRequest(
            exchange=exchange, account=ACCOUNT, max_age_ns=ANY_AGE_NS), timeout=20).position
        self.epoch, self.sequence = start.epoch, start.sequence
        self.fills = collections.Counter()  # by identity
        self.orders = {}  # latest by client_order_id
        self.unknown, self.resolved = set(), 0
        self.breaches = []
        self._stop = threading.Event()
        self._call = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            request = orders.StreamOrderEventsRequest(exchange=self.exchange, account=ACCOUNT)
            request.resume_from.epoch, request.resume_from.sequence = self.epoch, self.sequence
            try:
                self._call = self.stack.orders(routed=False).StreamOrderEvents(request)
                for message in self._call:
                    for event in message.events:
                        with self.changed:
                            self._take(event)
                            self.changed.notify_all()
            except grpc.RpcError as error:
                if error.code() not in ASK_AGAIN:
                    self.breaches.append(f"{self.exchange}: {error.code()} {error.details()}")
                    return
            self._stop.wait(0.1)

    def _take(self, event):
        kind = event.WhichOneof("payload")
        if kind == "gap":
            self.breaches.append(f"{self.exchange}: a gap after {self.sequence}: {event.gap}")
        if event.epoch != self.epoch:
            self.breaches.append(f"{self.exchange}: another journal")
        if event.sequence != self.sequence + 1:
            self.breaches.append(f"{self.exchange}: row {event.sequence} after {self.sequence}")
        self.epoch, self.sequence = event.epoch, event.sequence
        if kind == "fill":
            # Both sides of a trade with oneself are fills, of two orders.
            self.fills[(event.fill.symbol, event.fill.trade_id,
                        event.fill.exchange_order_id)] += 1
        elif kind == "order":
            self._take_order(event.order)

    def _take_order(self, order):
        key = order.ticket.client_order_id or order.exchange_order_id
        before = self.orders.get(key)
        if before is not None:
            if order.version <= before.version:
                self.breaches.append(f"{key}: version {order.version} after {before.version}")
            if before.state in TERMINAL and order.state not in TERMINAL:
                self.breaches.append(f"{key}: reopened")
        self.orders[key] = order
        if order.outcome_unknown:
            self.unknown.add(key)
        elif key in self.unknown:
            self.unknown.discard(key)
            self.resolved += 1

    def close(self):
        self._stop.set()
        if self._call is not None:
            self._call.cancel()
        self._thread.join(5)


class Trader(threading.Thread):
    """One client. Repeats what was not answered, word for word, until it is."""

    def __init__(self, test, name, seed):
        super().__init__(daemon=True)
        self.test, self.stack, self.tag = test, test.stack, name
        self.random = random.Random(seed)
        self.accepted = self.repeated = 0
        self.failures = collections.Counter()
        self.open = []  # (exchange, client_order_id)
        self.numbers = iter(range(10**6))
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                self._step()
            except grpc.RpcError as error:
                self.failures[f"{error.code().name} {reason_of(error)}"] += 1
                self.stopping.wait(0.05)

    def _step(self):
        choice = self.random.random()
        if self.open and choice < 0.3:
            exchange, client_order_id = self.open.pop(self.random.randrange(len(self.open)))
            self._ask("CancelOrder", orders.CancelOrderRequest(
                exchange=exchange, account=ACCOUNT, request_id=self._id(),
                order=orders.OrderKey(client_order_id=client_order_id)))
        elif self.open and choice < 0.45:
            exchange, client_order_id = self.random.choice(self.open)
            ticket = self.test.logs[exchange].orders.get(client_order_id)
            if ticket is not None:
                quote = self.test.quote(exchange, ticket.ticket.symbol)
                self._ask("AmendOrder", orders.AmendOrderRequest(
                    exchange=exchange, account=ACCOUNT, request_id=self._id(),
                    order=orders.OrderKey(client_order_id=client_order_id),
                    price=self._price(quote, ticket.ticket.side, 0.002),
                    price_rounding=order_pb2.ROUNDING_AWAY_FROM_MARKET))
        else:
            self._place()

    def _place(self):
        exchange, symbol = self.random.choice(self.test.markets)
        quote = self.test.quote(exchange, symbol)
        side = self.random.choice([values_pb2.SIDE_BUY, values_pb2.SIDE_SELL])
        ticket = order_pb2.OrderTicket(
            client_order_id=self._id(), symbol=symbol, side=side, type=order_pb2.ORDER_TYPE_LIMIT,
            quantity=str(self.test.quantity[(exchange, symbol)]),
            # Some cross, some rest at the top, some farther away.
            price=self._price(quote, side, self.random.choice([-0.001, 0, 0.001])),
            price_rounding=order_pb2.ROUNDING_AWAY_FROM_MARKET,
            quantity_rounding=order_pb2.ROUNDING_DOWN)
        order = self._ask("PlaceOrder", orders.PlaceOrderRequest(
            exchange=exchange, account=ACCOUNT, ticket=ticket)).order
        self.accepted += order.state != order_pb2.ORDER_STATE_REJECTED
        if order.state in OPEN:
            self.open.append((exchange, ticket.client_order_id))

    def _ask(self, method, request):
        while True:
            try:
                return getattr(self.stack.orders(routed=False), method)(request, timeout=5)
            except grpc.RpcError as error:
                if error.code() not in ASK_AGAIN or self.stopping.is_set():
                    raise
                self.repeated += 1
                self.stopping.wait(0.1)

    def _price(self, quote, side, away):
        """`away` of the best price on its own side, as a fraction; negative = into the other."""
        best = quote[0] if side == values_pb2.SIDE_BUY else quote[1]
        sign = -1 if side == values_pb2.SIDE_BUY else 1
        return format(best * (1 + sign * Decimal(str(away))), "f")

    def _id(self):
        return f"{self.tag}-{next(self.numbers)}"


class OrderKill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The simulator takes no order later than at once; the exchange's own bound is a minute.
        config = [*ACCOUNT_CONFIG, "    options:", "      not_received_after_ms: \"3000\""]
        cls.stack = Stack(["--updates_per_second=20", "--symbols=6"], config, router=False,
                          orders=["reconcile_interval_ms: 2000", "command_timeout_ms: 1000"])
        cls.addClassCleanup(cls.stack.close)
        cls.markets, cls.quantity, cls.multiplier = [], {}, {}
        for exchange in (SPOT, FUTURES):
            for each in cls.stack.market().ListInstruments(
                    market.ListInstrumentsRequest(exchange=exchange), timeout=20).instruments:
                cls.markets.append((exchange, each.symbol))
                least = max(Decimal(each.min_quantity or "0"), Decimal(each.step))
                if each.min_notional:
                    price = cls.quote(exchange, each.symbol)[0]
                    least = max(least, 2 * Decimal(each.min_notional) / price)
                cls.quantity[(exchange, each.symbol)] = format(least * 3, "f")
                cls.multiplier[(exchange, each.exchange_symbol)] = Decimal(
                    each.multiplier if exchange == FUTURES else "1")
        cls.logs = {exchange: EventLog(cls.stack, exchange) for exchange in (SPOT, FUTURES)}
        for log in cls.logs.values():
            cls.addClassCleanup(log.close)

    @classmethod
    def quote(cls, exchange, symbol):
        """Best bid and offer."""
        answer = cls.stack.market().GetBestBidOffer(
            market.GetBestBidOfferRequest(exchange=exchange, symbol=symbol), timeout=5)
        quote = answer.best_bid_offer
        return tuple(Decimal(each).scaleb(quote.price_exponent)
                     for each in (quote.bid_price_mantissa, quote.ask_price_mantissa))

    def trade_until_killed(self, number, seed):
        faults = []
        for exchange in (SPOT, FUTURES):
            faults += [self.stack.fault(kind, exchange, per_million=share)
                       for kind, share in COMMAND_FAULTS.items()]
            faults.append(self.stack.fault("OMIT_FILLS", exchange, per_million=OMITTED_FILLS))
            faults.append(self.stack.fault("DROP", exchange, per_million=DROPPED_EVENTS,
                                           channel=ORDER_CHANNELS[exchange]))
        traders = [Trader(self, f"r{number}c{index}", seed + index) for index in range(CLIENTS)]
        for trader in traders:
            trader.start()
        wait_until(lambda: sum(each.accepted for each in traders) >= LEAST_ACCEPTED, 60,
                   f"{LEAST_ACCEPTED} accepted orders "
                   f"({[(each.accepted, each.failures) for each in traders]})")
        self.stack.fault("CLOSE_SOCKETS", random.Random(seed).choice([SPOT, FUTURES]))
        threading.Event().wait(random.Random(seed).random())
        fills = self.count_fills()
        self.stack.switchyard.stop(signal.SIGKILL)
        # Somebody's resting order meets the flow while nobody listens.
        wait_until(lambda: self.count_fills() > fills, 20, "a fill during the outage")
        return traders, faults

    def count_fills(self):
        return sum(len(self.stack.client_fills(exchange)) for exchange in (SPOT, FUTURES))

    def restart(self):
        begin = time.monotonic()
        self.stack.start_switchyard(self.stack.address)
        probe = Trader(self, f"probe{time.monotonic_ns() % 10**9}", 0)
        while True:
            try:
                probe._place()
                break
            except grpc.RpcError as error:
                if time.monotonic() - begin > BACK_WITHIN_S:
                    raise AssertionError(f"no order after {BACK_WITHIN_S} s: {error}") from error
                threading.Event().wait(0.05)
        self.assertLess(time.monotonic() - begin, BACK_WITHIN_S)
        return time.monotonic() - begin

    def await_settled(self):
        left = {}

        def settled():
            for exchange in (SPOT, FUTURES):
                left[exchange] = self.stack.orders(routed=False).GetRiskLimits(
                    orders.GetRiskLimitsRequest(exchange=exchange, account=ACCOUNT), timeout=5)
            return all(each.accepting_orders and each.unknown_orders == 0
                       for each in left.values())
        try:
            wait_until(settled, 60, "known outcomes")
        except AssertionError:
            unknown = [order for exchange in left for order in self.journal(exchange)
                       if order.outcome_unknown]
            self.fail(f"{[(each.refusal, each.unknown_orders) for each in left.values()]}: "
                      f"{unknown[:3]}\n{self.stack.switchyard.output()}")

    def journal(self, exchange):
        found, token = [], ""
        while True:
            page = self.stack.orders(routed=False).ListOrders(orders.ListOrdersRequest(
                exchange=exchange, account=ACCOUNT, max_age_ns=ANY_AGE_NS, page_size=1000,
                page_token=token), timeout=10)
            found += page.orders
            token = page.next_page_token
            if not token:
                return found

    def compare(self, exchange):
        """What differs between the simulator's ledger, the journal and the resumed stream."""
        differences = []
        ledger = {each.order_id: each for each in self.stack.client_orders(exchange)}
        texts = collections.Counter(each.text for each in ledger.values())
        differences += [f"{text} was sent {count} times" for text, count in texts.items()
                        if count > 1]
        ours = {each.exchange_order_id: each for each in self.journal(exchange)
                if each.exchange_order_id}
        for order in self.journal(exchange):
            if order.exchange_order_id or order.state == order_pb2.ORDER_STATE_REJECTED:
                continue
            differences.append(f"{order.ticket.client_order_id}: no exchange order, "
                               f"{order_pb2.OrderState.Name(order.state)}")
        for order_id, truth in ledger.items():
            order = ours.get(order_id)
            if order is None:
                differences.append(f"{truth.text} ({order_id}) is not in the journal")
                continue
            filled = Decimal(truth.filled_quantity) * self.multiplier[(exchange, truth.symbol)]
            if Decimal(order.filled_quantity or "0") != filled:
                differences.append(f"{truth.text}: filled {order.filled_quantity}, truly {filled}")
            if truth.open != (order.state in OPEN):
                differences.append(f"{truth.text}: {order_pb2.OrderState.Name(order.state)}, "
                                   f"truly {truth.finished_as or 'open'}")
        log = self.logs[exchange]
        truth = {(symbol_of(exchange, each.symbol), each.trade_id, each.order_id)
                 for each in self.stack.client_fills(exchange)}
        with log.changed:
            told = dict(log.fills)
        differences += [f"fill {each} was not told" for each in truth - told.keys()]
        differences += [f"fill {each} never happened" for each in told.keys() - truth]
        differences += [f"fill {each} was told {count} times" for each, count in told.items()
                        if count != 1]
        return differences

    def test_nothing_is_sent_twice_and_nothing_lost(self):
        seed = int(os.environ.get("KILL_SEED", "1"))
        for number in range(ROUNDS):
            with self.subTest(round=number):
                resolved = sum(log.resolved for log in self.logs.values())
                traders, faults = self.trade_until_killed(number, seed + 1000 * number)
                back = self.restart()
                wait_until(lambda: sum(log.resolved for log in self.logs.values()) - resolved >=
                           LEAST_RESOLVED, 30, "unknown outcomes that were resolved "
                           f"({[(each.accepted, each.failures) for each in traders]})")
                for trader in traders:
                    trader.stopping.set()
                for trader in traders:
                    trader.join(30)
                    self.assertFalse(trader.is_alive())
                self.stack.clear(*faults)
                # The flow would go on filling what is compared.
                self.stack.flow(updates_per_second=0)
                self.await_settled()
                left = {}

                def equal():
                    left.update({each: self.compare(each) for each in (SPOT, FUTURES)})
                    return not any(left.values())
                try:
                    wait_until(equal, 20, "equal books", every=0.3)
                except AssertionError:
                    self.fail(f"{ {each: lines[:10] for each, lines in left.items()} }")
                finally:
                    self.stack.flow(updates_per_second=20)
                for log in self.logs.values():
                    self.assertEqual(log.breaches, [])
                accepted = sum(each.accepted for each in traders)
                self.assertGreaterEqual(accepted, LEAST_ACCEPTED)
                print(f"kill {number}: {accepted} accepted, "
                      f"{sum(log.resolved for log in self.logs.values()) - resolved} unknown "
                      f"outcomes resolved, {sum(each.repeated for each in traders)} calls "
                      f"repeated, an order again after {back:.1f} s", flush=True)


if __name__ == "__main__":
    unittest.main()
