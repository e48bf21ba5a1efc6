"""R-10: after a long run of lost, doubled and swapped frames and cut sockets, every client's book
is the exchange's.

The long run takes TRUTH_SECONDS (60 by default; fewer while working on it)."""

import json
import os
import signal
import statistics
import threading
import unittest

from tests.integration.stack import *  # noqa: F403

SECONDS = int(os.environ.get("TRUTH_SECONDS", "60"))
SYMBOLS = 20
CLIENTS = 3
# One frame in a hundred is struck, by one of three faults; of Lighter one in a thousand: mending a
# book takes two of the 200 messages that it lets an address send in a minute.
FAULTS_PER_MILLION = {"DROP": 3_334, "DUPLICATE": 3_333, "REORDER": 3_333}
FEWER_FAULTS = {SPOT: 1, FUTURES: 1, LIGHTER: 10}
CUT_EVERY_SECONDS = {SPOT: 5, FUTURES: 5, LIGHTER: 20}


class Truth(unittest.TestCase):
    """A fresh set of processes a test; all exchanges at once, through the router."""

    def setUp(self):
        self.stack = Stack(["--updates_per_second=20", f"--symbols={SYMBOLS}"], exchanges=EVERY)
        self.addCleanup(self.stack.close)
        self.symbols = {}
        for exchange in EVERY:
            listed = self.stack.market().ListInstruments(
                market.ListInstrumentsRequest(exchange=exchange), timeout=20).instruments
            self.symbols[exchange] = [each.exchange_symbol for each in listed]
            self.assertEqual(len(listed), SYMBOLS)
        self.checkers = {}

    def read(self, exchange):
        reader = Reader(self.stack.market(),
                        [subscription(exchange, each) for each in self.symbols[exchange]],
                        keep_events=False)
        self.addCleanup(reader.close)
        for each in self.symbols[exchange]:
            reader.wait_live(exchange, each, 20)
        return reader

    def start_checkers(self):
        """Clients that check every event by the contract and compare with the truth at the end."""
        for exchange, symbols in self.symbols.items():
            names = ",".join(symbol_of(exchange, each) for each in symbols)
            checker = Process("contract_client", f"--target={self.stack.router_address}",
                              f"--exchange={exchange}", f"--symbols={names}", "--seconds=3600",
                              f"--simulator={self.stack.endpoints['simulator']['grpc']}",
                              f"--clients={CLIENTS}", "--json")
            self.addCleanup(checker.stop, signal.SIGKILL)
            self.checkers[exchange] = checker

    def reports(self):
        """Stops the flow; each checker compares and says what it saw."""
        for checker in self.checkers.values():
            checker.child.send_signal(signal.SIGINT)
        found = {}
        for exchange, checker in self.checkers.items():
            found[exchange] = json.loads(checker.await_line(r"^(\{.*\})$", 40).group(1))
            report = found[exchange]
            self.assertEqual((report["failures"], report["violations"]), ([], []), exchange)
            self.assertTrue(report["ok"])
            self.assertEqual({each["truth"] for each in report["symbols"].values()}, {"equal"})
        return found

    def await_news(self, readers):
        """Every book is live and has moved since now: no frame's loss is still to be found out."""
        for exchange, reader in readers.items():
            books = [reader.book(exchange, each) for each in self.symbols[exchange]]
            seen = [each.kinds["DELTA"] for each in books]
            reader.wait(lambda _: all(each.state == "live" and each.kinds["DELTA"] > before
                                      for each, before in zip(books, seen)), 20,
                        "news of all books")

    def check_equal(self, readers):
        for exchange, reader in readers.items():
            for each in self.symbols[exchange]:
                truth = self.stack.truth(exchange, each, 10)
                book = reader.book(exchange, each)
                reader.wait(lambda _: book.state == "live" and (book.bids, book.asks) == truth, 10,
                            f"the true book of {each}")

    def test_r10_after_a_storm_of_faults_every_book_is_the_true_one(self):
        readers = {each: self.read(each) for each in self.symbols}
        self.start_checkers()
        faults = {(exchange, kind): self.stack.fault(
            kind, exchange, channel=BOOK_CHANNEL[exchange],
            per_million=rate // FEWER_FAULTS[exchange], seed=seed)
            for exchange in self.symbols
            for seed, (kind, rate) in enumerate(FAULTS_PER_MILLION.items(), 1)}
        time_passes = threading.Event()
        step = min(CUT_EVERY_SECONDS.values())
        for passed in range(step, max(step, SECONDS) + 1, step):
            time_passes.wait(step)
            for exchange in self.symbols:
                if passed % CUT_EVERY_SECONDS[exchange] == 0:
                    self.stack.fault("CLOSE_SOCKETS", exchange)
        strikes = {key: self.stack.strikes(fault) for key, fault in faults.items()}
        self.stack.clear()
        self.await_news(readers)
        reports = self.reports()
        self.check_equal(readers)

        print(f"R-10: {SECONDS} s, {SYMBOLS} symbols each, strikes "
              f"{ {'/'.join(key): count for key, count in strikes.items()} }")
        for exchange, reader in readers.items():
            self.assertEqual(reader.breaches(), [])
            stale = sorted(seconds for book in reader.books.values()
                           for seconds in book.stale_seconds)
            reasons = [reason for book in reader.books.values() for reason in book.reasons]
            counts = {each: reasons.count(each) for each in sorted(set(reasons))}
            median = statistics.median(stale)
            print(f"R-10: {exchange}: STALE {len(stale)} times, median {median * 1e3:.0f} ms, "
                  f"p99 {stale[len(stale) * 99 // 100] * 1e3:.0f} ms, "
                  f"longest {stale[-1] * 1e3:.0f} ms, {counts}")
            self.assertGreater(counts["SEQUENCE_GAP"], 0)
            self.assertGreater(counts["DISCONNECTED"], 0)
            self.assertLessEqual(median, 0.5)
            self.assertEqual(reports[exchange]["streams_opened"], CLIENTS,
                             reports[exchange]["lost_streams"])

    def test_r10_only_the_symbol_that_lost_a_frame_is_read_anew(self):
        readers = {each: self.read(each) for each in self.symbols}
        victims = {each: self.symbols[each][SYMBOLS // 2] for each in self.symbols}
        for exchange, victim in victims.items():
            self.stack.fault("DROP", exchange, channel=BOOK_CHANNEL[exchange], symbol=victim,
                             count=1)
        for exchange, victim in victims.items():
            book = readers[exchange].book(exchange, victim)
            readers[exchange].wait(lambda _: book.kinds["STALE"] == 1 and book.state == "live", 10,
                                   "a resync")
        self.await_news(readers)
        self.stack.flow(updates_per_second=0)
        self.check_equal(readers)
        for exchange, reader in readers.items():
            self.assertEqual(reader.breaches(), [])
            for each in self.symbols[exchange]:
                book = reader.book(exchange, each)
                if each != victims[exchange]:
                    self.assertEqual({**book.kinds, "DELTA": 0},
                                     {"SNAPSHOT": 1, "DELTA": 0, "STALE": 0, "GAP": 0}, each)
                self.check_position(exchange, each)
            # Every frame that was sent has been taken: none was lost to the resync of one symbol.
            sent = self.stack.statistics(exchange).frames_sent
            taken = self.stack.metric(
                rf'^switchyard_exchange_messages_total.*"{exchange}",kind="order_book"')
            self.assertEqual(taken, sent, exchange)

    def check_position(self, exchange, simulated):
        """The service stands at the exchange's own sequence."""
        true = self.stack.faults.GetBook(simulator.GetBookRequest(
            exchange=exchange, symbol=simulated, depth=1), timeout=5).sequence
        read = self.stack.market().GetOrderBook(market.GetOrderBookRequest(
            exchange=exchange, symbol=symbol_of(exchange, simulated),
            allowed_sources=[values_pb2.SOURCE_WEBSOCKET]), timeout=5)
        self.assertEqual(read.order_book.exchange_sequence, true, simulated)

    def test_r10_without_faults_nothing_is_stale_and_nearly_all_is_deltas(self):
        self.stack.flow(updates_per_second=60)  # a snapshot is to be one event of very many
        self.start_checkers()
        readers = {each: self.read(each) for each in self.symbols}
        threading.Event().wait(20)
        self.await_news(readers)
        for exchange, report in self.reports().items():
            total = {kind: sum(each[kind] for each in report["symbols"].values())
                     for kind in ("snapshots", "deltas", "stales")}
            share = total["deltas"] / (total["deltas"] + total["snapshots"])
            print(f"R-10: {exchange} without faults: {total}, {share:.2%} deltas")
            self.assertEqual(total["stales"], 0)
            self.assertGreaterEqual(share, 0.99)
        self.check_equal(readers)
        self.assertEqual([each.breaches() for each in readers.values()], [[]] * len(readers))


if __name__ == "__main__":
    unittest.main()
