"""TLS, principals and grants on the whole path: a client with a token calls the router, which calls
the services by its certificate and names the principal; and everything that must not pass is
refused at its first door, clearly, and by the services again."""

import hashlib
import socket
import ssl
import stat
import subprocess
import tempfile
import unittest

from tests.integration.private_requests import *  # noqa: F403
from tests.integration.tls_test import make_authority, make_certificate, openssl

# After the stack, which knows where the contract's code is.
from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from switchyard.router.v1 import private_events_pb2  # noqa: E402
from switchyard.router.v1 import router_service_pb2 as router  # noqa: E402

Code = grpc.StatusCode
SECOND = "second"
ACCOUNTS = ["accounts:"] + [line for name in (ACCOUNT, SECOND) for line in (
    f"  - name: {name}", "    api_key: simulator-key-000" + ("1" if name == ACCOUNT else "2"),
    "    secret: ${" + ("SIMULATOR_SECRET" if name == ACCOUNT else "SIMULATOR_SECRET_2") + "}")]
os.environ.setdefault("SIMULATOR_SECRET_2", "simulator-secret-0002")

# Principals and their tokens. No log, metric, error or audit line may show one.
TOKENS = {name: f"token-of-{name}-8c1f" for name in
          ("trader", "reader", "second", "former", "hasty", "admin")}
GRANTS = {
    "trader": [("trade", SPOT, ACCOUNT)],
    "reader": [("read", "", "")],
    "second": [("trade", SPOT, SECOND)],
    "former": [("admin", "", "")],
    "hasty": [("read", "", "")],
    "admin": [("admin", "", "")],
}


def access_lines(routers):
    lines = ["access:", "  principals:"]
    for name, token in TOKENS.items():
        lines += [f"    - name: {name}", "      tokens:",
                  f"        - sha256: {hashlib.sha256(token.encode()).hexdigest()}"]
        if name == "former":
            lines += ["          expires: '2025-01-01T00:00:00Z'"]
        if name == "trader":
            lines += ["      certificates: [bot.local]"]
        if name == "hasty":
            lines += ["      limits: {max_requests_per_second: 3, max_streams: 1,"
                      " max_request_bytes: 200}"]
        lines += ["      grants:"]
        for role, exchange, account in GRANTS[name]:
            lines += [f"        - {{role: {role}, exchange: '{exchange}', account: '{account}'}}"]
    return lines + (["  routers: [router.local]"] if routers else [])


def tls_lines(keys):
    return ["tls:", f"  certificate_file: {keys}/server.pem",
            f"  private_key_file: {keys}/server.key", f"  client_ca_file: {keys}/authority.pem",
            "  reload_seconds: 1"]


class Credentials:
    """What a client shows: its certificate, its token, other headers."""

    def __init__(self, keys, token=None, certificate=None, authority="authority", **headers):
        read = lambda name: (keys / name).read_bytes()  # noqa: E731
        pair = (read(f"{certificate}.key"), read(f"{certificate}.pem")) if certificate else ()
        self.tls = grpc.ssl_channel_credentials(read(f"{authority}.pem"), *pair)
        self.metadata = [(name.replace("_", "-"), value) for name, value in headers.items()]
        if token:
            self.metadata.append(("authorization", f"Bearer {token}"))

    def channel(self, address, plaintext=False):
        channel = (grpc.insecure_channel(address, options=CHANNEL_OPTIONS) if plaintext else
                   grpc.secure_channel(address, self.tls, options=CHANNEL_OPTIONS))
        return grpc.intercept_channel(channel, WithMetadata(self.metadata))


class WithMetadata(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    def __init__(self, metadata):
        self.metadata = metadata

    def _with(self, proceed, details, request):
        metadata = list(details.metadata or ()) + self.metadata
        return proceed(details._replace(metadata=metadata), request)

    intercept_unary_unary = intercept_unary_stream = _with


class SecureStack(Stack):
    """All calls without other credentials are the trader's, through the router."""

    def __init__(self, keys, **options):
        self.keys = keys
        super().__init__(**options)

    def as_(self, name=None, routed=True, plaintext=False, **shown):
        credentials = Credentials(self.keys, token=TOKENS.get(name), **shown)
        return credentials.channel(self._address(routed), plaintext)

    def market(self, routed=True):
        return market_data_service_pb2_grpc.MarketDataServiceStub(self.as_("reader", routed))

    def orders(self, routed=True):
        return order_service_pb2_grpc.OrderServiceStub(self.as_("trader", routed))


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.keys = keys = pathlib.Path(scratch.name)
        for each in ("authority", "stranger"):
            make_authority(keys, each)
        make_certificate(keys, "server", "authority", "IP:127.0.0.1,DNS:localhost")
        make_certificate(keys, "router", "authority", "DNS:router.local")
        make_certificate(keys, "bot", "authority", "DNS:bot.local")
        make_certificate(keys, "unknown", "authority", "DNS:unknown.local")
        make_certificate(keys, "foreign", "stranger", "DNS:bot.local")
        make_certificate(keys, "ended", "authority", "DNS:bot.local")
        openssl("x509", "-req", "-in", keys / "ended.csr", "-CA", keys / "authority.pem", "-CAkey",
                keys / "authority.key", "-days", "0", "-out", keys / "ended.pem")
        cls.audit = {name: keys / f"{name}.audit" for name in ("services", "router")}
        cls.stack = SecureStack(
            keys, config=ACCOUNTS,
            process=[*tls_lines(keys), *access_lines(routers=True),
                     f"audit_log: {cls.audit['services']}"],
            router_config=["process:", *(f"  {line}" for line in (
                *tls_lines(keys), *access_lines(routers=False),
                f"audit_log: {cls.audit['router']}")),
                "backend_tls:", f"  ca_file: {keys}/authority.pem",
                f"  certificate_file: {keys}/router.pem",
                f"  private_key_file: {keys}/router.key", "  reload_seconds: 1"])
        cls.addClassCleanup(cls.stack.close)
        cls.requests = Requests(cls.stack)
        cls.await_orders()

    @classmethod
    def await_orders(cls):
        def ready():
            try:
                return cls.stack.orders().GetRiskLimits(orders.GetRiskLimitsRequest(
                    exchange=SPOT, account=ACCOUNT), timeout=5).accepting_orders
            except grpc.RpcError as error:
                if error.code() not in (Code.UNAVAILABLE, Code.UNKNOWN):
                    raise
                return False
        wait_until(ready, 20, "an order service that takes orders")

    def orders(self, name=None, **shown):
        return order_service_pb2_grpc.OrderServiceStub(self.stack.as_(name, **shown))

    def router_service(self, name):
        return router_service_pb2_grpc.RouterServiceStub(self.stack.as_(name))

    def place(self, stub, exchange=SPOT, account=ACCOUNT):
        ticket = self.requests.ticket(SPOT)
        ticket.symbol = symbol_of(exchange, "BTC_USDT")
        return stub.PlaceOrder(orders.PlaceOrderRequest(exchange=exchange, account=account,
                                                        ticket=ticket), timeout=8)

    def refused(self, code, reason, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        error = caught.exception
        self.assertEqual(error.code(), code, error)
        if reason:
            self.assertEqual(reason_of(error), reason, error)
        return error.details()

    # Who calls.

    def test_a_trader_places_an_order_through_the_router_and_all_of_it_is_written_down(self):
        before = len(self.stack.client_orders(SPOT))
        name = self.place(self.orders("trader")).order.ticket.client_order_id
        self.assertEqual(len(self.stack.client_orders(SPOT)), before + 1)
        for log in self.audit.values():
            line = self.audited(log, name)
            self.assertEqual((line["principal"], line["method"], line["exchange"],
                              line["account"], line["code"]),
                             ("trader", "OrderService/PlaceOrder", SPOT, ACCOUNT, "OK"))
            self.assertEqual(line["request"]["ticket"]["client_order_id"], name)
            self.assertGreater(line["latency_ns"], 0)
            self.assertEqual(stat.S_IMODE(log.stat().st_mode), 0o600)

    def yard(self, *flags):
        """Its exit code and what it printed, listing the trader's orders."""
        process = Process("yard", "order", "list", SPOT, f"--account={ACCOUNT}", "--json",
                          f"--router={self.stack.router_address}", *flags)
        return process.wait_end(20), process.output()

    def test_yard_shows_its_token_over_tls_and_nowhere_else(self):
        name = self.place(self.orders("trader")).order.ticket.client_order_id
        token = self.keys / "trader.token"
        token.write_text(TOKENS["trader"] + "\n")
        tls, shown = f"--ca_file={self.keys}/authority.pem", f"--token_file={token}"
        code, said = self.yard(tls, shown)
        self.assertEqual(code, 0, said)
        self.assertIn(name, said)
        code, said = self.yard(tls)
        self.assertEqual(code, 1, said)
        self.assertIn("UNAUTHENTICATED", said)
        code, said = self.yard(shown)
        self.assertEqual(code, 2, said)
        self.assertIn("plaintext", said)
        code, said = self.yard(shown, f"--ca_file={self.keys}/stranger.pem", "--timeout=3s")
        self.assertEqual(code, 1, said)
        self.assertNotIn(TOKENS["trader"], said)

    def audited(self, log, text):
        found = []

        def look():
            found[:] = [line for line in log.read_text().splitlines() if text in line]
            return found
        wait_until(look, 10, f"an audit line of {text}")
        self.assertEqual(len(found), 1, found)
        return json.loads(found[0])

    def test_a_client_certificate_is_as_good_as_a_token(self):
        self.place(self.orders(certificate="bot"))

    def test_nobody_and_strangers_are_refused_at_the_router_and_by_the_services(self):
        for routed in (True, False):
            with self.subTest(routed=routed):
                told = self.refused(Code.UNAUTHENTICATED, "CLIENT_NOT_AUTHENTICATED",
                                    lambda: self.place(self.orders(routed=routed)))
                self.assertIn("neither a bearer token nor a client certificate", told)
                channel = Credentials(self.keys, token="token-of-nobody-77aa").channel(
                    self.stack._address(routed))
                told = self.refused(
                    Code.UNAUTHENTICATED, "CLIENT_NOT_AUTHENTICATED",
                    lambda: self.place(order_service_pb2_grpc.OrderServiceStub(channel)))
                self.assertIn("not known", told)
                self.assertIn("ended at 2025-01-01", self.refused(
                    Code.UNAUTHENTICATED, "CLIENT_NOT_AUTHENTICATED",
                    lambda: self.place(self.orders("former", routed=routed))))
                self.assertIn("unknown.local", self.refused(
                    Code.UNAUTHENTICATED, "CLIENT_NOT_AUTHENTICATED",
                    lambda: self.place(self.orders(certificate="unknown", routed=routed))))

    def test_foreign_and_ended_certificates_and_plaintext_get_no_connection(self):
        for shown in ({"certificate": "foreign"}, {"certificate": "ended"}, {"plaintext": True}):
            with self.subTest(shown):
                self.refused(Code.UNAVAILABLE, None,
                             lambda: self.place(self.orders("trader", **shown)))

    def test_a_principal_is_believed_from_routers_alone(self):
        for shown in ({"name": "reader"}, {"certificate": "bot"}, {}):
            with self.subTest(shown):
                told = self.refused(
                    Code.UNAUTHENTICATED, "CLIENT_NOT_AUTHENTICATED",
                    lambda: self.place(self.orders(routed=False, x_switchyard_principal="admin",
                                                   **shown)))
                self.assertIn("routers' certificates alone", told)
        told = self.refused(
            Code.PERMISSION_DENIED, "NOT_GRANTED",
            lambda: self.place(self.orders(routed=False, certificate="router")))
        self.assertIn("named no principal", told)

    # What they may.

    def test_grants_cover_role_exchange_and_account(self):
        for routed in (True, False):
            for name, exchange, account, missing in (
                    ("reader", SPOT, ACCOUNT, f"trade grant on {SPOT} account {ACCOUNT}"),
                    ("trader", SPOT, SECOND, f"trade grant on {SPOT} account {SECOND}"),
                    ("trader", FUTURES, ACCOUNT, f"trade grant on {FUTURES} account {ACCOUNT}"),
                    ("second", SPOT, ACCOUNT, f"trade grant on {SPOT} account {ACCOUNT}"),
                    ("trader", SPOT, "", f"trade grant on {SPOT} for")):
                with self.subTest(routed=routed, name=name, exchange=exchange, account=account):
                    told = self.refused(Code.PERMISSION_DENIED, "NOT_GRANTED", lambda: self.place(
                        self.orders(name, routed=routed), exchange, account))
                    self.assertIn(f"principal {name} has no {missing}", told)
        self.refused(Code.PERMISSION_DENIED, "NOT_GRANTED", lambda: self.orders(
            "trader").SetKillSwitch(orders.SetKillSwitchRequest(
                exchange=SPOT, account=ACCOUNT, engaged=True), timeout=5))

    def test_streams_are_judged_when_they_begin(self):
        for routed in (True, False):
            stub = market_data_service_pb2_grpc.MarketDataServiceStub(
                self.stack.as_("trader", routed))
            reader = Reader(stub, [subscription(SPOT, "BTC_USDT")])
            self.addCleanup(reader.close)
            reader.wait_live(SPOT, "BTC_USDT")
            told = self.refused(Code.PERMISSION_DENIED, "NOT_GRANTED", lambda: list(
                stub.StreamMarketData(market.StreamMarketDataRequest(subscriptions=[
                    subscription(SPOT, "BTC_USDT"), subscription(FUTURES, "BTC_USDT")]),
                    timeout=5)))
            self.assertIn("subscription 1", told)
            self.refused(Code.PERMISSION_DENIED, "NOT_GRANTED", lambda: list(
                self.orders("trader", routed=routed).StreamOrderEvents(
                    orders.StreamOrderEventsRequest(exchange=SPOT, account=SECOND), timeout=5)))

    def test_what_spans_accounts_leaves_out_what_is_not_granted(self):
        listed = self.router_service("trader").ListExchanges(router.ListExchangesRequest(),
                                                             timeout=5)
        self.assertEqual([each.exchange for each in listed.exchanges], [SPOT])
        self.assertEqual({name for each in listed.exchanges[0].components
                          for name in each.accounts}, {ACCOUNT})
        portfolio = self.router_service("trader").GetPortfolio(router.GetPortfolioRequest(),
                                                               timeout=8)
        self.assertEqual([(each.exchange, each.account) for each in portfolio.accounts],
                         [(SPOT, ACCOUNT)])
        named = self.router_service("trader").GetPortfolio(router.GetPortfolioRequest(accounts=[
            router.AccountSelector(exchange=SPOT, account=ACCOUNT),
            router.AccountSelector(exchange=SPOT, account=SECOND)]), timeout=8)
        self.assertEqual([(each.account, each.status.code) for each in named.errors],
                         [(SECOND, Code.PERMISSION_DENIED.value[0])])
        whole = self.router_service("admin").GetPortfolio(router.GetPortfolioRequest(), timeout=8)
        self.assertEqual({(each.exchange, each.account) for each in whole.accounts},
                         {(exchange, name) for exchange in (SPOT, FUTURES)
                          for name in (ACCOUNT, SECOND)})
        self.refused(Code.PERMISSION_DENIED, "NOT_GRANTED", lambda: self.router_service(
            "reader").CancelEverything(router.CancelEverythingRequest(request_id="r-1"),
                                       timeout=5))
        self.place(self.orders("trader"))
        results = self.router_service("second").CancelEverything(
            router.CancelEverythingRequest(request_id="r-2"), timeout=8).results
        self.assertEqual([(each.exchange, each.account) for each in results], [(SPOT, SECOND)])
        self.assertTrue([each for each in self.stack.client_orders(SPOT) if each.open])

    def test_private_events_of_others_are_refused_by_name_and_left_out_else(self):
        channel = private_events_pb2.PRIVATE_CHANNEL_ORDERS
        for subscriptions, wanted in (
                ([{"exchange": SPOT, "account": ACCOUNT}, {"exchange": SPOT, "account": SECOND}],
                 [(SPOT, ACCOUNT, 0), (SPOT, SECOND, Code.PERMISSION_DENIED.value[0])]),
                ([{}], [(SPOT, ACCOUNT, 0)])):
            call = self.router_service("trader").StreamPrivateEvents(
                router.StreamPrivateEventsRequest(subscriptions=[
                    private_events_pb2.PrivateSubscription(channel=channel, **each)
                    for each in subscriptions]), timeout=10)
            results = next(iter(call)).acknowledgement.results
            call.cancel()
            self.assertEqual([(each.exchange, each.account, each.status.code)
                              for each in results], wanted)

    def test_consolidated_books_pass_within_the_router(self):
        request = router.StreamConsolidatedBookRequest()
        request.legs.add().instrument.exchange = SPOT
        request.legs[0].instrument.symbol = symbol_of(SPOT, "BTC_USDT")
        call = self.router_service("trader").StreamConsolidatedBook(request, timeout=15)
        for message in call:
            if any(event.book.bid_price_mantissas for event in message.events):
                break
        else:
            self.fail("no book")
        call.cancel()
        request.legs[0].instrument.exchange = FUTURES
        request.legs[0].instrument.symbol = symbol_of(FUTURES, "BTC_USDT")
        self.refused(Code.PERMISSION_DENIED, "NOT_GRANTED", lambda: list(
            self.router_service("trader").StreamConsolidatedBook(request, timeout=5)))

    def test_health_needs_nobody_and_reflection_somebody(self):
        for routed in (True, False):
            health = self.stack.as_(routed=routed).unary_unary("/grpc.health.v1.Health/Check")
            self.assertEqual(health(b"", timeout=5), b"\x08\x01")
            path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
            # ServerReflectionRequest{list_services = 7}.
            ask = lambda name: list(self.stack.as_(name, routed).stream_stream(path)(  # noqa: E731
                iter([b"\x3a\x01*"]), timeout=5,
                metadata=[("authorization", f"Bearer {TOKENS[name]}")] if name else ()))
            self.assertIn(b"OrderService", ask("reader")[0])
            with self.assertRaises(grpc.RpcError) as caught:
                ask(None)
            self.assertEqual(caught.exception.code(), Code.UNAUTHENTICATED)

    # What they may take.

    def test_a_client_that_takes_too_much_is_told_when_to_come_again(self):
        stub = market_data_service_pb2_grpc.MarketDataServiceStub(self.stack.as_("hasty"))
        request = market.GetTickerRequest(exchange=SPOT, symbol=symbol_of(SPOT, "BTC_USDT"))
        seen = []

        def exhausted():
            try:
                stub.GetTicker(request, timeout=5)
            except grpc.RpcError as error:
                seen.append(error)
            return bool(seen)
        wait_until(exhausted, 10, "a refusal", every=0)
        self.assertEqual(seen[0].code(), Code.RESOURCE_EXHAUSTED)
        self.assertEqual(reason_of(seen[0]), "RATE_LIMITED")
        trailer = dict(tuple(seen[0].trailing_metadata()))["grpc-status-details-bin"]
        retry = error_details_pb2.RetryInfo()
        self.assertTrue(any(detail.Unpack(retry)
                            for detail in status_pb2.Status.FromString(trailer).details))
        self.assertGreater(retry.retry_delay.nanos, 0)
        self.assertGreater(self.stack.metric(
            r'client_refused_total\{limit="requests",principal="hasty"\}',
            self.stack.router_metrics), 0)

    # Certificates while it runs.

    def shown_by(self, address):
        """The certificate that a new connection sees."""
        host, port = address.rsplit(":", 1)
        context = ssl.create_default_context(cafile=self.keys / "authority.pem")
        context.set_alpn_protocols(["h2"])
        with socket.create_connection((host, int(port)), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname=host) as connection:
                return dict(pair[0] for pair in connection.getpeercert()["subject"])["commonName"]

    def test_certificates_are_renewed_under_load(self):
        stub = market_data_service_pb2_grpc.MarketDataServiceStub(self.stack.as_("reader"))
        reader = Reader(stub, [subscription(SPOT, "BTC_USDT")])
        self.addCleanup(reader.close)
        reader.wait_live(SPOT, "BTC_USDT")
        make_certificate(self.keys, "renewed", "authority", "IP:127.0.0.1,DNS:localhost")
        # In between they do not fit each other; what was read before serves on.
        for suffix in ("pem", "key"):
            (self.keys / f"renewed.{suffix}").rename(self.keys / f"server.{suffix}")
        for address in (self.stack.address, self.stack.router_address):
            wait_until(lambda: self.shown_by(address) == "renewed", 15, "the new certificate")
        events = len(reader.events)
        reader.wait(lambda each: len(each.events) > events, 10, "events after the renewal")
        self.assertFalse(reader.ended)
        self.assertEqual(reader.breaches(), [])
        self.place(self.orders("trader"))

    # Secrets.

    def test_secrets_are_nowhere(self):
        """Provokes the refusals once more, whatever ran before."""
        self.test_nobody_and_strangers_are_refused_at_the_router_and_by_the_services()
        secrets = [*TOKENS.values(), "token-of-nobody-77aa", os.environ["SIMULATOR_SECRET"],
                   os.environ["SIMULATOR_SECRET_2"], "simulator-key-0001"]
        for key in ("server", "router"):
            secrets.append((self.keys / f"{key}.key").read_text().splitlines()[1])
        import urllib.request
        told = {process.name: "\n".join(process.lines)
                for process in (self.stack.switchyard, self.stack.router)}
        for address in (self.stack.metrics, self.stack.router_metrics):
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as page:
                told[address] = page.read().decode()
        told |= {str(log): log.read_text() for log in self.audit.values()}
        answer = self.router_service("admin").ListExchanges(router.ListExchangesRequest(),
                                                            timeout=5)
        told["exchanges"] = str(answer)
        told["status"] = str(status_service_pb2_grpc.StatusServiceStub(
            self.stack.as_("admin")).GetStatus(status.GetStatusRequest(), timeout=5))
        for where, text in told.items():
            for secret in secrets:
                self.assertNotIn(secret, text, f"in {where}")


class Start(unittest.TestCase):
    """What cannot work stops the start and names the field."""

    def check(self, program, lines, field):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "config.yaml"
            path.write_text("\n".join(lines) + "\n")
            process = Process(program, f"--config={path}", "--listen=127.0.0.1:0",
                              *(("--backend=gateio=127.0.0.1:9",) if program == "router" else ()))
            self.addCleanup(process.stop)
            self.assertEqual(process.wait_end(), 1)
            self.assertIn(field, process.output())

    def test_a_start_is_refused(self):
        principal = ["process:", *(f"  {line}" for line in access_lines(routers=False))]
        for program in ("router", "switchyard"):
            for lines, field in (
                    (principal, "process.tls"),
                    (["process: {access: {routers: [r]}}"], "process.access.principals"),
                    (["process: {tls: {certificate_file: /none, private_key_file: /none}}"],
                     "process.tls.certificate_file"),
                    (["process: {audit_log: /none/audit}"], "process.audit_log"),
                    (["process: {client_limits: {max_request_bytes: 5000000}}"],
                     "process.client_limits.max_request_bytes")):
                with self.subTest(program=program, field=field):
                    self.check(program, lines, field)
        self.check("router", ["backend_tls: {ca_file: /none}"], "backend_tls.ca_file")


if __name__ == "__main__":
    unittest.main()
