"""The cases of public reliability reports (R-nn) that concern market data, against the real
processes: what a client of the router sees while the simulated exchange misbehaves.

Where each is tested; without a file, here, by a test of its number:
R-01, R-02, R-03, R-04, R-05, R-07, R-09.
R-06  tests/exchanges/gateio: public_frames_golden_test.cc, rest_golden_test.cc,
      account/account_golden_test.cc, order/order_reports_golden_test.cc; tests/exchanges/lighter:
      public_frames_test.cc, rest_market_data_test.cc: every captured sample.
      Recorded traffic through the real processes: replay_test.py.
R-10  truth_test.py.
R-11, R-12, R-14, R-15.
R-17  Does not apply: neither exchange sends a checksum with its books. What would break one is found
      by the ids of its updates (R-01) and by a crossed book (R-07).
R-18, R-19, R-20, R-21, R-23.
R-25  Here the paced resubscription; the rollover before a cut by age: lane_pool_test.cc and
      socket_session_test.cc in tests/common/exchange, websocket_manager_test.cc in
      tests/exchanges/gateio/websocket.
R-26  Also with Lighter's own limits.
R-27  Its delays by an injected clock: tests/common/exchange/socket_session_test.cc.
R-29  Private channels: tests/exchanges/gateio/order/order_client_test.cc,
      TheStreamIsReadyOnceEveryChannelIsConfirmedAndTellsWhatComes.
R-30  Here for books; what orders are to it: tests/services/order/recovery/recovery_test.cc.
R-65, R-67, R-72  slow_reader_test.py.
R-68, R-70, R-71.
R-74  Here; for candles also tests/exchanges/gateio/websocket/candle_tape_test.cc.
There are no cases R-08, R-13, R-16, R-22, R-24, R-28, R-66, R-69, R-73 and R-75."""

import json
import signal
import time
import unittest
import urllib.request
from decimal import Decimal

from tests.integration.stack import *  # noqa: F403


def majors_of(exchange):
    return [market_of(exchange, base) for base in ("BTC", "ETH", "SOL")]


def equals_truth(stack, reader, exchange, simulated, depth=10):
    """Whether the client's book is the simulator's; call it with the flow stopped."""
    bids, asks = stack.truth(exchange, simulated, depth)
    with reader.changed:
        book = reader.book(exchange, simulated)
        return book.state == "live" and (book.bids, book.asks) == (bids, asks)


class Case(unittest.TestCase):
    # Most cases are on the first one, some on all.
    exchanges = (SPOT, FUTURES)
    flags = ("--updates_per_second=20",)
    config = ()

    @classmethod
    def setUpClass(cls):
        cls.stack = cls.make_stack()

    @classmethod
    def make_stack(cls):
        return Stack(cls.flags, cls.config, exchanges=EVERY)

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    @property
    def exchange(self):
        return self.exchanges[0]

    @property
    def majors(self):
        return majors_of(self.exchange)

    @property
    def btc(self):
        return market_of(self.exchange, "BTC")

    @property
    def eth(self):
        return market_of(self.exchange, "ETH")

    @property
    def sol(self):
        return market_of(self.exchange, "SOL")

    def fault(self, kind, **fields):
        return self.stack.fault(kind, self.exchange, **fields)

    def setUp(self):
        self.readers = []

    def tearDown(self):
        self.stack.clear()
        self.stack.flow(updates_per_second=20)
        for reader in self.readers:
            reader.close()

    def read(self, *subscriptions, routed=True, **options):
        reader = Reader(self.stack.market(routed), subscriptions, **options)
        self.readers.append(reader)
        return reader

    def read_books(self, exchange, symbols, **options):
        self.stack.flow(updates_per_second=20)
        reader = self.read(*(subscription(exchange, each) for each in symbols), **options)
        for each in symbols:
            reader.wait_live(exchange, each)
        return reader

    def settle(self, reader, exchange, symbols):
        """Stops the flow and waits until every book is the simulator's."""
        self.stack.flow(updates_per_second=0)
        for each in symbols:
            wait_until(lambda: equals_truth(self.stack, reader, exchange, each), 10,
                       f"the true book of {each} ({reader.summary()})")
        self.assertEqual(reader.breaches(), [])


class BookTruth(Case):
    many_gaps = 50

    def break_often(self):
        self.fault("SKIP_SEQUENCE", channel=BOOK_CHANNEL[self.exchange], symbol=self.eth, count=100,
                   amount=2)

    def prevent_repair(self):
        """Until it is cleared no book of SOL becomes whole again."""
        self.fault("HTTP_STATUS", path=BOOK_PATH[self.exchange], http_status=503)

    def test_r01_a_skipped_range_makes_a_book_stale_then_whole_again(self):
        for exchange in self.exchanges:
            with self.subTest(exchange):
                self.check_gap(exchange)

    def check_gap(self, exchange):
        majors = majors_of(exchange)
        reader = self.read_books(exchange, majors)
        book = reader.book(exchange, majors[0])
        gaps = self.stack.metric(rf'switchyard_book_gaps_total.*"{exchange}"')
        self.stack.fault("SKIP_SEQUENCE", exchange, channel=BOOK_CHANNEL[exchange],
                         symbol=majors[0], count=1, amount=3)
        reader.wait(lambda _: "SEQUENCE_GAP" in book.reasons and book.state == "live", 10,
                    "a resync")
        self.assertEqual(self.stack.metric(rf'switchyard_book_gaps_total.*"{exchange}"'), gaps + 1)
        for other in majors[1:]:
            self.assertEqual(reader.book(exchange, other).kinds["STALE"], 0)
        self.settle(reader, exchange, majors)

    def test_r02_many_gaps_in_a_row_need_no_restart(self):
        reader = self.read_books(self.exchange, [self.eth])
        book = reader.book(self.exchange, self.eth)
        self.break_often()
        self.stack.flow(self.exchange, symbol=self.eth, updates_per_second=50)
        reader.wait(lambda _: book.reasons.count("SEQUENCE_GAP") >= self.many_gaps, 60,
                    "many gaps")
        self.stack.clear()
        self.settle(reader, self.exchange, [self.eth])

    def test_r03_a_broken_chain_is_never_published_as_live(self):
        reader = self.read_books(self.exchange, [self.sol])
        book = reader.book(self.exchange, self.sol)
        self.prevent_repair()
        self.fault("DROP", channel=BOOK_CHANNEL[self.exchange], symbol=self.sol, count=1)
        reader.wait(lambda _: book.state == "stale", 10, "STALE")
        changes = book.kinds["SNAPSHOT"] + book.kinds["DELTA"]
        with self.assertRaises(grpc.RpcError) as refused:
            self.stack.market().GetOrderBook(market.GetOrderBookRequest(
                exchange=self.exchange, symbol=symbol_of(self.exchange, self.sol),
                allowed_sources=[values_pb2.SOURCE_WEBSOCKET]), timeout=5)
        self.assertEqual(reason_of(refused.exception), "BOOK_NOT_READY")
        self.assertEqual(book.kinds["SNAPSHOT"] + book.kinds["DELTA"], changes)
        self.stack.clear()
        reader.wait(lambda _: book.state == "live", 15, "a live book")
        self.settle(reader, self.exchange, [self.sol])

    def test_r04_a_reconnect_replaces_the_book(self):
        for exchange in self.exchanges:
            reader = self.read_books(exchange, [market_of(exchange, "BTC")])
            book = reader.book(exchange, market_of(exchange, "BTC"))
            self.stack.fault("CLOSE_SOCKETS", exchange)
            self.stack.flow(exchange, market_of(exchange, "BTC"), move_per_million=20_000)
            reader.wait(lambda _: "DISCONNECTED" in book.reasons and book.state == "live", 15,
                        "a book after the reconnect")
            self.settle(reader, exchange, [market_of(exchange, "BTC")])

    def test_r05_a_gap_touches_neither_side(self):
        exchange = self.exchanges[-1]
        victim = market_of(exchange, "ETH")
        reader = self.read_books(exchange, [victim])
        book = reader.book(exchange, victim)
        self.stack.fault("DROP", exchange, channel=BOOK_CHANNEL[exchange], symbol=victim, count=1)
        reader.wait(lambda _: book.kinds["STALE"] >= 1 and book.state == "live", 10, "a resync")
        self.settle(reader, exchange, [victim])

    def test_r07_a_crossed_book_is_counted_and_never_forwarded(self):
        for exchange in self.exchanges:
            reader = self.read_books(exchange, [market_of(exchange, "SOL")])
            book = reader.book(exchange, market_of(exchange, "SOL"))
            self.stack.fault("CROSS_BOOK", exchange, channel=BOOK_CHANNEL[exchange],
                             symbol=market_of(exchange, "SOL"), count=1)
            reader.wait(lambda _: "CROSSED_BOOK" in book.reasons and book.state == "live", 10,
                        "a resync after a crossed book")
            self.assertGreaterEqual(
                self.stack.metric(rf'switchyard_book_crossed_total.*"{exchange}"'), 1)
            self.settle(reader, exchange, [market_of(exchange, "SOL")])

    def test_r09_updates_before_a_late_snapshot_are_not_lost(self):
        self.fault("DELAY", path=BOOK_PATH[self.exchange], delay_ms=3000, count=1)
        reader = self.read(subscription(self.exchange, "DOGE_USDT"))
        reader.wait_live(self.exchange, "DOGE_USDT", 15)
        self.settle(reader, self.exchange, ["DOGE_USDT"])

    def test_r11_conflation_follows_validation(self):
        reader = self.read_books(self.exchange, [self.btc],
                                 policy=values_pb2.SLOW_READER_POLICY_CONFLATE)
        self.stack.flow(self.exchange, symbol=self.btc, steps=5_000)
        self.settle(reader, self.exchange, [self.btc])
        self.assertEqual(reader.book(self.exchange, self.btc).reasons, [])

    def test_r12_only_the_affected_symbol_resyncs(self):
        symbols = [each.exchange_symbol for each in self.stack.market().ListInstruments(
            market.ListInstrumentsRequest(exchange=self.exchange), timeout=10).instruments][:15]
        reader = self.read_books(self.exchange, symbols)
        victim = symbols[7]
        self.fault("DROP", channel=BOOK_CHANNEL[self.exchange], symbol=victim, count=1)
        book = reader.book(self.exchange, victim)
        reader.wait(lambda _: book.kinds["STALE"] == 1 and book.state == "live", 10, "a resync")
        for other in symbols:
            kinds = reader.book(self.exchange, other).kinds
            if other != victim:
                self.assertEqual((kinds["STALE"], kinds["SNAPSHOT"]), (0, 1), other)
        self.settle(reader, self.exchange, symbols)

    def test_r14_a_malformed_frame_costs_one_message_not_the_stream(self):
        reader = self.read_books(self.exchange, self.majors)
        errors = self.stack.metric("switchyard_exchange_parse_errors_total")
        self.fault("MALFORMED_FRAME", channel=BOOK_CHANNEL[self.exchange], symbol=self.btc, count=3)
        wait_until(lambda: self.stack.metric("switchyard_exchange_parse_errors_total") >= errors + 3,
                   10, "three parse errors")
        self.assertIsNone(reader.error)
        self.stack.clear()
        self.settle(reader, self.exchange, self.majors)

    def test_r15_a_duplicate_is_ignored_and_a_jump_resyncs(self):
        reader = self.read_books(self.exchange, [self.eth])
        book = reader.book(self.exchange, self.eth)
        duplicate = self.fault("DUPLICATE", channel=BOOK_CHANNEL[self.exchange], symbol=self.eth,
                               count=20)
        wait_until(lambda: self.stack.strikes(duplicate) == 20, 15, "duplicates")
        self.assertEqual(book.kinds["STALE"], 0)
        self.fault("RESTART_SEQUENCE", channel=BOOK_CHANNEL[self.exchange], symbol=self.eth,
                   count=1)
        self.settle(reader, self.exchange, [self.eth])

    def test_r18_levels_beyond_the_offered_depth_are_refused_and_never_shown(self):
        with self.assertRaises(grpc.RpcError) as refused:
            self.stack.market().GetOrderBook(market.GetOrderBookRequest(
                exchange=self.exchange, symbol=symbol_of(self.exchange, self.btc), depth=51),
                timeout=5)
        self.assertEqual(reason_of(refused.exception), "DEPTH_NOT_OFFERED")
        reader = self.read(subscription(self.exchange, self.btc, depth=50))
        reader.wait_live(self.exchange, self.btc)
        self.stack.flow(self.exchange, symbol=self.btc, move_per_million=5_000)
        self.stack.flow(self.exchange, symbol=self.btc, updates_per_second=0)
        wait_until(lambda: equals_truth(self.stack, reader, self.exchange, self.btc, 50), 10,
                   "fifty true levels")
        self.assertEqual(reader.breaches(), [])

    def test_r19_the_version_of_the_interface_is_reported(self):
        answer = self.stack.status(routed=True).GetCapabilities(status.GetCapabilitiesRequest(),
                                                                timeout=5)
        self.assertEqual({each.exchange: each.api_version for each in answer.capabilities},
                         {SPOT: "v4", FUTURES: "v4", LIGHTER: "v1"})

    def test_r26_an_unknown_frame_is_counted_and_does_no_harm(self):
        reader = self.read_books(self.exchange, [self.btc])
        unknown = rf'switchyard_exchange_messages_total.*"{self.exchange}".*unknown'
        before = self.stack.metric(unknown)
        self.fault("UNKNOWN_FRAME", channel=BOOK_CHANNEL[self.exchange], symbol=self.btc, count=5)
        wait_until(lambda: self.stack.metric(unknown) >= before + 5, 10, "unknown frames counted")
        self.settle(reader, self.exchange, [self.btc])
        self.assertEqual(reader.book(self.exchange, self.btc).reasons, [])

    def test_an_html_page_of_50_kb_breaks_no_stream(self):
        reader = self.read_books(self.exchange, self.majors)
        self.fault("HTML_PAGE", amount=50_000, http_status=502)
        with self.assertRaises(grpc.RpcError) as refused:
            self.stack.market().ListTrades(market.ListTradesRequest(
                exchange=self.exchange, symbol=symbol_of(self.exchange, self.btc)), timeout=10)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(reason_of(refused.exception), "EXCHANGE_FAULT")
        self.assertLess(len(refused.exception.details()), 513)
        seen = {each: reader.book(self.exchange, each).sequence for each in self.majors}
        reader.wait(lambda _: all(reader.book(self.exchange, each).sequence > seen[each]
                                  for each in self.majors),
                    10, "books that go on")
        self.assertEqual([reader.book(self.exchange, each).reasons for each in self.majors],
                         [[], [], []])


class LighterBookTruth(BookTruth):
    exchanges = (LIGHTER,)
    # Mending a book takes two of the 200 messages that an address may send in a minute.
    many_gaps = 15
    # A book comes over the socket: there is no snapshot that could be late.
    test_r09_updates_before_a_late_snapshot_are_not_lost = None

    def break_often(self):
        self.fault("DROP", channel=BOOK_CHANNEL[LIGHTER], symbol=self.eth, per_million=100_000)

    def prevent_repair(self):
        self.fault("REJECT_SUBSCRIPTION", channel=BOOK_CHANNEL[LIGHTER], symbol=self.sol)


class LighterLimits(unittest.TestCase):
    """R-26 with the exchange's own limits: 50 messages unanswered, 200 a minute."""

    def test_r26_many_books_come_back_at_once_within_the_limits(self):
        stack = Stack(("--updates_per_second=5", "--symbols=50", "--rate_limit_scale=1"),
                      exchanges=(LIGHTER,), own_config={LIGHTER: ()})
        self.addCleanup(stack.close)
        symbols = [each.exchange_symbol for each in stack.market().ListInstruments(
            market.ListInstrumentsRequest(exchange=LIGHTER, page_size=1000),
            timeout=10).instruments]
        self.assertEqual(len(symbols), 50)
        reader = Reader(stack.market(), [subscription(LIGHTER, each) for each in symbols])
        self.addCleanup(reader.close)
        for each in symbols:
            reader.wait_live(LIGHTER, each, 20)
        stack.fault("CLOSE_SOCKETS", LIGHTER)
        books = [reader.book(LIGHTER, each) for each in symbols]
        reader.wait(lambda _: all("DISCONNECTED" in each.reasons and each.state == "live"
                                  for each in books), 30, "all books again")
        # Nothing was refused, and no socket was closed for it.
        self.assertEqual([line for line in stack.switchyard.lines if "refused" in line], [])
        self.assertEqual(stack.statistics(LIGHTER).accepted_sockets, 2)
        self.assertEqual(reader.breaches(), [])

        stack.fault("UNKNOWN_FRAME", LIGHTER, channel=BOOK_CHANNEL[LIGHTER], symbol="BTC", count=5)
        # A sample of them is in the log.
        stack.switchyard.await_line(r"event=frame_of_unknown_kind .*exchange=lighter\b")


class Liveness(Case):
    """A fresh process a test: sockets are cut and muted here."""

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        super().setUp()
        self.stack = self.make_stack()
        self.addCleanup(self.stack.close)

    def test_r20_one_frozen_symbol_on_a_live_socket_is_found(self):
        reader = self.read_books(self.exchange, self.majors)
        book = reader.book(self.exchange, self.btc)
        begin = time.monotonic()
        mute = self.fault("MUTE", channel=BOOK_CHANNEL[self.exchange], symbol=self.btc)
        reader.wait(lambda _: "STALLED" in book.reasons, 12, "STALLED")
        self.assertLess(time.monotonic() - begin, 10.5)
        self.assertEqual([reader.book(self.exchange, each).reasons for each in self.majors[1:]],
                         [[], []])
        self.stack.clear(mute)
        reader.wait(lambda _: book.state == "live", 20, "a live book")
        self.settle(reader, self.exchange, self.majors)

    def test_r21_a_socket_that_answers_pings_and_carries_nothing_is_found(self):
        exchange = self.exchanges[-1]
        majors = majors_of(exchange)
        reader = self.read_books(exchange, majors)
        mute = self.stack.fault("MUTE", exchange)
        reader.wait(lambda _: all("STALLED" in reader.book(exchange, each).reasons
                                  for each in majors), 12, "STALLED everywhere")
        self.stack.clear(mute)
        reader.wait(lambda _: all(reader.book(exchange, each).state == "live" for each in majors),
                    30, "live books")
        self.settle(reader, exchange, majors)

    def test_r23_an_acknowledged_subscription_without_data_is_renewed(self):
        silent = self.fault("ACKNOWLEDGE_ONLY", channel=BOOK_CHANNEL[self.exchange],
                            symbol=self.btc)
        reader = self.read(subscription(self.exchange, self.btc),
                           subscription(self.exchange, self.eth))
        book = reader.book(self.exchange, self.btc)
        reader.wait(lambda _: "STALLED" in book.reasons, 13, "STALLED")
        self.stack.clear(silent)
        reader.wait(lambda _: book.state == "live" and book.kinds["DELTA"] > 0, 30, "data")
        self.settle(reader, self.exchange, [self.btc, self.eth])

    def test_r25_all_sockets_closed_at_once_come_back_paced(self):
        symbols = [each.exchange_symbol for each in self.stack.market().ListInstruments(
            market.ListInstrumentsRequest(exchange=self.exchange), timeout=10).instruments][:20]
        reader = self.read_books(self.exchange, symbols)
        before = self.stack.statistics(self.exchange).subscribe_frames
        self.fault("CLOSE_SOCKETS")
        wait_until(lambda: self.stack.statistics(self.exchange).subscribe_frames >=
                   before + len(symbols), 15, "every subscription again")
        times = sorted(self.stack.statistics(self.exchange).subscribe_time_ns)[-len(symbols):]
        most = max(sum(1 for each in times if begin <= each < begin + 10**9) for begin in times)
        self.assertLessEqual(most, 50)
        for each in symbols:
            book = reader.book(self.exchange, each)
            reader.wait(lambda _: "DISCONNECTED" in book.reasons and book.state == "live", 15, each)
        self.settle(reader, self.exchange, symbols)

    def test_r27_a_refused_handshake_is_retried_with_patience(self):
        reader = self.read_books(self.exchange, [self.btc])
        accepted = self.stack.statistics(self.exchange).accepted_sockets
        refuse = self.fault("HTTP_STATUS", path="websocket", http_status=429,
                                  retry_after_seconds=2)
        self.fault("CLOSE_SOCKETS")
        cpu = self.stack.switchyard.cpu_seconds()
        begin = time.monotonic()
        wait_until(lambda: self.stack.strikes(refuse) >= 3, 20, "three refusals")
        # At once, then never sooner than Retry-After says.
        self.assertGreater(time.monotonic() - begin, 3.5)
        self.assertLess(self.stack.switchyard.cpu_seconds() - cpu, 2)
        self.assertEqual(self.stack.statistics(self.exchange).accepted_sockets, accepted)
        self.stack.clear(refuse)
        book = reader.book(self.exchange, self.btc)
        reader.wait(lambda _: book.state == "live" and not book.rest, 20, "a book again")

    def test_r30_recovered_means_that_data_flows(self):
        reader = self.read_books(self.exchange, [self.btc])
        mute = self.fault("MUTE", channel=BOOK_CHANNEL[self.exchange])
        self.fault("CLOSE_SOCKETS")
        book = reader.book(self.exchange, self.btc)
        # It reconnects, subscribes and perhaps has a snapshot; without updates it must not stay live
        # but from REST, which every event says.
        reader.wait(lambda _: "STALLED" in book.reasons or book.rest, 20,
                    "STALLED, or REST, after a silent recovery")
        self.stack.clear(mute)
        reader.wait(lambda _: book.state == "live" and not book.rest, 30, "data")
        self.settle(reader, self.exchange, [self.btc])

    def test_r74_every_affected_stream_hears_of_a_reconnect(self):
        reader = self.read(subscription(self.exchange, self.btc),
                           subscription(self.exchange, self.btc, "TRADES"),
                           subscription(self.exchange, self.btc, "TICKER"))
        channels = lambda kind: {each.channel for each in reader.events if each.kind == kind}
        every = {events_pb2.CHANNEL_ORDER_BOOK, events_pb2.CHANNEL_TRADES,
                 events_pb2.CHANNEL_TICKER}
        reader.wait(lambda _: {each.channel for each in reader.events} == every, 15, "data")
        self.fault("CLOSE_SOCKETS")
        stale, gap = events_pb2.EVENT_KIND_STALE, events_pb2.EVENT_KIND_GAP
        reader.wait(lambda _: channels(stale) | channels(gap) == every, 15, "STALE and GAP")
        told = next(each for each in reader.events if each.kind == gap)
        self.assertEqual(told.channel, events_pb2.CHANNEL_TRADES)
        self.assertLess(0, told.gap_from_time_ns)
        self.assertLess(told.gap_from_time_ns, told.gap_to_time_ns)

    def test_without_a_socket_rest_snapshots_inform_until_it_is_back(self):
        reader = self.read_books(self.exchange, [self.btc])
        refuse = self.fault("HTTP_STATUS", path="websocket", http_status=503)
        self.fault("CLOSE_SOCKETS")
        book = reader.book(self.exchange, self.btc)
        reader.wait(lambda _: book.rest and book.kinds["SNAPSHOT"] >= 4, 20, "REST snapshots")
        self.stack.clear(refuse)
        deltas = book.kinds["DELTA"]
        reader.wait(lambda _: not book.rest and book.kinds["DELTA"] > deltas, 30, "deltas again")
        self.settle(reader, self.exchange, [self.btc])


class LighterLiveness(Liveness):
    exchanges = (LIGHTER,)


class Candles(Case):
    # No polls meanwhile: what is told of the outage is told behind it.
    config = ("rest_snapshot_after_ms: 60000", "reconnect:", "  cap_ms: 500")

    def closes(self, exchange):
        """By open time, as the simulator has them."""
        path = ("spot/candlesticks?currency_pair" if exchange == SPOT else
                "futures/usdt/candlesticks?contract")
        url = f"http://{self.stack.endpoints[SPOT]['host']}/api/v4/{path}=BTC_USDT&interval=10s"
        with urllib.request.urlopen(url, timeout=5) as page:
            rows = json.loads(page.read())
        if exchange == SPOT:
            return {int(row[0]) * 10**9: Decimal(row[2]) for row in rows}
        return {row["t"] * 10**9: Decimal(row["c"]) for row in rows}

    def test_r74_candles_that_closed_while_the_socket_was_away_are_told_in_order(self):
        step = 10 * 10**9
        both = (SPOT, FUTURES)
        reader = self.read(*(subscription(each, "BTC_USDT", "CANDLES", interval_seconds=10)
                             for each in both))

        def told(exchange):
            return [each for each in list(reader.events) if each.exchange == exchange]

        def on_socket(exchange):
            return (told(exchange) or [None])[-1] is not None and \
                told(exchange)[-1].source == values_pb2.SOURCE_WEBSOCKET

        reader.wait(lambda _: all(map(on_socket, both)), 15, "candles")
        refusals = [self.stack.fault("HTTP_STATUS", each, path="websocket", http_status=503)
                    for each in both]
        for each in both:
            self.stack.fault("CLOSE_SOCKETS", each)
        stale = events_pb2.EVENT_KIND_STALE
        reader.wait(lambda _: all(told(each)[-1].kind == stale for each in both), 10, "STALE")
        before = {each: len(told(each)) for each in both}
        last = {each: told(each)[-2].candle.open_time_ns for each in both}
        # Two more have begun and ended.
        wait_until(lambda: all(max(self.closes(each)) >= last[each] + 3 * step for each in both), 45,
                   "three more candles", every=0.5)
        self.stack.clear(*refusals)
        reader.wait(lambda _: all(map(on_socket, both)), 20, "candles of a socket again")
        for each in both:
            self.assertEqual(told(each)[before[each] - 1].kind, stale)
            behind = told(each)[before[each]:]
            opens = [event.candle.open_time_ns for event in behind]
            self.assertEqual(opens[:3], [last[each] + n * step for n in range(3)])
            self.assertLessEqual({b - a for a, b in zip(opens, opens[1:])}, {0, step})
            truth = self.closes(each)
            for event in behind[:3]:
                self.assertEqual(event.source, values_pb2.SOURCE_REST)
                self.assertTrue(event.candle.closed)
                self.assertEqual(Decimal(event.candle.close), truth[event.candle.open_time_ns])


class Streams(Case):
    def test_r68_the_acknowledgement_comes_at_once_and_heartbeats_in_silence(self):
        self.stack.flow(updates_per_second=0)
        reader = self.read(subscription(SPOT, "LTC_USDT", "TRADES"), heartbeat_ms=200)
        reader.wait(lambda _: reader.acknowledgement is not None, 5, "the acknowledgement")
        self.assertLess(reader.acknowledged_at - reader.opened_at, 1.0)
        self.assertEqual(reader.acknowledgement.heartbeat_interval_ms, 200)
        reader.wait(lambda _: len(reader.heartbeats) >= 5, 5, "heartbeats")
        gaps = [b[0] - a[0] for a, b in zip(reader.heartbeats, reader.heartbeats[1:])]
        self.assertLess(max(gaps), 1.0)

    def test_r70_many_mixed_subscriptions_on_one_stream(self):
        symbols = [each.exchange_symbol for each in self.stack.market().ListInstruments(
            market.ListInstrumentsRequest(exchange=SPOT), timeout=10).instruments]
        wanted = [subscription(SPOT, each, channel) for each in symbols
                  for channel in ("ORDER_BOOK", "TRADES", "TICKER", "BEST_BID_OFFER")]
        reader = self.read(*wanted, policy=values_pb2.SLOW_READER_POLICY_CONFLATE)
        reader.wait(lambda _: reader.acknowledgement is not None, 5, "the acknowledgement")
        self.assertEqual([each.status.code for each in reader.acknowledgement.results],
                         [0] * len(wanted))
        reader.wait(lambda _: len({(each.symbol, each.channel) for each in reader.events
                                   if each.channel != events_pb2.CHANNEL_TRADES}) ==
                    3 * len(symbols), 40, "every topic")
        self.assertEqual(reader.breaches(), [])

    def test_r71_heartbeats_are_never_rarer_than_15_s(self):
        reader = self.read(subscription(SPOT, "BTC_USDT"), heartbeat_ms=3_600_000)
        reader.wait(lambda _: reader.acknowledgement is not None, 5, "the acknowledgement")
        self.assertLessEqual(reader.acknowledgement.heartbeat_interval_ms, 15_000)

    def test_a_refused_topic_leaves_the_others(self):
        reader = self.read(subscription(SPOT, "BTC_USDT"), subscription(SPOT, "NOPE_USDT"),
                           subscription(SPOT, "BTC_USDT", "FUNDING_RATE"),
                           subscription(FUTURES, "ETH_USDT", depth=5_000),
                           subscription(FUTURES, "ETH_USDT"))
        reader.wait(lambda _: reader.acknowledgement is not None, 5, "the acknowledgement")
        self.assertEqual([each.status.code for each in reader.acknowledgement.results],
                         [0, 5, 12, 3, 0])
        reader.wait_live(SPOT, "BTC_USDT")
        reader.wait_live(FUTURES, "ETH_USDT")

    def test_a_lost_backend_makes_books_stale_and_its_return_makes_them_live(self):
        stack = Stack(self.flags)
        self.addCleanup(stack.close)
        reader = Reader(stack.market(), [subscription(SPOT, "BTC_USDT"),
                                         subscription(FUTURES, "BTC_USDT")])
        self.addCleanup(reader.close)
        books = [reader.book(each, "BTC_USDT") for each in (SPOT, FUTURES)]
        reader.wait(lambda _: all(each.state == "live" for each in books), 15, "live books")
        stack.switchyard.stop(signal.SIGKILL)
        reader.wait(lambda _: all("BACKEND_LOST" in each.reasons for each in books), 10,
                    "BACKEND_LOST")
        stack.start_switchyard(listen=stack.address)
        reader.wait(lambda _: all(each.state == "live" for each in books), 20, "live books again")
        self.assertIsNone(reader.error)
        self.assertEqual(reader.breaches(), [])


if __name__ == "__main__":
    unittest.main()
