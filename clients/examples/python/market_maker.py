"""Quotes both sides of one market at the best prices of the streamed book, follows them by amending,
and after --seconds cancels, flattens what was filled and stops. Exits 0 if all of it worked.

It trades on no stale book, has its quotes cancelled by the service if it dies, counts every fill
once over lost streams, and never answers an unknown outcome with another order."""

import asyncio
import signal
import sys
from decimal import Decimal

import grpc
from order_client import OrderClient, new_id, parse_options
from own_orders import OwnOrders
from stream_book import Book, CHANNEL_OPTIONS, Discontinuity, describe, reason_of
from switchyard.common.v1.values_pb2 import SIDE_BUY, SIDE_SELL, Side
from switchyard.marketdata.v1 import events_pb2, market_data_service_pb2
from switchyard.marketdata.v1 import market_data_service_pb2_grpc
from switchyard.order.v1 import order_pb2

STEP_S = 0.25  # at most one change of a quote in this time: exchanges count requests
# Refusals after which the next look at the book decides anew.
PASSING = {grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.RESOURCE_EXHAUSTED,
           grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND}
# Less than an order may be: of the market's step, or of its smallest value.
TOO_SMALL = {"NOT_REPRESENTABLE", "INVALID_FIELD"}


class Maker:
    def __init__(self, channel, options):
        self.options, self.session_id = options, new_id()
        self.client = OrderClient(channel, options.exchange, options.account)
        self.own = OwnOrders(self.client, self.session_id)
        self.market_data = market_data_service_pb2_grpc.MarketDataServiceStub(channel)
        self.book, self.quotes = Book(), {}  # client_order_id by side
        self.quoted, self.requotes, self.over = set(), 0, False

    def finish(self):
        self.over = True
        self.own.streaming.set()
        self.own.changed.set()

    async def follow_book(self):
        subscription = market_data_service_pb2.MarketDataSubscription(
            exchange=self.options.exchange, symbol=self.options.symbol, depth=10,
            channel=events_pb2.CHANNEL_ORDER_BOOK)
        while True:
            call, silence_s = self.market_data.StreamMarketData(
                market_data_service_pb2.StreamMarketDataRequest(subscriptions=[subscription])), 15
            try:
                while message := await asyncio.wait_for(call.read(), silence_s):
                    if message.HasField("acknowledgement"):
                        [result] = message.acknowledgement.results
                        if result.status.code:
                            raise RuntimeError(result.status.message)
                        silence_s = 3 * message.acknowledgement.heartbeat_interval_ms / 1000
                    for event in message.events:
                        self.book.apply(event)
                    self.own.changed.set()
            except grpc.aio.AioRpcError as error:
                print(f"book stream lost, opening it again: {describe(error)}", file=sys.stderr)
            except (asyncio.TimeoutError, Discontinuity) as error:
                print(f"book stream lost, opening it again: {error!r}", file=sys.stderr)
            call.cancel()
            self.book = Book()  # nothing is known until the next snapshot
            self.own.changed.set()
            await asyncio.sleep(0.5)

    def target(self, side, own):
        """The best price of a side that is not ours alone. None: the book must not be traded on."""
        levels = {} if self.book.state else self.book.bids if side == SIDE_BUY else self.book.asks
        for price in sorted(levels, reverse=side == SIDE_BUY):
            if not own or Decimal(own.ticket.price) != price or \
                    levels[price] > Decimal(own.ticket.quantity):
                return price
        return None

    async def step(self, side):
        """Brings one quote to where the book says."""
        order = self.own.live(self.quotes.get(side))
        price = self.target(side, order)
        if order and order.outcome_unknown:
            self.own.keep(await self.client.ask(order.ticket.client_order_id))
        elif order and price is None:
            print(f"book {self.book.state or 'empty'}: pulling the {Side.Name(side)} quote")
            self.own.keep(await self.client.cancel(order.ticket.client_order_id))
        elif order and Decimal(order.ticket.price) != price:
            self.own.keep(await self.client.amend(order.ticket.client_order_id, f"{price:f}"))
            self.requotes += 1
        elif price is not None and not order:
            print(f"quote {Side.Name(side)} {self.options.quantity} at {price:f}", flush=True)
            self.quotes[side] = new_id()
            await self.own.place(order_pb2.OrderTicket(
                client_order_id=self.quotes[side], symbol=self.options.symbol, side=side,
                type=order_pb2.ORDER_TYPE_LIMIT, quantity=self.options.quantity,
                price=f"{price:f}", post_only=True, quantity_rounding=order_pb2.ROUNDING_DOWN,
                cancel_on_disconnect={"session_id": self.session_id}))
            self.quoted.add(side)

    @staticmethod
    async def tolerant(work):
        try:
            await work
        except grpc.aio.AioRpcError as error:
            if error.code() not in PASSING:
                raise
            print(describe(error), file=sys.stderr)

    async def quote(self):
        await self.own.streaming.wait()  # cancel-on-disconnect needs the session's stream
        while not self.over:
            await self.own.changed.wait()
            self.own.changed.clear()
            for side in (SIDE_BUY, SIDE_SELL):
                await self.tolerant(self.step(side))
            await asyncio.sleep(STEP_S)

    async def stop(self):
        for order_id in set(self.own.orders) - self.own.ended:
            await self.tolerant(self.client.cancel(order_id))
        await self.own.settled()
        if not self.own.net:
            return
        print(f"flattening {self.own.net}", flush=True)
        try:
            await self.own.place(order_pb2.OrderTicket(
                client_order_id=new_id(), symbol=self.options.symbol,
                side=SIDE_SELL if self.own.net > 0 else SIDE_BUY,
                type=order_pb2.ORDER_TYPE_MARKET, quantity=f"{abs(self.own.net):f}",
                quantity_rounding=order_pb2.ROUNDING_DOWN,
                reduce_only=self.options.symbol.endswith("-PERP")))
        except grpc.aio.AioRpcError as error:
            if reason_of(error) not in TOO_SMALL:
                raise
            print("left as dust", flush=True)
        await self.own.settled()


async def run(options):
    async with grpc.aio.insecure_channel(options.router, CHANNEL_OPTIONS) as channel:
        maker, loop = Maker(channel, options), asyncio.get_running_loop()
        loop.call_later(options.seconds, maker.finish)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, maker.finish)
        tasks = [asyncio.create_task(work) for work in
                 (maker.quote(), maker.follow_book(), maker.own.follow())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        maker.finish()
        await asyncio.wait(tasks[:1], timeout=30)  # a command under way is not cut off
        await asyncio.wait_for(maker.stop(), 30)
        for task in tasks:
            if task.done():
                task.result()  # raises what ended it
        print(f"done: {len(maker.own.ended)} orders, {maker.requotes} requotes, "
              f"{len(maker.own.fills)} fills, net {maker.own.net}")
        if maker.quoted != {SIDE_BUY, SIDE_SELL}:
            sys.exit("never quoted both sides")


try:
    asyncio.run(run(parse_options(__doc__, "how long it quotes")))
except grpc.aio.AioRpcError as error:
    sys.exit(describe(error))
except (asyncio.TimeoutError, RuntimeError) as error:
    sys.exit(f"it did not work: {error!r}")
