"""The stack of docker/docker-compose.yml in containers, seen from outside: an order through the
router, every container killed and started again while a client streams, and what it all costs.
containers.sh starts this."""

import json
import os
import signal
import subprocess
import threading
import time
import unittest
import urllib.parse
import urllib.request

from tests.integration.stack import *  # noqa: F403
from tests.integration.stack import ROOT, Reader

PROJECT = "switchyardtest"
COMPOSE = ["docker-compose", "-p", PROJECT, "-f", str(ROOT / "docker/docker-compose.yml")]
ROUTER = "127.0.0.1:50051"
CERTIFICATES = ROOT / "docker/certificates"
IDLE_SECONDS = 20
# The measured processes; Prometheus is not ours.
COMPONENTS = ("market_data", "order", "position", "account")
SERVED = {SPOT: COMPONENTS, FUTURES: COMPONENTS, LIGHTER: ("market_data", "order", "account")}
SERVICES = [f"{exchange}_{component}" for exchange in SERVED for component in SERVED[exchange]]
PROCESSES = ["simulator", "router", *SERVICES]


def run(*command, timeout=120):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def container(process):
    return f"{PROJECT}_{process}_1"


def inspect(process):
    return json.loads(run("podman", "inspect", container(process)))[0]


def is_healthy(process):
    # Where systemd has no timer for it, nobody else asks.
    return subprocess.run(["podman", "healthcheck", "run", container(process)],
                          capture_output=True, timeout=30).returncode == 0


def router_serves_all():
    names = [f"{exchange}/{component}" for exchange in SERVED for component in SERVED[exchange]]
    return subprocess.run(["podman", "exec", container("router"), "yard", "health", *names,
                           "--router=127.0.0.1:50052"], capture_output=True).returncode == 0


class HealthTimer:
    """Asks every container for its health, as an engine's own timer would."""

    def __init__(self):
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._over.wait(0.5):
            names = subprocess.run(["podman", "ps", "--format", "{{.Names}}"], capture_output=True,
                                   text=True).stdout.split()
            for name in names:
                subprocess.run(["podman", "healthcheck", "run", name], capture_output=True)

    def stop(self):
        self._over.set()
        self._thread.join(60)


def prometheus(path, **parameters):
    url = f"http://127.0.0.1:9090/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]


def bitcoin(exchange):
    return symbol_of(exchange, market_of(exchange, "BTC"))


def to_router(name="client", folder=CERTIFICATES):
    """A channel to the router's published port. With `name`'s certificate, or none."""
    read = lambda file: (folder / name / file).read_bytes() if name else None
    credentials = grpc.ssl_channel_credentials((CERTIFICATES / "router/ca.crt").read_bytes(),
                                               read("tls.key"), read("tls.crt"))
    return grpc.secure_channel(ROUTER, credentials, options=CHANNEL_OPTIONS)


def subscription(exchange):
    return market.MarketDataSubscription(
        exchange=exchange, symbol=bitcoin(exchange), channel=events_pb2.CHANNEL_ORDER_BOOK)


class OrderLog:
    """Order events of an exchange, resumed where they ended whenever the stream is lost."""

    def __init__(self, exchange):
        self.exchange, self.rows, self.gaps = exchange, [], 0
        self.changed = threading.Condition()
        self._over = False
        self._position = None
        self._call = None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        stub = order_service_pb2_grpc.OrderServiceStub(to_router())
        while not self._over:
            try:
                self._call = stub.StreamOrderEvents(orders.StreamOrderEventsRequest(
                    exchange=self.exchange, account=ACCOUNT, resume_from=self._position),
                    wait_for_ready=True)
                for message in self._call:
                    with self.changed:
                        self._take(message.events)
                        self.changed.notify_all()
            except grpc.RpcError:
                threading.Event().wait(0.2)

    def _take(self, events):
        for event in events:
            self.gaps += event.WhichOneof("payload") == "gap"
            self.rows.append((event.epoch, event.sequence, event.order.ticket.client_order_id,
                              event.order.state))
            self._position = values_pb2.JournalPosition(epoch=event.epoch, sequence=event.sequence)

    def await_order(self, name, state):
        with self.changed:
            if not self.changed.wait_for(lambda: any(row[2:] == (name, state)
                                                     for row in self.rows), 30):
                raise AssertionError(f"{name} never became {state}: {self.rows[-5:]}")

    def close(self):
        self._over = True
        if self._call:
            self._call.cancel()


class Containers(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(run, *COMPOSE, "down", "-v", "-t", "15", timeout=300)
        timer = HealthTimer()
        cls.addClassCleanup(timer.stop)
        run(str(ROOT / "docker/make_certificates.sh"))
        begin = time.monotonic()
        run(*COMPOSE, "up", "-d", "--no-build", *PROCESSES, "prometheus", timeout=600)
        for process in PROCESSES:
            wait_until(lambda: is_healthy(process), 60, f"{process} to be healthy", every=0.5)
        wait_until(router_serves_all, 60, "the router to reach every service", every=0.5)
        print(f"the stack was healthy after {time.monotonic() - begin:.0f} s")
        cls.stub = order_service_pb2_grpc.OrderServiceStub(to_router())
        cls.market = market_data_service_pb2_grpc.MarketDataServiceStub(to_router())
        cls.names = iter(f"c{time.time_ns()}-{i}" for i in range(10**6))

    def place(self, exchange):
        book = self.market.GetOrderBook(market.GetOrderBookRequest(
            exchange=exchange, symbol=bitcoin(exchange), depth=1), timeout=10)
        bid = Decimal(book.order_book.bid_price_mantissas[0]).scaleb(
            book.order_book.price_exponent)
        name = next(self.names)
        return self.stub.PlaceOrder(orders.PlaceOrderRequest(
            exchange=exchange, account=ACCOUNT, ticket=order_pb2.OrderTicket(
                client_order_id=name, symbol=bitcoin(exchange),
                side=values_pb2.SIDE_BUY, type=order_pb2.ORDER_TYPE_LIMIT, quantity="0.001",
                price=format(bid * Decimal("0.97"), "f"),
                price_rounding=order_pb2.ROUNDING_DOWN)), timeout=10).order

    def cancel(self, exchange, order):
        return self.stub.CancelOrder(orders.CancelOrderRequest(
            exchange=exchange, account=ACCOUNT, request_id=next(self.names),
            order=orders.OrderKey(client_order_id=order.ticket.client_order_id)), timeout=10).order

    def test_1_an_order_from_outside_and_yard_inside(self):
        for exchange in SERVED:
            with self.subTest(exchange=exchange):
                placed = self.place(exchange)
                self.assertEqual(placed.state, order_pb2.ORDER_STATE_OPEN)
                self.assertEqual(self.cancel(exchange, placed).state,
                                 order_pb2.ORDER_STATE_CANCELED)
        told = json.loads(run("podman", "exec", container("router"), "yard", "exchanges", "--json"))
        self.assertEqual({each["exchange"]: [component["ready"] for component in each["components"]]
                          for each in told["exchanges"]},
                         {exchange: [True] * len(SERVED[exchange]) for exchange in SERVED})

    def test_2_what_is_shut_in(self):
        for process in PROCESSES:
            with self.subTest(process=process):
                told = inspect(process)
                self.assertTrue(told["HostConfig"]["ReadonlyRootfs"])
                self.assertIn(told["Config"]["User"], ("65532:65532", "65532"))
                self.assertEqual(told["EffectiveCaps"] or [], [])
                pid = told["State"]["Pid"]
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
                self.assertRegex(status, r"Uid:\t65532\t65532")
                self.assertRegex(status, r"CapEff:\t0+\n")
                self.assertRegex(status, r"NoNewPrivs:\t1")
                for shell in ("sh", "bash", "/bin/sh"):
                    refused = subprocess.run(
                        ["podman", "exec", container(process), shell, "-c", ""],
                        capture_output=True)
                    self.assertNotEqual(refused.returncode, 0)
        published = {bound["HostPort"]: bound["HostIp"] for process in (*PROCESSES, "prometheus")
                     for bounds in inspect(process)["HostConfig"]["PortBindings"].values()
                     for bound in bounds or ()}
        self.assertEqual(published, {"50051": "127.0.0.1", "9090": "127.0.0.1"})

    def test_2_who_has_no_certificate_of_the_stack_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            run(str(ROOT / "docker/make_certificates.sh"), folder)  # another authority's
            channels = {"no certificate": to_router(None),
                        "a foreign certificate": to_router("client", pathlib.Path(folder)),
                        "plaintext": grpc.insecure_channel(ROUTER)}
            for name, refused in channels.items():
                with self.subTest(client=name):
                    with self.assertRaises(grpc.RpcError) as error:
                        status_service_pb2_grpc.StatusServiceStub(refused).GetStatus(
                            status.GetStatusRequest(), timeout=5)
                    self.assertEqual(error.exception.code(), grpc.StatusCode.UNAVAILABLE)

    def test_3_prometheus_sees_every_process(self):
        def states():
            return {each["labels"]["instance"].split(":")[0]: each["health"]
                    for each in prometheus("targets")["activeTargets"]}
        wait_until(lambda: states() == dict.fromkeys(PROCESSES, "up"), 60, states, every=1)
        ready = prometheus("query", query="sum(switchyard_ready)")["result"]
        self.assertEqual(ready[0]["value"][1], str(len(SERVICES)))

    def test_4_what_it_costs(self):
        image = json.loads(run("podman", "image", "inspect", "switchyard:latest"))[0]
        pids = {process: inspect(process)["State"]["Pid"] for process in PROCESSES}
        before = {process: cpu_seconds(pid) for process, pid in pids.items()}
        begin = time.monotonic()
        threading.Event().wait(IDLE_SECONDS)  # what is measured is time
        passed = time.monotonic() - begin
        cost = {process: (resident_mb(pid), (cpu_seconds(pid) - before[process]) / passed * 100)
                for process, pid in pids.items()}
        print(f"\nimage: {image['Size'] / 1e6:.0f} MB")
        print("| process | start to ready, s | memory, MB | CPU, % |\n|---|---|---|---|")
        for process, (resident, cpu) in cost.items():
            print(f"| {process} | {self.start_seconds(process):.1f} | {resident:.0f} | {cpu:.1f} |")
            self.assertLess(resident, 200)

    def start_seconds(self, process):
        """From the order to start, to the first time that it says that it serves. Before that it
        ends by itself when asked to."""
        run("podman", "stop", "-t", "15", container(process))
        self.assertEqual(inspect(process)["State"]["ExitCode"], 0)
        begin = time.monotonic()
        run("podman", "start", container(process))
        wait_until(lambda: is_healthy(process), 60, f"{process} to be healthy", every=0.05)
        return time.monotonic() - begin

    def test_5_each_is_killed_and_comes_back(self):
        wait_until(router_serves_all, 60, "the router to reach every service", every=0.5)
        logs = {exchange: OrderLog(exchange) for exchange in SERVED}
        for log in logs.values():
            self.addCleanup(log.close)
        reader = self.read_books()
        self.addCleanup(lambda: reader.close())
        for exchange in SERVED:
            reader.wait_live(exchange, market_of(exchange, "BTC"), 30)
        kept = {exchange: self.place(exchange) for exchange in SERVED}
        for process in (*SERVICES, "simulator", "router"):
            with self.subTest(process=process):
                os.kill(inspect(process)["State"]["Pid"], signal.SIGKILL)
                wait_until(lambda: inspect(process)["RestartCount"] > 0 or
                           inspect(process)["State"]["Status"] != "running", 30, "its end")
                if inspect(process)["State"]["Status"] != "running":
                    run("podman", "start", container(process))
                wait_until(lambda: is_healthy(process), 60, f"{process} to be healthy", every=0.2)
                if process == "router":
                    wait_until(lambda: reader.ended, 20, "the end of the router's stream")
                    reader = self.read_books()
                for exchange in SERVED:
                    reader.wait_live(exchange, market_of(exchange, "BTC"), 60)
                self.assertEqual(reader.breaches(), [])
        for exchange, log in logs.items():
            self.check_log(exchange, log, kept[exchange])

    def read_books(self):
        return Reader(self.market, [subscription(each) for each in SERVED], keep_events=False)

    def check_log(self, exchange, log, kept):
        """Not one row is missing or told out of order, whatever was killed."""
        placed = []
        def works():
            try:
                placed.append(self.place(exchange))
                return True
            except grpc.RpcError:
                return False
        wait_until(works, 60, f"orders of {exchange} again", every=0.5)
        name = placed[0].ticket.client_order_id
        log.await_order(name, order_pb2.ORDER_STATE_OPEN)
        self.cancel(exchange, placed[0])
        log.await_order(name, order_pb2.ORDER_STATE_CANCELED)
        sequences = [row[:2] for row in log.rows]
        first = sequences[0]
        self.assertEqual(sequences, [(first[0], first[1] + i) for i in range(len(sequences))])
        self.assertEqual(log.gaps, 0)
        self.assertIn(kept.ticket.client_order_id, [row[2] for row in log.rows])


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


if __name__ == "__main__":
    unittest.main()
