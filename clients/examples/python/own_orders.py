"""What a program knows of the orders it placed: the newest version of each, every fill once, and
which of them the journal has ended."""

import asyncio
from decimal import Decimal

import grpc
from order_client import FINISHED
from switchyard.common.v1.values_pb2 import SIDE_BUY, Side


class OwnOrders:
    def __init__(self, client, session_id):
        self._client, self._session_id = client, session_id
        self.orders = {}  # by client_order_id; None = on its way for the first time
        self.ended = set()  # ids that the journal called finished: all their fills are counted
        self.fills, self.net = set(), Decimal(0)  # by trade and order; base units gained
        self.changed, self.streaming = asyncio.Event(), asyncio.Event()

    async def follow(self):
        """Keeps all of it up to date, over lost streams; does not end."""
        async for event in self._client.events(await self._client.position(), self._session_id):
            self.streaming.set()
            if event is None:
                continue
            if event.HasField("gap"):
                await self._read_anew()
            if event.HasField("fill"):
                self._count(event.fill)
            if event.HasField("order"):
                self.keep(event.order, in_journal=True)
            self.changed.set()

    async def _read_anew(self):
        for order_id in list(self.orders):
            try:
                answer = await self._client.read(order_id)
            except grpc.aio.AioRpcError as error:
                if error.code() == grpc.StatusCode.NOT_FOUND:
                    continue  # on its way: its events are still to come
                raise
            for fill in answer.fills:
                self._count(fill)
            self.keep(answer.order, in_journal=True)

    async def place(self, ticket):
        """Known before it is sent, for its fills may come before its answer."""
        self.orders[ticket.client_order_id] = None
        try:
            self.keep(await self._client.place(ticket))
        except grpc.aio.AioRpcError:
            del self.orders[ticket.client_order_id]  # refused: there is no such order
            raise

    def keep(self, order, in_journal=False):
        order_id = order.ticket.client_order_id
        if order_id not in self.orders:
            return  # somebody else's
        known = self.orders[order_id]
        if known is None or order.version >= known.version:
            self.orders[order_id] = order
        if in_journal and order.state in FINISHED:
            self.ended.add(order_id)

    def _count(self, fill):
        key = (fill.trade_id, fill.client_order_id)  # we may have traded with ourselves
        if fill.client_order_id not in self.orders or key in self.fills:
            return
        self.fills.add(key)
        self.net += Decimal(fill.quantity) * (1 if fill.side == SIDE_BUY else -1)
        if fill.fee and fill.fee_currency == fill.symbol.split("-")[0]:
            self.net -= Decimal(fill.fee)  # spot: paid in what was bought
        print(f"fill {Side.Name(fill.side)} {fill.quantity} at {fill.price}, net {self.net}",
              flush=True)

    def live(self, order_id):
        order = self.orders.get(order_id)
        return order if order and order.state not in FINISHED else None

    async def settled(self):
        """Until the journal has ended every order."""
        while not self.ended >= set(self.orders):
            self.changed.clear()
            await self.changed.wait()
