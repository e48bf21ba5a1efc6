"""R-38: memory, sockets and file descriptors stay as they are over a day's reconnects and resyncs.

SOAK_SECONDS (30 by default) of cutting every socket twice a second, private ones too, while frames
are lost: a day of the reports' cuts, one a minute, takes SOAK_SECONDS=720. R-34 with it: after all
of them the books are the true ones and the private streams are live."""

import os
import statistics
import threading
import unittest

from tests.integration.stack import *  # noqa: F403

SECONDS = int(os.environ.get("SOAK_SECONDS", "30"))
CUT_EVERY_SECONDS = 0.5
# Allocators and caches fill first; then so much growth is none.
WARM_UP_SECONDS = 20
LARGEST_GROWTH = 1.05
LOST_FRAMES_PER_MILLION = 10_000
# Kept REST connections come and go; one for each cut would be many more.
SPARE_DESCRIPTORS = 8
READY = {status.CONNECTION_STATE_READY, status.CONNECTION_STATE_IDLE}


class Soak(unittest.TestCase):
    def setUp(self):
        # Back before the next cut.
        quickly = "reconnect: {first_ms: 100, cap_ms: 100}"
        self.stack = Stack(["--updates_per_second=20", "--symbols=10"],
                           config=[quickly, *ACCOUNT_CONFIG])
        self.addCleanup(self.stack.close)
        self.processes = {"switchyard": self.stack.switchyard, "router": self.stack.router}
        self.readers = {}
        for exchange in (SPOT, FUTURES):
            listed = self.stack.market().ListInstruments(
                market.ListInstrumentsRequest(exchange=exchange), timeout=20).instruments
            symbols = [each.exchange_symbol for each in listed]
            reader = Reader(self.stack.market(), [subscription(exchange, each) for each in symbols],
                            keep_events=False)
            self.addCleanup(reader.close)
            for each in symbols:
                reader.wait_live(exchange, each, 20)
            self.readers[exchange] = (reader, symbols)

    def descriptors(self):
        return {name: len(os.listdir(f"/proc/{process.child.pid}/fd"))
                for name, process in self.processes.items()}

    def open_sockets(self):
        return {exchange: self.stack.statistics(exchange).open_sockets for exchange in self.readers}

    def all_connected(self):
        answer = self.stack.status().GetStatus(status.GetStatusRequest(), timeout=5)
        states = [connection.state for each in answer.statuses for connection in each.connections]
        return bool(states) and set(states) <= READY

    def cut_for(self, seconds):
        """Returns the resident sizes (KiB) by process, one before each cut."""
        sizes = {name: [] for name in self.processes}
        time_passes = threading.Event()
        for _ in range(int(seconds / CUT_EVERY_SECONDS)):
            for name, process in self.processes.items():
                sizes[name].append(process.resident_kib())
            for exchange in self.readers:
                self.stack.fault("CLOSE_SOCKETS", exchange)
            time_passes.wait(CUT_EVERY_SECONDS)
        return sizes

    def test_r38_reconnects_and_resyncs_leave_nothing_behind(self):
        wait_until(self.all_connected, 20, "all connections")
        sockets, descriptors = self.open_sockets(), self.descriptors()
        lost = {exchange: self.stack.fault("DROP", exchange, channel=BOOK_CHANNEL[exchange],
                                           per_million=LOST_FRAMES_PER_MILLION)
                for exchange in self.readers}
        self.cut_for(WARM_UP_SECONDS)
        sizes = self.cut_for(SECONDS)
        self.assertGreater(min(self.stack.strikes(fault) for fault in lost.values()), 0)
        self.stack.clear()
        cuts = int((WARM_UP_SECONDS + SECONDS) / CUT_EVERY_SECONDS)
        accepted = {exchange: self.stack.statistics(exchange).accepted_sockets
                    for exchange in self.readers}
        for exchange, count in accepted.items():
            self.assertGreater(count, cuts, exchange)
        wait_until(self.all_connected, 20, "all connections")
        wait_until(lambda: self.open_sockets() == sockets, 20, f"as many sockets as before: {sockets}")
        for name, count in self.descriptors().items():
            self.assertLessEqual(count, descriptors[name] + SPARE_DESCRIPTORS, name)
        for exchange, (reader, symbols) in self.readers.items():
            for each in symbols:
                reader.wait_live(exchange, each, 20)
        self.stack.flow(updates_per_second=0)
        for exchange, (reader, symbols) in self.readers.items():
            self.assertEqual(reader.breaches(), [])
            for each in symbols:
                truth = self.stack.truth(exchange, each, 10)
                book = reader.book(exchange, each)
                reader.wait(lambda _: book.state == "live" and (book.bids, book.asks) == truth, 10,
                            f"the true book of {each}")
        for name, samples in sizes.items():
            third = max(1, len(samples) // 3)
            first, last = (statistics.median(part) for part in (samples[:third], samples[-third:]))
            print(f"R-38: {name}: {first:.0f} KiB at first, {last:.0f} at last, "
                  f"sockets accepted {accepted}")
            self.assertLessEqual(last, first * LARGEST_GROWTH, name)


if __name__ == "__main__":
    unittest.main()
