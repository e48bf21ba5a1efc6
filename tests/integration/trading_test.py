"""Trading through the router, on Gate.io's spot and futures and on Lighter: what an order becomes,
what the stream of its events says, what is refused and why, and what money and positions are
afterwards. Truth is the simulator's ledger."""

import functools
import os
import signal
import threading
import unittest
from decimal import Decimal

from tests.integration.private_requests import *  # noqa: F403

# After the stack, which knows where the contract's code is.
from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from switchyard.common.v1 import errors_pb2  # noqa: E402
from switchyard.position.v1 import position_service_pb2 as position  # noqa: E402
from switchyard.router.v1 import router_service_pb2 as router  # noqa: E402

EXCHANGES = (SPOT, FUTURES)
BUY, SELL = values_pb2.SIDE_BUY, values_pb2.SIDE_SELL
ORDER_PATH = {SPOT: "/api/v4/spot/orders", FUTURES: "/api/v4/futures/usdt/orders"}
Code = grpc.StatusCode
RISK = ["    risk:", "      max_open_orders: 3", "      symbols:",
        "        - max_order_quantity: '0.05'"]
# Base units of one unit of the simulator's ledger.
UNIT = {SPOT: Decimal(1), FUTURES: Decimal("0.0001"), LIGHTER: Decimal(1)}


def info_of(error):
    """ErrorInfo's reason and metadata."""
    trailer = dict(tuple(error.trailing_metadata() or ())).get("grpc-status-details-bin", b"")
    info = error_details_pb2.ErrorInfo()
    for detail in status_pb2.Status.FromString(trailer).details:
        detail.Unpack(info)
    return info


def on(exchanges):
    def repeat(test):
        @functools.wraps(test)
        def run(self):
            for exchange in exchanges:
                with self.subTest(exchange=exchange):
                    test(self, exchange)
        return run
    return repeat


on_both, on_every = on(EXCHANGES), on(EVERY)


class Events:
    """StreamOrderEvents through the router, read on a thread; keeps all rows."""

    def __init__(self, stack, exchange, start=None):
        self.changed = threading.Condition()
        self.rows, self.error, self.acknowledgement = [], None, None
        start = start or position_of(stack, exchange)
        self.start = start
        self.call = stack.orders().StreamOrderEvents(orders.StreamOrderEventsRequest(
            exchange=exchange, account=ACCOUNT, resume_from=start))
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for message in self.call:
                with self.changed:
                    self.rows += message.events
                    self.changed.notify_all()
        except grpc.RpcError as error:
            with self.changed:
                self.error = error
                self.changed.notify_all()

    def wait(self, condition, what):
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self.rows), 10):
                raise AssertionError(f"waited in vain for {what}: {self.rows[-5:]} {self.error}")
            return list(self.rows)

    def of_order(self, name, state, timeout_what="the order's end"):
        """All rows up to the one that tells `state` of the order."""
        return self.wait(lambda rows: any(each.order.ticket.client_order_id == name and
                                          each.order.state == state for each in rows), timeout_what)

    def close(self):
        self.call.cancel()


def position_of(stack, exchange):
    """Where the journal stands."""
    return stack.orders().ListOpenOrders(orders.ListOpenOrdersRequest(
        exchange=exchange, account=ACCOUNT, max_age_ns=10**18), timeout=5).position


class Case(unittest.TestCase):
    maxDiff = None
    exchanges = EVERY
    config = ACCOUNT_CONFIG
    own_config = {LIGHTER: LIGHTER_ACCOUNT_CONFIG}
    orders_config = ()

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(("--updates_per_second=20", "--rate_limit_scale=20"), cls.config,
                          exchanges=cls.exchanges, orders=cls.orders_config,
                          own_config=cls.own_config)
        cls.addClassCleanup(cls.stack.close)
        cls.requests = Requests(cls.stack)
        # Only the tests trade.
        cls.stack.flow(updates_per_second=0)

    def setUp(self):
        for exchange in self.exchanges:
            self.cancel_all(exchange)

    def cancel_all(self, exchange):
        cancel = lambda: self.stack.orders().CancelAllOrders(orders.CancelAllOrdersRequest(
            exchange=exchange, account=ACCOUNT, request_id=self.requests.name()), timeout=5)
        wait_until(lambda: cancel().remaining_open == 0, 5, "no open orders")

    def symbol(self, exchange):
        return symbol_of(exchange, market_of(exchange, "BTC"))

    def levels(self, exchange, depth):
        return self.stack.truth(exchange, market_of(exchange, "BTC"), depth)

    def best(self, exchange):
        """True best bid and ask."""
        bids, asks = self.levels(exchange, 1)
        return max(bids), min(asks)

    def ticket(self, exchange, **fields):
        return order_pb2.OrderTicket(**{
            "client_order_id": self.requests.name(), "symbol": self.symbol(exchange), "side": BUY,
            "type": order_pb2.ORDER_TYPE_LIMIT, "quantity": "0.001", **fields})

    def send(self, exchange, ticket):
        return self.requests.patiently(lambda: self.stack.orders().PlaceOrder(
            orders.PlaceOrderRequest(exchange=exchange, account=ACCOUNT, ticket=ticket), timeout=8))

    def place(self, exchange, **fields):
        return self.send(exchange, self.ticket(exchange, **fields)).order

    def resting(self, exchange, **fields):
        return self.place(exchange, **{"price": str(self.best(exchange)[0]), **fields})

    def market(self, exchange, **fields):
        return self.place(exchange, type=order_pb2.ORDER_TYPE_MARKET, **fields)

    def key(self, placed):
        return orders.OrderKey(client_order_id=placed.ticket.client_order_id)

    def cancel(self, exchange, placed):
        return self.stack.orders().CancelOrder(orders.CancelOrderRequest(
            exchange=exchange, account=ACCOUNT, order=self.key(placed),
            request_id=self.requests.name()), timeout=5).order

    def refused(self, action, code, reason):
        with self.assertRaises(grpc.RpcError) as refusal:
            action()
        info = info_of(refusal.exception)
        self.assertEqual((refusal.exception.code(), info.reason), (code, reason),
                         refusal.exception.details())
        return info.metadata

    def ledger(self, exchange, name):
        """The simulator's orders with this client id."""
        text = f"-{name}"
        if exchange == LIGHTER:
            # It has no room for ours: the journal knows which number it got.
            text = self.stack.orders().GetOrder(orders.GetOrderRequest(
                exchange=exchange, account=ACCOUNT, max_age_ns=10**18,
                order=orders.OrderKey(client_order_id=name)), timeout=5).order.exchange_client_id
        return [each for each in self.stack.client_orders(exchange) if each.text.endswith(text)]

    def events(self, exchange, start=None):
        reader = Events(self.stack, exchange, start)
        self.addCleanup(reader.close)
        return reader


class Life(Case):
    def check_rows(self, rows, start):
        """+1 a row, one journal; versions of each order rise; each fill once."""
        self.assertEqual([(each.epoch, each.sequence) for each in rows],
                         [(start.epoch, start.sequence + 1 + i) for i in range(len(rows))])
        versions, fills = {}, []
        for each in rows:
            self.assertEqual(each.account, ACCOUNT)
            if each.WhichOneof("payload") == "fill":
                # Both sides of a trade with oneself have its id.
                fills.append((each.fill.exchange_order_id, each.fill.trade_id))
            elif each.WhichOneof("payload") == "order":
                name = each.order.ticket.client_order_id
                self.assertGreater(each.order.version, versions.get(name, 0))
                versions[name] = each.order.version
        self.assertEqual(len(fills), len(set(fills)))

    @on_every
    def test_placed_amended_canceled_and_told_in_order(self, exchange):
        reader = self.events(exchange)
        bid = self.best(exchange)[0]
        placed = self.resting(exchange)
        name = placed.ticket.client_order_id
        self.assertEqual(placed.state, order_pb2.ORDER_STATE_OPEN)
        truth, = self.ledger(exchange, name)
        self.assertEqual((truth.order_id, truth.open, Decimal(truth.price)),
                         (placed.exchange_order_id, True, bid))
        lower = bid - Decimal("0.2")
        amended = self.stack.orders().AmendOrder(orders.AmendOrderRequest(
            exchange=exchange, account=ACCOUNT, order=self.key(placed),
            request_id=self.requests.name(), price=str(lower), quantity="0.002"),
            timeout=5).order
        truth, = self.ledger(exchange, name)
        self.assertEqual((Decimal(truth.price), Decimal(truth.quantity) * UNIT[exchange]),
                         (lower, Decimal("0.002")))
        self.assertEqual((Decimal(amended.ticket.price), Decimal(amended.remaining_quantity)),
                         (lower, Decimal("0.002")))
        canceled = self.cancel(exchange, placed)
        self.assertEqual((canceled.state, canceled.finish_reason),
                         (order_pb2.ORDER_STATE_CANCELED,
                          order_pb2.FINISH_REASON_CLIENT_CANCEL))
        self.assertFalse(self.ledger(exchange, name)[0].open)
        rows = reader.of_order(name, order_pb2.ORDER_STATE_CANCELED)
        self.check_rows(rows, reader.start)
        told = [each.order for each in rows if each.order.ticket.client_order_id == name]
        states = [each.state for each in told]
        self.assertEqual(list(dict.fromkeys(states)), [
            order_pb2.ORDER_STATE_PENDING_NEW, order_pb2.ORDER_STATE_OPEN,
            order_pb2.ORDER_STATE_CANCELED])
        self.assertEqual(states, sorted(states))
        self.assertIn(lower, [Decimal(each.ticket.price) for each in told])
        self.assertLess(placed.version, amended.version)
        self.assertLess(amended.version, canceled.version)
        self.refused(lambda: self.cancel(exchange, placed), Code.FAILED_PRECONDITION,
                     "ORDER_FINISHED")

    @on_every
    def test_filled_and_each_fill_told_once_before_its_order(self, exchange):
        reader = self.events(exchange)
        before = len(self.stack.client_fills(exchange))
        # Through several levels.
        _, asks = self.levels(exchange, 10)
        quantity = sum(size for _, size in sorted(asks.items())[:2]) + Decimal("0.001")
        filled = self.market(exchange, quantity=f"{quantity:f}",
                             quantity_rounding=order_pb2.ROUNDING_DOWN)
        name = filled.ticket.client_order_id
        self.assertEqual(filled.state, order_pb2.ORDER_STATE_FILLED)
        rows = reader.of_order(name, order_pb2.ORDER_STATE_FILLED)
        self.check_rows(rows, reader.start)
        fills = [each.fill for each in rows if each.WhichOneof("payload") == "fill"]
        truth = self.stack.client_fills(exchange)[before:]
        self.assertGreaterEqual(len(truth), 3)
        self.assertEqual([each.trade_id for each in fills], [each.trade_id for each in truth])
        wanted = [(Decimal(each.price), Decimal(each.quantity) * UNIT[exchange], Decimal(each.fee),
                   each.fee_currency) for each in truth]
        self.assertEqual([(Decimal(each.price), Decimal(each.quantity), Decimal(each.fee),
                           each.fee_currency) for each in fills], wanted)
        self.assertEqual(Decimal(filled.filled_quantity), sum(each[1] for each in wanted))
        self.assertEqual(Decimal(filled.filled_quote_quantity),
                         sum(each[0] * each[1] for each in wanted))
        listed = self.stack.orders().ListFills(orders.ListFillsRequest(
            exchange=exchange, account=ACCOUNT, symbol=self.symbol(exchange),
            order=self.key(filled)), timeout=5).fills
        self.assertEqual(sorted(each.trade_id for each in listed),
                         sorted(each.trade_id for each in truth))

    @on_both
    def test_a_resting_order_is_filled_in_part(self, exchange):
        reader = self.events(exchange)
        placed = self.resting(exchange, quantity="0.002")
        # Without self-trade prevention one's own orders meet.
        bids, _ = self.levels(exchange, 1)
        ahead = bids[max(bids)] - Decimal("0.002")
        self.market(exchange, side=SELL, quantity=f"{ahead + Decimal('0.001'):f}")
        name = placed.ticket.client_order_id
        rows = reader.of_order(name, order_pb2.ORDER_STATE_PARTIALLY_FILLED)
        order = [each.order for each in rows if each.order.ticket.client_order_id == name][-1]
        self.assertEqual((Decimal(order.filled_quantity), Decimal(order.remaining_quantity)),
                         (Decimal("0.001"), Decimal("0.001")))
        self.check_self_trade(reader, order.exchange_order_id)
        canceled = self.cancel(exchange, placed)
        self.assertEqual(Decimal(canceled.filled_quantity), Decimal("0.001"))
        self.assertEqual(canceled.state, order_pb2.ORDER_STATE_CANCELED)
        self.check_rows(reader.of_order(name, order_pb2.ORDER_STATE_CANCELED), reader.start)

    def check_self_trade(self, reader, order_id):
        """Both sides are told; the later one, when both are known, says that they met."""
        fills = lambda rows: [each.fill for each in rows if each.WhichOneof("payload") == "fill"]
        met = lambda rows: [each for each in fills(rows) if each.trade_id in {
            own.trade_id for own in fills(rows) if own.exchange_order_id == order_id}]
        rows = reader.wait(lambda rows: len(met(rows)) == 2, "both sides")
        self.assertEqual({each.side for each in met(rows)}, {BUY, SELL})
        self.assertTrue(met(rows)[-1].self_trade)
        self.assertEqual(sum(each.self_trade for each in fills(rows)), 1)

    def test_a_market_buy_by_quote_spends_no_more_than_it(self):
        filled = self.market(SPOT, quantity="", quote_quantity="100")
        self.assertEqual(filled.state, order_pb2.ORDER_STATE_FILLED)
        self.assertEqual(Decimal(filled.sent.quote_quantity), 100)
        truth = [each for each in self.stack.client_fills(SPOT)
                 if each.order_id == filled.exchange_order_id]
        spent = sum(Decimal(each.price) * Decimal(each.quantity) for each in truth)
        self.assertEqual(Decimal(filled.filled_quote_quantity), spent)
        # Less than one step (0.000001 BTC) is left.
        self.assertLessEqual(spent, 100)
        self.assertLess(100 - spent, Decimal("0.000001") * max(Decimal(e.price) for e in truth))
        self.refused(lambda: self.market(FUTURES, quantity="", quote_quantity="100"),
                     Code.UNIMPLEMENTED, "NOT_IN_CAPABILITIES")

    @on_both
    def test_ioc_takes_what_is_there_and_fok_all_or_nothing(self, exchange):
        bid, ask = self.best(exchange)
        _, asks = self.levels(exchange, 1)
        more = f"{asks[ask] + Decimal('0.001'):f}"
        ioc = self.place(exchange, price=str(ask), quantity=more,
                         time_in_force=order_pb2.TIME_IN_FORCE_IOC)
        self.assertEqual((ioc.state, ioc.finish_reason, Decimal(ioc.filled_quantity)),
                         (order_pb2.ORDER_STATE_EXPIRED,
                          order_pb2.FINISH_REASON_IOC_REMAINDER, asks[ask]))
        fok = {"time_in_force": order_pb2.TIME_IN_FORCE_FOK}
        if exchange == SPOT:
            killed = self.place(exchange, price=str(bid), **fok)
            self.assertEqual((killed.state, killed.finish_reason),
                             (order_pb2.ORDER_STATE_EXPIRED,
                              order_pb2.FINISH_REASON_FOK_NOT_FILLED))
            self.assertEqual(Decimal(killed.filled_quantity or "0"), 0)
        else:
            self.refused(lambda: self.place(exchange, price=str(bid), **fok),
                         Code.FAILED_PRECONDITION, "ORDER_REJECTED")
        whole = self.place(exchange, price=str(ask + 50), **fok)
        self.assertEqual((whole.state, Decimal(whole.filled_quantity)),
                         (order_pb2.ORDER_STATE_FILLED, Decimal("0.001")))


    @on_every
    def test_r45_ten_at_once_are_each_taken_once(self, exchange):
        """R-45: those of one key reach Lighter in the order of their nonces."""
        price = str(self.best(exchange)[0])
        tickets = [self.ticket(exchange, price=price) for _ in range(10)]
        calls = [self.stack.orders().PlaceOrder.future(orders.PlaceOrderRequest(
            exchange=exchange, account=ACCOUNT, ticket=each), timeout=8) for each in tickets]
        self.assertEqual([each.result().order.state for each in calls],
                         [order_pb2.ORDER_STATE_OPEN] * len(calls))
        self.assertEqual([len(self.ledger(exchange, each.client_order_id)) for each in tickets],
                         [1] * len(tickets))


class Dropped(Case):
    """R-46: the exchange drops an order without a word."""
    exchanges = (LIGHTER,)
    own_config = {LIGHTER: LIGHTER_ACCOUNT_CONFIG + ["      transaction_life_ms: '5000'"]}

    def test_r46_it_is_unknown_then_proven_not_received_and_never_sent_again(self):
        fault = self.stack.fault("SWALLOW_ORDER", LIGHTER, count=1)
        ticket = self.ticket(LIGHTER, price=str(self.best(LIGHTER)[0]))
        self.refused(lambda: self.send(LIGHTER, ticket), Code.UNKNOWN, "ORDER_OUTCOME_UNKNOWN")
        self.assertEqual(self.stack.strikes(fault), 1)
        ended = self.stack.orders().WaitForOrder(orders.WaitForOrderRequest(
            exchange=LIGHTER, account=ACCOUNT, condition=orders.WAIT_CONDITION_TERMINAL,
            order=orders.OrderKey(client_order_id=ticket.client_order_id)), timeout=40).order
        self.assertEqual((ended.state, ended.rejection.reason),
                         (order_pb2.ORDER_STATE_REJECTED, errors_pb2.ERROR_REASON_NOT_RECEIVED))
        self.assertEqual(self.ledger(LIGHTER, ticket.client_order_id), [])
        # What was never there is in nobody's way.
        self.assertEqual(self.resting(LIGHTER).state, order_pb2.ORDER_STATE_OPEN)


class Refusals(Case):
    @on_both
    def test_post_only_never_takes(self, exchange):
        fills = len(self.stack.client_fills(exchange))
        bid, ask = self.best(exchange)
        self.refused(lambda: self.place(exchange, price=str(ask), post_only=True),
                     Code.FAILED_PRECONDITION, "POST_ONLY_WOULD_CROSS")
        self.assertEqual(self.place(exchange, price=str(bid), post_only=True).state,
                         order_pb2.ORDER_STATE_OPEN)
        self.assertEqual(len(self.stack.client_fills(exchange)), fills)

    def test_reduce_only_never_opens(self):
        self.refused(lambda: self.market(SPOT, reduce_only=True), Code.INVALID_ARGUMENT,
                     "INVALID_FIELD")
        self.refused(lambda: self.market(FUTURES, side=SELL, reduce_only=True), Code.NOT_FOUND,
                     "UNKNOWN_POSITION")
        self.market(FUTURES)
        self.refused(lambda: self.market(FUTURES, reduce_only=True), Code.FAILED_PRECONDITION,
                     "REDUCE_ONLY_WOULD_INCREASE")
        self.assertEqual(self.market(FUTURES, side=SELL, reduce_only=True).state,
                         order_pb2.ORDER_STATE_FILLED)

    @on_every
    def test_the_same_ticket_again_is_sent_once_and_another_refused(self, exchange):
        ticket = self.ticket(exchange, price=str(self.best(exchange)[0]))
        first, again = self.send(exchange, ticket), self.send(exchange, ticket)
        self.assertEqual((first.replayed, again.replayed), (False, True))
        self.assertEqual(again.order.exchange_order_id, first.order.exchange_order_id)
        other = self.ticket(exchange, price=ticket.price, quantity="0.002",
                            client_order_id=ticket.client_order_id)
        self.refused(lambda: self.send(exchange, other), Code.ALREADY_EXISTS,
                     "CLIENT_ORDER_ID_REUSED")
        self.assertEqual(len(self.ledger(exchange, ticket.client_order_id)), 1)

    @on_both
    def test_what_cannot_be_represented_is_refused_with_the_nearest(self, exchange):
        bid = self.best(exchange)[0]
        tick, step = Decimal("0.1"), Decimal("0.000001" if exchange == SPOT else "0.0001")
        for field, value, unit in (("price", bid + Decimal("0.07"), tick),
                                   ("quantity", Decimal("0.00100000001"), step)):
            ticket = {"price": str(bid), field: f"{value:f}"}
            told = self.refused(lambda: self.place(exchange, **ticket), Code.INVALID_ARGUMENT,
                                "NOT_REPRESENTABLE")
            below = value // unit * unit
            self.assertEqual(told["field"], field)
            self.assertEqual([Decimal(each) for each in told["nearest"].split(",")],
                             [below, below + unit])


class Limits(Case):
    config = ACCOUNT_CONFIG + RISK
    own_config = {LIGHTER: LIGHTER_ACCOUNT_CONFIG + RISK}

    @on_every
    def test_limits_refuse_before_anything_is_sent(self, exchange):
        sent = len(self.stack.client_orders(exchange))
        bid = self.best(exchange)[0]
        half = str((bid / 2).quantize(Decimal("0.1")))
        for fields, limit in (({"quantity": "0.06"}, "ORDER_QUANTITY"),
                              ({"price": half}, "PRICE_COLLAR")):
            told = self.refused(lambda: self.resting(exchange, **fields),
                                Code.FAILED_PRECONDITION, "RISK_LIMIT")
            self.assertEqual(told["limit"], limit)
        self.assertEqual(len(self.stack.client_orders(exchange)), sent)
        for _ in range(3):
            self.resting(exchange)
        told = self.refused(lambda: self.resting(exchange), Code.FAILED_PRECONDITION,
                            "RISK_LIMIT")
        self.assertEqual(told["limit"], "OPEN_ORDERS")
        self.assertEqual(len(self.stack.client_orders(exchange)), sent + 3)

    @on_every
    def test_the_kill_switch_stops_orders_and_amendments_and_lets_cancels_pass(self, exchange):
        reader = self.events(exchange)
        placed = self.resting(exchange)
        switch = lambda engaged: self.stack.orders().SetKillSwitch(orders.SetKillSwitchRequest(
            exchange=exchange, account=ACCOUNT, engaged=engaged, reason="a test"), timeout=5)
        self.addCleanup(switch, False)
        self.assertTrue(switch(True).kill_switch.engaged)
        sent = len(self.stack.client_orders(exchange))
        self.refused(lambda: self.resting(exchange), Code.FAILED_PRECONDITION, "KILL_SWITCH")
        self.refused(lambda: self.stack.orders().AmendOrder(orders.AmendOrderRequest(
            exchange=exchange, account=ACCOUNT, order=self.key(placed), quantity="0.002",
            request_id=self.requests.name()), timeout=5), Code.FAILED_PRECONDITION,
            "KILL_SWITCH")
        self.assertEqual(self.cancel(exchange, placed).state, order_pb2.ORDER_STATE_CANCELED)
        self.assertEqual(len(self.stack.client_orders(exchange)), sent)
        self.assertFalse(switch(False).kill_switch.engaged)
        self.assertEqual(self.resting(exchange).state, order_pb2.ORDER_STATE_OPEN)
        told = lambda rows: [each.kill_switch.engaged for each in rows
                             if each.WhichOneof("payload") == "kill_switch"]
        reader.wait(lambda rows: told(rows) == [True, False], "both turns of the switch")


class Money(Case):
    """Positions and balances after fills, to the last digit."""

    def balance(self, exchange, currency):
        listed = self.stack.account().ListBalances(account.ListBalancesRequest(
            exchange=exchange, account=ACCOUNT, currencies=[currency]), timeout=5).balances
        return Decimal(listed[0].total) if listed else Decimal(0)

    def test_spot_balances_change_by_price_times_quantity_and_fee(self):
        for side in (BUY, SELL):
            before = {each: self.balance(SPOT, each) for each in ("BTC", "USDT")}
            fills = len(self.stack.client_fills(SPOT))
            self.market(SPOT, side=side, quantity="0.01")
            change = {"BTC": Decimal(0), "USDT": Decimal(0)}
            sign = 1 if side == BUY else -1
            for each in self.stack.client_fills(SPOT)[fills:]:
                change["BTC"] += sign * Decimal(each.quantity)
                change["USDT"] -= sign * Decimal(each.price) * Decimal(each.quantity)
                change[each.fee_currency] -= Decimal(each.fee)
            self.assertEqual(abs(change["BTC"]).quantize(Decimal("0.001")), Decimal("0.01"))
            self.assertEqual({each: self.balance(SPOT, each) - before[each] for each in change},
                             change)

    def test_r64_a_lighter_account_says_who_states_each_figure_and_pays_its_fees(self):
        read = lambda: self.stack.account().GetAccount(account.GetAccountRequest(
            exchange=LIGHTER, account=ACCOUNT), timeout=5).account.total
        before, fills = read(), len(self.stack.client_fills(LIGHTER))
        self.market(LIGHTER, quantity="0.01")
        fees = sum(Decimal(each.fee) for each in self.stack.client_fills(LIGHTER)[fills:])
        self.assertGreater(fees, 0)
        after = read()
        paid = Decimal(before.collateral.value) - Decimal(after.collateral.value)
        self.assertLess(abs(paid - fees), Decimal("0.00001"))
        self.assertEqual([each.derived for each in (
            after.collateral, after.available, after.total_asset_value, after.equity,
            after.unrealised_profit)], [False, False, False, True, True])

    def test_futures_positions_and_balance_after_fills(self):
        self.set_leverage("7")
        before = self.balance(FUTURES, "USDT")
        fills = len(self.stack.client_fills(FUTURES))
        self.market(FUTURES, quantity="0.03")
        truth = self.stack.client_fills(FUTURES)[fills:]
        sizes = [Decimal(each.quantity) * Decimal("0.0001") for each in truth]
        entry = sum(Decimal(each.price) * size for each, size in zip(truth, sizes)) / sum(sizes)
        self.assertEqual(sum(sizes), Decimal("0.03"))
        held = self.position()
        self.assertEqual((held.side, Decimal(held.size.value)), (BUY, Decimal("0.03")))
        self.assertLess(abs(Decimal(held.entry_price.value) - entry), Decimal("0.000001"))
        self.assertEqual(Decimal(held.leverage.value), 7)
        mark = Decimal(held.mark_price.value)
        self.assertLess(abs(mark / entry - 1), Decimal("0.01"))
        for figure in (held.size, held.entry_price, held.mark_price):
            self.assertIn(figure.source, (values_pb2.SOURCE_REST, values_pb2.SOURCE_WEBSOCKET))
            self.assertTrue(0 <= figure.age_ns < 5 * 10**9, figure)
        self.assertLess(abs(Decimal(held.unrealised_profit.value) - (mark - entry) * sum(sizes)),
                        Decimal("0.0001"))
        fees = sum(Decimal(each.fee) for each in truth)
        self.assertGreater(fees, 0)
        self.assertEqual(self.balance(FUTURES, "USDT"), before - fees)
        self.close_position(before - fees, entry, len(self.stack.client_fills(FUTURES)))

    def close_position(self, before, entry, fills):
        self.stack.positions().ClosePosition(position.ClosePositionRequest(
            exchange=FUTURES, account=ACCOUNT, symbol="BTC-USDT-PERP",
            request_id=self.requests.name()), timeout=5)
        wait_until(lambda: Decimal(self.position().size.value) == 0, 5, "a flat position")
        truth = self.stack.client_fills(FUTURES)[fills:]
        profit = sum((Decimal(each.price) - entry) * Decimal(each.quantity) * Decimal("0.0001") -
                     Decimal(each.fee) for each in truth)
        self.assertLess(abs(self.balance(FUTURES, "USDT") - before - profit), Decimal("1e-12"))
        listed = self.stack.positions().ListPositions(position.ListPositionsRequest(
            exchange=FUTURES, account=ACCOUNT), timeout=5).positions
        self.assertEqual(list(listed), [])

    def position(self):
        return self.stack.positions().GetPosition(position.GetPositionRequest(
            exchange=FUTURES, account=ACCOUNT, symbol="BTC-USDT-PERP"), timeout=5).position

    def set_leverage(self, leverage):
        got = self.stack.account().SetLeverage(account.SetLeverageRequest(
            exchange=FUTURES, account=ACCOUNT, symbol="BTC-USDT-PERP", leverage=leverage),
            timeout=5).setting
        self.assertEqual(Decimal(got.leverage), Decimal(leverage))

    def test_leverage_is_set_and_an_impossible_one_refused(self):
        read = lambda: Decimal(self.stack.account().GetLeverage(account.GetLeverageRequest(
            exchange=FUTURES, account=ACCOUNT, symbol="BTC-USDT-PERP"), timeout=5).setting.leverage)
        for leverage in ("3", "12"):
            self.set_leverage(leverage)
            self.assertEqual(read(), Decimal(leverage))
        self.refused(lambda: self.set_leverage("1000"), Code.INVALID_ARGUMENT,
                     "LEVERAGE_NOT_ALLOWED")
        self.assertEqual(read(), 12)


class Lost(Case):
    """Upstreams that vanish."""

    @on_every
    def test_an_order_that_was_swallowed_with_its_service_is_of_unknown_outcome(self, exchange):
        fault = self.stack.fault("SWALLOW_ORDER", exchange, count=1)
        ticket = self.ticket(exchange, price=str(self.best(exchange)[0]))
        future = self.stack.orders().PlaceOrder.future(orders.PlaceOrderRequest(
            exchange=exchange, account=ACCOUNT, ticket=ticket), timeout=10)
        wait_until(lambda: self.stack.strikes(fault) == 1, 5, "the order at the exchange")
        self.stack.switchyard.stop(signal.SIGKILL)
        self.refused(future.result, Code.UNKNOWN, "ORDER_OUTCOME_UNKNOWN")
        # Nobody is there: this one is never sent.
        never = self.ticket(exchange, price=ticket.price)
        place = lambda: self.stack.orders().PlaceOrder(orders.PlaceOrderRequest(
            exchange=exchange, account=ACCOUNT, ticket=never), timeout=5)
        self.refused(place, Code.UNAVAILABLE, "BACKEND_UNAVAILABLE")
        self.stack.start_switchyard(self.stack.address)
        self.await_service()
        # The journal knows the order, and the same ticket is not sent again.
        self.refused(lambda: self.send(exchange, ticket), Code.UNKNOWN, "ORDER_OUTCOME_UNKNOWN")
        self.assertEqual(self.ledger(exchange, ticket.client_order_id), [])
        again = self.stack.orders().GetOrder(orders.GetOrderRequest(
            exchange=exchange, account=ACCOUNT, max_age_ns=10**18, order=orders.OrderKey(
                client_order_id=ticket.client_order_id)), timeout=5).order
        self.assertEqual((again.state, again.outcome_unknown),
                         (order_pb2.ORDER_STATE_PENDING_NEW, True))
        self.refused(lambda: self.stack.orders().GetOrder(orders.GetOrderRequest(
            exchange=exchange, account=ACCOUNT, max_age_ns=10**18, order=orders.OrderKey(
                client_order_id=never.client_order_id)), timeout=5),
            Code.NOT_FOUND, "UNKNOWN_ORDER")

    def setUp(self):
        pass  # an order of unknown outcome stays until it is proven not received

    def await_service(self):
        def ready():
            try:
                return all(self.stack.orders().GetRiskLimits(orders.GetRiskLimitsRequest(
                    exchange=exchange, account=ACCOUNT), timeout=5).accepting_orders
                    for exchange in self.exchanges)
            except grpc.RpcError as error:
                if error.code() not in (Code.UNAVAILABLE, Code.UNKNOWN):
                    raise
                return False
        wait_until(ready, 15, "orders taken again")

    def test_a_stream_goes_on_after_a_restart_without_loss(self):
        readers = {exchange: self.events(exchange) for exchange in EVERY}
        names = {exchange: [self.resting(exchange).ticket.client_order_id]
                 for exchange in EVERY}
        known = {}
        for exchange, reader in readers.items():
            rows = reader.of_order(names[exchange][0], order_pb2.ORDER_STATE_OPEN)
            known[exchange] = rows[:len(rows) // 2]
            reader.close()
            # Told to nobody.
            names[exchange].append(self.market(exchange).ticket.client_order_id)
        self.stack.switchyard.stop(signal.SIGKILL)
        self.stack.start_switchyard(self.stack.address)
        self.await_service()
        for exchange in EVERY:
            with self.subTest(exchange=exchange):
                self.check_resumed(exchange, known[exchange], names[exchange][1])

    def check_resumed(self, exchange, known, bought):
        last = known[-1]
        reader = self.events(exchange, values_pb2.JournalPosition(epoch=last.epoch,
                                                                  sequence=last.sequence))
        rows = reader.of_order(bought, order_pb2.ORDER_STATE_FILLED)
        told = known + rows
        first = told[0]
        self.assertEqual([(each.epoch, each.sequence) for each in told],
                         [(first.epoch, first.sequence + i) for i in range(len(told))])
        self.assertNotIn("gap", [each.WhichOneof("payload") for each in rows])
        fills = [each.fill.trade_id for each in told
                 if each.fill.client_order_id == bought]
        ids = {each.order_id for each in self.ledger(exchange, bought)}
        truth = [each.trade_id for each in self.stack.client_fills(exchange)
                 if each.order_id in ids]
        self.assertGreater(len(truth), 0)
        self.assertEqual(fills, truth)


class WrongSecret(unittest.TestCase):
    def test_a_wrong_secret_is_unauthenticated_and_says_whose(self):
        config = [line.replace("SIMULATOR_SECRET", "WRONG_SECRET") for line in ACCOUNT_CONFIG]
        os.environ["WRONG_SECRET"] = "not-the-secret"
        self.addCleanup(os.environ.pop, "WRONG_SECRET")
        stack = Stack(("--updates_per_second=20",), config)
        self.addCleanup(stack.close)
        for exchange in EXCHANGES:
            with self.assertRaises(grpc.RpcError) as refusal:
                stack.account().GetAccount(account.GetAccountRequest(
                    exchange=exchange, account=ACCOUNT), timeout=5)
            info = info_of(refusal.exception)
            self.assertEqual((refusal.exception.code(), info.reason),
                             (Code.UNAUTHENTICATED, "BAD_SIGNATURE"), exchange)
            self.assertNotIn("not-the-secret", refusal.exception.details())
            self.assertNotIn("not-the-secret", stack.switchyard.output())
            self.assertEqual(list(stack.client_orders(exchange)), [])


if __name__ == "__main__":
    unittest.main()
