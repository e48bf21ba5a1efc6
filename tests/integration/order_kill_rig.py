"""What the tests that kill `switchyard` share: clients that trade with retries, a reader of the
resumed event stream, faults of the exchange, and the comparison of ledger, journal and stream.

A round: traders trade under faults, the process dies, somebody's order fills meanwhile, the
process starts again, and everything must agree. A round that proves too little fails. Environment:

    KILL_SEED      what the rounds' random choices begin from; 1
    KILL_LOG       a file, one JSON object a round: rounds that it knows as passed are not played
                   again, so a long run may be interrupted and called anew
    KILL_EXCHANGES ids, separated by commas; all that the simulator stands in for
    KILL_SECONDS   no round begins later than so long after the first one; unlimited
"""

import collections
import json
import os
import pathlib
import random
import threading
import time
from decimal import Decimal

from tests.integration.stack import *  # noqa: F403

CLIENTS = 4
LEAST_ACCEPTED, LEAST_RESOLVED = 50, 5  # a round with less proves too little
BACK_WITHIN_S = 10
ROUNDS_OF_A_STACK = 25  # each comparison reads the whole ledger
UPDATES_PER_SECOND = 20
# What becomes of commands and of what the private channels tell, parts per million. A lost answer
# alone leaves nothing unknown: the order's own event settles it.
COMMAND_FAULTS = {"SWALLOW_ORDER": 30_000, "LOSE_ANSWER": 150_000,
                  "ERROR_AFTER_ACCEPTING": 50_000}
DROPPED_EVENTS, OMITTED_FILLS = 400_000, 200_000
ORDER_CHANNELS = {SPOT: "spot.orders", FUTURES: "futures.orders", LIGHTER: "account_all_orders"}
# The simulator takes no order later than at once; the exchanges' own bound is a minute.
GATEIO_CONFIG = [*ACCOUNT_CONFIG, "    options:", "      not_received_after_ms: \"3000\""]
SHORT_LIVES = {LIGHTER: [*LIGHTER_ACCOUNT_CONFIG, "      transaction_life_ms: '1000'"]}
EXCHANGES = tuple(os.environ.get("KILL_EXCHANGES", ",".join(EVERY)).split(","))
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
            # What was never sent may be placed again under its key, and begins anew.
            may_begin_anew = before.finish_reason == order_pb2.FINISH_REASON_NOT_SENT
            if before.state in TERMINAL and order.state not in TERMINAL and not may_begin_anew:
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

    def __init__(self, rig, name, seed):
        super().__init__(daemon=True)
        self.rig, self.stack, self.tag = rig, rig.stack, name
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
            ticket = self.rig.logs[exchange].orders.get(client_order_id)
            if ticket is not None:
                quote = self.rig.quote(exchange, ticket.ticket.symbol)
                self._ask("AmendOrder", orders.AmendOrderRequest(
                    exchange=exchange, account=ACCOUNT, request_id=self._id(),
                    order=orders.OrderKey(client_order_id=client_order_id),
                    price=self._price(quote, ticket.ticket.side, 0.002),
                    price_rounding=order_pb2.ROUNDING_AWAY_FROM_MARKET))
        else:
            self.place()

    def place(self):
        exchange, symbol = self.random.choice(self.rig.markets)
        quote = self.rig.quote(exchange, symbol)
        side = self.random.choice([values_pb2.SIDE_BUY, values_pb2.SIDE_SELL])
        ticket = order_pb2.OrderTicket(
            client_order_id=self._id(), symbol=symbol, side=side, type=order_pb2.ORDER_TYPE_LIMIT,
            quantity=str(self.rig.quantity[(exchange, symbol)]),
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


class KillRig:
    """The processes of some rounds, and what happened in them."""

    def __init__(self):
        self.stack = Stack([f"--updates_per_second={UPDATES_PER_SECOND}", "--symbols=6"],
                           GATEIO_CONFIG, router=False, exchanges=EXCHANGES, own_config=SHORT_LIVES,
                           orders=["reconcile_interval_ms: 2000", "command_timeout_ms: 1000"])
        self.rounds = 0
        self.logs, self.traders = {}, []
        try:
            self._load_markets()
            self.logs = {exchange: EventLog(self.stack, exchange) for exchange in EXCHANGES}
        except BaseException:
            self.close()
            raise

    def _load_markets(self):
        self.markets, self.quantity, self.multiplier = [], {}, {}
        for exchange in EXCHANGES:
            for each in self.stack.market().ListInstruments(
                    market.ListInstrumentsRequest(exchange=exchange), timeout=20).instruments:
                self.markets.append((exchange, each.symbol))
                least = max(Decimal(each.min_quantity or "0"), Decimal(each.step))
                if each.min_notional:
                    price = self.quote(exchange, each.symbol)[0]
                    least = max(least, 2 * Decimal(each.min_notional) / price)
                self.quantity[(exchange, each.symbol)] = format(least * 3, "f")
                self.multiplier[(exchange, each.exchange_symbol)] = Decimal(
                    each.multiplier if exchange != SPOT else "1")

    def close(self):
        for trader in self.traders:
            trader.stopping.set()
        for log in self.logs.values():
            log.close()
        self.stack.close()

    def quote(self, exchange, symbol):
        """Best bid and offer."""
        answer = self.stack.market().GetBestBidOffer(
            market.GetBestBidOfferRequest(exchange=exchange, symbol=symbol), timeout=5)
        quote = answer.best_bid_offer
        return tuple(Decimal(each).scaleb(quote.price_exponent)
                     for each in (quote.bid_price_mantissa, quote.ask_price_mantissa))

    def play(self, name, kill):
        """One round. `kill(rig, choices)` returns when the process is dead; `choices` is random.
        `name`: of the round, at most 20 characters. Returns what the round counted. Errors:
        AssertionError; the rig is then of no more use."""
        self.rounds += 1
        choices = random.Random(f"{os.environ.get('KILL_SEED', '1')} {name}")
        resolved = self._resolved()
        faults = self._set_faults()
        traders = self.traders = [Trader(self, f"{name}c{index}", choices.random())
                                  for index in range(CLIENTS)]
        for trader in traders:
            trader.start()
        kill(self, choices)
        self._await_fill_during_outage()
        back = self._restart(name)
        wait_until(lambda: self._resolved() - resolved >= LEAST_RESOLVED and
                   self.accepted() >= LEAST_ACCEPTED, 60,
                   lambda: f"{LEAST_ACCEPTED} accepted orders and {LEAST_RESOLVED} unknown "
                   f"outcomes that were resolved, not {self._resolved() - resolved}: {self.told()}")
        for trader in traders:
            trader.stopping.set()
        for trader in traders:
            trader.join(30)
            assert not trader.is_alive(), "a trader does not end"
        self.stack.clear(*faults)
        self._compare_all()
        return {"accepted": self.accepted(), "resolved": self._resolved() - resolved,
                "repeated": sum(each.repeated for each in traders),
                "back_s": round(back, 2)}

    def accepted(self):
        return sum(each.accepted for each in self.traders)

    def told(self):
        return [(each.accepted, dict(each.failures)) for each in self.traders]

    def _resolved(self):
        return sum(log.resolved for log in self.logs.values())

    def _set_faults(self):
        faults = []
        for exchange in EXCHANGES:
            faults += [self.stack.fault(kind, exchange, per_million=share)
                       for kind, share in COMMAND_FAULTS.items()]
            faults.append(self.stack.fault("OMIT_FILLS", exchange, per_million=OMITTED_FILLS))
            faults.append(self.stack.fault("DROP", exchange, per_million=DROPPED_EVENTS,
                                           channel=ORDER_CHANNELS[exchange]))
        return faults

    def count_fills(self):
        return sum(len(self.stack.client_fills(exchange)) for exchange in EXCHANGES)

    def _await_fill_during_outage(self):
        """Somebody's resting order meets the flow while nobody listens; where it rests too far
        away, the market comes to it."""
        fills = self.count_fills()
        begin = time.monotonic()
        moves = iter([1_500, -3_000, 4_500, -6_000, 7_500] * 2)

        def filled():
            if self.count_fills() > fills:
                return True
            if time.monotonic() - begin > 3:
                self.stack.flow(move_per_million=next(moves, 0))
            return False
        wait_until(filled, 20, "a fill during the outage", every=0.3)

    def _restart(self, name):
        """Returns the seconds until an order was taken again. Each attempt is an order of its own:
        one whose answer the exchange loses says nothing about the next."""
        begin = time.monotonic()
        self.stack.start_switchyard(self.stack.address)
        probe = Trader(self, f"{name}probe", 0)
        probe.stopping.set()  # it repeats nothing
        while True:
            try:
                probe.place()
                break
            except grpc.RpcError as error:
                told = f"{error.code().name} {reason_of(error)} {error.details()}"
            if time.monotonic() - begin > BACK_WITHIN_S:
                # A machine that is busy with something else proves nothing: its CPU time tells.
                raise AssertionError(
                    f"no order after {BACK_WITHIN_S} s, of which it ran "
                    f"{self.stack.switchyard.cpu_seconds()} s: {told}\n"
                    f"{self.stack.switchyard.output()}")
            threading.Event().wait(0.05)
        back = time.monotonic() - begin
        assert back < BACK_WITHIN_S, (f"an order again after {back:.1f} s, of which it ran "
                                      f"{self.stack.switchyard.cpu_seconds()} s")
        return back

    def _compare_all(self):
        # The flow would go on filling what is compared.
        self.stack.flow(updates_per_second=0)
        self.await_settled()
        left = {}

        def equal():
            left.update({each: self.compare(each) for each in EXCHANGES})
            return not any(left.values())
        wait_until(equal, 20,
                   lambda: f"equal books: { {each: lines[:10] for each, lines in left.items()} }",
                   every=0.3)
        self.stack.flow(updates_per_second=UPDATES_PER_SECOND)
        breaches = [each for log in self.logs.values() for each in log.breaches]
        assert not breaches, breaches[:10]

    def await_settled(self):
        left = {}

        def settled():
            for exchange in EXCHANGES:
                left[exchange] = self.stack.orders(routed=False).GetRiskLimits(
                    orders.GetRiskLimitsRequest(exchange=exchange, account=ACCOUNT), timeout=5)
            return all(each.accepting_orders and each.unknown_orders == 0
                       for each in left.values())
        try:
            wait_until(settled, 60, "known outcomes")
        except AssertionError:
            unknown = [order for exchange in left for order in self.journal(exchange)
                       if order.outcome_unknown]
            raise AssertionError(
                f"{[(each.refusal, each.unknown_orders) for each in left.values()]}: "
                f"{unknown[:3]}\n{self.stack.switchyard.output()}") from None

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


class RoundLog:
    """Which rounds have passed (KILL_LOG), and whether there is time for another."""

    def __init__(self):
        self._begin = time.monotonic()
        self._seconds = float(os.environ.get("KILL_SECONDS", "inf"))
        path = os.environ.get("KILL_LOG")
        self._path = pathlib.Path(path) if path else None
        self._passed = set()
        if self._path is not None and self._path.exists():
            lines = [json.loads(line) for line in self._path.read_text().splitlines()]
            self._passed = {line["round"] for line in lines if "failed" not in line}

    def lacks(self, name):
        return name not in self._passed

    def has_time(self):
        return time.monotonic() - self._begin < self._seconds

    def note(self, name, **what):
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in what.items()), flush=True)
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"round": name, **what}) + "\n")


def play_rounds(case, rounds):
    """Plays rounds (name, kill) of the test `case`, each as a subtest, on as few processes as
    serve. A failed round is noted, and the next one begins with new processes."""
    log = RoundLog()
    wanted = [each for each in rounds if log.lacks(each[0])]
    rig = None
    try:
        for done, (name, kill) in enumerate(wanted):
            if not log.has_time():
                print(f"{len(wanted) - done} rounds are left: call again to go on", flush=True)
                break
            with case.subTest(round=name):
                if rig is not None and rig.rounds >= ROUNDS_OF_A_STACK:
                    rig.close()
                    rig = None
                rig = rig or KillRig()
                begin = time.monotonic()
                try:
                    log.note(name, **rig.play(name, kill),
                             seconds=round(time.monotonic() - begin, 1))
                except Exception as error:
                    log.note(name, failed=str(error)[:2_000])
                    broken, rig = rig, None
                    broken.close()
                    raise
    finally:
        if rig is not None:
            rig.close()
