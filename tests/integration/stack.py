"""Starts the real processes on free ports and talks to them by the contract alone.

A Stack is a simulator, a `switchyard` (all services in one process) and a router in front of it.
Nothing here sleeps to synchronise: whoever waits, waits for a condition with a deadline.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from decimal import Decimal

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, os.environ.get("SWITCHYARD_PYTHON", str(ROOT / "build/examples/python")))

import grpc  # noqa: E402
from switchyard.common.v1 import values_pb2  # noqa: E402
from switchyard.marketdata.v1 import events_pb2  # noqa: E402
from switchyard.marketdata.v1 import market_data_service_pb2 as market  # noqa: E402
from switchyard.marketdata.v1 import market_data_service_pb2_grpc  # noqa: E402
from switchyard.router.v1 import router_service_pb2_grpc  # noqa: E402
from switchyard.simulator.v1 import simulator_service_pb2 as simulator  # noqa: E402
from switchyard.simulator.v1 import simulator_service_pb2_grpc  # noqa: E402
from switchyard.account.v1 import account_service_pb2_grpc  # noqa: E402
from switchyard.order.v1 import fill_pb2, order_pb2  # noqa: E402
from switchyard.order.v1 import order_service_pb2 as orders  # noqa: E402
from switchyard.order.v1 import order_service_pb2_grpc  # noqa: E402
from switchyard.position.v1 import position_service_pb2_grpc  # noqa: E402
from switchyard.status.v1 import status_service_pb2 as status  # noqa: E402
from switchyard.status.v1 import status_service_pb2_grpc  # noqa: E402

CHANNEL_OPTIONS = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65535),
                   ("grpc.use_local_subchannel_pool", 1)]
BUILT = pathlib.Path(os.environ.get("SWITCHYARD_BIN", ROOT / "bazel-bin"))
BINARIES = {
    "simulator": BUILT / "services/simulator/simulator",
    "switchyard": BUILT / "services/standalone/switchyard",
    "router": BUILT / "services/router/router",
    "contract_client": BUILT / "tests/integration/contract_client/contract_client",
    "yard": BUILT / "clients/cli/yard",
}
SPOT, FUTURES, LIGHTER = "gateio", "gateio_futures", "lighter"
# All that the simulator stands in for.
EVERY = (SPOT, FUTURES, LIGHTER)
BOOK_CHANNEL = {SPOT: "spot.order_book_update", FUTURES: "futures.order_book_update",
                LIGHTER: "order_book"}
BOOK_PATH = {SPOT: "/api/v4/spot/order_book", FUTURES: "/api/v4/futures/usdt/order_book",
             LIGHTER: "/api/v1/orderBookOrders"}
# Lighter gives an address without an account 60 requests a minute, which a test has used up at
# once: the simulator gives so many times as many, and the client knows.
LIGHTER_SCALE = 20
LIGHTER_CONFIG = ("options:", f"  requests_per_minute: '{60 * LIGHTER_SCALE}'")


def market_of(exchange, base):
    """What the exchange calls its market of BTC, ETH, SOL or DOGE."""
    return base if exchange == LIGHTER else f"{base}_USDT"


def symbol_of(exchange, simulated):
    """The canonical symbol: BTC_USDT -> BTC-USDT or BTC-USDT-PERP; of Lighter BTC ->
    BTC-USDC-PERP, 1000PEPE -> PEPE-USDC-PERP, ETH/USDC -> ETH-USDC."""
    if exchange == LIGHTER:
        base, slash, quote = simulated.partition("/")
        base = re.sub(r"^(1000+|k(?=[A-Z]))", "", base)
        return f"{base}-{quote}" if slash else f"{base}-USDC-PERP"
    base, quote = simulated.rsplit("_", 1)
    return f"{base}-{quote}" + ("-PERP" if exchange == FUTURES else "")


class Process:
    """One process whose output is kept; waits for lines of it."""

    def __init__(self, name, *arguments, program=None, stdin=None, environment=None):
        self.name = name
        self.lines = []
        self._changed = threading.Condition()
        self._ended = False
        self.child = subprocess.Popen([str(program or BINARIES[name]), *arguments], stdin=stdin,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      env={**os.environ, **(environment or {})})
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with self.child.stdout as output:
            for line in output:
                with self._changed:
                    self.lines.append(line.rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def await_line(self, pattern, timeout=20):
        found = []

        def look():
            found[:] = [match for line in self.lines if (match := re.search(pattern, line))]
            return found or self._ended

        with self._changed:
            if not self._changed.wait_for(look, timeout) or not found:
                raise AssertionError(f"{self.name} never said {pattern!r}:\n" + self.output())
        return found[0]

    def output(self):
        return "\n".join(self.lines[-60:])

    def wait_end(self, timeout=10):
        """Waits until it ends by itself and all that it said is read. Returns the exit code."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._ended, timeout):
                raise AssertionError(f"{self.name} did not end within {timeout} s:\n" + self.output())
        return self.child.wait(timeout)

    def stop(self, number=signal.SIGTERM, timeout=10):
        """Ends the process by its id. Returns the exit code."""
        if self.child.poll() is None:
            self.child.send_signal(number)
        try:
            return self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"{self.name} did not end:\n" + self.output()) from None

    def resident_kib(self):
        text = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The simulator's first account (services/simulator/README.md), under the name `main`.
ACCOUNT, USER_ID = "main", 10000001
os.environ.setdefault("SIMULATOR_SECRET", "simulator-secret-0001")
ACCOUNT_CONFIG = ["accounts:", f"  - name: {ACCOUNT}", "    api_key: simulator-key-0001",
                  "    secret: ${SIMULATOR_SECRET}"]


# The same account on Lighter, and one of its keys.
os.environ.setdefault("SIMULATOR_LIGHTER_KEY", "319429b99c7d29cf600eff12799712cc58288d303f96fe634a11"
                      "ffb2a9ac2af4703ec7eccd1edd3e")
LIGHTER_ACCOUNT_CONFIG = [
    *LIGHTER_CONFIG, "accounts:", f"  - name: {ACCOUNT}", "    api_key: '4'",
    "    secret: ${SIMULATOR_LIGHTER_KEY}", "    options:", f"      account_index: '{USER_ID}'"]


class Stack:
    """`config`: YAML lines of each exchange for `switchyard` (without `exchange:`), but for those
    that have their own in `own_config`; `orders`: of how orders are kept; `process`: of the
    process; `router_config`: of the router, without its backends. The journals are in
    `path / "journal"`."""

    def __init__(self, simulator_flags=(), config=(), router=True, exchanges=(SPOT, FUTURES),
                 orders=(), own_config=None, process=(), router_config=()):
        self.own_config = {LIGHTER: LIGHTER_CONFIG, **(own_config or {})}
        if LIGHTER in exchanges and not any("rate_limit_scale" in each for each in simulator_flags):
            simulator_flags = (*simulator_flags, f"--rate_limit_scale={LIGHTER_SCALE}")
        self.orders_config = orders
        self.process_config, self.router_config = process, router_config
        self.scratch = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.scratch.name)
        self.exchanges = exchanges
        self.processes = []
        try:
            self._start(simulator_flags, config, router)
        except BaseException:
            self.close()
            raise

    def _start(self, simulator_flags, config, router):
        endpoints = self.path / "endpoints.json"
        self.simulator = self._add(Process("simulator", f"--endpoints_file={endpoints}",
                                           *simulator_flags))
        wait_until(lambda: endpoints.exists() or self.simulator.child.poll() is not None, 20,
                   "the endpoints file")
        if not endpoints.exists():
            raise AssertionError("the simulator did not start:\n" + self.simulator.output())
        self.endpoints = json.loads(endpoints.read_text())
        self.faults = simulator_service_pb2_grpc.SimulatorServiceStub(
            channel_to(self.endpoints["simulator"]["grpc"]))
        lines = ["exchanges:"]
        for exchange in self.exchanges:
            lines += [f"  - exchange: {exchange}",
                      *(f"    {line}" for line in self.own_config.get(exchange, config))]
        lines += ["orders:", f"  journal_directory: {self.path / 'journal'}",
                  *(f"  {line}" for line in self.orders_config)]
        if self.process_config:
            lines += ["process:", *(f"  {line}" for line in self.process_config)]
        (self.path / "switchyard.yaml").write_text("\n".join(lines) + "\n")
        self.start_switchyard()
        self.router = self.router_address = None
        if router:
            self.start_router()

    def start_switchyard(self, listen="127.0.0.1:0", environment=None, prefix=()):
        """`prefix`: a program that runs it, with its arguments."""
        program, *arguments = [*prefix, BINARIES["switchyard"]]
        self.switchyard = self._add(Process(
            "switchyard", *map(str, arguments), f"--config={self.path / 'switchyard.yaml'}",
            f"--listen={listen}", "--metrics_listen=127.0.0.1:0",
            f"--endpoints_file={self.path / 'endpoints.json'}", program=program,
            environment=environment))
        match = self.switchyard.await_line(r"listening grpc=(\S+) metrics=(\S+)")
        self.address, self.metrics = match.group(1), match.group(2)

    def start_router(self):
        (self.path / "router.yaml").write_text("\n".join(self.router_config) + "\n")
        self.router = self._add(Process(
            "router", f"--config={self.path / 'router.yaml'}", "--listen=127.0.0.1:0",
            "--metrics_listen=127.0.0.1:0",
            *(f"--backend={exchange}={self.address}" for exchange in self.exchanges)))
        match = self.router.await_line(r"listening grpc=(\S+) metrics=(\S+)")
        self.router_address, self.router_metrics = match.group(1), match.group(2)

    def _add(self, process):
        self.processes.append(process)
        return process

    def close(self):
        for process in reversed(self.processes):
            process.stop()
        self.scratch.cleanup()

    # Calls.

    def market(self, routed=True):
        return market_data_service_pb2_grpc.MarketDataServiceStub(
            channel_to(self._address(routed)))

    def _address(self, routed):
        return self.router_address if routed and self.router else self.address

    def orders(self, routed=True):
        return order_service_pb2_grpc.OrderServiceStub(channel_to(self._address(routed)))

    def positions(self, routed=True):
        return position_service_pb2_grpc.PositionServiceStub(channel_to(self._address(routed)))

    def account(self, routed=True):
        return account_service_pb2_grpc.AccountServiceStub(channel_to(self._address(routed)))

    def client_orders(self, exchange, user_id=USER_ID):
        """The simulator's ledger of a client's orders."""
        return self._ledger(self.faults.ListClientOrders,
                            simulator.ListClientOrdersRequest(exchange=exchange, user_id=user_id),
                            "orders")

    def client_fills(self, exchange, user_id=USER_ID):
        return self._ledger(self.faults.ListClientFills,
                            simulator.ListClientFillsRequest(exchange=exchange, user_id=user_id),
                            "fills")

    @staticmethod
    def _ledger(call, request, field):
        found = []
        while True:
            page = call(request, timeout=10)
            found += getattr(page, field)
            request.page_token = page.next_page_token
            if not request.page_token:
                return found

    def status(self, routed=False):
        return status_service_pb2_grpc.StatusServiceStub(
            channel_to(self.router_address if routed else self.address))

    def router_service(self):
        return router_service_pb2_grpc.RouterServiceStub(channel_to(self.router_address))

    def fault(self, kind, exchange=SPOT, **fields):
        fault = simulator.Fault(kind=simulator.FaultKind.Value("FAULT_KIND_" + kind),
                                exchange=exchange, **fields)
        return self.faults.SetFault(simulator.SetFaultRequest(fault=fault), timeout=5).fault_id

    def strikes(self, fault_id):
        listed = self.faults.ListFaults(simulator.ListFaultsRequest(), timeout=5)
        return next(each.strikes for each in listed.faults if each.fault_id == fault_id)

    def clear(self, *fault_ids):
        self.faults.ClearFaults(simulator.ClearFaultsRequest(fault_ids=fault_ids), timeout=5)

    def flow(self, exchange="", symbol="", **fields):
        self.faults.SetFlow(simulator.SetFlowRequest(exchange=exchange, symbol=symbol, **fields),
                            timeout=5)

    def statistics(self, exchange=SPOT):
        answer = self.faults.GetStatistics(simulator.GetStatisticsRequest(exchange=exchange),
                                           timeout=5)
        return answer.statistics[0]

    def truth(self, exchange, simulated, depth):
        """The simulator's book in base units: ({price: quantity} bids, asks)."""
        book = self.faults.GetBook(simulator.GetBookRequest(exchange=exchange, symbol=simulated,
                                                            depth=depth), timeout=5)
        multiplier = Decimal(1)
        if exchange != SPOT:
            instrument = self.market(routed=False).GetInstrument(
                market.GetInstrumentRequest(exchange=exchange,
                                            symbol=symbol_of(exchange, simulated)), timeout=5)
            multiplier = Decimal(instrument.instrument.multiplier)
        # Gate.io's contracts are so much of the base currency; Lighter's prices are of a lot.
        lot = multiplier if exchange == LIGHTER else Decimal(1)
        return tuple({Decimal(level.price) / lot: Decimal(level.quantity) * multiplier
                      for level in side} for side in (book.bids, book.asks))

    def metric(self, pattern, address=None):
        """Sum of the samples of one exposition whose line matches."""
        import urllib.request
        with urllib.request.urlopen(f"http://{address or self.metrics}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if not line.startswith("#") and re.search(pattern, line))


def channel_to(address):
    return grpc.insecure_channel(address, options=CHANNEL_OPTIONS)


def wait_until(condition, timeout, what, every=0.02):
    """Polls what cannot notify. `what` is awaited, or tells it when it was in vain."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(
                f"waited {timeout} s in vain for {what() if callable(what) else what}")
        pause.wait(every)


class Book:
    """One book, kept by the contract's rules; every breach of them is noted."""

    def __init__(self, topic):
        self.topic, self.bids, self.asks = topic, {}, {}
        self.epoch = self.sequence = 0
        self.state = "waiting"  # "live", "stale" or "waiting"
        self.rest = False
        self.reasons = []  # of STALE events
        self.kinds = {"SNAPSHOT": 0, "DELTA": 0, "STALE": 0, "GAP": 0}
        self.breaches = []
        self.updated_at = 0.0
        self.stale_at = None
        self.stale_seconds = []  # from each STALE to the next SNAPSHOT

    def apply(self, event):
        kind = events_pb2.EventKind.Name(event.kind).removeprefix("EVENT_KIND_")
        self.kinds[kind] += 1
        if kind == "STALE":
            self.state = "stale"
            self.stale_at = self.stale_at or time.monotonic()
            self.reasons.append(
                values_pb2.StaleReason.Name(event.reason).removeprefix("STALE_REASON_"))
            return
        if kind == "SNAPSHOT":
            if self.state == "live" and event.epoch != self.epoch and not self.rest:
                self.breaches.append(f"{self.topic}: epoch changed without STALE")
            if self.stale_at:
                self.stale_seconds.append(time.monotonic() - self.stale_at)
                self.stale_at = None
            self.bids, self.asks, self.state = {}, {}, "live"
            self.rest = event.source == values_pb2.SOURCE_REST
        elif self.state != "live":
            self.breaches.append(f"{self.topic}: {kind} while {self.state}")
            return
        elif (event.epoch, event.sequence) != (self.epoch, self.sequence + 1):
            self.breaches.append(f"{self.topic}: {event.sequence} after {self.sequence}")
        levels = event.order_book
        change(self.bids, levels.bid_price_mantissas, levels.bid_quantity_mantissas, levels)
        change(self.asks, levels.ask_price_mantissas, levels.ask_quantity_mantissas, levels)
        self.epoch, self.sequence = event.epoch, event.sequence
        self.updated_at = time.monotonic()
        if self.bids and self.asks and max(self.bids) >= min(self.asks):
            self.breaches.append(f"{self.topic}: crossed at {max(self.bids)}")
        if max(len(self.bids), len(self.asks)) > event.depth:
            self.breaches.append(f"{self.topic}: deeper than {event.depth}")


def change(side, prices, quantities, levels):
    for price, quantity in zip(prices, quantities):
        price = Decimal(price).scaleb(levels.price_exponent)
        if quantity:
            side[price] = Decimal(quantity).scaleb(levels.quantity_exponent)
        else:
            side.pop(price, None)


class Reader:
    """One client stream, read on a thread of its own."""

    def __init__(self, stub, subscriptions, policy=0, heartbeat_ms=0, keep_events=True):
        self.changed = threading.Condition()
        self.books, self.events, self.heartbeats = {}, [], []
        self.acknowledgement = self.error = None
        self.ended = False
        self._keep = keep_events
        request = market.StreamMarketDataRequest(subscriptions=subscriptions,
                                                 slow_reader_policy=policy,
                                                 heartbeat_interval_ms=heartbeat_ms)
        self.opened_at = time.monotonic()
        self.call = stub.StreamMarketData(request)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for message in self.call:
                with self.changed:
                    self._take(message)
                    self.changed.notify_all()
        except grpc.RpcError as error:
            self.error = error
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def _take(self, message):
        if message.HasField("acknowledgement"):
            self.acknowledgement = message.acknowledgement
            self.acknowledged_at = time.monotonic()
        if message.HasField("heartbeat"):
            self.heartbeats.append((time.monotonic(), message.heartbeat))
        for event in message.events:
            if self._keep:
                self.events.append(event)
            if event.channel == events_pb2.CHANNEL_ORDER_BOOK:
                topic = (event.exchange, event.symbol)
                self.books.setdefault(topic, Book(topic)).apply(event)

    def wait(self, condition, timeout, what):
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self) or self.ended, timeout):
                raise AssertionError(f"waited {timeout} s in vain for {what}: {self.summary()}")
            if not condition(self):
                raise AssertionError(f"stream ended before {what}: {self.error}")

    def book(self, exchange, simulated):
        topic = (exchange, symbol_of(exchange, simulated))
        return self.books.setdefault(topic, Book(topic))

    def wait_live(self, exchange, simulated, timeout=10):
        self.wait(lambda _: self.book(exchange, simulated).state == "live", timeout,
                  f"a live book of {simulated}")

    def breaches(self):
        return [breach for book in self.books.values() for breach in book.breaches]

    def summary(self):
        return {topic[1]: (book.state, book.kinds, book.reasons[-3:])
                for topic, book in self.books.items()}

    def close(self):
        self.call.cancel()


def subscription(exchange, simulated, channel="ORDER_BOOK", depth=0, interval_seconds=0):
    return market.MarketDataSubscription(
        exchange=exchange, symbol=symbol_of(exchange, simulated),
        channel=events_pb2.Channel.Value("CHANNEL_" + channel), depth=depth,
        interval_seconds=interval_seconds)


def reason_of(error):
    """The reason in a call's google.rpc.ErrorInfo."""
    from google.rpc import error_details_pb2, status_pb2
    trailer = dict(tuple(error.trailing_metadata() or ())).get("grpc-status-details-bin", b"")
    info = error_details_pb2.ErrorInfo()
    for detail in status_pb2.Status.FromString(trailer).details:
        detail.Unpack(info)
    return info.reason


__all__ = [name for name in dir() if not name.startswith("_")]
