"""Real input: Gate.io's own traffic as recorded in 2021 (spot) and 2023 (futures) goes through the
services and the router. What clients receive is compared with what the records say, read here by
the exchange's published rules and without a line of the code under test."""

import json
import unittest
from decimal import Decimal

from tests.integration.stack import *  # noqa: F403

CAPTURES = ROOT / "tests/golden/gateio/captures"
PREFIX = {SPOT: CAPTURES / "spot_2021-04-22", FUTURES: CAPTURES / "futures_2023-05-24"}
DEPTHS = (10, 20, 50)
SNAPSHOT_LEVELS = 100
SPEED_PERCENT = 400
# Channels besides books: ours, the exchange's, and what a subscription needs.
VALUES = {SPOT: {"TRADES": "spot.trades", "TICKER": "spot.tickers", "CANDLES": "spot.candlesticks"},
          FUTURES: {"BEST_BID_OFFER": "futures.book_ticker", "CANDLES": "futures.candlesticks"}}
PRIMED = {"TICKER", "BEST_BID_OFFER"}
TICKER_FIELDS = {"last": "last_price", "lowest_ask": "best_ask_price",
                 "highest_bid": "best_bid_price", "base_volume": "base_volume_24h",
                 "quote_volume": "quote_volume_24h", "high_24h": "high_24h",
                 "low_24h": "low_24h"}


def parse(text):
    return json.loads(text, parse_float=Decimal)


def given(text):
    """A decimal that may be absent."""
    return None if text in (None, "") else Decimal(text)


class Side:
    """One side of a book: exact inside what the snapshot told, unknown beyond it."""

    def __init__(self, is_bid, levels):
        self.is_bid = is_bid
        self.levels = dict(levels)
        # A side that was cut at the limit says nothing about worse prices.
        self.bound = levels[-1][0] if len(levels) >= SNAPSHOT_LEVELS else None

    def apply(self, levels):
        for price, quantity in levels:
            if quantity:
                self.levels[price] = quantity
            else:
                self.levels.pop(price, None)

    def best(self, depth):
        sure = [price for price in self.levels if self.bound is None
                or (price >= self.bound if self.is_bid else price <= self.bound)]
        return {price: self.levels[price]
                for price in sorted(sure, reverse=self.is_bid)[:depth]}


class Recording:
    """What the files of one exchange say, in base units."""

    def __init__(self, exchange):
        self.exchange = exchange
        answers, self.frames = {}, []
        for kind in ("instruments", "rest"):
            for line in pathlib.Path(f"{PREFIX[exchange]}.{kind}.txt").read_text().splitlines():
                url, arrow, rest = line.partition(" -> ")
                if arrow:
                    answers[url] = parse(rest.partition(": ")[2])
        for line in pathlib.Path(f"{PREFIX[exchange]}.ws.txt").read_text().splitlines():
            time, colon, text = line.partition(": ")
            if colon and time.replace(".", "").isdigit():
                self.frames.append(parse(text))
        key = "currency_pair" if exchange == SPOT else "contract"
        self.snapshots = {re.search(rf"{key}=(\w+)", url).group(1): answer
                          for url, answer in answers.items() if "/order_book?" in url}
        self.multipliers = dict.fromkeys(self.snapshots, Decimal(1))
        if exchange == FUTURES:
            contracts = next(each for url, each in answers.items() if url.endswith("/contracts"))
            self.multipliers = {each["name"]: Decimal(each["quanto_multiplier"])
                                for each in contracts}

    def results(self, channel, symbol):
        """(frame, result) of each update of a channel that is about the symbol."""
        for frame in self.frames:
            if (frame.get("channel"), frame.get("event")) != (channel, "update"):
                continue
            rows = frame["result"] if isinstance(frame["result"], list) else [frame["result"]]
            for row in rows:
                name = row.get("s") or row.get("currency_pair") or row.get("contract")
                if (name or row["n"].partition("_")[2]) == symbol:
                    yield frame, row

    def levels(self, symbol, rows):
        pairs = [(each["p"], each["s"]) if isinstance(each, dict) else each for each in rows]
        return [(Decimal(price), Decimal(size) * self.multipliers[symbol]) for price, size in pairs]

    def books(self, symbol):
        """{the exchange's sequence: {depth: (bids, asks)}} from the snapshot on."""
        snapshot = self.snapshots[symbol]
        sides = (Side(True, self.levels(symbol, snapshot["bids"])),
                 Side(False, self.levels(symbol, snapshot["asks"])))

        def shown():
            return {depth: tuple(side.best(depth) for side in sides) for depth in DEPTHS}

        current = snapshot["id"]
        found = {current: shown()}
        for _, update in self.results(BOOK_CHANNEL[self.exchange], symbol):
            if update["u"] <= current:
                continue
            if update["U"] > current + 1:
                raise AssertionError(f"{symbol}: the records have a gap at {update['U']}")
            current = update["u"]
            sides[0].apply(self.levels(symbol, update["b"]))
            sides[1].apply(self.levels(symbol, update["a"]))
            found[current] = shown()
        return found

    def values(self, channel, symbol):
        """What a client must be told, in order."""
        read = getattr(self, "_" + channel.lower())
        return [read(frame, row, self.multipliers[symbol])
                for frame, row in self.results(VALUES[self.exchange][channel], symbol)]

    @staticmethod
    def _trades(_, row, multiplier):
        time_ns = int(Decimal(row["create_time_ms"]).scaleb(6))
        return (str(row["id"]), row["side"].upper(), Decimal(row["price"]),
                Decimal(row["amount"]) * multiplier, time_ns)

    @staticmethod
    def _ticker(frame, row, _):
        values = {ours: given(row.get(theirs)) for theirs, ours in TICKER_FIELDS.items()}
        return values | {"change_24h": Decimal(row["change_percentage"]) / 100,
                         "exchange_time_ns": frame["time"] * 10**9}

    @staticmethod
    def _best_bid_offer(_, row, multiplier):
        return (Decimal(row["b"]), Decimal(row["B"]) * multiplier, Decimal(row["a"]),
                Decimal(row["A"]) * multiplier, row["u"], row["t"] * 10**6)

    def _candles(self, _, row, multiplier):
        volume = Decimal(row["v"]) * multiplier
        base, quote = ((given(row.get("a")), volume) if self.exchange == SPOT else (volume, None))
        return (int(row["t"]) * 10**9, Decimal(row["o"]), Decimal(row["h"]), Decimal(row["l"]),
                Decimal(row["c"]), base, quote)


def told(event):
    """The values of one event, as Recording.values() has them."""
    payload = getattr(event, event.WhichOneof("payload"))
    if event.channel == events_pb2.CHANNEL_TRADES:
        return [(each.trade_id, values_pb2.Side.Name(each.taker_side).removeprefix("SIDE_"),
                 Decimal(each.price_mantissa).scaleb(payload.price_exponent),
                 Decimal(each.quantity_mantissa).scaleb(payload.quantity_exponent),
                 each.exchange_time_ns) for each in payload.trades]
    if event.channel == events_pb2.CHANNEL_TICKER:
        names = [*TICKER_FIELDS.values(), "change_24h"]
        return [{name: given(getattr(payload, name)) for name in names} |
                {"exchange_time_ns": payload.exchange_time_ns}]
    if event.channel == events_pb2.CHANNEL_BEST_BID_OFFER:
        scaled = [Decimal(getattr(payload, f"{side}_{what}_mantissa"))
                  .scaleb(getattr(payload, f"{what}_exponent"))
                  for side in ("bid", "ask") for what in ("price", "quantity")]
        return [(*scaled, payload.exchange_sequence, event.exchange_time_ns)]
    return [(payload.open_time_ns, *(Decimal(getattr(payload, name))
                                     for name in ("open", "high", "low", "close")),
             given(payload.base_volume), given(payload.quote_volume))]


class Replay(unittest.TestCase):
    """One replay of both recordings; the tests look at what came of it."""

    @classmethod
    def setUpClass(cls):
        cls.recordings = {each: Recording(each) for each in PREFIX}
        cls.stack = Stack([f"--replay_spot={PREFIX[SPOT]}", f"--replay_futures={PREFIX[FUTURES]}"])
        cls.addClassCleanup(cls.stack.close)
        cls.readers = {}
        for exchange, recording in cls.recordings.items():
            cls._subscribe(exchange, recording)
        for exchange, recording in cls.recordings.items():
            cls._play(exchange, recording)
        for exchange, recording in cls.recordings.items():
            cls._await_end(exchange, recording)

    @classmethod
    def _subscribe(cls, exchange, recording):
        stub = cls.stack.market()
        # Answers once the instruments are loaded.
        stub.ListInstruments(market.ListInstrumentsRequest(exchange=exchange), timeout=20)
        for depth in DEPTHS:
            cls.readers[exchange, depth] = Reader(stub, [subscription(exchange, each, depth=depth)
                                                         for each in recording.snapshots])
        # This policy never replaces an event by a newer one.
        cls.readers[exchange, "values"] = Reader(
            stub, [subscription(exchange, each, channel,
                                interval_seconds=60 if channel == "CANDLES" else 0)
                   for each in recording.snapshots for channel in VALUES[exchange]],
            policy=values_pb2.SLOW_READER_POLICY_DISCONNECT)
        for reader in [each for key, each in cls.readers.items() if key[0] == exchange]:
            cls.addClassCleanup(reader.close)

    @classmethod
    def _play(cls, exchange, recording):
        for depth in DEPTHS:
            for each in recording.snapshots:
                cls.readers[exchange, depth].wait_live(exchange, each)
        streams = len(recording.snapshots) * (1 + len(VALUES[exchange]))
        wait_until(lambda: cls.stack.statistics(exchange).subscriptions == streams, 15,
                   f"{streams} subscriptions")
        cls.stack.faults.StartReplay(simulator.StartReplayRequest(
            exchange=exchange, speed_percent=SPEED_PERCENT), timeout=5)

    @classmethod
    def _await_end(cls, exchange, recording):
        updates = sum(each.get("event") == "update" for each in recording.frames)
        wait_until(lambda: cls.stack.statistics(exchange).replayed == updates, 60,
                   f"all {updates} records of {exchange}")
        # Gap or not, everything has arrived when the last record of each book has, or never will.
        for depth in DEPTHS:
            reader = cls.readers[exchange, depth]
            for symbol in recording.snapshots:
                end = list(recording.books(symbol).values())[-1][depth]
                book = reader.book(exchange, symbol)
                reader.wait(lambda _: (book.bids, book.asks) == end, 10,
                            f"the recorded end of {symbol} at depth {depth}")

    def each_symbol(self):
        for exchange, recording in self.recordings.items():
            for symbol in recording.snapshots:
                yield exchange, recording, symbol

    def test_every_book_applies_without_a_gap_and_nothing_is_left_out(self):
        for (exchange, _), reader in self.readers.items():
            self.assertIsNone(reader.error)
            self.assertEqual([each.status.code for each in reader.acknowledgement.results],
                             [0] * len(reader.acknowledgement.results))
            self.assertEqual(reader.breaches(), [])
            self.assertEqual([each for each in reader.events if each.kind in
                              (events_pb2.EVENT_KIND_STALE, events_pb2.EVENT_KIND_GAP)], [])
        for name in ("book_gaps", "book_crossed", "book_malformed", "book_resyncs", "book_stalls",
                     "exchange_parse_errors"):
            self.assertEqual(self.stack.metric(f"^switchyard_{name}_total"), 0, name)
        self.assertEqual(self.stack.metric("^switchyard_exchange_messages_total.*unknown"), 0)
        self.assertEqual([line for line in self.stack.switchyard.lines
                          if "level=warning" in line or "level=error" in line], [])

    def test_after_every_event_each_book_is_the_recorded_one_at_each_depth(self):
        compared = 0
        for exchange, recording, symbol in self.each_symbol():
            expected = recording.books(symbol)
            for depth in DEPTHS:
                book = Book((exchange, symbol_of(exchange, symbol)))
                for event in self.readers[exchange, depth].events:
                    if event.symbol != book.topic[1]:
                        continue
                    book.apply(event)
                    at = event.order_book.exchange_sequence
                    self.assertEqual((book.bids, book.asks), expected[at][depth],
                                     f"{symbol}, depth {depth}, at {at}")
                    compared += 1
                self.assertEqual((book.bids, book.asks), list(expected.values())[-1][depth])
                self.assertEqual(book.kinds["SNAPSHOT"], 1, symbol)
        print(f"recorded traffic: {compared} books compared, level by level")

    def test_a_read_at_the_end_gives_the_recorded_book(self):
        for exchange, recording, symbol in self.each_symbol():
            answer = self.stack.market().GetOrderBook(market.GetOrderBookRequest(
                exchange=exchange, symbol=symbol_of(exchange, symbol), depth=50,
                allowed_sources=[values_pb2.SOURCE_WEBSOCKET]), timeout=5).order_book
            sides = ({}, {})
            change(sides[0], answer.bid_price_mantissas, answer.bid_quantity_mantissas, answer)
            change(sides[1], answer.ask_price_mantissas, answer.ask_quantity_mantissas, answer)
            self.assertEqual(sides, list(recording.books(symbol).values())[-1][50], symbol)

    def test_trades_tickers_quotes_and_candles_are_the_recorded_ones_in_order(self):
        compared = {}
        for exchange, recording, symbol in self.each_symbol():
            reader = self.readers[exchange, "values"]
            for channel in VALUES[exchange]:
                number = events_pb2.Channel.Value("CHANNEL_" + channel)

                def received():
                    return [value for event in list(reader.events)
                            if (event.channel, event.symbol) ==
                            (number, symbol_of(exchange, symbol)) for value in told(event)]

                expected = recording.values(channel, symbol)
                if channel == "BEST_BID_OFFER":
                    # No quote follows a newer one: those recorded before the book that the first was
                    # read from are left out.
                    reader.wait(lambda _: received(), 10, f"a quote of {symbol}")
                    first = received()[0][4]
                    expected = [each for each in expected if each[4] >= first]
                reader.wait(lambda _: len(received()) >= len(expected) and
                            (not expected or received()[-1] == expected[-1]), 10,
                            f"{len(expected)} {channel} of {symbol}")
                values = received()
                # What is the state when it is asked for is read once, before anything moves.
                primed = len(values) - len(expected)
                self.assertIn(primed, (0, 1) if channel in PRIMED else (0,), (channel, symbol))
                self.assertEqual(values[primed:], expected, f"{channel} of {symbol}")
                compared[exchange, channel] = compared.get((exchange, channel), 0) + len(expected)
        self.assertNotIn(0, compared.values())
        print(f"recorded traffic: {compared}")


if __name__ == "__main__":
    unittest.main()
