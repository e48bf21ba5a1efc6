"""R-65, R-67: a client that is stopped by SIGSTOP costs the services no memory and its 99
neighbours no time, and is up to date again at once. R-72: a client that pings every 10 s is not
cut.

With --client ADDRESS SYMBOL... this file is the client that is stopped."""

import json
import pathlib
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.integration.stack import *  # noqa: E402,F403

NEIGHBOURS = 99
WATCH_SECONDS, STOPPED_SECONDS = 8, 15
SYMBOLS = 20
# Changes a second and symbol, each a frame. The 99 read slower symbols, for they are 99.
STEPS, NEIGHBOUR_STEPS = 150, 10
DEPTH = 50
# Of each process. What is withheld from the stopped client would be more.
MOST_GROWTH_KIB = 1536
MOST_DISCARDED_BYTES = 1024 * 1024
FRESH_NS = 10**9
LATE_MS = 1000  # above what a busy machine does by itself
PINGING_SECONDS = 45  # four pings: a server that minds them says GOAWAY at the third
PING_OPTIONS = [("grpc.keepalive_time_ms", 10_000), ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.max_pings_without_data", 0), ("grpc.use_local_subchannel_pool", 1)]
READY = grpc.ChannelConnectivity.READY


class StoppedClient:
    """Reads books; on a line of standard input, the time at which it was told to go on, it starts
    to judge how old they are, and ends when each is fresh."""

    def __init__(self, address, symbols):
        stub = market_data_service_pb2_grpc.MarketDataServiceStub(channel_to(address))
        wanted = [subscription(exchange, each, depth=DEPTH) for exchange in (SPOT, FUTURES)
                  for each in symbols]
        self.topics = {(each.exchange, each.symbol) for each in wanted}
        self.call = stub.StreamMarketData(market.StreamMarketDataRequest(subscriptions=wanted))
        self.newest = {}  # when what is known of each topic was published
        self.events = self.bytes = self.old_bytes = 0
        self.resumed_ns = None
        self.fresh = {}  # how long after that each topic was less than FRESH_NS old

    def run(self):
        threading.Thread(target=self._listen, daemon=True).start()
        waiting = True
        for message in self.call:
            self._take(message, time.time_ns())
            if waiting and self.newest.keys() == self.topics:
                waiting = False
                print("reading", flush=True)
            if self.fresh.keys() == self.topics:
                break
        print(json.dumps({"old_bytes": self.old_bytes, "mean_bytes": self.bytes / self.events,
                          "fresh_after_ms": max(self.fresh.values()) / 1e6}), flush=True)

    def _listen(self):
        self.resumed_ns = int(sys.stdin.readline())

    def _take(self, message, now):
        for event in message.events:
            topic = (event.exchange, event.symbol)
            if event.kind == events_pb2.EVENT_KIND_DELTA:
                self.events, self.bytes = self.events + 1, self.bytes + event.ByteSize()
            self.newest[topic] = event.publish_time_ns
            if self.resumed_ns is None:
                continue
            if event.publish_time_ns < self.resumed_ns:
                self.old_bytes += event.ByteSize()
            if now - event.publish_time_ns < FRESH_NS:
                self.fresh.setdefault(topic, now - self.resumed_ns)


class SlowReader(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack([f"--updates_per_second={STEPS}", f"--symbols={SYMBOLS}",
                           "--push_every_change"])
        cls.addClassCleanup(cls.stack.close)
        listed = cls.stack.market().ListInstruments(
            market.ListInstrumentsRequest(exchange=SPOT), timeout=20).instruments
        symbols = [each.exchange_symbol for each in listed]
        futures = [each.exchange_symbol for each in cls.stack.market().ListInstruments(
            market.ListInstrumentsRequest(exchange=FUTURES), timeout=20).instruments]
        cls.neighbour_symbols = symbols[:3]
        cls.stopped_symbols = [each for each in symbols if each in futures][3:]
        for each in cls.neighbour_symbols:
            cls.stack.flow(SPOT, each, updates_per_second=NEIGHBOUR_STEPS)
        cls._start_pinging()

    @classmethod
    def _start_pinging(cls):
        """One channel a process, kept beside everything else that this file does."""
        cls.pinging, cls.seen = {}, {}
        for name, address in (("switchyard", cls.stack.address),
                              ("router", cls.stack.router_address)):
            channel = grpc.insecure_channel(address, options=PING_OPTIONS)
            cls.addClassCleanup(channel.close)
            grpc.channel_ready_future(channel).result(10)
            cls.pinging[name], cls.seen[name] = channel, []
            channel.subscribe(cls.seen[name].append)
        cls.pinging_since = time.monotonic()

    def neighbours(self, address, seconds):
        names = ",".join(symbol_of(SPOT, each) for each in self.neighbour_symbols)
        process = Process("contract_client", f"--target={address}", f"--exchange={SPOT}",
                          f"--symbols={names}", f"--seconds={seconds}", f"--clients={NEIGHBOURS}",
                          "--json")
        self.addCleanup(process.stop, signal.SIGKILL)
        return process

    def latency(self, process):
        """(p99 in milliseconds, events) of 99 clients that kept the contract."""
        report = json.loads(process.await_line(r"^(\{.*\})$", 120).group(1))
        self.assertTrue(report["ok"], report)
        self.assertEqual(report["streams_opened"], NEIGHBOURS, report["lost_streams"])
        symbols = report["symbols"].values()
        self.assertEqual(sum(each["stales"] for each in symbols), 0)
        return (max(each["latency"]["p99_us"] for each in symbols) / 1e3,
                sum(each["deltas"] for each in symbols))

    def start_stopped_client(self, address):
        client = Process("stopped client", __file__, "--client", address, *self.stopped_symbols,
                         program=sys.executable, stdin=subprocess.PIPE)
        self.addCleanup(client.child.stdin.close)
        self.addCleanup(client.stop, signal.SIGKILL)
        client.await_line("^reading", 30)
        return client

    def resident(self):
        return {each.name: each.resident_kib()
                for each in (self.stack.switchyard, self.stack.router)}

    def check(self, name, address):
        alone, events = self.latency(self.neighbours(address, WATCH_SECONDS))
        self.assertGreater(events, 0)
        client = self.start_stopped_client(address)
        beside = self.neighbours(address, STOPPED_SECONDS - 3)
        wait_until(lambda: self.stack.metric("^switchyard_streams_open") >= NEIGHBOURS, 20,
                   "all neighbours")
        conflated = self.stack.metric("^switchyard_stream_conflated_events_total")
        client.child.send_signal(signal.SIGSTOP)
        stat = pathlib.Path(f"/proc/{client.child.pid}/stat")
        wait_until(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "T", 5, "the stop")
        # The first second fills the client's windows, which is all that it may cost.
        time_passes = threading.Event()
        time_passes.wait(1)
        before = self.resident()
        time_passes.wait(STOPPED_SECONDS - 1)
        after = self.resident()
        withheld = self.stack.metric("^switchyard_stream_conflated_events_total") - conflated
        disturbed, _ = self.latency(beside)

        resumed_ns = time.time_ns()
        client.child.stdin.write(f"{resumed_ns}\n")
        client.child.stdin.flush()
        client.child.send_signal(signal.SIGCONT)
        result = json.loads(client.await_line(r"^(\{.*\})$", 20).group(1))

        growth = {each: after[each] - before[each] for each in after}
        withheld_kib = withheld * result["mean_bytes"] / 1024
        print(f"R-65, R-67: {name}: p99 of {NEIGHBOURS} clients {alone:.1f} ms alone, "
              f"{disturbed:.1f} ms beside a stopped one; growth in {STOPPED_SECONDS - 1} s "
              f"{growth} KiB of {before}; {withheld:.0f} events of about {withheld_kib:.0f} KiB "
              f"withheld; after SIGCONT {result['old_bytes']} bytes discarded, every book fresh "
              f"after {result['fresh_after_ms']:.0f} ms")
        for each in growth.values():
            self.assertLess(each, MOST_GROWTH_KIB)
        self.assertGreater(withheld_kib, MOST_GROWTH_KIB)
        # A neighbour that waited for the stopped client would wait for many seconds.
        self.assertLess(disturbed, max(3 * alone, LATE_MS))
        self.assertLess(result["old_bytes"], MOST_DISCARDED_BYTES)
        self.assertLess(result["fresh_after_ms"], 1000)

    def test_r65_r67_a_stopped_client_of_the_service_costs_nobody_anything(self):
        self.check("switchyard", self.stack.address)

    def test_r65_r67_a_stopped_client_of_the_router_costs_nobody_anything(self):
        self.check("router", self.stack.router_address)

    def test_r72_a_client_that_pings_every_10_s_without_calls_is_not_cut(self):
        wait_until(lambda: time.monotonic() - self.pinging_since > PINGING_SECONDS,
                   PINGING_SECONDS + 5, "four pings", every=0.5)
        for name, channel in self.pinging.items():
            self.assertEqual(set(self.seen[name]), {READY}, name)
            answer = status_service_pb2_grpc.StatusServiceStub(channel).GetCapabilities(
                status.GetCapabilitiesRequest(), timeout=5)
            self.assertEqual(len(answer.capabilities), 2)
            self.assertEqual(set(self.seen[name]), {READY}, name)
        print(f"R-72: {time.monotonic() - self.pinging_since:.0f} s of pings, "
              f"{ {name: [each.name for each in states] for name, states in self.seen.items()} }")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--client"]:
        StoppedClient(sys.argv[2], sys.argv[3:]).run()
    else:
        unittest.main()
