"""Lighter's market data from the simulator to a client of the router: what is answered and streamed
is compared with the simulator's own REST answers, converted here from the exchange's documents
alone. Books, their best prices and what spans exchanges: capability_test.py."""

import unittest
from decimal import Decimal

from tests.integration.stack import *  # noqa: F403

# After the stack, which knows where the contract's code is.
from tests.integration.capability_test import LighterRest, Still  # noqa: E402

CHANNELS = ("ORDER_BOOK", "BEST_BID_OFFER", "TRADES", "TICKER", "CANDLES", "MARK_PRICE",
            "FUNDING_RATE")
OF_CONTRACTS = ("MARK_PRICE", "FUNDING_RATE")
HOUR = 3600


def every_channel(simulated, spot=False):
    return [subscription(LIGHTER, simulated, each, interval_seconds=60 * (each == "CANDLES"))
            for each in CHANNELS if not (spot and each in OF_CONTRACTS)]


def lot_of(symbol):
    """How many tokens one unit is: 1000PEPE is 1000 PEPE."""
    found = re.match(r"1000+", symbol)
    return Decimal(found.group() if found else 1000 if re.match(r"k[A-Z]", symbol) else 1)


class Values(Still):
    def setUp(self):
        self.rows = self.lighter_markets()

    def all_of(self, call, request, field):
        answer = getattr(self.stack.market(), call)(request(exchange=LIGHTER, page_size=1000),
                                                    timeout=5)
        self.assertEqual(answer.next_page_token, "")
        return getattr(answer, field)

    def test_instruments_of_both_kinds(self):
        listed = self.all_of("ListInstruments", market.ListInstrumentsRequest, "instruments")
        self.assertEqual([each.symbol for each in listed],
                         sorted(symbol_of(LIGHTER, each) for each in self.rows))
        kinds = set()
        for got in listed:
            row = self.rows[got.exchange_symbol]
            kinds.add(row["market_type"])
            self.check_instrument(got, row, lot_of(row["symbol"]))
            one = self.stack.market().GetInstrument(market.GetInstrumentRequest(
                exchange=LIGHTER, symbol=got.symbol), timeout=5)
            self.assertEqual(one.instrument, got)
        self.assertEqual(kinds, {"perp", "spot"})
        self.assertTrue(any(lot_of(each) > 1 for each in self.rows), self.rows.keys())

    def check_instrument(self, got, row, lot):
        spot = row["market_type"] == "spot"
        self.compare(got, {
            "exchange": LIGHTER, "exchange_id": str(row["market_id"]), "quote": "USDC",
            "kind": values_pb2.INSTRUMENT_KIND_SPOT if spot else
                    values_pb2.INSTRUMENT_KIND_PERPETUAL,
            "settle": "" if spot else "USDC", "multiplier": lot,
            "tick": Decimal(1).scaleb(-row["supported_price_decimals"]) / lot,
            "step": Decimal(1).scaleb(-row["supported_size_decimals"]) * lot,
            "min_quantity": Decimal(row["min_base_amount"]) * lot,
            "min_notional": Decimal(row["min_quote_amount"]),
            "funding_interval_seconds": 0 if spot else HOUR})
        if not spot:
            self.compare(got, {"max_leverage":
                               Decimal(10_000) / row["min_initial_margin_fraction"]})

    def test_tickers(self):
        listed = self.all_of("ListTickers", market.ListTickersRequest, "tickers")
        theirs = {symbol_of(LIGHTER, each): row for each, row in self.rows.items()}
        self.assertEqual([each.symbol for each in listed], sorted(theirs))
        for got in listed:
            self.check_ticker(got, theirs[got.symbol])
        one = self.stack.market().GetTicker(market.GetTickerRequest(
            exchange=LIGHTER, symbol="BTC-USDC-PERP"), timeout=5).ticker
        self.check_ticker(one, self.rows["BTC"])

    def check_ticker(self, got, row):
        lot = lot_of(row["symbol"])
        wanted = {"last_price": Decimal(row["last_trade_price"]) / lot,
                  "high_24h": Decimal(row["daily_price_high"]) / lot,
                  "low_24h": Decimal(row["daily_price_low"]) / lot,
                  "base_volume_24h": Decimal(row["daily_base_token_volume"]) * lot,
                  "quote_volume_24h": Decimal(row["daily_quote_token_volume"]),
                  "change_24h": Decimal(row["daily_price_change"]) / 100}
        if row["market_type"] == "perp":
            wanted |= {"mark_price": Decimal(row["mark_price"]) / lot,
                       "index_price": Decimal(row["index_price"]) / lot,
                       "open_interest": Decimal(row["open_interest"]) * lot}
        self.compare(got, wanted)

    def markets_to_read(self):
        """A perpetual, one whose lots are of many tokens, and a spot market."""
        return ["BTC", next(each for each in self.rows if lot_of(each) > 1), "ETH/USDC"]

    def test_trades(self):
        for simulated in self.markets_to_read():
            theirs = self.lighter("recentTrades", market_id=self.market_id(simulated),
                                  limit=20)["trades"]
            got = self.stack.market().ListTrades(market.ListTradesRequest(
                exchange=LIGHTER, symbol=symbol_of(LIGHTER, simulated), page_size=20),
                timeout=5).trades
            self.assertGreater(len(theirs), 0)
            self.assertEqual(len(got), len(theirs))
            for ours, each in zip(got, theirs):
                self.check_trade(ours, each, lot_of(simulated))

    def check_trade(self, got, theirs, lot):
        # False is left out; the taker is on the other side.
        bought = theirs.get("is_maker_ask", False)
        self.compare(got, {
            "trade_id": str(theirs["trade_id"]), "price": Decimal(theirs["price"]) / lot,
            "quantity": Decimal(theirs["size"]) * lot,
            "taker_side": values_pb2.SIDE_BUY if bought else values_pb2.SIDE_SELL,
            "exchange_time_ns": theirs["timestamp"] * 1_000_000})

    def test_candles(self):
        for simulated in self.markets_to_read():
            for seconds, name in ((60, "1m"), (HOUR, "1h"), (86400, "1d")):
                with self.subTest(market=simulated, interval=name):
                    self.check_candles(simulated, seconds, name)

    def check_candles(self, simulated, seconds, name):
        now = int(time.time())
        theirs = {each["t"]: each for each in self.lighter(
            "candles", market_id=self.market_id(simulated), resolution=name, count_back=12,
            start_timestamp=(now - 12 * seconds) * 1000, end_timestamp=now * 1000)["c"]}
        got = self.stack.market().ListCandles(market.ListCandlesRequest(
            exchange=LIGHTER, symbol=symbol_of(LIGHTER, simulated), interval_seconds=seconds,
            page_size=10), timeout=5).candles
        lot = lot_of(simulated)
        # An interval may end between the two questions.
        both = [each for each in got if each.open_time_ns // 10**6 in theirs and each.closed]
        self.assertGreaterEqual(len(both), 8)
        for each in both:
            row = theirs[each.open_time_ns // 10**6]
            wanted = {ours: Decimal(row[name]) / lot for ours, name in
                      (("open", "o"), ("high", "h"), ("low", "l"), ("close", "c"))}
            # Zeros are left out.
            wanted["base_volume"] = Decimal(row.get("v", 0)) * lot
            wanted["quote_volume"] = Decimal(row.get("V", 0))
            self.compare(each, {**wanted, "interval_seconds": seconds})

    def test_funding_rates_and_their_history(self):
        theirs = {symbol_of(LIGHTER, each["symbol"]): Decimal(each["rate"])
                  for each in self.lighter("funding-rates")["funding_rates"]
                  if each["exchange"] == "lighter"}
        listed = self.all_of("ListFundingRates", market.ListFundingRatesRequest, "funding_rates")
        self.assertEqual([each.symbol for each in listed], sorted(theirs))
        for got in listed:
            self.compare(got, {"rate": theirs[got.symbol] / 8, "rate_8h": theirs[got.symbol],
                               "interval_seconds": HOUR,
                               "kind": events_pb2.FUNDING_RATE_KIND_PREDICTED})
            self.assertEqual(got.next_payment_time_ns % (HOUR * 10**9), 0)

        now = int(time.time())
        rows = self.lighter("fundings", market_id=self.market_id("BTC"), resolution="1h",
                            start_timestamp=(now - 12 * HOUR) * 1000, end_timestamp=now * 1000,
                            count_back=12)["fundings"]
        paid = {each["timestamp"]: each for each in rows}
        got = self.stack.market().ListFundingRateHistory(market.ListFundingRateHistoryRequest(
            exchange=LIGHTER, symbol="BTC-USDC-PERP", page_size=10), timeout=5).funding_rates
        self.assertGreaterEqual(len(got), 9)
        times = [each.payment_time_ns for each in got]
        self.assertEqual(times, sorted(times, reverse=True))
        for each in got:
            row = paid[each.payment_time_ns // 10**9]
            sign = {"long": 1, "short": -1}[row["direction"]]
            # Percent an hour.
            self.compare(each, {"rate": sign * Decimal(row["rate"]) / 100,
                                "kind": events_pb2.FUNDING_RATE_KIND_LAST})

    def test_a_spot_market_has_no_funding(self):
        stub = self.stack.market()
        for call, request in (
                (stub.ListFundingRates, market.ListFundingRatesRequest(symbols=["ETH-USDC"])),
                (stub.ListFundingRateHistory,
                 market.ListFundingRateHistoryRequest(symbol="ETH-USDC"))):
            request.exchange = LIGHTER
            told = self.refused(lambda: call(request, timeout=5),
                                grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
            self.assertIn("no perpetual", told)


class Streams(LighterRest, unittest.TestCase):
    """What moves, of a perpetual, of one in lots of many tokens and of a spot market."""

    MARKETS = (("BTC", False), ("1000PEPE", False), ("ETH/USDC", True))

    @classmethod
    def setUpClass(cls):
        cls.stack = cls.make_stack()
        cls.readers = {}
        for simulated, spot in cls.MARKETS:
            cls.readers[simulated] = Reader(cls.stack.market(), every_channel(simulated, spot))

    @classmethod
    def make_stack(cls):
        return Stack(("--updates_per_second=20",), exchanges=(LIGHTER,))

    @classmethod
    def tearDownClass(cls):
        for reader in cls.readers.values():
            reader.close()
        cls.stack.close()

    def payloads(self, simulated, kind, count=1, source=values_pb2.SOURCE_WEBSOCKET):
        """The payloads of the first events with that content."""
        reader = self.readers[simulated]
        found = lambda: [getattr(each, kind) for each in list(reader.events)
                         if each.WhichOneof("payload") == kind and each.source == source]
        reader.wait(lambda _: len(found()) >= count, 40, f"{kind} of {simulated}")
        return found()

    def test_trades_are_those_of_the_exchange(self):
        for simulated, _ in self.MARKETS:
            lot = lot_of(simulated)
            told = {}
            for trades in self.payloads(simulated, "trades", 3):
                for each in trades.trades:
                    told[each.trade_id] = (
                        Decimal(each.price_mantissa).scaleb(trades.price_exponent),
                        Decimal(each.quantity_mantissa).scaleb(trades.quantity_exponent))
            market_id = self.lighter_markets()[simulated]["market_id"]
            theirs = {str(each["trade_id"]): (Decimal(each["price"]) / lot,
                                              Decimal(each["size"]) * lot)
                      for each in self.lighter("recentTrades", market_id=market_id,
                                               limit=100)["trades"]}
            both = told.keys() & theirs.keys()
            self.assertGreater(len(both), 0, simulated)
            self.assertEqual({each: told[each] for each in both},
                             {each: theirs[each] for each in both})

    def test_statistics_are_in_base_units(self):
        for simulated, spot in self.MARKETS:
            row = self.lighter_markets()[simulated]
            lot = lot_of(simulated)
            # The market moves between the two answers, but not by much.
            near = lambda got, theirs: self.assertLess(
                abs(Decimal(got) * lot / Decimal(theirs) - 1), Decimal("0.05"), simulated)
            near(self.payloads(simulated, "ticker")[-1].last_price, row["last_trade_price"])
            near(self.payloads(simulated, "candle")[-1].close, row["last_trade_price"])
            if not spot:
                near(self.payloads(simulated, "mark_price")[-1].mark_price, row["mark_price"])

    def test_funding_is_of_the_hour(self):
        rates = {each["symbol"]: Decimal(each["rate"])
                 for each in self.lighter("funding-rates")["funding_rates"]
                 if each["exchange"] == "lighter"}
        for simulated in ("BTC", "1000PEPE"):
            got = self.payloads(simulated, "funding_rate")[-1]
            self.assertEqual(got.interval_seconds, HOUR)
            self.assertEqual(Decimal(got.rate_8h), 8 * Decimal(got.rate))
            # The estimate moves; its size does not.
            self.assertLess(abs(Decimal(got.rate_8h) - rates[simulated]), Decimal("0.001"))
            self.assertGreater(got.next_payment_time_ns, time.time_ns() - 10**9)
            self.assertEqual(got.next_payment_time_ns % (HOUR * 10**9), 0)

    def test_best_prices_are_those_of_the_book(self):
        self.stack.flow(LIGHTER, updates_per_second=0)
        self.addCleanup(self.stack.flow, LIGHTER, updates_per_second=20)
        for simulated, _ in self.MARKETS:
            bids, asks = self.stack.truth(LIGHTER, simulated, 1)

            def is_true(_):
                told = [each.best_bid_offer for each in list(self.readers[simulated].events)
                        if each.WhichOneof("payload") == "best_bid_offer"]
                if not told:
                    return False
                scaled = lambda mantissa, exponent: Decimal(mantissa).scaleb(exponent)
                best = told[-1]
                return bids == {scaled(best.bid_price_mantissa, best.price_exponent):
                                scaled(best.bid_quantity_mantissa, best.quantity_exponent)} and \
                    asks == {scaled(best.ask_price_mantissa, best.price_exponent):
                             scaled(best.ask_quantity_mantissa, best.quantity_exponent)}

            self.readers[simulated].wait(is_true, 10, f"the best prices of {simulated}")


class WithoutASocket(unittest.TestCase):
    def carried(self, reader, source):
        return {events_pb2.Channel.Name(each.channel).removeprefix("CHANNEL_")
                for each in list(reader.events)
                if each.WhichOneof("payload") and each.source == source}

    def test_every_channel_is_polled_where_configuration_allows_no_socket(self):
        stack = Stack(("--updates_per_second=20",), exchanges=(LIGHTER,),
                      own_config={LIGHTER: (*LIGHTER_CONFIG, "websocket: false")})
        self.addCleanup(stack.close)
        reader = Reader(stack.market(), every_channel("BTC"))
        self.addCleanup(reader.close)
        reader.wait(lambda _: self.carried(reader, values_pb2.SOURCE_REST) == set(CHANNELS), 30,
                    "an event of every channel")
        self.assertEqual(stack.statistics(LIGHTER).accepted_sockets, 0)
        told = stack.status().GetCapabilities(status.GetCapabilitiesRequest(), timeout=5)
        paths = {each.channel: each.path for each in told.capabilities[0].channels}
        self.assertEqual(set(paths.values()), {status.PATH_POLLED})
        stack.flow(LIGHTER, updates_per_second=0)
        truth = stack.truth(LIGHTER, "BTC", 10)
        book = reader.book(LIGHTER, "BTC")
        reader.wait(lambda _: (book.bids, book.asks) == truth, 10, "the true book")

    def test_every_channel_is_told_from_rest_while_no_socket_is_to_be_had(self):
        stack = Stack(("--updates_per_second=20",), exchanges=(LIGHTER,))
        self.addCleanup(stack.close)
        reader = Reader(stack.market(), every_channel("BTC"))
        self.addCleanup(reader.close)
        reader.wait(lambda _: self.carried(reader, values_pb2.SOURCE_WEBSOCKET) == set(CHANNELS),
                    40, "an event of every channel")
        refuse = stack.fault("HTTP_STATUS", LIGHTER, path="websocket", http_status=503)
        stack.fault("CLOSE_SOCKETS", LIGHTER)
        reader.wait(lambda _: self.carried(reader, values_pb2.SOURCE_REST) == set(CHANNELS), 40,
                    "every channel from REST")
        stack.clear(refuse)
        before = len(reader.events)
        back = lambda: {each.channel for each in list(reader.events)[before:]
                        if each.WhichOneof("payload")
                        and each.source == values_pb2.SOURCE_WEBSOCKET}
        reader.wait(lambda _: len(back()) == len(CHANNELS), 40, "every channel from a socket again")
        self.assertEqual(reader.breaches(), [])


if __name__ == "__main__":
    unittest.main()
