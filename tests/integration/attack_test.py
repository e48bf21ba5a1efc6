"""The stack under attack: everything goes wrong, then nothing does. Without a restart by hand all
must be as it was, books must never have lied, and no process may have crashed."""

import random
import re
import signal
import threading
import time
import unittest

from tests.integration.stack import *  # noqa: F403

MAJORS = ["BTC_USDT", "ETH_USDT", "SOL_USDT"]
EXCHANGES = (SPOT, FUTURES)
ATTACK_SECONDS = 30
SEED = 20_240_607
# What a crash leaves behind.
CRASH = re.compile(r"Sanitizer|runtime error|SUMMARY:|terminate called|Assertion|Check failed|"
                   r"Segmentation|stack smashing|core dumped|pure virtual|ABORT", re.IGNORECASE)
FRAME_FAULTS = ("DROP", "DUPLICATE", "REORDER", "DELAY", "SKIP_SEQUENCE", "RESTART_SEQUENCE",
                "CROSS_BOOK", "MUTE", "MALFORMED_FRAME", "UNKNOWN_FRAME", "ACKNOWLEDGE_ONLY",
                "REJECT_SUBSCRIPTION")
OTHER_FAULTS = ("CLOSE_SOCKETS", "HTTP_STATUS", "HTML_PAGE", "HANG_CONNECTIONS",
                "REFUSE_CONNECTIONS", "SHIFT_CLOCK")


class Case(unittest.TestCase):
    config = ()

    def setUp(self):
        self.stack = Stack(("--updates_per_second=20",), self.config)
        self.addCleanup(self.stack.close)
        self.readers = []

    def read(self, routed=True, channels=("ORDER_BOOK",), **options):
        reader = Reader(self.stack.market(routed), [
            subscription(exchange, each, channel) for exchange in EXCHANGES for each in MAJORS
            for channel in channels], keep_events=False, **options)
        self.addCleanup(reader.close)
        self.readers.append(reader)
        return reader

    def wait_live(self, reader, timeout=15):
        """Every book is live from the exchange's own stream and moves."""
        books = [reader.book(exchange, each) for exchange in EXCHANGES for each in MAJORS]
        reader.wait(lambda _: all(each.state == "live" and not each.rest for each in books),
                    timeout, "live books")
        deltas = [each.kinds["DELTA"] for each in books]
        reader.wait(lambda _: all(each.state == "live" and each.kinds["DELTA"] > before
                                  for each, before in zip(books, deltas)), timeout, "deltas")

    def check_recovered(self, timeout=30):
        """All is as it was: books live and true, reads answer, nobody crashed."""
        self.stack.clear()
        for reader in self.readers:
            self.wait_live(reader, timeout)
        for exchange in EXCHANGES:
            wait_until(lambda: self.answers(exchange), timeout, f"reads of {exchange}")
            wait_until(lambda: self.ready(exchange), timeout, f"{exchange} to be ready")
        self.stack.flow(updates_per_second=0)
        for reader in self.readers:
            for exchange in EXCHANGES:
                for each in MAJORS:
                    wait_until(lambda: self.is_true(reader, exchange, each), 15,
                               f"the true book of {each} ({reader.summary()})")
            self.assertEqual(reader.breaches(), [])
            self.assertIsNone(reader.error)
        self.check_processes()

    def is_true(self, reader, exchange, simulated):
        truth = self.stack.truth(exchange, simulated, 10)
        with reader.changed:
            book = reader.book(exchange, simulated)
            return book.state == "live" and (book.bids, book.asks) == truth

    def answers(self, exchange, timeout=10):
        try:
            self.stack.market().GetTicker(market.GetTickerRequest(
                exchange=exchange, symbol=symbol_of(exchange, "BTC_USDT")), timeout=timeout)
            return True
        except grpc.RpcError as error:
            # A clear refusal within the time, whatever happens.
            self.assertIn(error.code(), (grpc.StatusCode.UNAVAILABLE,
                                         grpc.StatusCode.RESOURCE_EXHAUSTED,
                                         grpc.StatusCode.INTERNAL,
                                         grpc.StatusCode.PERMISSION_DENIED,
                                         grpc.StatusCode.INVALID_ARGUMENT), error.details())
            self.assertNotEqual(error.details(), "")
            return False

    def ready(self, exchange):
        told = self.stack.status(routed=True).GetStatus(status.GetStatusRequest(exchange=exchange),
                                                        timeout=5)
        return all(each.ready for each in told.statuses) and not told.errors

    def refusal(self, exchange=SPOT):
        with self.assertRaises(grpc.RpcError) as refused:
            self.stack.market().GetTicker(market.GetTickerRequest(
                exchange=exchange, symbol=symbol_of(exchange, "BTC_USDT")), timeout=15)
        return refused.exception.code(), reason_of(refused.exception)

    def check_processes(self):
        for process in (self.stack.simulator, self.stack.switchyard, self.stack.router):
            self.assertIsNone(process.child.poll(), process.output())
            self.assertEqual([each for each in process.lines if CRASH.search(each)], [])


class Faults(Case):
    def test_thirty_seconds_of_random_faults(self):
        choose = random.Random(SEED)
        for routed in (True, False):
            self.read(routed, channels=("ORDER_BOOK", "TRADES", "TICKER", "BEST_BID_OFFER"),
                      policy=values_pb2.SLOW_READER_POLICY_CONFLATE)
        for reader in self.readers:
            self.wait_live(reader)
        over = threading.Event()
        asked = []

        def ask():
            while not over.is_set():
                asked.append(self.answers(EXCHANGES[len(asked) % 2], 30))

        asker = threading.Thread(target=ask, daemon=True)
        asker.start()
        deck, set_kinds = [], set()
        end = time.monotonic() + ATTACK_SECONDS
        while time.monotonic() < end:
            if not deck:  # every kind comes, in any order
                deck = [*FRAME_FAULTS, *FRAME_FAULTS, *OTHER_FAULTS]
                choose.shuffle(deck)
            set_kinds.add(deck[-1])
            self.strike(choose, deck.pop())
            # The pace of the attack, not a wait for anything.
            over.wait(0.25)
        over.set()
        asker.join(60)
        self.assertFalse(asker.is_alive(), "a read hangs")
        self.assertGreater(len(asked), 20)
        self.assertEqual(set_kinds, {*FRAME_FAULTS, *OTHER_FAULTS})
        self.check_recovered(40)

    def strike(self, choose, kind):
        """Sets a fault for a random while; most strike one symbol, some everything."""
        frame = kind in FRAME_FAULTS
        exchange = choose.choice(EXCHANGES)
        fields = {"duration_ms": choose.randrange(200, 1500), "seed": choose.randrange(1, 2**32)}
        if frame:
            fields |= {"channel": BOOK_CHANNEL[exchange], "symbol": choose.choice(MAJORS),
                       "per_million": choose.choice((0, 300_000)),
                       "amount": choose.randrange(1, 5), "delay_ms": choose.randrange(1, 400)}
        elif kind == "CLOSE_SOCKETS":
            fields = {"close_code": choose.choice((0, 1001, 1011))}
        elif kind in ("HTTP_STATUS", "HTML_PAGE"):
            fields |= {"http_status": choose.choice((400, 418, 429, 500, 502, 503)),
                       "amount": choose.choice((1, 5_000, 200_000))}
        elif kind == "SHIFT_CLOCK":
            fields["amount"] = choose.choice((-10_000, 10_000))
        self.stack.fault(kind, exchange, **fields)


class Connections(Case):
    def test_cut_sockets_five_times_in_a_row(self):
        reader = self.read()
        self.wait_live(reader)
        for code in (0, 1000, 1001, 1011, 0):
            self.wait_live(reader)
            stale = {exchange: reader.book(exchange, "BTC_USDT").kinds["STALE"]
                     for exchange in EXCHANGES}
            for exchange in EXCHANGES:
                self.stack.fault("CLOSE_SOCKETS", exchange, close_code=code)
            reader.wait(lambda _: all(reader.book(exchange, "BTC_USDT").kinds["STALE"] > before
                                      for exchange, before in stale.items()), 15, "STALE")
        self.check_recovered()

    def test_hanging_connections_are_given_up(self):
        reader = self.read()
        self.wait_live(reader)
        self.stack.fault("HANG_CONNECTIONS")
        for exchange in EXCHANGES:
            self.stack.fault("CLOSE_SOCKETS", exchange)
        book = reader.book(SPOT, "BTC_USDT")
        reader.wait(lambda _: book.state == "stale", 10, "STALE")
        self.check_recovered()

    def test_refused_connections_are_tried_again(self):
        reader = self.read()
        self.wait_live(reader)
        refuse = self.stack.fault("REFUSE_CONNECTIONS")
        for exchange in EXCHANGES:
            self.stack.fault("CLOSE_SOCKETS", exchange)
        book = reader.book(SPOT, "BTC_USDT")
        reader.wait(lambda _: book.state == "stale", 10, "STALE")
        told = lambda: self.stack.status().GetStatus(
            status.GetStatusRequest(exchange=SPOT), timeout=5).statuses
        host = self.stack.endpoints[SPOT]["host"]
        wait_until(lambda: any(host in connection.last_error for each in told()
                               for connection in each.connections), 10, "why, in the status")
        self.stack.clear(refuse)
        self.check_recovered()


class Clocks(Case):
    config = ("instrument_refresh_seconds: 1",)  # the clock is measured as often

    def test_a_clock_ten_seconds_off_is_measured_and_harmless(self):
        reader = self.read()
        self.wait_live(reader)
        offset = lambda: next(each.clock_offset_ns for each in self.stack.status().GetStatus(
            status.GetStatusRequest(exchange=SPOT), timeout=5).statuses
            if each.component == "market_data")
        for amount in (10_000, -10_000):
            shift = self.stack.fault("SHIFT_CLOCK", amount=amount)
            wanted = amount * 1_000_000
            wait_until(lambda: self.answers(SPOT) and abs(offset() - wanted) < 2_000_000_000, 15,
                       f"an offset of {amount} ms", every=0.2)
            self.wait_live(reader)
            self.assertEqual([reader.book(SPOT, each).reasons for each in MAJORS], [[]] * 3)
            self.stack.clear(shift)
        wait_until(lambda: self.answers(SPOT) and abs(offset()) < 2_000_000_000, 15, "no offset",
                   every=0.2)
        self.check_recovered()


class Limits(Case):
    def test_429_is_obeyed_and_told(self):
        reader = self.read()
        self.wait_live(reader)
        self.assertTrue(self.answers(SPOT))
        fault = self.stack.fault("HTTP_STATUS", http_status=429, retry_after_seconds=3)
        self.assertEqual(self.refusal(), (grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED"))
        begin = time.monotonic()
        struck = self.stack.strikes(fault)
        # Who asks meanwhile is refused here; the exchange hears of none of it.
        for _ in range(20):
            self.assertEqual(self.refusal(), (grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED"))
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(self.stack.strikes(fault), struck)
        left = [limit for each in self.stack.status().GetStatus(
            status.GetStatusRequest(exchange=SPOT), timeout=5).statuses for limit in each.limits
            if "tickers" in limit.name]
        self.assertEqual([each.remaining for each in left], [0])
        self.stack.clear(fault)
        # The exchange's own headers say when the window of 10 s is over; they win.
        wait_until(lambda: self.answers(SPOT), 15, "an answer", every=0.2)
        self.assertGreater(time.monotonic() - begin, 2)
        self.check_recovered()

    def test_418_is_told_and_touches_no_other_exchange(self):
        reader = self.read()
        self.wait_live(reader)
        fault = self.stack.fault("HTTP_STATUS", http_status=418, retry_after_seconds=2)
        # Nothing that this exchange documents: the label that comes with it counts.
        self.assertEqual(self.refusal(), (grpc.StatusCode.PERMISSION_DENIED, "KEY_PERMISSION"))
        self.assertTrue(self.answers(FUTURES))
        self.stack.clear(fault)
        self.check_recovered()


class Restarts(Case):
    def test_a_router_restarted_in_the_middle(self):
        direct = self.read(routed=False)
        lost = Reader(self.stack.market(), [subscription(SPOT, "BTC_USDT")])
        lost.wait_live(SPOT, "BTC_USDT")
        self.wait_live(direct)
        self.assertEqual(self.stack.router.stop(signal.SIGKILL), -signal.SIGKILL)
        lost.wait(lambda _: lost.ended, 5, "the end")
        self.assertEqual(lost.error.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(direct.book(SPOT, "BTC_USDT").reasons, [])
        self.stack.start_router()
        self.read()
        self.check_recovered()

    def test_a_backend_killed_three_times(self):
        reader = self.read()
        for _ in range(3):
            self.wait_live(reader, 20)
            seen = [len(reader.book(each, "BTC_USDT").reasons) for each in EXCHANGES]
            self.stack.switchyard.stop(signal.SIGKILL)
            reader.wait(lambda _: all("BACKEND_LOST" in reader.book(each, "BTC_USDT").reasons[old:]
                                      for each, old in zip(EXCHANGES, seen)), 10, "BACKEND_LOST")
            self.stack.start_switchyard(listen=self.stack.address)
        self.check_recovered()

    def test_a_backend_ended_in_order(self):
        reader = self.read()
        self.wait_live(reader)
        self.assertEqual(self.stack.switchyard.stop(), 0)
        book = reader.book(SPOT, "BTC_USDT")
        reader.wait(lambda _: book.state == "stale", 10, "STALE")
        self.stack.start_switchyard(listen=self.stack.address)
        self.check_recovered()


if __name__ == "__main__":
    unittest.main()
