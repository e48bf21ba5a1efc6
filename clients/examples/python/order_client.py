"""Orders of one account: commands whose outcome is always asked for and never guessed, and the
journal as a stream that loses nothing."""

import argparse
import asyncio
import sys
import uuid

import grpc
from stream_book import describe, reason_of
from switchyard.common.v1 import values_pb2
from switchyard.order.v1 import order_pb2, order_service_pb2 as messages, order_service_pb2_grpc

FINISHED = {order_pb2.ORDER_STATE_FILLED, order_pb2.ORDER_STATE_CANCELED,
            order_pb2.ORDER_STATE_REJECTED, order_pb2.ORDER_STATE_EXPIRED}
DEADLINE_S = 15  # of every call; one without would hang with its server


def parse_options(description, seconds_help):
    """The arguments of both examples."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("router", help="address of the router, host:port")
    parser.add_argument("--exchange", default="gateio")
    parser.add_argument("--account", default="", help="configured name; empty = the only one")
    parser.add_argument("--symbol", default="BTC-USDT")
    parser.add_argument("--quantity", default="0.01", help="of an order, base units")
    parser.add_argument("--seconds", type=float, default=30, help=seconds_help)
    return parser.parse_args()


def new_id():
    return f"example-{uuid.uuid4().hex[:24]}"  # at most 36 of [A-Za-z0-9_-]


def outcome_unknown(error):
    """The command may have taken effect: the service says so, or the client's own library, which
    speaks without a reason, gave up after sending it."""
    if reason_of(error) == "ORDER_OUTCOME_UNKNOWN":
        return True
    return reason_of(error) == "NO_REASON" and error.code() in {
        grpc.StatusCode.UNKNOWN, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED,
        grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE}


class OrderClient:
    def __init__(self, channel, exchange, account):
        self.stub = order_service_pb2_grpc.OrderServiceStub(channel)
        self._account = {"exchange": exchange, "account": account}

    async def place(self, ticket):
        request = messages.PlaceOrderRequest(ticket=ticket, **self._account)
        return await self._command(self.stub.PlaceOrder, request, ticket.client_order_id)

    async def amend(self, order_id, price):
        request = messages.AmendOrderRequest(order={"client_order_id": order_id}, price=price,
                                             request_id=new_id(), **self._account)
        return await self._command(self.stub.AmendOrder, request, order_id)

    async def cancel(self, order_id):
        request = messages.CancelOrderRequest(order={"client_order_id": order_id},
                                              request_id=new_id(), **self._account)
        return await self._command(self.stub.CancelOrder, request, order_id)

    async def _command(self, method, request, order_id):
        """The order after a command. An unknown outcome is asked for, never answered by another
        order; other errors are the caller's."""
        try:
            return (await method(request, timeout=DEADLINE_S)).order
        except grpc.aio.AioRpcError as error:
            if not outcome_unknown(error):
                raise
            print(f"outcome unknown, asking: {describe(error)}", file=sys.stderr)
        return await self.ask(order_id)

    async def ask(self, order_id):
        """The order once its outcome is known. A read: it may be repeated as often as needed."""
        request = messages.WaitForOrderRequest(order={"client_order_id": order_id},
                                               timeout_ms=10000, **self._account)
        while True:
            try:
                answer = await self.stub.WaitForOrder(request, timeout=DEADLINE_S)
                if not answer.timed_out:
                    return answer.order
            except grpc.aio.AioRpcError as error:
                if error.code() not in {grpc.StatusCode.UNAVAILABLE,
                                        grpc.StatusCode.DEADLINE_EXCEEDED}:
                    raise
            await asyncio.sleep(0.5)

    async def read(self, order_id):
        """The order and its fills."""
        return await self.stub.GetOrder(
            messages.GetOrderRequest(order={"client_order_id": order_id}, include_fills=True,
                                     **self._account), timeout=DEADLINE_S)

    async def position(self):
        """Where the journal stands: events() from here misses nothing."""
        request = messages.ListOpenOrdersRequest(**self._account)
        return (await self.stub.ListOpenOrders(request, timeout=DEADLINE_S)).position

    async def events(self, position, session_id=""):
        """Every event after `position`, once and in order, over as many streams as it takes; None
        each time that a stream stands. A GAP comes as an event: then read your orders anew."""
        while True:
            call, silence_s = self.stub.StreamOrderEvents(messages.StreamOrderEventsRequest(
                resume_from=position, session_id=session_id, **self._account)), DEADLINE_S
            try:
                while message := await asyncio.wait_for(call.read(), silence_s):
                    if message.HasField("acknowledgement"):
                        [result] = message.acknowledgement.results
                        if result.status.code:
                            raise RuntimeError(result.status.message)
                        silence_s = 3 * message.acknowledgement.heartbeat_interval_ms / 1000
                        yield None
                    for event in message.events:
                        seen = (event.epoch, event.sequence) <= (position.epoch, position.sequence)
                        if seen and event.epoch == position.epoch and not event.HasField("gap"):
                            continue  # at least once is the promise
                        position = values_pb2.JournalPosition(epoch=event.epoch,
                                                              sequence=event.sequence)
                        yield event
                print("order stream ended, resuming", file=sys.stderr)
            except asyncio.TimeoutError:
                print("no sign of life, resuming", file=sys.stderr)
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE and reason_of(error) != "SLOW_READER":
                    raise
                print(f"{describe(error)}, resuming", file=sys.stderr)
            finally:
                call.cancel()
            await asyncio.sleep(0.5)
