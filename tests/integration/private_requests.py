"""A valid request of every private RPC, for tests that call them all."""

import itertools

from google.protobuf import symbol_database

from tests.integration.stack import *  # noqa: F403

# After the stack, which knows where the contract's code is.
from switchyard.account.v1 import account_pb2  # noqa: E402
from switchyard.account.v1 import account_service_pb2 as account  # noqa: E402
from switchyard.order.v1 import order_service_pb2 as order  # noqa: E402

# Withdrawals may go here alone.
ADDRESS = "0x00000000000000000000000000000000000000aa"
FUNDS_CONFIG = ACCOUNT_CONFIG + ["    withdrawals: true", "    transfers: true",
                                 f"    withdrawal_addresses: ['{ADDRESS}']"]


class RateLimited(Exception):
    """An item of a batch was refused by a rate limit."""


class Requests:
    """A valid request of every private RPC, and before it what the answer needs to hold data: an
    open order, a fill, a position. Everything is small and on the market of BTC."""

    numbers = itertools.count(1)

    def __init__(self, stack):
        self.stack = stack

    def make(self, method, exchange):
        prepare = getattr(self, method.name, None)
        fields = {"symbol": symbol_of(exchange, market_of(exchange, "BTC"))} if any(
            each.name == "symbol" for each in method.input_type.fields) else {}
        fields |= prepare(exchange) if prepare else {}
        return symbol_database.Default().GetPrototype(method.input_type)(
            exchange=exchange, account=ACCOUNT, **fields)

    def name(self):
        return f"capability-{next(self.numbers)}"

    def ticket(self, exchange, **fields):
        """Rests 3 % below the best bid."""
        symbol = symbol_of(exchange, market_of(exchange, "BTC"))
        best = self.stack.market().GetBestBidOffer(market.GetBestBidOfferRequest(
            exchange=exchange, symbol=symbol), timeout=5).best_bid_offer
        bid = Decimal(best.bid_price_mantissa).scaleb(best.price_exponent)
        fields = fields or {"type": order_pb2.ORDER_TYPE_LIMIT,
                            "price": f"{bid * Decimal('0.97'):f}"}
        return order_pb2.OrderTicket(
            client_order_id=self.name(), symbol=symbol, side=values_pb2.SIDE_BUY, quantity="0.001",
            price_rounding=order_pb2.ROUNDING_AWAY_FROM_MARKET, **fields)

    @staticmethod
    def patiently(action):
        """Repeats what a rate limit of the exchange refused; then nothing was sent."""
        answers = []

        def attempt():
            try:
                answers.append(action())
            except RateLimited:
                pass
            except grpc.RpcError as error:
                if reason_of(error) != "RATE_LIMITED":
                    raise
            return bool(answers)

        wait_until(attempt, 5, "room within the rate limit", every=0.1)
        return answers[0]

    def placed(self, exchange, **fields):
        answer = self.patiently(lambda: self.stack.orders().PlaceOrder(order.PlaceOrderRequest(
            exchange=exchange, account=ACCOUNT, ticket=self.ticket(exchange, **fields)), timeout=5))
        return order.OrderKey(client_order_id=answer.order.ticket.client_order_id)

    def bought(self, exchange):
        return self.placed(exchange, type=order_pb2.ORDER_TYPE_MARKET)

    # By RPC: fields of the request, besides exchange, account and symbol.

    def PlaceOrder(self, exchange):
        return {"ticket": self.ticket(exchange)}

    def PlaceOrders(self, exchange):
        return {"tickets": [self.ticket(exchange), self.ticket(exchange)]}

    def AmendOrder(self, exchange):
        return {"order": self.placed(exchange), "request_id": self.name(), "quantity": "0.002"}

    def CancelOrder(self, exchange):
        return {"order": self.placed(exchange), "request_id": self.name()}

    def CancelOrders(self, exchange):
        return {"orders": [self.placed(exchange)], "request_id": self.name()}

    def CancelAllOrders(self, exchange):
        self.placed(exchange)
        return {"request_id": self.name()}

    def GetOrder(self, exchange):
        return {"order": self.placed(exchange)}

    def WaitForOrder(self, exchange):
        return {"order": self.placed(exchange), "condition": order.WAIT_CONDITION_OPEN}

    def ListOpenOrders(self, exchange):
        self.placed(exchange)
        return {}

    def ListOrders(self, exchange):
        self.placed(exchange)
        return {}

    def ListFills(self, exchange):
        self.bought(exchange)
        return {}

    def StreamOrderEvents(self, exchange):
        self.placed(exchange)
        start = self.stack.orders().ListOpenOrders(order.ListOpenOrdersRequest(
            exchange=exchange, account=ACCOUNT), timeout=5).position
        return {"resume_from": values_pb2.JournalPosition(epoch=start.epoch)}

    def SetKillSwitch(self, _):
        return {"engaged": False, "reason": "a test"}

    def ListPositions(self, exchange):
        self.bought(exchange)
        return {}

    GetPosition = StreamPositions = ListPositions

    def ClosePosition(self, exchange):
        self.bought(exchange)
        return {"request_id": self.name(), "quantity": "0.001"}

    def AdjustPositionMargin(self, exchange):
        self.bought(exchange)
        return {"request_id": self.name(), "amount": "5"}

    def ListFundingPayments(self, exchange):
        self.bought(exchange)
        self.stack.faults.PayFunding(simulator.PayFundingRequest(exchange=exchange,
                                                                 symbol="BTC_USDT"), timeout=5)
        return {}

    def ListLiquidations(self, exchange):
        self.bought(exchange)
        self.stack.fault("LIQUIDATE", exchange, symbol="BTC_USDT", user_id=USER_ID)
        return {}

    def SetLeverage(self, _):
        return {"leverage": "5"}

    def SetMarginMode(self, _):
        return {"margin_mode": values_pb2.MARGIN_MODE_ISOLATED}

    def SetPositionMode(self, _):
        return {"position_mode": account_pb2.POSITION_MODE_ONE_WAY}

    def Withdraw(self, _):
        return {"client_withdrawal_id": self.name(), "currency": "USDT", "quantity": "20",
                "network": "ETH", "address": ADDRESS}

    def ListWithdrawals(self, exchange):
        self.stack.account().Withdraw(account.WithdrawRequest(
            exchange=exchange, account=ACCOUNT, **self.Withdraw(exchange)), timeout=5)
        return {}

    def Transfer(self, _):
        return {"client_transfer_id": self.name(), "currency": "USDT", "quantity": "10",
                "from": {"wallet": account_pb2.WALLET_SPOT},
                "to": {"wallet": account_pb2.WALLET_CONTRACT}}

    def ListTransfers(self, exchange):
        self.stack.account().Transfer(account.TransferRequest(
            exchange=exchange, account=ACCOUNT, **self.Transfer(exchange)), timeout=5)
        return {}
