"""Whatever is wrong, in a request, a configuration or the surroundings, is told with the name of
the culprit; nothing hangs, nothing crashes, and what is right goes on."""

import signal
import socket
import tempfile
import time
import unittest

from tests.integration.stack import *  # noqa: F403

# After the stack, which knows where the contract's code is.
from switchyard.common.v1 import errors_pb2  # noqa: E402
from switchyard.router.v1 import router_service_pb2 as router  # noqa: E402

INVALID, MISSING = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
SERVICE = "/switchyard.marketdata.v1.MarketDataService/"
TIMEOUT = 10
CLOSED = "127.0.0.1:1"  # nobody listens there


def text_field(number, text):
    """A string field of fewer than 128 bytes, on the wire."""
    return bytes([number << 3 | 2, len(text)]) + text.encode()


class Refusals(unittest.TestCase):
    def refused(self, action, code, reason, *named):
        """The call fails at once with this code and reason and names what is wrong."""
        begin = time.monotonic()
        with self.assertRaises(grpc.RpcError) as refusal:
            action()
        error = refusal.exception
        self.assertEqual((error.code(), reason_of(error)), (code, reason), error.details())
        for each in named:
            self.assertIn(each, error.details())
        self.assertLess(time.monotonic() - begin, TIMEOUT)


class Requests(Refusals):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(("--updates_per_second=20",))

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def both(self):
        return (self.stack.market(routed) for routed in (False, True))

    def test_unary_requests_name_the_wrong_field(self):
        spot = {"exchange": SPOT, "symbol": "BTC-USDT"}
        price = {**spot, "side": values_pb2.SIDE_BUY}
        cases = [
            ("GetOrderBook", {**spot, "exchange": ""}, INVALID, "INVALID_FIELD", "exchange"),
            ("GetOrderBook", {**spot, "exchange": "nowhere"}, INVALID, "UNKNOWN_EXCHANGE",
             "nowhere"),
            ("GetOrderBook", {**spot, "symbol": ""}, INVALID, "INVALID_FIELD", "symbol"),
            ("GetOrderBook", {**spot, "symbol": "NOPE-USDT"}, MISSING, "UNKNOWN_INSTRUMENT",
             "NOPE-USDT"),
            ("GetOrderBook", {**spot, "symbol": "BTC_USDT"}, MISSING, "UNKNOWN_INSTRUMENT",
             "BTC_USDT"),
            ("GetOrderBook", {**spot, "symbol": "币" * 80}, MISSING, "UNKNOWN_INSTRUMENT", "币"),
            ("GetOrderBook", {**spot, "depth": 51}, INVALID, "DEPTH_NOT_OFFERED", "51", "50"),
            ("GetOrderBook", {**spot, "max_age_ns": -1}, INVALID, "INVALID_FIELD", "max_age_ns"),
            ("GetOrderBook", {**spot, "allowed_sources": [99]}, INVALID, "INVALID_FIELD",
             "allowed_sources", "99"),
            ("GetOrderPrice", {**spot, "quantity": "1"}, INVALID, "INVALID_FIELD", "side"),
            ("ListCandles", spot, INVALID, "INVALID_FIELD", "interval_seconds"),
            ("ListCandles", {**spot, "interval_seconds": 61}, INVALID, "DEPTH_NOT_OFFERED", "61"),
            ("ListCandles", {**spot, "interval_seconds": 60, "start_time_ns": 2, "end_time_ns": 1},
             INVALID, "INVALID_FIELD", "end_time_ns"),
            ("ListTrades", {**spot, "page_size": 1001}, INVALID, "INVALID_FIELD", "page_size",
             "1001"),
            ("ListTickers", {"exchange": SPOT, "symbols": ["BTC-USDT", ""]}, INVALID,
             "INVALID_FIELD", "symbols"),
            ("ListTickers", {"exchange": SPOT, "symbols": ["BTC-USDT"] * 1001}, INVALID,
             "REQUEST_TOO_LARGE", "symbols", "1001"),
            ("ListInstruments", {"exchange": SPOT, "kind": 77}, INVALID, "INVALID_FIELD", "kind"),
        ]
        cases += [("GetOrderPrice", {**price, "quantity": wrong}, INVALID, "INVALID_FIELD",
                   "quantity") for wrong in ("", "1e5", "1,5", "-1", "0", ".5", "5.", "+1", " 1",
                                             "NaN", "0x10", "1" * 39, "1" * 5000)]
        for stub in self.both():
            for method, fields, code, reason, *named in cases:
                with self.subTest(method=method, fields=str(fields)[:80], reason=reason):
                    request = getattr(market, method + "Request")(**fields)
                    self.refused(lambda: getattr(stub, method)(request, timeout=TIMEOUT), code,
                                 reason, *named)

    def test_subscriptions_are_refused_one_by_one(self):
        good = subscription(SPOT, "BTC_USDT")
        cases = [(subscription("nowhere", "BTC_USDT"), "UNKNOWN_EXCHANGE", "nowhere"),
                 (subscription(SPOT, "NOPE_USDT"), "UNKNOWN_INSTRUMENT", "NOPE-USDT"),
                 (market.MarketDataSubscription(exchange=SPOT, symbol="BTC-USDT"), "INVALID_FIELD",
                  "channel"),
                 (market.MarketDataSubscription(exchange=SPOT, symbol="BTC-USDT", channel=99),
                  "INVALID_FIELD", "channel"),
                 (subscription(SPOT, "BTC_USDT", depth=51), "DEPTH_NOT_OFFERED", "51"),
                 (subscription(SPOT, "BTC_USDT", "TRADES", depth=10), "INVALID_FIELD", "depth"),
                 (subscription(SPOT, "BTC_USDT", "CANDLES"), "INVALID_FIELD", "interval_seconds"),
                 (subscription(SPOT, "BTC_USDT", "MARK_PRICE"), "NOT_IN_CAPABILITIES", "MARK_PRICE")]
        for stub in self.both():
            reader = Reader(stub, [good] + [each[0] for each in cases])
            self.addCleanup(reader.close)
            reader.wait(lambda _: reader.acknowledgement is not None, 5, "the acknowledgement")
            results = reader.acknowledgement.results
            self.assertEqual(results[0].status.code, 0)
            for result, (_, reason, named) in zip(results[1:], cases, strict=True):
                told = errors_pb2.ErrorReason.Name(result.status.reason)
                self.assertEqual(told, "ERROR_REASON_" + reason, result)
                self.assertIn(named, result.status.message)
            reader.wait_live(SPOT, "BTC_USDT")

    def test_streams_of_nothing_or_too_much_end_at_once(self):
        for stub in self.both():
            stream = lambda count: next(stub.StreamMarketData(market.StreamMarketDataRequest(
                subscriptions=[subscription(SPOT, "BTC_USDT")] * count), timeout=TIMEOUT))
            self.refused(lambda: stream(0), INVALID, "INVALID_FIELD", "subscriptions")
            self.refused(lambda: stream(1001), INVALID, "REQUEST_TOO_LARGE", "subscriptions",
                         "1001")

    def test_a_message_of_5_mb_is_refused_and_the_connection_goes_on(self):
        for address in (self.stack.address, self.stack.router_address):
            channel = channel_to(address)
            stub = market_data_service_pb2_grpc.MarketDataServiceStub(channel)
            with self.assertRaises(grpc.RpcError) as refusal:
                stub.GetTicker(market.GetTickerRequest(exchange=SPOT, symbol="x" * 5_000_000),
                               timeout=TIMEOUT)
            self.assertEqual(refusal.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            stub.GetTicker(market.GetTickerRequest(exchange=SPOT, symbol="BTC-USDT"),
                           timeout=TIMEOUT)

    def test_requests_that_are_no_protobuf_are_refused_by_the_router(self):
        channel = channel_to(self.stack.router_address)
        whole = text_field(1, SPOT) + text_field(2, "BTC-USDT")
        cases = [(text_field(1, SPOT) + whole, "DUPLICATE_ROUTING_FIELD", "exchange"),
                 (whole + text_field(1, FUTURES), "DUPLICATE_ROUTING_FIELD", "exchange"),
                 (whole[:5], "INVALID_FIELD", "exchange"), (b"\x0a", "INVALID_FIELD", "exchange"),
                 (b"\x08\x01" + whole, "INVALID_FIELD", "exchange"),
                 (b"\xff" * 20, "INVALID_FIELD", "request"), (b"", "INVALID_FIELD", "exchange"),
                 (whole + b"\x1a\x7f", "INVALID_FIELD", "request"),
                 (whole + b"\x00", "INVALID_FIELD", "request"),
                 (b"\x0a\x02\xff\xfe", "INVALID_FIELD", "exchange"),
                 (b"\x0a\xac\x02" + b"x" * 300, "INVALID_FIELD", "exchange")]
        for content, reason, named in cases:
            with self.subTest(content=content[:40]):
                ask = channel.unary_unary(SERVICE + "GetTicker")
                self.refused(lambda: ask(content, timeout=TIMEOUT), INVALID, reason, named)
        # A private service is routed by its account, too.
        ask = channel.unary_unary("/switchyard.account.v1.AccountService/GetAccount")
        twice = text_field(1, SPOT) + text_field(2, "main") * 2
        self.refused(lambda: ask(twice, timeout=TIMEOUT), INVALID, "DUPLICATE_ROUTING_FIELD",
                     "account")

    def test_truncated_requests_never_hang_nor_crash(self):
        whole = market.StreamMarketDataRequest(
            subscriptions=[subscription(SPOT, "BTC_USDT")], heartbeat_interval_ms=500)
        content = whole.SerializeToString()
        for address in (self.stack.address, self.stack.router_address):
            stream = channel_to(address).unary_stream(SERVICE + "StreamMarketData")
            for length in range(1, len(content)):
                call = stream(content[:length], timeout=TIMEOUT)
                try:
                    next(call)
                except grpc.RpcError as error:
                    self.assertIn(error.code(), (INVALID, grpc.StatusCode.INTERNAL), length)
                call.cancel()

    def test_page_tokens_belong_to_their_request(self):
        for stub in self.both():
            page = stub.ListInstruments(
                market.ListInstrumentsRequest(exchange=SPOT, page_size=2), timeout=TIMEOUT)
            self.assertNotEqual(page.next_page_token, "")
            for fields in ({"page_token": "nonsense"}, {"page_token": "x" * 4000},
                           {"page_token": page.next_page_token, "base": "BTC"},
                           {"page_token": page.next_page_token[3:]}):
                request = market.ListInstrumentsRequest(exchange=SPOT, page_size=2, **fields)
                self.refused(lambda: stub.ListInstruments(request, timeout=TIMEOUT), INVALID,
                             "INVALID_PAGE_TOKEN", "page_token")
            other = market.ListTickersRequest(exchange=SPOT, page_token=page.next_page_token)
            self.refused(lambda: stub.ListTickers(other, timeout=TIMEOUT), INVALID,
                         "INVALID_PAGE_TOKEN", "page_token")

    def test_router_requests_name_the_wrong_field(self):
        stub = self.stack.router_service()
        leg = lambda exchange, symbol: {"instrument": {"exchange": exchange, "symbol": symbol}}
        good = leg(SPOT, "BTC-USDT")
        cases = [([], INVALID, "INVALID_FIELD", "legs"), ([{}], INVALID, "INVALID_FIELD", "legs"),
                 ([good] * 33, INVALID, "REQUEST_TOO_LARGE", "33"),
                 ([leg("nowhere", "X-Y")], INVALID, "UNKNOWN_EXCHANGE", "nowhere"),
                 ([leg(SPOT, "")], INVALID, "INVALID_FIELD", "symbol"),
                 ([leg(SPOT, "NOPE-USDT")], MISSING, "UNKNOWN_INSTRUMENT", "instruments"),
                 ([{"base": {"base": "BTC"}}], INVALID, "INVALID_FIELD", "kind"),
                 ([{"base": {"kind": 1}}], INVALID, "INVALID_FIELD", "base"),
                 ([{"base": {"base": "NOPE", "kind": 1}}], MISSING, "UNKNOWN_INSTRUMENT", "")]
        for legs, code, reason, named in cases:
            with self.subTest(legs=str(legs)[:80]):
                self.refused(lambda: stub.GetConsolidatedBook(
                    router.GetConsolidatedBookRequest(legs=legs), timeout=TIMEOUT), code, reason,
                    named)
        self.refused(lambda: stub.GetConsolidatedBook(router.GetConsolidatedBookRequest(
            legs=[good], depth=1001), timeout=TIMEOUT), INVALID, "INVALID_FIELD", "depth")
        self.refused(lambda: stub.ListExchanges(router.ListExchangesRequest(page_token="-1"),
                     timeout=TIMEOUT), INVALID, "INVALID_PAGE_TOKEN", "page_token")
        self.refused(lambda: stub.ListFundingRatesAcross(router.ListFundingRatesAcrossRequest(
            exchanges=["nowhere"]), timeout=TIMEOUT), INVALID, "UNKNOWN_EXCHANGE", "nowhere")

    def test_unknown_methods_are_unimplemented(self):
        for address in (self.stack.address, self.stack.router_address):
            with self.assertRaises(grpc.RpcError) as refusal:
                channel_to(address).unary_unary(SERVICE + "Nope")(b"", timeout=TIMEOUT)
            self.assertEqual(refusal.exception.code(), grpc.StatusCode.UNIMPLEMENTED)


class Starts(unittest.TestCase):
    """A start that cannot succeed ends at once, with a message that names the culprit."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = pathlib.Path(scratch.name)

    def ends(self, name, *arguments, named):
        process = Process(name, *arguments)
        self.addCleanup(process.stop, signal.SIGKILL)
        code = process.wait_end(TIMEOUT)
        said = [line for line in process.lines if line.startswith(name + ":")]
        self.assertIn(code, (1, 2), process.output())
        self.assertEqual(len(said), 1, process.output())
        for each in (named,) if isinstance(named, str) else named:
            self.assertIn(each, said[0])

    def configured(self, text):
        file = self.path / "config.yaml"
        file.write_text(text)
        return f"--config={file}"

    def exchange(self, *lines):
        """Were it to start, it would find nobody."""
        return self.configured("\n".join(
            ["exchanges:", "  - exchange: gateio",
             *(f"    {line}" for line in (lines or ("symbols: []",)))]) + "\n")

    def test_wrong_configurations(self):
        missing = "rest_url: http://" + CLOSED
        cases = [
            (("speed: 3",), ("exchanges[0].speed", "unknown field", "line 3")),
            (("rest_timeout_ms: soon",), ("exchanges[0].rest_timeout_ms", "soon")),
            (("rest_timeout_ms: -1",), ("exchanges[0].rest_timeout_ms", "-1")),
            (("rest_timeout_ms: 5", "rest_timeout_ms: 6"),
             ("exchanges[0].rest_timeout_ms", "duplicate key", "line 4")),
            (("rest_timeout_ms: 0",), ("exchange gateio", "rest_timeout_ms")),
            (("rest_url: nonsense",), ("exchange gateio", "rest_url", "no scheme")),
            (("limit_share_percent: 500",), ("exchange gateio", "limit_share_percent")),
            (("reconnect: {factor_percent: 1}",), ("exchange gateio", "reconnect.factor_percent")),
            (("reconnect: {first_ms: 500, cap_ms: 100}",),
             ("exchange gateio", "reconnect.cap_ms")),
            (("rollover_seconds: 1",), ("exchange gateio", "rollover_seconds")),
            (("options: {nope: x}",), ("exchange gateio", "options.nope")),
            (("book_symbols: ['']", missing), ("exchange gateio", "book_symbols", "empty")),
            (("ca_file: /nowhere.pem",), ("exchange gateio", "ca_file", "/nowhere.pem")),
            (("proxy: {host: p, port: 1, password: '${SWITCHYARD_TEST_NOT_SET}'}",),
             ("exchanges[0].proxy.password", "SWITCHYARD_TEST_NOT_SET")),
            (("proxy: {host: p, port: 1, password: 'file:/nowhere/secret'}",),
             ("exchanges[0].proxy.password", "/nowhere/secret")),
            (("proxy: {host: p, port: 1, password: 'file:secret'}",),
             ("exchanges[0].proxy.password", "absolute path")),
            (("proxy: {host: p, port: 1, password: written}",),
             ("exchanges[0].proxy.password", "by reference")),
        ]
        for lines, named in cases:
            with self.subTest(lines=lines):
                self.ends("switchyard", self.exchange(*lines), "--listen=127.0.0.1:0", named=named)

    def test_wrong_orders(self):
        account = ["accounts:", "  - {name: main, api_key: key, secret: '${SIMULATOR_SECRET}'}"]
        text = lambda line: "\n".join(
            ["exchanges:", "  - exchange: gateio", f"    rest_url: http://{CLOSED}",
             *(f"    {each}" for each in account), "orders:",
             f"  journal_directory: {self.path / 'journal'}", f"  {line}"]) + "\n"
        cases = {"dead_man_switch_seconds: 1": ("orders.dead_man_switch_seconds", "1 is neither"),
                 "dead_man_switch_seconds: 4000000000":
                     ("orders.dead_man_switch_seconds", "4000000000"),
                 "reconcile_interval_ms: 1": "orders.reconcile_interval_ms",
                 "drain_ms: 4000000000": ("orders.drain_ms", "4000000000"),
                 "queue_wait_ms: 4000000000": ("orders.queue_wait_ms", "4000000000"),
                 "command_timeout_ms: 1": "orders.command_timeout_ms",
                 "journal_synchronous: full": ("journal_synchronous", "full")}
        for line, named in cases.items():
            with self.subTest(line=line):
                self.ends("switchyard", self.configured(text(line)), "--listen=127.0.0.1:0",
                          named=named)

    def test_wrong_files(self):
        cases = {
            "exchanges: [\n": ("not YAML", "line 2"), "- a\n": "expected a mapping",
            "exchanges: 3\n": ("exchanges", "expected a sequence"),
            "exchanges:\n  - exchange: nowhere\n": ("nowhere", "gateio"),
            "exchanges:\n  - exchange: gateio\n  - exchange: gateio\n":
                ("exchanges[1].exchange", "occurs twice"),
            "exchanges:\n  - linger_ms: 1\n": ("exchanges[0].exchange", "required"),
            "process: {log_level: loud}\n": ("log_level", "loud"), "\x00\x01": "config.yaml",
        }
        for text, named in cases.items():
            with self.subTest(text=text):
                self.ends("switchyard", self.configured(text), "--listen=127.0.0.1:0", named=named)
        self.ends("switchyard", "--config=/nowhere.yaml", named="/nowhere.yaml")
        self.ends("switchyard", f"--config={self.path}", named=str(self.path))
        self.ends("switchyard", "--endpoints_file=/nowhere.json", named="/nowhere.json")
        endpoints = self.path / "endpoints.json"
        for text in ("{", "{}", "[]", '{"gateio": {}}'):
            endpoints.write_text(text)
            self.ends("switchyard", f"--endpoints_file={endpoints}", named=str(endpoints))

    def test_wrong_router_configurations(self):
        backend = "backends:\n  - {exchange: gateio, addresses: ['" + CLOSED + "']%s}\n"
        cases = {
            backend % ", nope: 1": "backends[0].nope", backend % ", component: nope": "nope",
            "backends:\n  - {exchange: gateio}\n": ("addresses", "gateio"),
            backend % "" + "default_deadline_ms: 0\n": "default_deadline_ms",
            "process: {}\n": "backends",
        }
        for text, named in cases.items():
            with self.subTest(text=text):
                self.ends("router", self.configured(text), "--listen=127.0.0.1:0", named=named)
        for flag in ("nonsense", "=" + CLOSED, "gateio=", "gateio/=" + CLOSED, "gateio/nope=a:1"):
            self.ends("router", "--listen=127.0.0.1:0", "--backend=" + flag, named="backend")

    def test_a_router_without_backends(self):
        self.ends("router", "--listen=127.0.0.1:0", named="backends")

    def test_unknown_flags_and_bad_values_of_flags(self):
        for name in ("simulator", "switchyard", "router"):
            self.ends(name, "--nope=1", named="--nope")
            self.ends(name, "stray", named="stray")
        self.ends("switchyard", self.exchange("rest_url: http://" + CLOSED), "--log_level=loud",
                  named="loud")
        for listen in ("nonsense", "127.0.0.1:99999", "127.0.0.1:x"):
            self.ends("switchyard", self.exchange("rest_url: http://" + CLOSED,
                                                  "websocket_url: ws://" + CLOSED),
                      "--listen=" + listen, named=listen)
        for flag, named in (("--port=x", "--port"), ("--symbols=99999", "--symbols"),
                            ("--updates_per_second=fast", "fast"), ("--tls", "--certificate"),
                            ("--listen_address=nonsense", "nonsense"),
                            ("--replay_spot=/nowhere/x", "/nowhere/x"),
                            ("--endpoints_file=/nowhere/x", "/nowhere/x")):
            self.ends("simulator", flag, named=named)

    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            port = address.split(":")[1]
            nobody = {"switchyard": (self.exchange("rest_url: http://" + CLOSED,
                                                   "websocket_url: ws://" + CLOSED),),
                      "router": ("--backend=gateio=" + CLOSED,)}
            for name, others in nobody.items():
                self.ends(name, *others, "--listen=" + address, named=address)
                for flag in ("--metrics_listen=", "--health_listen="):
                    self.ends(name, *others, "--listen=127.0.0.1:0", flag + address, named=address)
            for flag in (f"--port={port}", f"--grpc_port={port}", f"--metrics_listen={address}"):
                self.ends("simulator", flag, named=address)


class Limits(unittest.TestCase):
    def test_a_limit_of_no_market_is_named(self):
        stack = Stack(config=[*ACCOUNT_CONFIG, "    risk:", "      symbols:",
                              "        - {symbol: BTC_USDT, max_order_quantity: '1'}",
                              "        - {symbol: ETH-USDT, max_order_quantity: '1'}"],
                      router=False, exchanges=(SPOT,))
        self.addCleanup(stack.close)
        stack.switchyard.await_line(
            r"level=error event=risk_symbol_unknown exchange=gateio account=main symbol=BTC_USDT")
        self.assertFalse(any("risk_symbol_unknown" in line and "ETH-USDT" in line
                             for line in stack.switchyard.lines))


class DeadExchange(Refusals):
    def test_one_that_nobody_answers_for_is_told_and_leaves_the_other_alone(self):
        stack = Stack(("--updates_per_second=20",), router=False)
        self.addCleanup(stack.close)
        file = stack.path / "endpoints.json"
        stack.endpoints[FUTURES]["host"] = CLOSED
        file.write_text(json.dumps(stack.endpoints))
        self.assertEqual(stack.switchyard.stop(), 0)
        stack.start_switchyard()
        stack.start_router()
        for routed in (False, True):
            stub = stack.market(routed)
            perpetual = {"exchange": FUTURES, "symbol": "BTC-USDT-PERP"}
            for name in ("GetTicker", "GetOrderBook", "ListTrades", "GetInstrument"):
                request = getattr(market, name + "Request")(**perpetual)
                self.refused(lambda: getattr(stub, name)(request, timeout=TIMEOUT),
                             grpc.StatusCode.UNAVAILABLE, "EXCHANGE_UNREACHABLE")
            stub.GetTicker(market.GetTickerRequest(exchange=SPOT, symbol="BTC-USDT"),
                           timeout=TIMEOUT)
            reader = Reader(stub, [subscription(SPOT, "BTC_USDT"),
                                   subscription(FUTURES, "BTC_USDT")])
            self.addCleanup(reader.close)
            reader.wait_live(SPOT, "BTC_USDT")
            self.assertNotEqual(reader.book(FUTURES, "BTC_USDT").state, "live")
            told = stack.status(routed).GetStatus(status.GetStatusRequest(), timeout=5)
            market_data = {each.exchange: each for each in told.statuses
                           if each.component == "market_data"}
            self.assertEqual({each: market_data[each].ready for each in market_data},
                             {SPOT: True, FUTURES: False})
            errors = [each.last_error for each in market_data[FUTURES].connections]
            self.assertTrue(any(CLOSED in each for each in errors), errors)
        check = channel_to(stack.address).unary_unary("/grpc.health.v1.Health/Check")
        name = text_field(1, f"{FUTURES}/market_data")
        not_serving = bytes([1 << 3, 2])
        wait_until(lambda: check(name, timeout=5) == not_serving, 5, "NOT_SERVING")
        self.check_scatter(stack)

    def check_scatter(self, stack):
        """One dead exchange never fails the rest."""
        base = {"base": {"base": "BTC", "kind": values_pb2.INSTRUMENT_KIND_SPOT}}
        dead = {"instrument": {"exchange": FUTURES, "symbol": "BTC-USDT-PERP"}}
        got = stack.router_service().GetConsolidatedBook(
            router.GetConsolidatedBookRequest(legs=[base, dead]), timeout=TIMEOUT)
        self.assertGreater(len(got.book.bid_price_mantissas), 0)
        self.assertNotIn(FUTURES, {got.book.legs[each].exchange for each in got.book.bid_legs})
        funding = stack.router_service().ListFundingRatesAcross(
            router.ListFundingRatesAcrossRequest(), timeout=TIMEOUT)
        self.assertEqual([each.exchange for each in funding.errors], [FUTURES])


class Ends(unittest.TestCase):
    """SIGTERM while clients read: exit code 0 within 2 s, and clients learn why."""

    def setUp(self):
        self.stack = Stack(("--updates_per_second=200", "--push_every_change"))
        self.addCleanup(self.stack.close)

    def load(self, routed):
        readers = []
        for _ in range(8):
            reader = Reader(self.stack.market(routed), [
                subscription(exchange, each, channel) for exchange in (SPOT, FUTURES)
                for each in ("BTC_USDT", "ETH_USDT", "SOL_USDT")
                for channel in ("ORDER_BOOK", "TRADES")], keep_events=False,
                policy=values_pb2.SLOW_READER_POLICY_CONFLATE)
            self.addCleanup(reader.close)
            readers.append(reader)
        for reader in readers:
            reader.wait_live(SPOT, "BTC_USDT")
            reader.wait_live(FUTURES, "BTC_USDT")
        return readers

    def end(self, process):
        begin = time.monotonic()
        self.assertEqual(process.stop(signal.SIGTERM), 0, process.output())
        self.assertLess(time.monotonic() - begin, 2)

    def check_told(self, readers):
        for reader in readers:
            reader.wait(lambda _: reader.ended, 5, "the end")
            self.assertEqual((reader.error.code(), reason_of(reader.error)),
                             (grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN"))

    def test_switchyard_ends_its_streams_and_itself(self):
        readers = self.load(routed=False)
        self.end(self.stack.switchyard)
        self.check_told(readers)

    def test_the_router_ends_its_streams_and_itself(self):
        readers = self.load(routed=True)
        self.end(self.stack.router)
        self.check_told(readers)

    def test_the_simulator_ends_under_load(self):
        readers = self.load(routed=False)
        self.end(self.stack.simulator)
        for reader in readers:
            book = reader.book(SPOT, "BTC_USDT")
            reader.wait(lambda _: book.state == "stale", 5, "STALE")
            self.assertIsNone(reader.error)
        # With the exchange gone and its clients waiting it ends as fast.
        self.end(self.stack.switchyard)


if __name__ == "__main__":
    unittest.main()
