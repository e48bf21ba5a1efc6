"""Accounts, orders and private streams through the router, with two working accounts and one whose
secret is wrong, while processes are killed. Truth is the simulator's ledger."""

import collections
import json
import os
import signal
import threading
import unittest
from decimal import Decimal

import tests.integration.trading_test as trading
from tests.integration.private_requests import *  # noqa: F403

# After the stack, which knows where the contract's code is.
from switchyard.common.v1 import errors_pb2  # noqa: E402
from switchyard.router.v1 import private_events_pb2 as private  # noqa: E402
from switchyard.router.v1 import router_service_pb2 as router  # noqa: E402

EXCHANGES = (SPOT, FUTURES)
PRIVATE_COMPONENTS = ("account", "order", "position")
Code = grpc.StatusCode
BUY, SELL = values_pb2.SIDE_BUY, values_pb2.SIDE_SELL
SECOND, SECOND_USER_ID, BROKEN = "second", 10000002, "broken"
USERS = {ACCOUNT: USER_ID, SECOND: SECOND_USER_ID}
os.environ.setdefault("SECOND_SECRET", "simulator-secret-0002")
os.environ.setdefault("WRONG_SECRET", "not-the-secret")
# The last name comes first in the file: order is the router's.
TWO_ACCOUNTS = ["accounts:",
                f"  - name: {SECOND}", "    api_key: simulator-key-0002",
                "    secret: ${SECOND_SECRET}", *ACCOUNT_CONFIG[1:]]
WITH_BROKEN = TWO_ACCOUNTS + [f"  - name: {BROKEN}", "    api_key: simulator-key-0002",
                              "    secret: ${WRONG_SECRET}"]


def reason_name(status):
    return errors_pb2.ErrorReason.Name(status.reason).removeprefix("ERROR_REASON_")


class PrivateEvents:
    """StreamPrivateEvents through the router, read on a thread; keeps all events."""

    def __init__(self, stack, subscriptions, **fields):
        self.changed = threading.Condition()
        self.events, self.first, self.error, self.ended = [], None, None, False
        self.call = stack.router_service().StreamPrivateEvents(
            router.StreamPrivateEventsRequest(subscriptions=subscriptions, **fields))
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        error = None
        try:
            for message in self.call:
                with self.changed:
                    self.first = self.first or message
                    self.events += [getattr(each, each.WhichOneof("event"))
                                    for each in message.events]
                    self.changed.notify_all()
        except grpc.RpcError as caught:
            error = caught
        with self.changed:
            self.error, self.ended = error, True
            self.changed.notify_all()

    def wait(self, condition, what, timeout=15):
        """`condition` of the events; fails at once where the stream has ended without it."""
        with self.changed:
            met = self.changed.wait_for(lambda: condition(self.events) or self.ended, timeout)
            if not met or not condition(self.events):
                raise AssertionError(f"no {what}: {self.events[-5:]} {self.error}")
            return list(self.events)

    def results(self):
        """Of the acknowledgement: (position, exchange, account) and the reason of its refusal."""
        self.wait(lambda _: self.first is not None, "acknowledgement")
        return [((each.index, each.exchange, each.account), reason_name(each.status))
                for each in self.first.acknowledgement.results]

    def close(self):
        """Returns when nothing more is read."""
        self.call.cancel()
        self._thread.join(5)


class Case(trading.Case):
    exchanges = EXCHANGES
    config = TWO_ACCOUNTS

    def setUp(self):
        pass  # what a test leaves open is its own matter

    def private_events(self, subscriptions, **fields):
        reader = PrivateEvents(self.stack, subscriptions, **fields)
        self.addCleanup(reader.close)
        return reader

    def rest(self, exchange, name, stub=None, **fields):
        """An order of the account that rests below the best bid."""
        price = (self.best(exchange)[0] * Decimal("0.98")).quantize(Decimal("0.1"))
        ticket = self.ticket(exchange, **{"price": str(price), **fields})
        request = orders.PlaceOrderRequest(exchange=exchange, account=name, ticket=ticket)
        return self.requests.patiently(
            lambda: (stub or self.stack.orders()).PlaceOrder(request, timeout=8)).order

    def still_open(self, exchange, name):
        return [each for each in self.stack.client_orders(exchange, USERS[name]) if each.open]

    def accounts_of(self, answers):
        return [(each.exchange, each.account) for each in answers]

    def cancel_everything(self, **fields):
        """Each account's (status code, reason, canceled, remaining_open)."""
        results = self.stack.router_service().CancelEverything(router.CancelEverythingRequest(
            request_id=self.requests.name(), **fields), timeout=8).results
        told = {(each.exchange, each.account): (each.status.code, reason_name(each.status),
                                                each.canceled, each.remaining_open)
                for each in results}
        self.assertEqual(list(told), sorted(self.accounts_of(results)), "each once, ordered")
        return told

    def await_service(self, names=(ACCOUNT, SECOND)):
        def ready():
            try:
                return all(self.stack.orders().GetRiskLimits(orders.GetRiskLimitsRequest(
                    exchange=exchange, account=name), timeout=5).accepting_orders
                    for exchange in EXCHANGES for name in names)
            except grpc.RpcError as error:
                if error.code() not in (Code.UNAVAILABLE, Code.UNKNOWN):
                    raise
                return False
        wait_until(ready, 20, "orders taken again")

    def restart_switchyard(self, between=lambda: None):
        """Kills it at once; the same address and journals again."""
        self.stack.switchyard.stop(signal.SIGKILL)
        between()
        self.stack.start_switchyard(self.stack.address)


class Accounts(Case):
    """Every account of every exchange is covered where none is named; one cannot sign."""

    config = WITH_BROKEN
    ALL = [(exchange, name) for exchange in EXCHANGES for name in (BROKEN, ACCOUNT, SECOND)]

    def tearDown(self):
        self.cancel_everything()

    def test_exchanges_list_their_accounts(self):
        listed = self.stack.router_service().ListExchanges(router.ListExchangesRequest(),
                                                           timeout=5).exchanges
        got = {(each.exchange, part.component): list(part.accounts)
               for each in listed for part in each.components}
        wanted = {(exchange, part): [BROKEN, ACCOUNT, SECOND]
                  for exchange in EXCHANGES for part in PRIVATE_COMPONENTS}
        self.assertEqual(got, wanted | {(exchange, "market_data"): [] for exchange in EXCHANGES})
        for routed in (False, True):
            statuses = self.stack.status(routed).GetStatus(status.GetStatusRequest(),
                                                           timeout=5).statuses
            self.assertEqual({(each.exchange, each.component): list(each.accounts)
                              for each in statuses}, got)

    def test_a_portfolio_covers_every_account(self):
        got = self.stack.router_service().GetPortfolio(router.GetPortfolioRequest(), timeout=8)
        self.assertEqual(self.accounts_of(got.accounts), self.ALL)
        for each in got.accounts:
            if each.account == BROKEN:
                self.assertFalse(each.HasField("figures") or each.balances or each.positions)
                continue
            self.assertEqual(each.figures.exchange_account_id, str(USERS[each.account]))
            self.assertIn("USDT", [balance.currency for balance in each.balances])
        self.assertEqual(set(self.accounts_of(got.errors)), {(each, BROKEN) for each in EXCHANGES})
        self.assertEqual({(each.status.code, reason_name(each.status)) for each in got.errors},
                         {(Code.UNAUTHENTICATED.value[0], "BAD_SIGNATURE")})
        total = sum(Decimal(balance.total) for each in got.accounts for balance in each.balances
                    if balance.currency == "USDT")
        self.assertGreater(total, 20_000_000)  # two users begin with 11,000,000 each
        self.assertEqual([Decimal(each.total) for each in got.totals if each.currency == "USDT"],
                         [total])

    def test_a_portfolio_of_one_exchange_or_one_account(self):
        ask = lambda *selectors: self.accounts_of(self.stack.router_service().GetPortfolio(
            router.GetPortfolioRequest(accounts=selectors), timeout=8).accounts)
        self.assertEqual(ask(router.AccountSelector(exchange=FUTURES)),
                         [each for each in self.ALL if each[0] == FUTURES])
        self.assertEqual(ask(router.AccountSelector(exchange=SPOT, account=SECOND)),
                         [(SPOT, SECOND)])
        # All of an exchange, and one of them again.
        self.assertEqual(ask(router.AccountSelector(exchange=SPOT),
                             router.AccountSelector(exchange=SPOT, account=SECOND)),
                         [each for each in self.ALL if each[0] == SPOT])

    def test_everything_is_canceled_and_the_failing_account_named(self):
        wanted = {}
        for exchange in EXCHANGES:
            for count, name in enumerate((ACCOUNT, SECOND), start=1):
                for _ in range(count):
                    self.rest(exchange, name)
                self.assertEqual(len(self.still_open(exchange, name)), count)
                wanted[(exchange, name)] = (0, "UNSPECIFIED", count, 0)
        got = self.cancel_everything()
        self.assertEqual(list(got), self.ALL)
        self.assertEqual({each: told for each, told in got.items() if each[1] != BROKEN}, wanted)
        for exchange in EXCHANGES:
            self.assertEqual(got[(exchange, BROKEN)][:3],
                             (Code.UNAUTHENTICATED.value[0], "BAD_SIGNATURE", 0))
            for name in USERS:
                self.assertEqual(self.still_open(exchange, name), [])

    def test_one_exchange_or_one_account_is_canceled_and_the_others_left(self):
        for exchange in EXCHANGES:
            for name in USERS:
                self.rest(exchange, name)
        count_open = lambda: {(exchange, name): len(self.still_open(exchange, name))
                              for exchange in EXCHANGES for name in USERS}
        got = self.cancel_everything(accounts=[{"exchange": SPOT, "account": SECOND}])
        self.assertEqual(got, {(SPOT, SECOND): (0, "UNSPECIFIED", 1, 0)})
        self.assertEqual(count_open(), {(SPOT, ACCOUNT): 1, (SPOT, SECOND): 0,
                                        (FUTURES, ACCOUNT): 1, (FUTURES, SECOND): 1})
        got = self.cancel_everything(accounts=[{"exchange": FUTURES}])
        self.assertEqual(list(got), [(FUTURES, BROKEN), (FUTURES, ACCOUNT), (FUTURES, SECOND)])
        self.assertEqual(count_open(), {(SPOT, ACCOUNT): 1, (SPOT, SECOND): 0,
                                        (FUTURES, ACCOUNT): 0, (FUTURES, SECOND): 0})

    def test_private_events_of_every_account_come_on_one_stream(self):
        channels = [private.PRIVATE_CHANNEL_ORDERS, private.PRIVATE_CHANNEL_POSITIONS,
                    private.PRIVATE_CHANNEL_ACCOUNT]
        reader = self.private_events([{"channel": each} for each in channels])
        results = reader.results()
        self.assertEqual([what for what, _ in results],
                         [(index, *each) for index, channel in enumerate(channels)
                          for each in self.ALL
                          if channel != private.PRIVATE_CHANNEL_POSITIONS or each[0] == FUTURES])
        self.assertEqual({reason for (_, _, name), reason in results if name != BROKEN},
                         {"UNSPECIFIED"})
        placed = {(exchange, name): self.rest(exchange, name).ticket.client_order_id
                  for exchange in EXCHANGES for name in USERS}
        snapshot = values_pb2.STATE_EVENT_KIND_SNAPSHOT
        told = lambda events, kind: {
            (each.exchange, each.account) for each in events
            if each.DESCRIPTOR.name == kind and each.kind == snapshot}
        ordered = lambda events: {
            (each.exchange, each.account): each.order.ticket.client_order_id for each in events
            if each.DESCRIPTOR.name == "OrderEvent" and each.WhichOneof("payload") == "order"}
        reader.wait(lambda events: ordered(events) == placed, "order of every account")
        reader.wait(lambda events: told(events, "AccountEvent") >= set(placed),
                    "snapshot of every account")
        reader.wait(lambda events: told(events, "PositionEvent") >= {
            (FUTURES, name) for name in USERS}, "snapshot of every account's positions")

    def test_a_named_account_keeps_its_own_position_beside_all_the_others(self):
        first = self.rest(SPOT, SECOND)
        start = self.stack.orders().ListOpenOrders(orders.ListOpenOrdersRequest(
            exchange=SPOT, account=SECOND, max_age_ns=10**18), timeout=5).position
        reader = self.private_events([
            {"channel": private.PRIVATE_CHANNEL_ORDERS},
            {"channel": private.PRIVATE_CHANNEL_ORDERS, "exchange": SPOT, "account": SECOND,
             "resume_from": values_pb2.JournalPosition(epoch=start.epoch)}])
        self.assertEqual([what for what, _ in reader.results()],
                         [(0, *each) for each in self.ALL if each != (SPOT, SECOND)] +
                         [(1, SPOT, SECOND)])
        # From the first row on, each once.
        rows = lambda events: [each.sequence for each in events
                               if (each.exchange, each.account) == (SPOT, SECOND)]
        events = reader.wait(lambda events: len(rows(events)) >= start.sequence, "old rows")
        self.assertEqual(rows(events)[:start.sequence], list(range(1, start.sequence + 1)))
        self.assertIn(first.ticket.client_order_id,
                      [each.order.ticket.client_order_id for each in events])

    def test_a_position_without_a_name_is_refused_where_several_could_be_meant(self):
        position = values_pb2.JournalPosition(epoch=1, sequence=1)
        reader = self.private_events([
            {"channel": private.PRIVATE_CHANNEL_ORDERS, "exchange": SPOT, "resume_from": position},
            {"channel": private.PRIVATE_CHANNEL_ORDERS, "exchange": FUTURES, "account": ACCOUNT}])
        self.assertEqual(reader.results(), [((0, SPOT, ""), "INVALID_FIELD"),
                                            ((1, FUTURES, ACCOUNT), "UNSPECIFIED")])


class Away(Case):
    """The accounts of a backend that is away are still named."""

    config = WITH_BROKEN

    def test_each_account_of_a_dead_backend_has_its_own_error(self):
        everyone = [(exchange, name) for exchange in EXCHANGES
                    for name in (BROKEN, ACCOUNT, SECOND)]
        reader = self.private_events([{"channel": private.PRIVATE_CHANNEL_ACCOUNT}])
        reader.results()
        self.stack.switchyard.stop(signal.SIGKILL)
        stale = values_pb2.STATE_EVENT_KIND_STALE
        lost = values_pb2.STALE_REASON_BACKEND_LOST
        reader.wait(lambda events: {(each.exchange, each.account) for each in events if
                                    (each.kind, each.reason) == (stale, lost)} >= set(everyone),
                    "STALE of every account")
        got = self.cancel_everything()
        self.assertEqual(list(got), everyone)
        self.assertEqual({told[:2] for told in got.values()},
                         {(Code.UNAVAILABLE.value[0], "BACKEND_UNAVAILABLE")})
        portfolio = self.stack.router_service().GetPortfolio(router.GetPortfolioRequest(),
                                                             timeout=5)
        self.assertEqual(self.accounts_of(portfolio.accounts), everyone)
        self.assertEqual(set(self.accounts_of(portfolio.errors)), set(everyone))
        listed = self.stack.router_service().ListExchanges(router.ListExchangesRequest(),
                                                           timeout=5).exchanges
        parts = [part for each in listed for part in each.components
                 if part.component in PRIVATE_COMPONENTS]
        self.assertEqual({(tuple(part.accounts), part.ready) for part in parts},
                         {((BROKEN, ACCOUNT, SECOND), False)})
        # And all of it comes back on the stream that was open.
        self.stack.start_switchyard(self.stack.address)
        begin = len(reader.events)
        snapshot = values_pb2.STATE_EVENT_KIND_SNAPSHOT
        working = {each for each in everyone if each[1] != BROKEN}
        reader.wait(lambda events: {(each.exchange, each.account) for each in events[begin:]
                                    if each.kind == snapshot} >= working, "new snapshots")


RETRIES = {"methodConfig": [{"name": [{}], "retryPolicy": {
    "maxAttempts": 5, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE", "DEADLINE_EXCEEDED"]}}]}


class Retries(Case):
    """A client that has gRPC's own retry policy and nothing else."""

    def setUp(self):
        if self.stack.switchyard.child.poll() is not None:  # a test failed while it was away
            self.stack.start_switchyard(self.stack.address)
        self.await_service()
        # Nothing moves, and while the service is away nobody tells.
        self.prices = {each: str((self.best(each)[0] * Decimal("0.98")).quantize(Decimal("0.1")))
                       for each in EXCHANGES}

    def retrying(self):
        channel = grpc.insecure_channel(self.stack.router_address, options=[
            *CHANNEL_OPTIONS, ("grpc.enable_retries", 1),
            ("grpc.service_config", json.dumps(RETRIES))])
        self.addCleanup(channel.close)
        return order_service_pb2_grpc.OrderServiceStub(channel)

    def attempts(self, code):
        """How often the router answered PlaceOrder so."""
        return self.stack.metric(
            rf'forwarded_calls_total\{{code="{code}",method="OrderService/PlaceOrder"\}}',
            self.stack.router_metrics)

    def request(self, exchange, name=ACCOUNT):
        return orders.PlaceOrderRequest(exchange=exchange, account=name, ticket=self.ticket(
            exchange, price=self.prices[exchange]))

    @trading.on_both
    def test_an_order_that_was_received_and_not_answered_is_not_repeated(self, exchange):
        self.await_service()
        fault = self.stack.fault("LOSE_ANSWER", exchange, count=1)
        # The order's own event would answer in its place.
        muted = self.stack.fault("DROP", exchange, channel={
            SPOT: "spot.orders", FUTURES: "futures.orders"}[exchange])
        unknown, unavailable = self.attempts("UNKNOWN"), self.attempts("UNAVAILABLE")
        request = self.request(exchange)
        future = self.retrying().PlaceOrder.future(request, timeout=20)
        wait_until(lambda: self.stack.strikes(fault) == 1, 5, "the order at the exchange")
        self.restart_switchyard()
        self.refused(future.result, Code.UNKNOWN, "ORDER_OUTCOME_UNKNOWN")
        self.assertEqual((self.attempts("UNKNOWN"), self.attempts("UNAVAILABLE")),
                         (unknown + 1, unavailable))
        self.stack.clear(muted)
        self.await_service()
        self.assertEqual(len(self.ledger(exchange, request.ticket.client_order_id)), 1)

    @trading.on_both
    def test_an_order_that_reached_nobody_is_repeated_and_placed_once(self, exchange):
        self.await_service()
        unavailable = self.attempts("UNAVAILABLE")
        given_up, request = self.request(exchange), self.request(exchange)
        stub = self.retrying()
        self.stack.switchyard.stop(signal.SIGKILL)
        self.refused(lambda: stub.PlaceOrder(given_up, timeout=20), Code.UNAVAILABLE,
                     "BACKEND_UNAVAILABLE")
        # The library did repeat it.
        self.assertEqual(self.attempts("UNAVAILABLE"), unavailable + 5)
        future = stub.PlaceOrder.future(request, timeout=20)
        wait_until(lambda: self.attempts("UNAVAILABLE") > unavailable + 5, 5, "an attempt")
        self.stack.start_switchyard(self.stack.address)
        # Where the attempts were over before the service was back, nothing was placed.
        if future.exception() is not None:
            self.assertIn(future.exception().code(), (Code.UNAVAILABLE, Code.FAILED_PRECONDITION))
            self.assertEqual(self.ledger(exchange, request.ticket.client_order_id), [])
        self.await_service()
        self.send(exchange, request.ticket)
        self.assertEqual(len(self.ledger(exchange, request.ticket.client_order_id)), 1)
        self.assertEqual(self.ledger(exchange, given_up.ticket.client_order_id), [])

    def test_kills_in_the_middle_of_many_orders(self):
        for exchange in EXCHANGES:
            self.stack.fault("LOSE_ANSWER", exchange, per_million=100_000)
            self.stack.fault("ERROR_AFTER_ACCEPTING", exchange, per_million=100_000)
        outcomes, stopping = [], threading.Event()
        lock = threading.Lock()

        def trade(exchange, name):
            stub = self.retrying()
            while not stopping.is_set():
                request = self.request(exchange, name)
                try:
                    stub.PlaceOrder(request, timeout=10)
                    outcome = "OK"
                except grpc.RpcError as error:
                    outcome = error.code().name
                with lock:
                    outcomes.append((exchange, name, request.ticket.client_order_id, outcome))

        threads = [threading.Thread(target=trade, args=(exchange, name), daemon=True)
                   for exchange in EXCHANGES for name in USERS]
        for thread in threads:
            thread.start()
        accepted = lambda: sum(outcome == "OK" for *_, outcome in outcomes)
        for _ in range(3):
            enough = accepted() + 10
            wait_until(lambda: accepted() >= enough, 30, "orders taken")
            self.restart_switchyard()
        enough = accepted() + 10
        wait_until(lambda: accepted() >= enough, 30, "orders taken again")
        stopping.set()
        for thread in threads:
            thread.join(30)
            self.assertFalse(thread.is_alive())
        self.stack.faults.ClearFaults(simulator.ClearFaultsRequest(), timeout=5)
        self.check_ledger(outcomes)

    def check_ledger(self, outcomes):
        """At most one order of each id; one where it was taken, none where nothing was sent."""
        texts = {(exchange, name): collections.Counter(
            each.text for each in self.stack.client_orders(exchange, USERS[name]))
            for exchange in EXCHANGES for name in USERS}
        wrong = []
        for exchange, name, client_order_id, outcome in outcomes:
            count = sum(count for text, count in texts[(exchange, name)].items()
                        if text.endswith(f"-{client_order_id}"))
            most = {"OK": (1,), "UNKNOWN": (0, 1), "DEADLINE_EXCEEDED": (0, 1)}.get(outcome, (0,))
            if count not in most:
                wrong.append((exchange, name, client_order_id, outcome, count))
        self.assertEqual(wrong, [])
        told = collections.Counter(outcome for *_, outcome in outcomes)
        self.assertGreater(told["OK"], 40)
        self.assertGreater(told["UNKNOWN"], 0, told)


class RouterRestart(Case):
    GRACE_MS = 6_000

    def present(self, exchange, session):
        """A client's session: an open stream of its orders, through the router."""
        reader = self.private_events([{"channel": private.PRIVATE_CHANNEL_ORDERS,
                                       "exchange": exchange, "account": ACCOUNT}],
                                     session_id=session)
        self.assertEqual(reader.results(), [((0, exchange, ACCOUNT), "UNSPECIFIED")])
        return reader

    def bound(self, exchange, session, grace_ms):
        return self.rest(exchange, ACCOUNT, cancel_on_disconnect=order_pb2.CancelOnDisconnect(
            session_id=session, grace_ms=grace_ms)).ticket.client_order_id

    def is_open(self, exchange, name):
        found, = self.ledger(exchange, name)
        return found.open

    def test_cancels_nobodys_orders_inside_the_grace(self):
        kept, left = {}, {}
        for exchange in EXCHANGES:
            self.present(exchange, "stays")
            self.present(exchange, "leaves")
            kept[exchange] = self.bound(exchange, "stays", self.GRACE_MS)
            # Its grace is over later than that of the other.
            left[exchange] = self.bound(exchange, "leaves", self.GRACE_MS + 1_000)
        self.stack.router.stop(signal.SIGKILL)
        self.stack.start_router()
        for exchange in EXCHANGES:
            self.assertTrue(self.is_open(exchange, kept[exchange]))
            self.present(exchange, "stays")
        for exchange in EXCHANGES:
            wait_until(lambda: not self.is_open(exchange, left[exchange]), 15,
                       "the end of the other's grace")
            self.assertTrue(self.is_open(exchange, kept[exchange]))


class Resume(Case):
    """Every fill arrives exactly once, whoever is killed meanwhile."""

    TOPICS = [(exchange, name) for exchange in EXCHANGES for name in USERS]

    def setUp(self):
        self.rows = {each: [] for each in self.TOPICS}
        self.positions = {(exchange, name): self.stack.orders().ListOpenOrders(
            orders.ListOpenOrdersRequest(exchange=exchange, account=name, max_age_ns=10**18),
            timeout=5).position for exchange, name in self.TOPICS}
        self.reader = None

    def open_stream(self):
        """From where the last one was left."""
        self.reader = self.private_events([
            {"channel": private.PRIVATE_CHANNEL_ORDERS, "exchange": exchange, "account": name,
             "resume_from": self.positions[(exchange, name)]} for exchange, name in self.TOPICS])
        self.assertEqual(self.reader.results(), [
            ((index, *each), "UNSPECIFIED") for index, each in enumerate(self.TOPICS)])

    def leave_stream(self):
        """Keeps what it told and where."""
        self.reader.close()
        for event in self.reader.events:
            topic = (event.exchange, event.account)
            self.rows[topic].append(event)
            self.positions[topic] = values_pb2.JournalPosition(epoch=event.epoch,
                                                               sequence=event.sequence)

    def all_rows(self, topic):
        return self.rows[topic] + [each for each in self.reader.events
                                   if (each.exchange, each.account) == topic]

    def truth(self, topic):
        exchange, name = topic
        return collections.Counter(
            (symbol_of(exchange, each.symbol), each.trade_id, each.order_id)
            for each in self.stack.client_fills(exchange, USERS[name]))

    def told(self, topic):
        return collections.Counter(
            (each.fill.symbol, each.fill.trade_id, each.fill.exchange_order_id)
            for each in self.all_rows(topic) if each.WhichOneof("payload") == "fill")

    def count_fills(self):
        return sum(self.truth(topic).total() for topic in self.TOPICS)

    def quote(self):
        """Every account rests on both sides of both markets, near the best prices."""
        for exchange, name in self.TOPICS:
            bid, ask = self.best(exchange)
            for side, price in ((BUY, bid - 1), (SELL, ask + 1)):
                self.requests.patiently(lambda: self.stack.orders().PlaceOrder(
                    orders.PlaceOrderRequest(exchange=exchange, account=name, ticket=self.ticket(
                        exchange, side=side, price=str(price), quantity="0.002")), timeout=8))

    def sweep(self, per_million):
        """The market moves through the orders of one side: a fill of every account."""
        before = {topic: self.truth(topic).total() for topic in self.TOPICS}
        for exchange in EXCHANGES:
            self.stack.flow(exchange, "BTC_USDT", updates_per_second=0,
                            move_per_million=per_million)
        wait_until(lambda: all(self.truth(topic).total() > before[topic]
                               for topic in self.TOPICS), 10, "fills of every account")

    def check(self):
        """All that happened was told, once, in rows without a hole."""
        try:
            wait_until(lambda: all(self.told(topic) == self.truth(topic)
                                   for topic in self.TOPICS), 20, "every fill", every=0.1)
        except AssertionError:
            pass  # told below
        for topic in self.TOPICS:
            with self.subTest(topic=topic):
                self.assertEqual(self.told(topic), self.truth(topic))
                rows = self.all_rows(topic)
                self.assertNotIn("gap", {each.WhichOneof("payload") for each in rows})
                self.assertEqual([(each.epoch, each.sequence) for each in rows], [
                    (rows[0].epoch, rows[0].sequence + i) for i in range(len(rows))])

    def test_fills_arrive_once_while_services_client_and_router_come_and_go(self):
        self.open_stream()
        moves = iter((1_000, -1_000) * 8)

        def killed_among_fills(also=lambda: None):
            self.quote()
            self.sweep(next(moves))  # told
            self.quote()
            fills = self.count_fills()
            self.restart_switchyard(between=lambda: (also(), self.sweep(next(moves))))
            self.assertGreaterEqual(self.count_fills(), fills + len(self.TOPICS))
            self.await_service()

        for _ in range(2):
            killed_among_fills()
        self.assertFalse(self.reader.ended, "the stream outlives its backend")
        self.check()
        # The client leaves, and comes back with its positions.
        killed_among_fills(also=self.leave_stream)
        self.open_stream()
        self.check()

        def replace_router():
            self.stack.router.stop(signal.SIGKILL)
            self.stack.start_router()
        killed_among_fills(also=lambda: (self.leave_stream(), replace_router()))
        self.open_stream()
        self.check()


if __name__ == "__main__":
    unittest.main()
