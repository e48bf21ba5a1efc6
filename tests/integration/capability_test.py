"""The capability table is tested: what GetCapabilities declares answers data, what it does not
declare answers UNIMPLEMENTED, directly and through the router. What is answered is compared with
the simulator's own REST answers, converted here from the exchange's documents alone."""

import collections
import json
import unittest
import urllib.parse
import urllib.request
from decimal import Decimal

from google.protobuf import descriptor_pb2, symbol_database

from tests.integration.stack import *  # noqa: F403

# After the stack, which knows where the contract's code is.
from tests.integration.private_requests import FUNDS_CONFIG, RateLimited, Requests  # noqa: E402
from switchyard.account.v1 import account_service_pb2 as account  # noqa: E402
from switchyard.common.v1 import errors_pb2  # noqa: E402
from switchyard.order.v1 import order_service_pb2 as order  # noqa: E402
from switchyard.position.v1 import position_service_pb2 as position  # noqa: E402
from switchyard.router.v1 import consolidated_book_pb2 as books_pb2  # noqa: E402
from switchyard.router.v1 import router_service_pb2 as router  # noqa: E402

SERVICES = [module.DESCRIPTOR.services_by_name[name] for module, name in (
    (market, "MarketDataService"), (order, "OrderService"), (position, "PositionService"),
    (account, "AccountService"))]
EXCHANGES = EVERY
# Those at which an account has all its services.
WITH_ACCOUNT = (SPOT, FUTURES)
COMPONENTS = ("account", "market_data", "order", "position")
NO_PATH = status.PATH_NONE
# By field name: valid in every request of market data that has such a field. Others stay unset.
VALUES = {"side": values_pb2.SIDE_BUY, "quantity": "0.01", "interval_seconds": 60, "page_size": 5}


def fill(message, exchange):
    """Sets every field that VALUES names, in nested messages too."""
    symbol = symbol_of(exchange, market_of(exchange, "BTC"))
    known = {**VALUES, "exchange": exchange, "symbol": symbol, "symbols": symbol}
    for field in message.DESCRIPTOR.fields:
        many = field.label == field.LABEL_REPEATED
        if field.message_type is not None:
            fill(getattr(message, field.name).add() if many else getattr(message, field.name),
                 exchange)
        elif field.name in known and many:
            getattr(message, field.name).append(known[field.name])
        elif field.name in known:
            setattr(message, field.name, known[field.name])
    return message


def request_of(method, exchange):
    """Of market data: valid. Of the others: all that names the market."""
    request = symbol_database.Default().GetPrototype(method.input_type)
    if method.name == "StreamMarketData":
        return request(subscriptions=[subscription(exchange, market_of(exchange, "BTC"))])
    return fill(request(), exchange)


def call(address, method, request, streams=False):
    """Any RPC by its descriptor. Returns the answer, or the stream."""
    answer = symbol_database.Default().GetPrototype(method.output_type)
    path = f"/{method.containing_service.full_name}/{method.name}"
    channel = channel_to(address)
    arguments = {"request_serializer": lambda each: each.SerializeToString(),
                 "response_deserializer": answer.FromString}
    if streams:
        return channel.unary_stream(path, **arguments)(request, timeout=5)
    return channel.unary_unary(path, **arguments)(request, timeout=5)


def first_of(address, method, request):
    answer = call(address, method, request, is_stream(method))
    return next(answer) if is_stream(method) else answer


def is_stream(method):
    proto = descriptor_pb2.ServiceDescriptorProto()
    method.containing_service.CopyToProto(proto)
    return next(each.server_streaming for each in proto.method if each.name == method.name)


def payload_of(response):
    """Names of the fields that are set and say more than what was asked."""
    return {field.name for field, _ in response.ListFields()} - {
        "exchange", "symbol", "depth", "freshness", "next_page_token", "exchange_time_ns",
        "position" if response.DESCRIPTOR.name == "ListOpenOrdersResponse" else "", "replayed"}


class Case(unittest.TestCase):
    maxDiff = None
    config = FUNDS_CONFIG
    own_config = None

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(("--updates_per_second=20", "--rate_limit_scale=20"), cls.config,
                          exchanges=EXCHANGES, own_config=cls.own_config)
        cls.requests = Requests(cls.stack)

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def addresses(self):
        return {"direct": self.stack.address, "routed": self.stack.router_address}

    def capabilities(self, address):
        stub = status_service_pb2_grpc.StatusServiceStub(channel_to(address))
        answer = stub.GetCapabilities(status.GetCapabilitiesRequest(), timeout=5)
        return {each.exchange: each for each in answer.capabilities}

    def refused(self, action, code, reason):
        with self.assertRaises(grpc.RpcError) as refusal:
            action()
        self.assertEqual((refusal.exception.code(), reason_of(refusal.exception)), (code, reason))
        return refusal.exception.details()


class Table(Case):
    own_config = {LIGHTER: LIGHTER_ACCOUNT_CONFIG}

    def test_every_rpc_is_declared_and_the_router_tells_what_the_services_tell(self):
        direct = self.capabilities(self.stack.address)
        self.assertEqual(direct, self.capabilities(self.stack.router_address))
        wanted = {f"{service.name}/{method.name}" for service in SERVICES
                  for method in service.methods}
        channels = {"MarketDataService/" + name.removeprefix("CHANNEL_")
                    for name, number in events_pb2.Channel.items() if number}
        for exchange in EXCHANGES:
            self.assertEqual({each.rpc for each in direct[exchange].rpcs}, wanted)
            self.assertEqual({each.channel for each in direct[exchange].channels}, channels)

    def test_every_rpc_answers_as_declared(self):
        for how, address in self.addresses().items():
            for exchange, declared in self.capabilities(address).items():
                paths = {each.rpc: each.path for each in declared.rpcs}
                for method in (each for service in SERVICES for each in service.methods):
                    name = f"{method.containing_service.name}/{method.name}"
                    if name in paths:
                        with self.subTest(how=how, exchange=exchange, rpc=name):
                            self.check_rpc(address, method, exchange, paths[name])

    def check_rpc(self, address, method, exchange, path):
        if path == NO_PATH:
            request = request_of(method, exchange)
            told = self.refused(lambda: first_of(address, method, request),
                                grpc.StatusCode.UNIMPLEMENTED, "NOT_IN_CAPABILITIES")
            self.assertIn(exchange, told)
            self.assertIn(method.name, told)
        elif method.containing_service == SERVICES[0]:
            self.check_answer(address, method, request_of(method, exchange))
        else:
            # Nothing was sent of what a rate limit refused.
            self.requests.patiently(lambda: self.check_answer(
                address, method, self.requests.make(method, exchange)))

    def check_answer(self, address, method, request):
        if is_stream(method):
            self.check_stream(call(address, method, request, streams=True))
            return
        answer = call(address, method, request)
        self.assertNotEqual(payload_of(answer), set())
        results = getattr(answer, "results", ())
        if any(each.status.reason == errors_pb2.ERROR_REASON_RATE_LIMITED for each in results):
            raise RateLimited()
        for result in results:
            self.assertEqual(result.status.code, 0, result)
            self.assertTrue(result.HasField("order"))

    def check_stream(self, stream):
        """Accepted, and then there is an event with content."""
        first = next(stream)
        self.assertEqual([each.status.code for each in first.acknowledgement.results], [0])
        events = next(message.events for message in stream if message.events)
        self.assertTrue(any(payload_of(each) - {"account", "kind", "epoch", "sequence"}
                            for each in events), events)
        stream.cancel()

    def test_every_channel_answers_as_declared(self):
        for how in self.addresses():
            for exchange in EXCHANGES:
                with self.subTest(how=how, exchange=exchange):
                    self.check_channels(how, exchange, market_of(exchange, "BTC"))

    def test_what_is_about_contracts_is_refused_of_a_spot_market(self):
        for how in self.addresses():
            with self.subTest(how=how):
                self.check_channels(how, LIGHTER, "ETH/USDC", {"MARK_PRICE", "FUNDING_RATE"})

    def check_channels(self, how, exchange, simulated, without=frozenset()):
        """`without`: the channels that the exchange has, but not of this market."""
        declared = self.capabilities(self.addresses()[how])[exchange]
        offered, refused = [], []
        for each in declared.channels:
            channel = each.channel.split("/")[1]
            if each.path == NO_PATH or channel in without:
                refused.append(subscription(exchange, simulated, channel))
            elif channel == "ORDER_BOOK":
                offered += [subscription(exchange, simulated, channel, depth)
                            for depth in declared.book_depths]
            elif channel == "CANDLES":
                offered += [subscription(exchange, simulated, channel, interval_seconds=seconds)
                            for seconds in declared.candle_interval_seconds]
            else:
                offered.append(subscription(exchange, simulated, channel))
        reader = Reader(self.stack.market(how == "routed"), offered + refused)
        self.addCleanup(reader.close)
        reader.wait(lambda _: reader.acknowledgement is not None, 5, "the acknowledgement")
        told = [(each.status.code, errors_pb2.ErrorReason.Name(each.status.reason))
                for each in reader.acknowledgement.results]
        no = (grpc.StatusCode.UNIMPLEMENTED.value[0], "ERROR_REASON_NOT_IN_CAPABILITIES")
        self.assertEqual(told[len(offered):], [no] * len(refused))
        self.assertEqual({code for code, _ in told[:len(offered)]}, {0})
        key = lambda each: (each.channel, each.depth, each.interval_seconds)
        wanted = {key(each) for each in offered}
        carried = lambda: {key(each) for each in reader.events if each.WhichOneof("payload")}
        reader.wait(lambda _: carried() >= wanted, 30, "an event of every channel")
        self.assertEqual(carried(), wanted)


class LighterRest:
    """The simulator's own REST answers of Lighter, numbers as they are written."""

    @classmethod
    def lighter(cls, path, **query):
        url = f"http://{cls.stack.endpoints[LIGHTER]['host']}/api/v1/{path}?" + \
            urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=5) as page:
            return json.loads(page.read(), parse_float=Decimal)

    @classmethod
    def lighter_markets(cls):
        """All rows of `orderBookDetails`, by symbol."""
        answer = cls.lighter("orderBookDetails", filter="all")
        return {each["symbol"]: each for each in
                answer["order_book_details"] + answer["spot_order_book_details"]}

    @classmethod
    def market_id(cls, simulated):
        return cls.lighter_markets()[simulated]["market_id"]


class Still(LighterRest, Case):
    """With the flow stopped nothing moves, so two answers can be compared."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        busy = lambda: all(cls.rest(cls, path) for path in (
            "/spot/trades?currency_pair=BTC_USDT", "/futures/usdt/trades?contract=BTC_USDT"))
        wait_until(busy, 10, "trades of Gate.io")
        busy = lambda: cls.lighter("recentTrades", market_id=cls.market_id("BTC"), limit=1)["trades"]
        wait_until(busy, 10, "trades of Lighter")
        cls.stack.flow(updates_per_second=0)
        # What is cached is from before the stop at most a second.
        fresh = lambda: all(cls.equals_truth(cls, exchange) for exchange in EXCHANGES)
        wait_until(fresh, 5, "true books")

    def equals_truth(self, exchange):
        simulated = market_of(exchange, "BTC")
        book = self.stack.market().GetOrderBook(market.GetOrderBookRequest(
            exchange=exchange, symbol=symbol_of(exchange, simulated)), timeout=5).order_book
        levels = ({}, {})
        change(levels[0], book.bid_price_mantissas, book.bid_quantity_mantissas, book)
        change(levels[1], book.ask_price_mantissas, book.ask_quantity_mantissas, book)
        return levels == self.stack.truth(exchange, simulated, 10)

    def rest(self, path):
        # Some symbols are not ASCII.
        path = urllib.parse.quote(path, safe="/?&=")
        url = f"http://{self.stack.endpoints[SPOT]['host']}/api/v4{path}"
        asked = urllib.request.Request(url, headers={"X-Gate-Size-Decimal": "1"})
        with urllib.request.urlopen(asked, timeout=5) as page:
            return json.loads(page.read(), parse_float=Decimal)

    def multiplier(self, exchange, simulated="BTC_USDT"):
        if exchange == SPOT:
            return Decimal(1)
        return Decimal(self.rest(f"/futures/usdt/contracts/{simulated}")["quanto_multiplier"])

    def compare(self, got, wanted):
        """Field by field; numbers by value, not by text."""
        for name, value in wanted.items():
            told = getattr(got, name)
            if isinstance(value, Decimal):
                told = Decimal(told)
            self.assertEqual(told, value, f"{name} of {got}")


class Values(Still):
    def test_spot_instruments(self):
        pairs = {each["id"]: each for each in self.rest("/spot/currency_pairs")}
        listed = self.stack.market().ListInstruments(
            market.ListInstrumentsRequest(exchange=SPOT, page_size=1000), timeout=5).instruments
        self.assertEqual([each.symbol for each in listed],
                         sorted(symbol_of(SPOT, each) for each in pairs))
        for got in listed:
            pair = pairs[got.exchange_symbol]
            self.compare(got, {
                "exchange": SPOT, "symbol": symbol_of(SPOT, pair["id"]),
                "kind": values_pb2.INSTRUMENT_KIND_SPOT, "base": pair["base"],
                "quote": pair["quote"], "tick": Decimal(1).scaleb(-pair["precision"]),
                "step": Decimal(1).scaleb(-pair["amount_precision"]), "multiplier": Decimal(1),
                "taker_fee": Decimal(pair["fee"]) / 100})
            for field, theirs in (("min_quantity", "min_base_amount"),
                                  ("min_notional", "min_quote_amount")):
                if pair.get(theirs):
                    self.compare(got, {field: Decimal(pair[theirs])})
            self.check_get_instrument(got)

    def test_futures_instruments(self):
        contracts = {each["name"]: each for each in self.rest("/futures/usdt/contracts")}
        listed = self.stack.market().ListInstruments(
            market.ListInstrumentsRequest(exchange=FUTURES, page_size=1000), timeout=5).instruments
        self.assertEqual([each.symbol for each in listed],
                         sorted(symbol_of(FUTURES, each) for each in contracts))
        for got in listed:
            contract = contracts[got.exchange_symbol]
            multiplier = Decimal(contract["quanto_multiplier"])
            self.compare(got, {
                "symbol": symbol_of(FUTURES, contract["name"]), "settle": "USDT",
                "kind": values_pb2.INSTRUMENT_KIND_PERPETUAL, "multiplier": multiplier,
                "tick": Decimal(contract["order_price_round"]),
                "min_quantity": Decimal(contract["order_size_min"]) * multiplier,
                "max_quantity": Decimal(contract["order_size_max"]) * multiplier,
                "max_leverage": Decimal(contract["leverage_max"]),
                "maker_fee": Decimal(contract["maker_fee_rate"]),
                "taker_fee": Decimal(contract["taker_fee_rate"]),
                "funding_interval_seconds": contract["funding_interval"]})
            if not contract["enable_decimal"]:
                self.compare(got, {"step": multiplier})
            self.check_get_instrument(got)

    def check_get_instrument(self, listed):
        got = self.stack.market().GetInstrument(
            market.GetInstrumentRequest(exchange=listed.exchange, symbol=listed.symbol), timeout=5)
        self.assertEqual(got.instrument, listed)

    def check_ticker(self, got, theirs, exchange, multiplier):
        spot = exchange == SPOT
        named = {"last_price": "last", "best_bid_price": "highest_bid", "high_24h": "high_24h",
                 "best_ask_price": "lowest_ask", "low_24h": "low_24h",
                 "base_volume_24h": "base_volume" if spot else "volume_24h_base",
                 "quote_volume_24h": "quote_volume" if spot else "volume_24h_quote"}
        if not spot:
            named |= {"mark_price": "mark_price", "index_price": "index_price",
                      "funding_rate": "funding_rate"}
        wanted = {ours: Decimal(theirs[name]) for ours, name in named.items()}
        wanted["change_24h"] = Decimal(theirs["change_percentage"]) / 100
        wanted["best_bid_quantity"] = Decimal(theirs["highest_size"]) * multiplier
        wanted["best_ask_quantity"] = Decimal(theirs["lowest_size"]) * multiplier
        if not spot:
            wanted["open_interest"] = Decimal(theirs["total_size"]) * multiplier
        self.compare(got, wanted)

    def test_tickers(self):
        for exchange, path, key in ((SPOT, "/spot/tickers", "currency_pair"),
                                    (FUTURES, "/futures/usdt/tickers", "contract")):
            theirs = {symbol_of(exchange, each[key]): each for each in self.rest(path)}
            listed = self.stack.market().ListTickers(
                market.ListTickersRequest(exchange=exchange, page_size=1000), timeout=5).tickers
            self.assertEqual({each.symbol for each in listed}, set(theirs))
            for got in listed:
                multiplier = self.multiplier(exchange, theirs[got.symbol][key])
                self.check_ticker(got, theirs[got.symbol], exchange, multiplier)
            symbol = symbol_of(exchange, "BTC_USDT")
            got = self.stack.market().GetTicker(
                market.GetTickerRequest(exchange=exchange, symbol=symbol), timeout=5).ticker
            self.check_ticker(got, theirs[symbol], exchange, self.multiplier(exchange))

    def test_trades_page_by_page(self):
        for exchange, path in ((SPOT, "/spot/trades?currency_pair=BTC_USDT&limit=20"),
                               (FUTURES, "/futures/usdt/trades?contract=BTC_USDT&limit=20")):
            theirs = self.rest(path)
            got, token = [], ""
            while len(got) < len(theirs):
                page = self.stack.market().ListTrades(market.ListTradesRequest(
                    exchange=exchange, symbol=symbol_of(exchange, "BTC_USDT"), page_size=7,
                    page_token=token), timeout=5)
                got, token = got + list(page.trades), page.next_page_token
                if not token:
                    break
            self.assertGreater(len(theirs), 0)
            for ours, each in zip(got, theirs, strict=False):
                self.check_trade(ours, each, exchange)
            self.assertGreaterEqual(len(got), len(theirs))

    def check_trade(self, got, theirs, exchange):
        size = Decimal(theirs["amount"] if exchange == SPOT else theirs["size"])
        sold = theirs["side"] == "sell" if exchange == SPOT else size < 0
        milliseconds = Decimal(theirs["create_time_ms"])
        if exchange == FUTURES:  # seconds, in spite of the name
            milliseconds *= 1000
        self.compare(got, {
            "trade_id": str(theirs["id"]), "price": Decimal(theirs["price"]),
            "quantity": abs(size) * self.multiplier(exchange),
            "taker_side": values_pb2.SIDE_SELL if sold else values_pb2.SIDE_BUY,
            "exchange_time_ns": int(milliseconds * 1_000_000)})

    def test_candles(self):
        for exchange in (SPOT, FUTURES):
            for seconds, name in ((60, "1m"), (3600, "1h"), (86400, "1d")):
                got = self.stack.market().ListCandles(market.ListCandlesRequest(
                    exchange=exchange, symbol=symbol_of(exchange, "BTC_USDT"),
                    interval_seconds=seconds, page_size=10), timeout=5).candles
                theirs = {each["open_time_ns"]: each for each in self.candles(exchange, name)}
                # An interval may end between the two questions.
                both = [each for each in got if each.open_time_ns in theirs and each.closed]
                self.assertGreaterEqual(len(both), 8)
                for each in both:
                    self.compare(each, {**theirs[each.open_time_ns], "interval_seconds": seconds})

    def candles(self, exchange, name):
        if exchange == SPOT:
            for each in self.rest(f"/spot/candlesticks?currency_pair=BTC_USDT&interval={name}"
                                  "&limit=10"):
                opened, quote, close, high, low, first, base = each[:7]
                yield {"open_time_ns": int(opened) * 10**9, "open": Decimal(first),
                       "high": Decimal(high), "low": Decimal(low), "close": Decimal(close),
                       "base_volume": Decimal(base), "quote_volume": Decimal(quote)}
            return
        for each in self.rest(f"/futures/usdt/candlesticks?contract=BTC_USDT&interval={name}"
                              "&limit=10"):
            yield {"open_time_ns": each["t"] * 10**9, "open": Decimal(each["o"]),
                   "high": Decimal(each["h"]), "low": Decimal(each["l"]),
                   "close": Decimal(each["c"]), "quote_volume": Decimal(each["sum"]),
                   "base_volume": Decimal(each["v"]) * self.multiplier(FUTURES)}

    def test_funding_rates_and_their_history(self):
        contracts = {symbol_of(FUTURES, each["name"]): each
                     for each in self.rest("/futures/usdt/contracts")}
        listed = self.stack.market().ListFundingRates(
            market.ListFundingRatesRequest(exchange=FUTURES, page_size=1000), timeout=5)
        self.assertEqual({each.symbol for each in listed.funding_rates}, set(contracts))
        for got in listed.funding_rates:
            contract = contracts[got.symbol]
            self.compare(got, {
                "rate": Decimal(contract["funding_rate"]),
                "rate_8h": Decimal(contract["funding_rate"]) * 28800 / contract["funding_interval"],
                "interval_seconds": contract["funding_interval"],
                "mark_price": Decimal(contract["mark_price"]),
                "next_payment_time_ns": int(contract["funding_next_apply"]) * 10**9})
        theirs = self.rest("/futures/usdt/funding_rate?contract=BTC_USDT&limit=10")
        got = self.stack.market().ListFundingRateHistory(market.ListFundingRateHistoryRequest(
            exchange=FUTURES, symbol="BTC-USDT-PERP", page_size=10), timeout=5).funding_rates
        self.assertEqual(len(got), 10)
        for ours, each in zip(got, theirs):
            self.compare(ours, {"rate": Decimal(each["r"]), "payment_time_ns": each["t"] * 10**9,
                                "kind": events_pb2.FUNDING_RATE_KIND_LAST})

    def test_books_best_prices_and_order_prices(self):
        for exchange in EXCHANGES:
            self.assertTrue(self.equals_truth(exchange))
            symbol = symbol_of(exchange, market_of(exchange, "BTC"))
            bids, asks = self.stack.truth(exchange, market_of(exchange, "BTC"), 50)
            best = self.stack.market().GetBestBidOffer(market.GetBestBidOfferRequest(
                exchange=exchange, symbol=symbol), timeout=5).best_bid_offer
            scaled = lambda mantissa, exponent: Decimal(mantissa).scaleb(exponent)
            self.assertEqual(
                (scaled(best.bid_price_mantissa, best.price_exponent),
                 scaled(best.bid_quantity_mantissa, best.quantity_exponent),
                 scaled(best.ask_price_mantissa, best.price_exponent),
                 scaled(best.ask_quantity_mantissa, best.quantity_exponent)),
                (max(bids), bids[max(bids)], min(asks), asks[min(asks)]))
            self.check_order_price(exchange, symbol, bids, asks)

    def check_order_price(self, exchange, symbol, bids, asks):
        for side, levels in ((values_pb2.SIDE_BUY, sorted(asks.items())),
                             (values_pb2.SIDE_SELL, sorted(bids.items(), reverse=True))):
            # Takes the best two levels whole.
            quantity = levels[0][1] + levels[1][1]
            got = self.stack.market().GetOrderPrice(market.GetOrderPriceRequest(
                exchange=exchange, symbol=symbol, side=side, quantity=f"{quantity:f}"), timeout=5)
            self.assertEqual(Decimal(got.worst_price), levels[1][0])
            cost = sum(price * size for price, size in levels[:2])
            self.assertLess(abs(Decimal(got.average_price) - cost / quantity), Decimal("0.00001"))
            resting = Decimal(got.post_only_price)
            self.assertTrue(resting < min(asks) if side == values_pb2.SIDE_BUY
                            else resting > max(bids), resting)


class AcrossExchanges(Still):
    """What RouterService serves."""

    def merged(self, legs, depth):
        """The true books of (exchange, simulated symbol) as one: (price, quantity, leg) a side."""
        books = [self.stack.truth(*leg, depth) for leg in legs]
        level = lambda side: [(price, size, index) for index, book in enumerate(books)
                              for price, size in book[side].items()]
        return (sorted(level(0), key=lambda each: (-each[0], each[2]))[:depth],
                sorted(level(1), key=lambda each: (each[0], each[2]))[:depth])

    def levels(self, book):
        price = lambda each: Decimal(each).scaleb(book.price_exponent)
        size = lambda each: Decimal(each).scaleb(book.quantity_exponent)
        side = lambda *columns: [(price(p), size(q), leg) for p, q, leg in zip(*columns)]
        return (side(book.bid_price_mantissas, book.bid_quantity_mantissas, book.bid_legs),
                side(book.ask_price_mantissas, book.ask_quantity_mantissas, book.ask_legs))

    CONSOLIDATED = {
        "a base": ([{"base": {"base": "BTC", "kind": values_pb2.INSTRUMENT_KIND_SPOT}}],
                   [(SPOT, "BTC_USDC"), (SPOT, "BTC_USDT")]),
        "a base in one quote": ([{"base": {"base": "BTC", "quote": "USDT",
                                           "kind": values_pb2.INSTRUMENT_KIND_SPOT}}],
                                [(SPOT, "BTC_USDT")]),
        "spot and perpetual": ([{"instrument": {"exchange": SPOT, "symbol": "BTC-USDT"}},
                                {"instrument": {"exchange": FUTURES, "symbol": "BTC-USDT-PERP"}}],
                               [(SPOT, "BTC_USDT"), (FUTURES, "BTC_USDT")]),
        "perpetuals of all exchanges": ([{"base": {"base": "BTC",
                                                   "kind": values_pb2.INSTRUMENT_KIND_PERPETUAL}}],
                                        [(FUTURES, "BTC_USDT"), (LIGHTER, "BTC")]),
    }

    def check_book(self, book, legs):
        self.assertEqual([(each.exchange, each.symbol) for each in book.legs],
                         [(exchange, symbol_of(exchange, each)) for exchange, each in legs])
        quotes = {each.quote for each in book.legs if each.state == books_pb2.LEG_STATE_LIVE}
        self.assertEqual(book.mixed_quotes, len(quotes) > 1)

    def test_exchanges_are_listed_with_their_components(self):
        got = self.stack.router_service().ListExchanges(router.ListExchangesRequest(), timeout=5)
        self.assertEqual([each.exchange for each in got.exchanges], sorted(EXCHANGES))
        for each in got.exchanges:
            self.assertEqual([part.component for part in each.components], list(COMPONENTS))
            self.assertTrue(all(part.ready for part in each.components), each)
        self.assertEqual(list(got.errors), [])

    def test_a_consolidated_book_is_the_merged_truth(self):
        for name, (selectors, legs) in self.CONSOLIDATED.items():
            with self.subTest(name):
                got = self.stack.router_service().GetConsolidatedBook(
                    router.GetConsolidatedBookRequest(legs=selectors), timeout=5)
                self.check_book(got.book, legs)
                self.assertEqual(self.levels(got.book), self.merged(legs, 10))

    def test_a_consolidated_stream_comes_to_the_merged_truth(self):
        for name, (selectors, legs) in self.CONSOLIDATED.items():
            with self.subTest(name):
                stream = self.stack.router_service().StreamConsolidatedBook(
                    router.StreamConsolidatedBookRequest(legs=selectors), timeout=15)
                first = next(stream)
                self.assertEqual([each.status.code for each in first.acknowledgement.results],
                                 [0] * len(selectors))
                books = (event.book for message in stream for event in message.events)
                for book in books:
                    self.check_book(book, legs)
                    if self.levels(book) == self.merged(legs, 10):
                        break
                else:
                    self.fail("the stream ended before the true book")
                stream.cancel()

    def test_funding_is_compared_over_exchanges(self):
        wanted = {}
        for each in self.rest("/futures/usdt/contracts"):
            base = each["name"].rsplit("_", 1)[0]
            wanted[base, FUTURES] = Decimal(each["funding_rate"]) * 28800 / each["funding_interval"]
        for each in self.lighter("funding-rates")["funding_rates"]:
            if each["exchange"] == "lighter":
                base = symbol_of(LIGHTER, each["symbol"]).split("-")[0]
                wanted[base, LIGHTER] = Decimal(each["rate"])  # of 8 hours
        got = self.stack.router_service().ListFundingRatesAcross(
            router.ListFundingRatesAcrossRequest(page_size=1000), timeout=5)
        self.assertEqual({(each.base, rate.exchange): Decimal(rate.rate_8h)
                          for each in got.comparisons for rate in each.rates}, wanted)
        self.assertEqual({rate.exchange for each in got.comparisons for rate in each.rates
                          if each.base == "BTC"}, {FUTURES, LIGHTER})
        for each in got.comparisons:
            rates = [Decimal(rate.rate_8h) for rate in each.rates]
            self.assertEqual(rates, sorted(rates, reverse=True))
            self.assertEqual(Decimal(each.spread_8h), rates[0] - rates[-1])
        # An exchange without funding is no error.
        self.assertEqual(list(got.errors), [])
        one = self.stack.router_service().ListFundingRatesAcross(
            router.ListFundingRatesAcrossRequest(bases=["ETH"]), timeout=5)
        self.assertEqual([each.base for each in one.comparisons], ["ETH"])

    def test_status_of_all_backends_is_merged(self):
        for routed in (False, True):
            got = self.stack.status(routed).GetStatus(status.GetStatusRequest(), timeout=5)
            self.assertEqual(sorted((each.exchange, each.component) for each in got.statuses),
                             [(each, part) for each in EXCHANGES for part in COMPONENTS])
            self.assertTrue(all(each.ready for each in got.statuses), got)
            watch = self.stack.status(routed).WatchStatus(
                status.WatchStatusRequest(interval_ms=100), timeout=5)
            self.assertTrue(next(watch).HasField("acknowledgement"))
            seen = set()
            while len(seen) < len(got.statuses):
                seen |= {(each.exchange, each.component) for each in next(watch).events}
            self.assertEqual(seen, {(each.exchange, each.component) for each in got.statuses})
            watch.cancel()


class AcrossAccounts(Case):
    """What RouterService serves of accounts."""

    def rests(self, exchange):
        return self.requests.placed(exchange).client_order_id

    def test_a_portfolio_is_the_accounts_and_their_sums(self):
        for exchange in WITH_ACCOUNT:
            self.requests.bought(exchange)
            self.rests(exchange)
        # Nothing moves between the questions.
        self.stack.flow(updates_per_second=0)
        self.addCleanup(self.stack.flow, updates_per_second=20)
        got = self.stack.router_service().GetPortfolio(router.GetPortfolioRequest(), timeout=5)
        self.assertEqual([each.exchange for each in got.accounts], list(WITH_ACCOUNT))
        self.assertEqual(list(got.errors), [])
        for each in got.accounts:
            self.check_account(each)
        spot, futures = got.accounts
        self.assertEqual([(each.symbol, each.side) for each in futures.positions],
                         [("BTC-USDT-PERP", values_pb2.SIDE_BUY)])
        self.assertEqual(list(spot.positions), [])
        self.check_totals(got)

    def check_account(self, got):
        """As AccountService says it of this account."""
        self.assertEqual(got.figures.exchange_account_id, str(USER_ID))
        listed = self.stack.account(routed=False).ListBalances(account.ListBalancesRequest(
            exchange=got.exchange, account=ACCOUNT, page_size=1000), timeout=5).balances
        told = lambda balances: {each.currency: tuple(map(Decimal, (
            each.total, each.available, each.locked))) for each in balances}
        wanted = {name: sums for name, sums in told(listed).items() if any(sums)}
        self.assertGreater(wanted["USDT"][2], 0)
        self.assertEqual(told(got.balances), wanted)

    def check_totals(self, got):
        wanted = collections.defaultdict(lambda: [Decimal(0)] * 5)
        add = lambda currency, index, value: wanted[currency].__setitem__(
            index, wanted[currency][index] + Decimal(value or "0"))
        for each in got.accounts:
            for balance in each.balances:
                for index, name in enumerate(("total", "available", "locked")):
                    add(balance.currency, index, getattr(balance, name))
            if each.figures.currency:
                add(each.figures.currency, 3, each.figures.total.equity.value)
            for held in each.positions:
                add(held.settle_currency, 4, held.unrealised_profit.value)
        self.assertGreater(wanted["USDT"][3], 0)
        self.assertEqual([each.currency for each in got.totals], sorted(wanted))
        for each in got.totals:
            told = [each.total, each.available, each.locked, each.equity, each.unrealised_profit]
            self.assertEqual([Decimal(value or "0") for value in told], wanted[each.currency])

    def test_private_events_of_all_accounts_come_on_one_stream(self):
        topics = [(exchange, channel) for exchange in WITH_ACCOUNT for channel in (1, 2, 3)]
        stream = self.stack.router_service().StreamPrivateEvents(router.StreamPrivateEventsRequest(
            subscriptions=[{"exchange": exchange, "account": ACCOUNT, "channel": channel}
                           for exchange, channel in topics]), timeout=15)
        results = next(stream).acknowledgement.results
        told = {topic: errors_pb2.ErrorReason.Name(each.status.reason)
                for topic, each in zip(topics, results, strict=True)}
        no = "ERROR_REASON_NOT_IN_CAPABILITIES"
        self.assertEqual(told, {topic: no if topic == (SPOT, 2) else "ERROR_REASON_UNSPECIFIED"
                                for topic in topics})
        placed = {exchange: self.rests(exchange) for exchange in WITH_ACCOUNT}
        seen = set()
        wanted = {("order", exchange, placed[exchange]) for exchange in WITH_ACCOUNT} | {
            ("position", FUTURES, "snapshot"), ("account", SPOT, "snapshot"),
            ("account", FUTURES, "snapshot")}
        for message in stream:
            for each in message.events:
                kind = each.WhichOneof("event")
                event = getattr(each, kind)
                self.assertEqual(event.account, ACCOUNT)
                what = (event.order.ticket.client_order_id if kind == "order" else
                        "snapshot" if event.kind == values_pb2.STATE_EVENT_KIND_SNAPSHOT else "")
                seen.add((kind, event.exchange, what))
            if seen >= wanted:
                break
        self.assertLessEqual(wanted, seen)
        stream.cancel()

    def test_everything_is_canceled_everywhere(self):
        placed = {exchange: [self.rests(exchange), self.rests(exchange)]
                  for exchange in WITH_ACCOUNT}
        still_open = lambda exchange: [each.text for each in self.stack.client_orders(exchange)
                                       if each.open]
        before = {exchange: len(still_open(exchange)) for exchange in WITH_ACCOUNT}
        for exchange in WITH_ACCOUNT:
            self.assertGreaterEqual(before[exchange], len(placed[exchange]))
        got = self.stack.router_service().CancelEverything(
            router.CancelEverythingRequest(request_id=self.requests.name()), timeout=5)
        self.assertEqual([(each.exchange, each.status.code, each.canceled, each.remaining_open)
                          for each in got.results],
                         [(exchange, 0, before[exchange], 0) for exchange in WITH_ACCOUNT])
        self.assertEqual([still_open(exchange) for exchange in WITH_ACCOUNT], [[], []])

    def test_accounts_are_named(self):
        stub = self.stack.router_service()
        listed = stub.ListExchanges(router.ListExchangesRequest(), timeout=5).exchanges
        private = [part for each in listed for part in each.components
                   if part.component != "market_data" and each.exchange in WITH_ACCOUNT]
        portfolio = stub.GetPortfolio(router.GetPortfolioRequest(), timeout=5).accounts
        canceled = stub.CancelEverything(router.CancelEverythingRequest(
            request_id=self.requests.name()), timeout=5).results
        self.assertEqual([[ACCOUNT] * len(private), [ACCOUNT] * 2, [ACCOUNT] * 2],
                         [[*sum((list(part.accounts) for part in private), [])],
                          [each.account for each in portfolio],
                          [each.account for each in canceled]])


class FundsOff(Case):
    """An account whose configuration allows neither withdrawals nor transfers."""

    config = ACCOUNT_CONFIG

    def test_money_does_not_leave(self):
        balance = lambda: self.stack.account(routed=False).ListBalances(
            account.ListBalancesRequest(exchange=SPOT, currencies=["USDT"]), timeout=5).balances[0]
        before = balance().total
        for address in self.addresses().values():
            for name in ("Withdraw", "Transfer"):
                method = SERVICES[3].methods_by_name[name]
                self.refused(lambda: call(address, method, self.requests.make(method, SPOT)),
                             grpc.StatusCode.FAILED_PRECONDITION, "DISABLED_BY_CONFIGURATION")
        self.assertEqual(balance().total, before)


class NoAccount(Case):
    """Without an account private RPCs are refused by name, and market data is served."""

    config = ()

    def test_what_needs_an_account_names_the_lack_of_it(self):
        for address in self.addresses().values():
            for exchange, declared in self.capabilities(address).items():
                paths = {each.rpc: each.path for each in declared.rpcs}
                for method in (each for service in SERVICES[1:] for each in service.methods):
                    if paths[f"{method.containing_service.name}/{method.name}"] == NO_PATH:
                        continue
                    request = request_of(method, exchange)
                    with self.subTest(exchange=exchange, rpc=method.name):
                        told = self.refused(lambda: first_of(address, method, request),
                                            grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_ACCOUNT")
                        self.assertIn("no account", told)


def length_delimited(number, content):
    """A field of fewer than 128 bytes, on the wire."""
    return bytes([number << 3 | 2, len(content)]) + content


class Probes(Case):
    """grpc.health.v1 and reflection, whose messages are written by hand."""

    def health(self, address, name):
        check = channel_to(address).unary_unary("/grpc.health.v1.Health/Check")
        return check(length_delimited(1, name.encode()), timeout=5)

    def test_health_has_a_name_per_exchange_and_component(self):
        serving = bytes([1 << 3, 1])
        for address in self.addresses().values():
            for name in ["", *(f"{each}/{part}" for each in EXCHANGES for part in COMPONENTS)]:
                wait_until(lambda: self.health(address, name) == serving, 5, f"health of {name!r}")
            with self.assertRaises(grpc.RpcError) as refused:
                self.health(address, "nobody/market_data")
            self.assertEqual(refused.exception.code(), grpc.StatusCode.NOT_FOUND)

    def reflect(self, address, question):
        ask = channel_to(address).stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        return next(ask(iter([question]), timeout=5))

    def test_reflection_lists_and_describes_what_is_served(self):
        services = [each.full_name for each in SERVICES] + ["switchyard.status.v1.StatusService"]
        for how, address in self.addresses().items():
            names = services + (["switchyard.router.v1.RouterService"] if how == "routed" else [])
            listed = self.reflect(address, length_delimited(7, b""))
            for name in names:
                self.assertIn(name.encode(), listed)
                described = self.reflect(address, length_delimited(4, name.encode()))
                # The file of the service, with every method's name.
                self.assertIn(name.rsplit(".", 1)[0].encode(), described)
            for method in SERVICES[1].methods:
                self.assertIn(method.name.encode(), self.reflect(
                    address, length_delimited(4, SERVICES[1].full_name.encode())))


if __name__ == "__main__":
    unittest.main()
