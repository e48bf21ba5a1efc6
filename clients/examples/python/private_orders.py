"""Places a post-only order, watches what becomes of it on two streams of which the second resumes
the first, cancels it, and decodes why another order is refused. Exits 0 if all of it happened."""

import asyncio
import sys
from decimal import Decimal

import grpc
from order_client import DEADLINE_S, OrderClient, new_id, parse_options
from stream_book import CHANNEL_OPTIONS, describe, reason_of
from switchyard.common.v1 import values_pb2
from switchyard.marketdata.v1 import market_data_service_pb2, market_data_service_pb2_grpc
from switchyard.order.v1 import order_pb2


async def far_below(channel, options):
    """2 % under the best bid. The book's numbers are mantissas: exact, never a double."""
    stub = market_data_service_pb2_grpc.MarketDataServiceStub(channel)
    quote = (await stub.GetBestBidOffer(market_data_service_pb2.GetBestBidOfferRequest(
        exchange=options.exchange, symbol=options.symbol), timeout=DEADLINE_S)).best_bid_offer
    return f"{Decimal(quote.bid_price_mantissa * 98 // 100).scaleb(quote.price_exponent):f}"


async def watch(client, position, order_id, wanted):
    """Follows the journal from `position` until the order is in a state; returns where that is."""
    events = client.events(position)
    async for event in events:
        if event is None:
            continue
        position = values_pb2.JournalPosition(epoch=event.epoch, sequence=event.sequence)
        if event.HasField("gap"):
            sys.exit("events are missing: read the orders anew")
        if event.order.ticket.client_order_id != order_id:
            continue
        print(f"event {event.sequence}: {order_pb2.OrderState.Name(event.order.state)}", flush=True)
        if event.order.state == wanted:
            break
    await events.aclose()
    return position


async def run(options):
    async with grpc.aio.insecure_channel(options.router, CHANNEL_OPTIONS) as channel:
        client = OrderClient(channel, options.exchange, options.account)
        ticket = order_pb2.OrderTicket(
            client_order_id=new_id(), symbol=options.symbol, side=values_pb2.SIDE_BUY,
            type=order_pb2.ORDER_TYPE_LIMIT, quantity=options.quantity, post_only=True,
            price=await far_below(channel, options),
            price_rounding=order_pb2.ROUNDING_AWAY_FROM_MARKET)
        position = await client.position()
        order = await client.place(ticket)
        print(f"placed {ticket.client_order_id}: BUY {ticket.quantity} at {order.sent.price}")
        position = await watch(client, position, ticket.client_order_id,
                               order_pb2.ORDER_STATE_OPEN)
        await client.cancel(ticket.client_order_id)
        # Another stream: it begins where the first was left, so that nothing is missed between.
        await watch(client, position, ticket.client_order_id, order_pb2.ORDER_STATE_CANCELED)

        # The same ticket again places nothing; another one under the same id is refused.
        await client.place(ticket)
        ticket.quantity = str(2 * Decimal(ticket.quantity))
        try:
            await client.place(ticket)
        except grpc.aio.AioRpcError as error:
            print(f"refused: {describe(error)}", flush=True)
            if reason_of(error) == "CLIENT_ORDER_ID_REUSED":
                return
        sys.exit("the second order was not refused as it should be")


options = parse_options(__doc__, "fails if it takes longer")
try:
    asyncio.run(asyncio.wait_for(run(options), options.seconds))
except asyncio.TimeoutError:
    sys.exit(f"not done after {options.seconds:g} s")
except grpc.aio.AioRpcError as error:
    sys.exit(describe(error))
except RuntimeError as error:
    sys.exit(f"it did not work: {error!r}")
