"""Streams one currency's spot books of all exchanges, merged, and prints the best prices."""
import argparse
import asyncio
import sys
from decimal import Decimal

import grpc
from google.rpc import error_details_pb2, status_pb2
from switchyard.common.v1.values_pb2 import INSTRUMENT_KIND_SPOT
from switchyard.router.v1 import consolidated_book_pb2, router_service_pb2, router_service_pb2_grpc

# No bandwidth probing, 64 KiB read ahead: a reader that stops holds kilobytes, not megabytes.
CHANNEL_OPTIONS = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65535),
                   ("grpc.keepalive_time_ms", 10000), ("grpc.keepalive_timeout_ms", 5000)]


def describe(error):
    trailer = dict(tuple(error.trailing_metadata() or ())).get("grpc-status-details-bin", b"")
    info = error_details_pb2.ErrorInfo()
    any(detail.Unpack(info) for detail in status_pb2.Status.FromString(trailer).details)
    return f"{error.code().name} {info.reason or 'NO_REASON'}: {error.details()}"


def best(mantissas, legs, book):
    for price, leg in zip(mantissas, legs):
        return f"{Decimal(price).scaleb(book.price_exponent):f} on {book.legs[leg].exchange}"


async def main(options):
    left = options.count
    base = consolidated_book_pb2.BaseLeg(base=options.base, kind=INSTRUMENT_KIND_SPOT)
    request = router_service_pb2.StreamConsolidatedBookRequest(legs=[{"base": base}], depth=5)
    async with grpc.aio.insecure_channel(options.router, CHANNEL_OPTIONS) as channel:
        stub = router_service_pb2_grpc.RouterServiceStub(channel)
        while True:  # state streams are never resumed in the middle: ask again, get a new snapshot
            call, silence_s = stub.StreamConsolidatedBook(request), 15
            try:
                while message := await asyncio.wait_for(call.read(), silence_s):
                    if message.HasField("acknowledgement"):  # 3 missed heartbeats: a dead stream
                        silence_s = 3 * message.acknowledgement.heartbeat_interval_ms / 1000
                    for book in (event.book for event in message.events):
                        print("bid", best(book.bid_price_mantissas, book.bid_legs, book), "ask",
                              best(book.ask_price_mantissas, book.ask_legs, book), flush=True)
                        if (left := left - 1) == 0:
                            return
            except asyncio.TimeoutError:
                print("no sign of life", file=sys.stderr)
            except grpc.aio.AioRpcError as error:
                print(describe(error), file=sys.stderr)
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    sys.exit(1)
            await asyncio.sleep(0.5)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("router", help="address of the router, host:port")
parser.add_argument("--base", default="BTC")
parser.add_argument("--count", type=int, default=0, help="events to print; 0 = for ever")
asyncio.run(main(parser.parse_args()))
