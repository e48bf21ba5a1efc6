"""TLS to the exchange: with the right authority everything works; without it, with another one or
with a wrong name in the certificate nothing is ever shown, and the status says why."""

import subprocess
import tempfile
import unittest

from tests.integration.stack import *  # noqa: F403

# After the stack, which knows where the contract's code is.
from switchyard.router.v1 import consolidated_book_pb2 as books_pb2  # noqa: E402
from switchyard.router.v1 import router_service_pb2 as router  # noqa: E402


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=20)


def make_authority(folder, name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem",
            "-addext", "basicConstraints=critical,CA:TRUE")


def make_certificate(folder, name, authority, subjects):
    request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={subjects}\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
            "-keyout", folder / f"{name}.key", "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", folder / f"{authority}.pem",
            "-CAkey", folder / f"{authority}.key", "-CAcreateserial", "-days", "2",
            "-extfile", extensions, "-out", folder / f"{name}.pem")


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.keys = pathlib.Path(scratch.name)
        for each in ("authority", "stranger"):
            make_authority(cls.keys, each)
        make_certificate(cls.keys, "right", "authority", "IP:127.0.0.1,DNS:localhost")
        make_certificate(cls.keys, "wrong", "authority", "IP:127.0.0.2,DNS:example.com")

    def start(self, certificate, authority=None):
        flags = ("--updates_per_second=20", "--tls", f"--certificate={self.keys}/{certificate}.pem",
                 f"--key={self.keys}/{certificate}.key")
        config = (f"ca_file: {self.keys}/{authority}.pem",) if authority else ()
        stack = Stack(flags, config)
        self.addCleanup(stack.close)
        return stack

    def test_with_the_right_authority_books_live_and_reads_work(self):
        stack = self.start("right", "authority")
        self.assertTrue(stack.endpoints[SPOT]["tls"])
        reader = Reader(stack.market(), [subscription(SPOT, "BTC_USDT"),
                                         subscription(FUTURES, "BTC_USDT")])
        self.addCleanup(reader.close)
        for exchange in (SPOT, FUTURES):
            reader.wait_live(exchange, "BTC_USDT")
            book = reader.book(exchange, "BTC_USDT")
            reader.wait(lambda _: book.kinds["DELTA"] > 0, 10, "deltas")
            ticker = stack.market().GetTicker(market.GetTickerRequest(
                exchange=exchange, symbol=symbol_of(exchange, "BTC_USDT")), timeout=5).ticker
            self.assertGreater(Decimal(ticker.last_price), 0)
        stack.flow(updates_per_second=0)
        for exchange in (SPOT, FUTURES):
            book = reader.book(exchange, "BTC_USDT")
            wait_until(lambda: (book.bids, book.asks) == stack.truth(exchange, "BTC_USDT", 10), 10,
                       "the true book")
        self.assertEqual(reader.breaches(), [])

    def check_refused(self, stack, told):
        """`told` is in every connection's last error, and no path shows data."""
        reader = Reader(stack.market(), [subscription(each, "BTC_USDT", channel)
                                         for each in (SPOT, FUTURES)
                                         for channel in ("ORDER_BOOK", "TRADES", "TICKER")])
        self.addCleanup(reader.close)
        for exchange in (SPOT, FUTURES):
            symbol = symbol_of(exchange, "BTC_USDT")
            for name in ("GetTicker", "GetOrderBook", "ListTrades", "GetInstrument"):
                with self.assertRaises(grpc.RpcError) as refused:
                    getattr(stack.market(), name)(getattr(market, name + "Request")(
                        exchange=exchange, symbol=symbol), timeout=10)
                self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAVAILABLE)
                self.assertEqual(reason_of(refused.exception), "EXCHANGE_UNREACHABLE")
            wait_until(lambda: told in self.last_errors(stack, exchange), 10,
                       f"{told!r} in the status of {exchange}")
        # Every further attempt is refused again.
        for _ in range(4):
            with self.assertRaises(grpc.RpcError) as refused:
                stack.market().GetTicker(market.GetTickerRequest(exchange=SPOT, symbol="BTC-USDT"),
                                         timeout=10)
            self.assertEqual(reason_of(refused.exception), "EXCHANGE_UNREACHABLE")
        self.assertEqual([each for each in reader.events if each.WhichOneof("payload")], [])
        got = stack.router_service().GetConsolidatedBook(router.GetConsolidatedBookRequest(
            legs=[{"instrument": {"exchange": SPOT, "symbol": "BTC-USDT"}}]), timeout=10)
        self.assertNotEqual(got.book.legs[0].state, books_pb2.LEG_STATE_LIVE)
        self.assertEqual((list(got.book.bid_price_mantissas), list(got.book.ask_price_mantissas)),
                         ([], []))
        self.assertEqual(stack.statistics().accepted_sockets, 0)
        self.assertEqual(dict(stack.statistics().requests), {})

    def last_errors(self, stack, exchange):
        got = stack.status().GetStatus(status.GetStatusRequest(exchange=exchange), timeout=5)
        self.assertFalse(any(each.ready for each in got.statuses
                             if each.component == "market_data"))
        return " ".join(connection.last_error for each in got.statuses
                        for connection in each.connections)

    def test_without_the_authority_nothing_is_trusted(self):
        self.check_refused(self.start("right"), "certificate verify failed")

    def test_another_authority_is_not_trusted(self):
        self.check_refused(self.start("right", "stranger"), "certificate verify failed")

    def test_a_certificate_of_another_name_is_not_trusted(self):
        self.check_refused(self.start("wrong", "authority"), "certificate verify failed")


if __name__ == "__main__":
    unittest.main()
