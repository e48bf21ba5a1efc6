"""`yard doctor` against the real processes: healthy, and with a dead exchange, a wrong secret, a
shifted clock, a router without its backend and a broken configuration. And `yard journal` on the
journal of a running service, which is lost afterwards."""

import json
import os
import signal
import subprocess
import time
import unittest

from tests.integration.private_requests import *  # noqa: F403
from tests.integration.router_private_test import BROKEN, WITH_BROKEN


def yard(*arguments, router="", timeout=60):
    """Exit code and both outputs."""
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("SWITCHYARD_ROUTER", "SWITCHYARD_TOKEN")}
    done = subprocess.run([str(BINARIES["yard"]), *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout, env={**environment, "SWITCHYARD_ROUTER": router})
    return done.returncode, done.stdout, done.stderr


class Doctor(unittest.TestCase):
    exchanges = (SPOT, FUTURES)

    def start(self, config=tuple(ACCOUNT_CONFIG), router=True):
        stack = Stack(("--updates_per_second=20",), config, router=router)
        self.addCleanup(stack.close)
        return stack

    def examine(self, stack, *arguments, router=None):
        code, out, err = yard("doctor", "--json", *arguments,
                              router=router or stack.router_address or stack.address)
        self.assertTrue(out, err)
        return code, json.loads(out)["findings"]

    def until(self, stack, wanted, what, timeout=60):
        """Examines until a finding is as wanted: what the doctor says follows what happens."""
        deadline = time.monotonic() + timeout
        while True:
            code, findings = self.examine(stack, "--timeout=8s")
            found = [each for each in findings if wanted(each)]
            if found:
                return code, found[0]
            self.assertLess(time.monotonic(), deadline, f"no {what}: {findings}")

    def test_all_is_well(self):
        stack = self.start()
        deadline = time.monotonic() + 60
        while True:
            code, findings = self.examine(stack, stack.path / 'switchyard.yaml')
            if code == 0 or time.monotonic() > deadline:
                break
        self.assertEqual(code, 0, findings)
        by_check = {(each["subject"], each["check"]): each for each in findings}
        for key in ((SPOT, "services"), (SPOT, "connections"), (FUTURES, "clock"),
                    (f"{SPOT} {ACCOUNT}", "balances"), (f"{FUTURES} {ACCOUNT}", "positions"),
                    (f"{SPOT} {ACCOUNT}", "orders"), (f"{SPOT}.{ACCOUNT}.journal", "journal"),
                    (stack.router_address, "clock")):
            self.assertEqual(by_check[key]["level"], "ok", by_check[key])
        self.assertNotIn((f"{SPOT} {ACCOUNT}", "positions"), by_check)

    def test_a_dead_exchange_is_named(self):
        stack = self.start()
        stack.simulator.stop(signal.SIGKILL)
        code, finding = self.until(
            stack, lambda each: each["level"] == "FAILED" and each["subject"] == f"{SPOT} {ACCOUNT}"
            and each["check"] == "balances", "failed read")
        self.assertEqual(code, 1)
        self.assertIn("exchange is reached", finding["advice"])

    def test_a_wrong_secret_is_told_from_a_right_one(self):
        stack = self.start(tuple(WITH_BROKEN))
        code, finding = self.until(
            stack, lambda each: each["subject"] == f"{SPOT} {BROKEN}"
            and each["check"] == "balances" and each["level"] == "FAILED", "refused account")
        self.assertEqual(code, 1)
        self.assertIn("secret does not belong", finding["advice"])
        code, finding = self.until(
            stack, lambda each: each["subject"] == f"{SPOT} {ACCOUNT}"
            and each["check"] == "balances", "account that works")
        self.assertEqual(finding["level"], "ok", finding)

    def test_a_clock_that_is_off_is_measured(self):
        stack = self.start(router=False)
        stack.fault("SHIFT_CLOCK", amount=40_000)
        code, finding = self.until(
            stack, lambda each: each["subject"] == SPOT and each["check"] == "clock"
            and each["level"] == "FAILED", "clock that is off", timeout=120)
        self.assertEqual(code, 1)
        self.assertIn("ahead of", finding["what"])
        self.assertIn("synchronise", finding["advice"])

    def test_a_router_without_its_backend_says_what_to_start(self):
        stack = self.start()
        stack.switchyard.stop()
        code, finding = self.until(
            stack, lambda each: each["subject"] == SPOT and each["check"] == "services"
            and each["level"] == "FAILED", "backend that is gone")
        self.assertEqual(code, 1)
        self.assertIn("start", finding["advice"])

    def test_nobody_there_and_a_broken_configuration_are_told_in_time(self):
        stack = self.start(router=False)
        broken = stack.path / "broken.yaml"
        broken.write_text("exchanges:\n  - exchange: gateio\n    symbls: [BTC-USDT]\n")
        began = time.monotonic()
        code, findings = self.examine(stack, broken, "--timeout=2s",
                                      router="127.0.0.1:1")
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(code, 1)
        self.assertEqual([each["check"] for each in findings], ["configuration", "reachable"])
        self.assertIn("symbls", findings[0]["what"])
        self.assertIn("--router", findings[1]["advice"])


class Journal(unittest.TestCase):
    def test_a_journal_is_backed_up_while_in_use_lost_and_restored(self):
        stack = Stack(("--updates_per_second=20",), tuple(ACCOUNT_CONFIG), exchanges=(SPOT,),
                      router=False)
        self.addCleanup(stack.close)
        journal = stack.path / "journal" / f"{SPOT}.{ACCOUNT}.journal"
        backup = stack.path / "backup"
        code, out, err = yard("journal", "backup", journal, backup, "--timeout=30s")
        self.assertEqual(code, 0, err)
        self.assertIn(f"{SPOT}/{ACCOUNT}", out)
        code, _, err = yard("journal", "restore", backup, journal)
        self.assertEqual(code, 1, "the service runs")
        self.assertIn("another process", err)

        stack.switchyard.stop()
        journal.unlink()
        with self.assertRaises(AssertionError) as refused:
            stack.start_switchyard()
        self.assertIn("yard journal restore", str(refused.exception))
        code, _, err = yard("journal", "restore", backup, journal)
        self.assertEqual(code, 0, err)
        stack.start_switchyard()
        stack.switchyard.await_line(r"journal_restored")


if __name__ == "__main__":
    unittest.main()
