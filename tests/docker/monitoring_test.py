"""Dashboards and alerts against a real Prometheus that scrapes real processes: every query returns
data, nothing fires while all is well, and faults of the simulator make their alerts fire."""

import json
import re
import signal
import threading
import unittest

from tests.docker.prometheus_server import Prometheus
from tests.integration.private_requests import *  # noqa: F403
from tests.integration.stack import ROOT, Reader

DASHBOARDS = sorted((ROOT / "docker/grafana/dashboards").glob("*.json"))
RUNBOOK = (ROOT / "docker/runbook.md").read_text()
EXCHANGES = (SPOT, FUTURES)
SYMBOLS = ("BTC_USDT", "ETH_USDT", "SOL_USDT", "XRP_USDT")
# What fires here; the others' faults are made of numbers in rules_test.yml.
PROVOKED = {"StaleBook", "StalledStream", "GapRate", "UnreadableMessages", "ClockOffset",
            "LimitHeadroom", "ReconnectStorm", "ConnectionDown", "UnknownOrders",
            "ReconciliationFailure", "FailClosed", "NotReady", "ProcessDown", "BackendLost"}
# What these compare is there in processes that speak TLS; those here do not.
OF_TLS = {"CertificateExpiry", "CertificateRefused"}
CONFIG = [*ACCOUNT_CONFIG, "instrument_refresh_seconds: 1", "stall_check_ms: 2000",
          "reconnect: {first_ms: 50, factor_percent: 100, cap_ms: 100}"]


def queries(dashboard):
    """(panel, expression) of all panels, variables given values."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = target["expr"].replace("$exchange", FUTURES)
            yield panel["title"], expression.replace("$__rate_interval", "1m")


class Activity:
    """A client that trades, reads and follows streams, through the router and directly."""

    def __init__(self, stack):
        self.stack = stack
        self.requests = Requests(stack)
        self.rounds = 0
        self.error = None
        self._over = threading.Event()
        wanted = [market.MarketDataSubscription(exchange=exchange, symbol=symbol_of(exchange, each),
                                                channel=events_pb2.CHANNEL_ORDER_BOOK)
                  for exchange in EXCHANGES for each in SYMBOLS]
        self.readers = [Reader(stack.market(routed), wanted, keep_events=False)
                        for routed in (True, False)]
        self._calls = [stack.orders().StreamOrderEvents(orders.StreamOrderEventsRequest(
            exchange=exchange, account=ACCOUNT)) for exchange in EXCHANGES]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._over.wait(0.1):
                for exchange in EXCHANGES:
                    self._round(exchange)
                self.rounds += 1
        except Exception as error:  # told by the test's thread
            self.error = error

    def _round(self, exchange):
        symbol = symbol_of(exchange, "BTC_USDT")
        self.stack.market().GetTicker(market.GetTickerRequest(exchange=exchange, symbol=symbol),
                                      timeout=5)
        order = self.place(exchange).order
        self.stack.orders().AmendOrder(orders.AmendOrderRequest(
            exchange=exchange, account=ACCOUNT, request_id=self.requests.name(), quantity="0.002",
            order=orders.OrderKey(client_order_id=order.ticket.client_order_id)), timeout=5)
        self.stack.orders().CancelAllOrders(orders.CancelAllOrdersRequest(
            exchange=exchange, account=ACCOUNT, request_id=self.requests.name()), timeout=5)

    def place(self, exchange):
        """An order so far from the market that it rests."""
        price = max(self.stack.truth(exchange, "BTC_USDT", 1)[0]) * Decimal("0.97")
        return self.stack.orders().PlaceOrder(orders.PlaceOrderRequest(
            exchange=exchange, account=ACCOUNT, ticket=order_pb2.OrderTicket(
                client_order_id=self.requests.name(), symbol=symbol_of(exchange, "BTC_USDT"),
                side=values_pb2.SIDE_BUY, type=order_pb2.ORDER_TYPE_LIMIT, quantity="0.001",
                price=str(price), price_rounding=order_pb2.ROUNDING_DOWN)), timeout=8)

    def await_rounds(self, count):
        wait_until(lambda: self.rounds >= count or self.error, 40, f"{count} rounds of trading")
        if self.error:
            raise self.error

    def stop(self):
        self._over.set()
        self._thread.join(20)
        for call in self._calls:
            call.cancel()
        for reader in self.readers:
            reader.close()


class Monitoring(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        # The clock is measured with every refresh of the instruments: limits leave room for that.
        self.stack = Stack(("--updates_per_second=20", "--rate_limit_scale=20"), CONFIG,
                           orders=("reconcile_interval_ms: 1000",))
        self.addCleanup(self.stack.close)
        self.prometheus = Prometheus((self.stack.metrics, self.stack.router_metrics))
        self.addCleanup(self.prometheus.close)
        self.activity = Activity(self.stack)
        self.addCleanup(self.activity.stop)

    def test_every_query_has_data_and_every_alert_its_fault(self):
        for reader in self.activity.readers:
            for exchange in EXCHANGES:
                for each in SYMBOLS:
                    reader.wait_live(exchange, each)
        wait_until(lambda: set(self.prometheus.targets().values()) == {"up"}, 15, "both targets")
        self.activity.await_rounds(10)
        self.check_panels()
        self.check_alerts_when_healthy()
        self.activity.stop()
        self.provoke_market_data()
        self.provoke_orders()
        self.provoke_loss()
        fired = {labels["alertname"] for labels, _ in
                 self.prometheus.query('max_over_time(ALERTS{alertstate="firing"}[10m])')}
        self.assertLessEqual(PROVOKED, fired)

    def check_panels(self):
        self.assertEqual([each.stem for each in DASHBOARDS],
                         ["exchange", "latency", "orders", "overview", "router"])
        wait_until(lambda: not self.empty_panels(), 20, self.empty_panels, every=1)

    def empty_panels(self):
        return [f"{path.stem}: {panel}: {expression}" for path in DASHBOARDS
                for panel, expression in queries(json.loads(path.read_text()))
                if not self.prometheus.query(expression)]

    def check_alerts_when_healthy(self):
        """None fires; what each compares is there."""
        # The orders that were just placed may have used up a limit of seconds.
        wait_until(lambda: self.prometheus.firing() == [], 30, "health without an alert")
        rules = self.prometheus.rules()
        self.assertLessEqual(PROVOKED, {each["name"] for each in rules})
        for rule in rules:
            with self.subTest(alert=rule["name"]):
                operand = re.fullmatch(r"(.*) (?:>|<|==) [\d.e+]+", rule["query"], re.DOTALL)
                self.assertIsNotNone(operand, rule["query"])
                if rule["name"] not in OF_TLS:
                    self.assertNotEqual(self.prometheus.query(operand[1]), [])
                self.assertIn(rule["labels"]["severity"], ("warning", "critical"))
                self.assertTrue(rule["annotations"]["summary"])
                anchor = f"#{rule['name'].lower()}"
                self.assertEqual(rule["annotations"]["runbook"], "docker/runbook.md" + anchor)
                self.assertIn(f"### {rule['name']}\n", RUNBOOK)

    def provoke_market_data(self):
        fault, alert = self.stack.fault, self.prometheus.await_alert
        fault("MUTE", channel=BOOK_CHANNEL[SPOT], symbol="BTC_USDT")
        fault("SHIFT_CLOCK", amount=3000)
        fault("MALFORMED_FRAME", FUTURES, channel=BOOK_CHANNEL[FUTURES], symbol="SOL_USDT", count=1)
        for _ in range(3):
            for each in SYMBOLS:
                fault("SKIP_SEQUENCE", FUTURES, symbol=each, amount=5, count=1)
                before = self.gaps()
                wait_until(lambda: self.gaps() > before, 10, f"a gap of {each}")
        alert(alertname="GapRate", exchange=FUTURES)
        alert(alertname="UnreadableMessages", exchange=FUTURES, side="public")
        alert(alertname="StalledStream", exchange=SPOT)
        alert(alertname="ClockOffset", exchange=SPOT)
        self.stack.clear()
        for _ in range(7):
            before = self.reconnects()
            fault("CLOSE_SOCKETS")
            wait_until(lambda: self.reconnects() > before, 10, "a reconnect")
        alert(alertname="ReconnectStorm", exchange=SPOT)
        refuse = fault("HTTP_STATUS", path="websocket", http_status=503)
        fault("CLOSE_SOCKETS")
        alert(alertname="StaleBook", exchange=SPOT, component="market_data")
        self.stack.clear(refuse)
        fault("HTTP_STATUS", path="/api/v4/spot/tickers", http_status=429, retry_after_seconds=30)
        with self.assertRaises(grpc.RpcError):
            self.stack.market().GetTicker(market.GetTickerRequest(
                exchange=SPOT, symbol=symbol_of(SPOT, "BTC_USDT")), timeout=5)
        alert(alertname="LimitHeadroom", exchange=SPOT, limit="rest:/spot/tickers")

    def gaps(self):
        return self.stack.metric(f'switchyard_book_gaps_total{{exchange="{FUTURES}"')

    def reconnects(self):
        return self.stack.metric(
            r'switchyard_connection_reconnects_total{component="market_data",'
            rf'connection="ws-[^"]*",exchange="{SPOT}"')

    def provoke_orders(self):
        """An order that nobody answers, at an exchange that then answers nothing."""
        fault, alert = self.stack.fault, self.prometheus.await_alert
        fault("SWALLOW_ORDER", FUTURES, count=1)
        fault("HTTP_STATUS", FUTURES, http_status=503)
        with self.assertRaises(grpc.RpcError) as refused:
            self.activity.place(FUTURES)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.UNKNOWN)
        for name in ("UnknownOrders", "ReconciliationFailure", "FailClosed"):
            alert(alertname=name, exchange=FUTURES, account=ACCOUNT)
        alert(alertname="NotReady", exchange=FUTURES, component="order")
        alert(alertname="ConnectionDown", exchange=FUTURES, connection="rest")
        # The other exchange's account is as it was.
        told = [each for each in self.prometheus.firing()
                if each.get("exchange") == SPOT and "account" in each]
        self.assertEqual(told, [])

    def provoke_loss(self):
        reader = Reader(self.stack.market(), [market.MarketDataSubscription(
            exchange=SPOT, symbol=symbol_of(SPOT, "ETH_USDT"),
            channel=events_pb2.CHANNEL_ORDER_BOOK)], keep_events=False)
        self.addCleanup(reader.close)
        reader.wait_live(SPOT, "ETH_USDT")
        self.stack.switchyard.stop(signal.SIGKILL)
        self.prometheus.await_alert(alertname="ProcessDown", instance=self.stack.metrics)
        self.prometheus.await_alert(alertname="BackendLost", instance=self.stack.router_metrics)


if __name__ == "__main__":
    unittest.main()
