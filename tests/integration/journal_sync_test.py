"""An order is on the disk before the exchange hears of it: a trace of the order process's system
calls while one order is placed. Needs strace."""

import pathlib
import re
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.integration.private_requests import Requests  # noqa: E402
from tests.integration.stack import *  # noqa: E402,F403

TRACED = "pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync"
# `PID NAME(FD<FILE>, ...`, whole, or its end in a line of its own where another thread came between
CALL = re.compile(r"^(?P<pid>\d+) +(?P<name>\w+)\(\d+<(?P<file>(?:->|[^>])*)>(?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
# strace writes what is sent and written, and the names of files, in hexadecimal.
HEX = re.compile(r"(?:\\x[0-9a-f]{2})+")


def bytes_of(text):
    """All that the strings of a line hold."""
    return b"".join(bytes.fromhex(each.replace("\\x", "")) for each in HEX.findall(text))


def unmasked(data):
    """The payload of a WebSocket client's frame at the beginning of `data`; else nothing."""
    if len(data) < 8 or data[0] & 0x0F not in (1, 2) or not data[1] & 0x80:
        return b""
    length, at = data[1] & 0x7F, 2
    if length == 126:
        length, at = int.from_bytes(data[2:4], "big"), 4
    mask, payload = data[at:at + 4], data[at + 4:at + 4 + length]
    return bytes(each ^ mask[index % 4] for index, each in enumerate(payload))


class Trace:
    """What strace saw: where the order was written to the journal, where that was synced, where it
    was sent. Positions are lines: a thread goes on only when its line is written."""

    def __init__(self, text, journal, exchange_port, client_order_id, exchange_client_id):
        self.written, self.sent = [], []
        self.synced = []  # (began, completed)
        began = {}  # by thread
        for number, line in enumerate(text.splitlines()):
            if call := CALL.match(line):
                data = bytes_of(call["rest"])
                if bytes_of(call["file"]) == journal.encode():
                    if call["name"] in ("fsync", "fdatasync"):
                        if "<unfinished" in line:
                            began[call["pid"]] = number
                        elif line.rstrip().endswith("= 0"):
                            self.synced.append((number, number))
                    elif client_order_id.encode() in data:
                        self.written.append(number)
                elif f"->127.0.0.1:{exchange_port}" in call["file"]:
                    # From its first byte: nothing of it went before.
                    request = data if data.startswith(b"POST ") else unmasked(data)
                    if exchange_client_id.encode() in request:
                        self.sent.append(number)
            elif (call := RESUMED.match(line)) and call["pid"] in began:
                if call["name"] in ("fsync", "fdatasync"):
                    begin = began.pop(call["pid"])
                    if line.rstrip().endswith("= 0"):
                        self.synced.append((begin, number))

    def is_synced_before_sent(self):
        """Every byte of the order that is in the journal before it is sent is on the disk then."""
        sent = self.sent[0]
        before = [line for line in self.written if line < sent]
        return bool(before) and any(before[-1] < begin and end < sent
                                    for begin, end in self.synced)


class JournalSync(unittest.TestCase):
    def trace_of_an_order(self, synchronous, entry):
        config = [*ACCOUNT_CONFIG, "    options:", f"      order_entry: {entry}"]
        stack = Stack(["--updates_per_second=5", "--symbols=3"], config, router=False,
                      exchanges=(SPOT,), orders=[f"journal_synchronous: {synchronous}"])
        self.addCleanup(stack.close)
        stack.switchyard.stop()
        output = stack.path / "trace"
        # -D: the process is our child, and not the tracer's.
        stack.start_switchyard(stack.address, prefix=[
            "strace", "-D", "-f", "-q", "-yy", "-xx", "-s", "9000", "-e", f"trace={TRACED}",
            "-e", "signal=none", "-o", str(output)])
        order = self.place(stack)
        self.assertEqual(order.state, order_pb2.ORDER_STATE_OPEN)
        stack.switchyard.stop(signal.SIGTERM, timeout=30)
        journal, = (stack.path / "journal").glob("*.journal")
        port = stack.endpoints[SPOT]["host"].rsplit(":", 1)[1]
        return Trace(output.read_text(), f"{journal}-wal", port,
                     order.ticket.client_order_id, order.exchange_client_id)

    @staticmethod
    def place(stack):
        """The first order that is taken: at first the account is not compared yet."""
        requests, placed = Requests(stack), []

        def is_placed():
            try:
                placed.append(stack.orders().PlaceOrder(orders.PlaceOrderRequest(
                    exchange=SPOT, account=ACCOUNT, ticket=requests.ticket(SPOT)), timeout=20))
            except grpc.RpcError:
                return False
            return True
        wait_until(is_placed, 30, "an order that is taken")
        return placed[0].order

    def test_with_full_the_journal_is_synced_before_the_first_byte_is_sent(self):
        for entry in ("websocket", "rest"):
            with self.subTest(order_entry=entry):
                trace = self.trace_of_an_order("FULL", entry)
                self.assertEqual(len(trace.sent), 1)
                self.assertTrue(trace.is_synced_before_sent(), vars(trace))

    def test_a_journal_that_is_not_synced_is_seen_in_the_trace(self):
        trace = self.trace_of_an_order("OFF", "websocket")
        self.assertEqual(len(trace.sent), 1)
        self.assertLess(trace.written[0], trace.sent[0])  # but it is in the journal's file
        self.assertFalse(trace.is_synced_before_sent(), vars(trace))


if __name__ == "__main__":
    unittest.main()
