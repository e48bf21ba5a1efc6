"""Keeps order books of single exchanges by the contract's rules and prints their best prices.

A SNAPSHOT replaces the book. A DELTA applies only to the same epoch at sequence + 1; quantity 0
removes a level. STALE means: do not trade on it; the next event is a SNAPSHOT. Anything else means
that something was missed; the stream is then opened again, which begins with fresh snapshots.
"""

import argparse
import asyncio
import sys
import time
from decimal import Decimal

import grpc
from google.rpc import error_details_pb2, status_pb2
from switchyard.common.v1 import errors_pb2, values_pb2
from switchyard.marketdata.v1 import events_pb2, market_data_service_pb2
from switchyard.marketdata.v1 import market_data_service_pb2_grpc

# No bandwidth probing, 64 KiB read ahead: a reader that stops holds kilobytes, not megabytes.
CHANNEL_OPTIONS = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65535),
                   ("grpc.keepalive_time_ms", 10000), ("grpc.keepalive_timeout_ms", 5000)]


class Discontinuity(Exception):
    """An event does not continue the book that is kept."""


class Book:
    """One book. `state` is None while it may be traded on, else why not."""

    def __init__(self):
        self.bids, self.asks = {}, {}
        self.epoch = self.sequence = self.receive_time_ns = 0
        self.state = "waiting"

    def apply(self, event):
        if event.kind == events_pb2.EVENT_KIND_STALE:
            self.state = values_pb2.StaleReason.Name(event.reason).removeprefix("STALE_REASON_")
            return
        if event.kind == events_pb2.EVENT_KIND_SNAPSHOT:
            self.bids, self.asks, self.state = {}, {}, None
        elif self.state or (event.epoch, event.sequence) != (self.epoch, self.sequence + 1):
            raise Discontinuity(f"{event.exchange} {event.symbol}: {event.sequence} of "
                                f"{event.epoch:x} after {self.sequence} of {self.epoch:x}")
        levels = event.order_book
        self._change(self.bids, levels, levels.bid_price_mantissas, levels.bid_quantity_mantissas)
        self._change(self.asks, levels, levels.ask_price_mantissas, levels.ask_quantity_mantissas)
        self.epoch, self.sequence = event.epoch, event.sequence
        self.receive_time_ns = event.receive_time_ns

    @staticmethod
    def _change(side, levels, prices, quantities):
        for price, quantity in zip(prices, quantities):
            price = Decimal(price).scaleb(levels.price_exponent)
            if quantity:
                side[price] = Decimal(quantity).scaleb(levels.quantity_exponent).normalize()
            else:
                side.pop(price, None)

    def top(self):
        if self.state:
            return f"STALE ({self.state})"
        bid = max(self.bids, default=None)
        ask = min(self.asks, default=None)
        sides = [f"{'-' if price is None else f'{price:f}':>14} x {side.get(price, Decimal()):<14f}"
                 for side, price in ((self.bids, bid), (self.asks, ask))]
        age_ms = (time.time_ns() - self.receive_time_ns) / 1e6
        return f"bid {sides[0]} ask {sides[1]} {age_ms:9.1f} ms old"


def reason_of(error):
    """Why a call failed, from its trailer `grpc-status-details-bin`; "NO_REASON" if none is there,
    as in what the client's own library says."""
    trailer = dict(tuple(error.trailing_metadata() or ())).get("grpc-status-details-bin", b"")
    info = error_details_pb2.ErrorInfo()
    any(detail.Unpack(info) for detail in status_pb2.Status.FromString(trailer).details)
    return info.reason or "NO_REASON"


def describe(error):
    """One line for a failed call."""
    return f"{error.code().name} {reason_of(error)}: {error.details()}"


class Printer:
    """Prints a topic's line when its state changes, else at most once in `interval_s`."""

    def __init__(self, interval_s, count):
        self._interval_s, self._left, self._printed = interval_s, count, {}

    def show(self, topic, book):
        """False when the wanted number of lines is printed."""
        now = time.monotonic()
        state, due = self._printed.get(topic, ("never", 0))
        if state == book.state and now < due:
            return True
        self._printed[topic] = book.state, now + self._interval_s
        print(f"{topic[0]:<15} {topic[1]:<16} {book.top()}", flush=True)
        self._left -= 1
        return self._left != 0


def report_refusals(acknowledgement, request):
    for result in acknowledgement.results:
        if result.status.code:
            wanted = request.subscriptions[result.index]
            reason = errors_pb2.ErrorReason.Name(result.status.reason)
            print(f"{wanted.exchange:<15} {wanted.symbol:<16} refused: "
                  f"{reason.removeprefix('ERROR_REASON_')} {result.status.message}",
                  file=sys.stderr)
    return any(not result.status.code for result in acknowledgement.results)


async def read(call, request, printer):
    """Keeps the books of one stream. False when enough is printed, or every topic was refused."""
    books, silence_s = {}, 15
    # Three missed heartbeats mean a dead stream, however alive its connection looks.
    while message := await asyncio.wait_for(call.read(), silence_s):
        if message.HasField("acknowledgement"):
            silence_s = 3 * message.acknowledgement.heartbeat_interval_ms / 1000
            if not report_refusals(message.acknowledgement, request):
                sys.exit(1)
        for event in message.events:
            topic = (event.exchange, event.symbol)
            book = books.setdefault(topic, Book())
            book.apply(event)
            if not printer.show(topic, book):
                return False
    return True


async def run(options):
    request = market_data_service_pb2.StreamMarketDataRequest(subscriptions=[
        market_data_service_pb2.MarketDataSubscription(
            exchange=exchange, symbol=symbol, depth=options.depth,
            channel=events_pb2.CHANNEL_ORDER_BOOK)
        for exchange, symbol in zip(options.pairs[::2], options.pairs[1::2])])
    printer = Printer(options.interval_ms / 1000, options.count)
    async with grpc.aio.insecure_channel(options.address, CHANNEL_OPTIONS) as channel:
        stub = market_data_service_pb2_grpc.MarketDataServiceStub(channel)
        while True:
            call = stub.StreamMarketData(request)
            try:
                if not await read(call, request, printer):
                    return
            except asyncio.TimeoutError:
                print("no sign of life; opening the stream again", file=sys.stderr)
            except Discontinuity as error:
                print(f"{error}; opening the stream again", file=sys.stderr)
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    sys.exit(describe(error))
                print(f"{describe(error)}; opening the stream again", file=sys.stderr)
            call.cancel()
            await asyncio.sleep(0.5)


async def run_for(options):
    try:
        await asyncio.wait_for(run(options), options.seconds or None)
    except asyncio.TimeoutError:
        pass  # the asked time is over


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", help="the router or a market data service, host:port")
    parser.add_argument("pairs", nargs="+", metavar="exchange symbol")
    parser.add_argument("--depth", type=int, default=10, help="levels a side")
    parser.add_argument("--count", type=int, default=0, help="lines to print; 0 = for ever")
    parser.add_argument("--seconds", type=float, default=0, help="ends after this; 0 = never")
    parser.add_argument("--interval-ms", type=int, default=500, help="least time between two lines "
                        "of one book; 0 = a line for every event")
    options = parser.parse_args()
    if len(options.pairs) % 2:
        parser.error("an exchange without a symbol")
    try:
        asyncio.run(run_for(options))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
