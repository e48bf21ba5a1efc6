"""Plays the demo overlay by podman and restarts each of its pods under load. play.sh calls it.

Clients trade and stream through the router alone. Each pod is stopped and started again with
another address (what a rolling restart does, without the second pod of a surge), then killed. What
must hold: every call works again soon, order events are told once and in order, no client's stream
ends but when its router does, books are right, and in the end journal, stream and the simulator's
ledger agree."""

import argparse
import pathlib
import signal
import subprocess
import sys
import time
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.integration.order_kill_rig import EventLog, KillRig, Trader  # noqa: E402
from tests.integration.stack import *  # noqa: E402,F403
from tests.k8s.manifests import COMPONENT, EXCHANGE, Manifests  # noqa: E402
from tests.k8s.pods import Podman, Pods  # noqa: E402
from switchyard.account.v1 import account_service_pb2 as accounts  # noqa: E402
from switchyard.position.v1 import position_service_pb2 as positions  # noqa: E402

CLIENTS = 3
BACK_WITHIN_S = 15
ORDERS_AFTER = 20  # accepted, after each restart
SYMBOL = "BTC_USDT"


class PodStack(Stack):
    """The pods, as the integration tests' clients see processes. Every call goes by the router."""

    def __init__(self, pods):
        self.pods = pods
        self.faults = simulator_service_pb2_grpc.SimulatorServiceStub(
            channel_to(f"{pods.address('simulator')}:50051"))
        self.find_router()

    def find_router(self):
        self.address = self.router_address = f"{self.pods.address('router')}:50051"
        self.router = None

    @property
    def switchyard(self):
        """What a rig asks for output when it fails."""
        return self.pods


class PodRig(KillRig):
    """Traders and the readers of order events, and a reader of books for each exchange."""

    def __init__(self, stack):
        self.stack = stack
        self.rounds = 0
        self.logs, self.traders = {}, []
        self._load_markets()
        self.logs = {exchange: EventLog(stack, exchange) for exchange in (SPOT, FUTURES)}
        self.readers = {}
        self.resume_books()

    def resume_books(self):
        for exchange in (SPOT, FUTURES):
            reader = self.readers[exchange] = Reader(
                self.stack.market(), [subscription(exchange, SYMBOL)], keep_events=False)
            reader.wait_live(exchange, SYMBOL, BACK_WITHIN_S)

    def trade(self, tag):
        self.traders = [Trader(self, f"{tag}c{index}", f"{tag}{index}")
                        for index in range(CLIENTS)]
        for trader in self.traders:
            trader.start()

    def stop_trading(self):
        for trader in self.traders:
            trader.stopping.set()
        for trader in self.traders:
            trader.join(30)
            assert not trader.is_alive(), "a trader does not end"

    def check_orders(self):
        self._compare_all()
        return self.count_fills()

    def close(self):
        for trader in self.traders:
            trader.stopping.set()
        for log in self.logs.values():
            log.close()

    def stales(self, workload):
        """How often the stream of the workload's books was told that its backend is gone."""
        reader = self.readers.get(workload.labels.get(EXCHANGE))
        if reader is None or workload.labels[COMPONENT] != "market_data":
            return None
        return reader.book(workload.labels[EXCHANGE], SYMBOL).reasons.count("BACKEND_LOST")

    def check_books(self, router_ended):
        for exchange, reader in self.readers.items():
            if router_ended:
                reader.wait(lambda each: each.ended, 20, "the end of the router's streams")
            else:
                reader.wait_live(exchange, SYMBOL, BACK_WITHIN_S)
                assert not reader.ended, f"{exchange}: the stream ended: {reader.error}"
            assert not reader.breaches(), reader.breaches()
        if router_ended:
            self.resume_books()


def ask(stack, exchange, component):
    """One read of a service, through the router."""
    if component == "market_data":
        stack.market().GetBestBidOffer(market.GetBestBidOfferRequest(
            exchange=exchange, symbol=symbol_of(exchange, SYMBOL)), timeout=5)
    elif component == "order":
        status = stack.orders().GetRiskLimits(orders.GetRiskLimitsRequest(
            exchange=exchange, account=ACCOUNT), timeout=5)
        return status.accepting_orders
    elif component == "position":
        stack.positions().ListPositions(positions.ListPositionsRequest(
            exchange=exchange, account=ACCOUNT), timeout=5)
    else:
        stack.account().ListBalances(accounts.ListBalancesRequest(
            exchange=exchange, account=ACCOUNT), timeout=5)
    return True


def await_service(stack, exchange, component, within=BACK_WITHIN_S):
    """Until it answers; that it has nothing to serve is an answer."""
    told = []

    def answers():
        try:
            return ask(stack, exchange, component)
        except grpc.RpcError as error:
            told[:] = [f"{error.code().name} {error.details()}"]
            return error.code() == grpc.StatusCode.UNIMPLEMENTED
    wait_until(answers, within, lambda: f"{exchange} {component}: {told}")


def restart(rig, workload, how):
    """One round. Returns the seconds that the service was away, and those of them after it had been
    started again."""
    pods, stack = rig.stack.pods, rig.stack
    tag = f"{workload.name.replace('-', '')[:14]}{how[:1]}"
    rig.trade(tag)
    wait_until(lambda: rig.accepted() >= ORDERS_AFTER, 60, rig.told)
    stales = rig.stales(workload)
    begin = time.monotonic()
    if how == "restart":
        before = pods.address(workload.name)
        pods.stop_one(workload.name)
        pods.start_one(workload.name)
        assert pods.address(workload.name) != before, "it has its old address"
    else:
        pods.kill(workload.name)
    started = time.monotonic()
    is_router = workload.role == "router"
    if is_router:
        stack.find_router()
        await_service(stack, SPOT, "order")
    else:
        await_service(stack, workload.labels[EXCHANGE], workload.labels[COMPONENT])
    away, back = time.monotonic() - begin, time.monotonic() - started
    accepted = rig.accepted()
    wait_until(lambda: rig.accepted() >= accepted + ORDERS_AFTER, 60, rig.told)
    rig.check_books(is_router)
    if stales is not None:
        assert rig.stales(workload) == stales + 1, "books were not told as stale, once"
    rig.stop_trading()
    breaches = [each for log in rig.logs.values() for each in log.breaches]
    assert not breaches, breaches[:10]
    return away, back


def place_by_yard(rig):
    """An order from outside, by the command line."""
    symbol = symbol_of(SPOT, SYMBOL)
    price = format(rig.quote(SPOT, symbol)[0] * Decimal("0.9"), "f")
    subprocess.run([BUILT / "clients/cli/yard", f"--router={rig.stack.router_address}", "order",
                    "place", SPOT, symbol, "buy", "0.01", "--price", price, "--post_only",
                    "--price_rounding", "down", "--client_order_id", "from-outside"], check=True)


def play(pods, rounds):
    stack = PodStack(pods)
    for workload in pods.manifests.workloads:
        if workload.labels.get(EXCHANGE) in (SPOT, FUTURES):
            await_service(stack, workload.labels[EXCHANGE], workload.labels[COMPONENT], 60)
    rig = PodRig(stack)
    try:
        place_by_yard(rig)
        for workload in pods.manifests.workloads:
            # Not the exchange itself, whose ledger is in its memory, nor those that nobody trades on.
            if workload.role == "simulator" or workload.labels.get(EXCHANGE, SPOT) not in rig.logs:
                continue
            for how in rounds:
                away, back = restart(rig, workload, how)
                print(f"{workload.name}: {how}, away for {away:.1f} s, answers {back:.1f} s after "
                      f"its start, {rig.accepted()} orders", flush=True)
        print(f"journal, streams and the simulator's ledger agree: {rig.check_orders()} fills")
    finally:
        rig.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", default="restart,kill")
    parser.add_argument("--stay", action="store_true", help="stay up instead of restarting pods")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and so by `finally`
    manifests = Manifests("demo")
    podman = Podman(options.scratch)
    podman.import_image([BUILT / "services" / each.labels[COMPONENT] /
                         pathlib.Path(each.command()[0]).name for each in manifests.workloads])
    pods = Pods(podman, manifests)
    try:
        pods.start()
        if options.stay:
            print(f"router at {pods.address('router')}:50051, until Ctrl-C", flush=True)
            signal.pause()
        play(pods, options.rounds.split(","))
    except KeyboardInterrupt:
        pass
    except Exception:
        print(pods.output())
        raise
    finally:
        pods.close()


if __name__ == "__main__":
    main()
