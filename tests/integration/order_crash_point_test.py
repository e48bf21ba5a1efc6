"""Nothing sent twice, nothing lost: the rounds of order_kill_test, in which `switchyard` dies where
a crash is worst: before and after a commit, a send, an answer, a publication
(services/order/crash_point/crash_point.h).

CRASH_POINT_HITS says how often at each point (2 by default, 20 by order_kill_long.sh);
order_kill_rig.py has the rest of the environment."""

import os
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.integration.order_kill_rig import EXCHANGES, play_rounds  # noqa: E402

HITS = int(os.environ.get("CRASH_POINT_HITS", "2"))
# The passage that is the last, from and to: behind the start, amid the trading.
PASSAGES = {
    "before_commit": (150, 500), "after_commit": (150, 500),
    "before_send": (50, 150), "after_send": (50, 150),
    "before_answer": (50, 150), "after_answer": (50, 150),
    "before_publish": (150, 500), "after_publish": (150, 500),
}


def crash_at(point):
    def kill(rig, choices):
        # The rounds before ran without: the process leaves as an operator would have it, and
        # comes back armed.
        rig.stack.switchyard.stop()
        passage = choices.randint(*PASSAGES[point])
        rig.stack.start_switchyard(
            rig.stack.address, environment={"SWITCHYARD_CRASH_AT": f"{point}:{passage}"})
        rig.stack.fault("CLOSE_SOCKETS", choices.choice(EXCHANGES))
        ended = rig.stack.switchyard.wait_end(timeout=60)
        assert ended == -signal.SIGKILL, f"{point}: ended with {ended}"
    return kill


class OrderCrashPoint(unittest.TestCase):
    def test_nothing_is_sent_twice_and_nothing_lost(self):
        # Point after point, so that a run that is cut short has hit all of them.
        play_rounds(self, [(f"{point}{hit}", crash_at(point))
                           for hit in range(HITS) for point in PASSAGES])


if __name__ == "__main__":
    unittest.main()
