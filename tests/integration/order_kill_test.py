"""Nothing sent twice, nothing lost: `switchyard` is killed again and again at random moments while
clients place, amend and cancel with retries and the simulator loses answers, cuts sockets and omits
fills.

KILL_ROUNDS says how many rounds (3 by default, 25 in test.sh, 500 by order_kill_long.sh);
order_kill_rig.py has the rest of the environment."""

import os
import pathlib
import signal
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.integration.order_kill_rig import EXCHANGES, LEAST_ACCEPTED, play_rounds  # noqa: E402
from tests.integration.stack import wait_until  # noqa: E402

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))


def kill_at_random(rig, choices):
    wait_until(lambda: rig.accepted() >= LEAST_ACCEPTED, 60,
               lambda: f"{LEAST_ACCEPTED} accepted orders ({rig.told()})")
    rig.stack.fault("CLOSE_SOCKETS", choices.choice(EXCHANGES))
    threading.Event().wait(choices.random())
    rig.stack.switchyard.stop(signal.SIGKILL)


class OrderKill(unittest.TestCase):
    def test_nothing_is_sent_twice_and_nothing_lost(self):
        play_rounds(self, [(f"r{number}", kill_at_random) for number in range(ROUNDS)])


if __name__ == "__main__":
    unittest.main()
