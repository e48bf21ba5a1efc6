"""A real Prometheus with the rules and the configuration of docker/prometheus, on loopback."""

import json
import pathlib
import re
import shutil
import socket
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from tests.integration.stack import ROOT, Process, wait_until

PROMETHEUS = ROOT / "docker/prometheus"


class Prometheus:
    """Scrapes `targets` (host:port) and judges the alerts every second. Alerts fire a second after
    their fault: how long they wait is the matter of `promtool test rules`."""

    def __init__(self, targets):
        self._scratch = tempfile.TemporaryDirectory()
        path = pathlib.Path(self._scratch.name)
        (path / "targets.yaml").write_text(json.dumps([{"targets": list(targets)}]))
        config = (PROMETHEUS / "prometheus.yml").read_text()
        config, replaced = re.subn(r"_interval: 5s", "_interval: 1s", config)
        if replaced != 2:
            raise AssertionError("the intervals of prometheus.yml are not where they were")
        (path / "prometheus.yml").write_text(config)
        (path / "rules").mkdir()
        for rules in (PROMETHEUS / "rules").glob("*.yml"):
            (path / "rules" / rules.name).write_text(
                re.sub(r"\n( +)for: \S+", r"\n\1for: 1s", rules.read_text()))
        # It takes a port only by number: one that was free a moment ago is tried.
        self._process = None
        for _ in range(5):
            port = free_port()
            self._process = Process("prometheus", f"--config.file={path / 'prometheus.yml'}",
                                    f"--storage.tsdb.path={path / 'data'}",
                                    f"--web.listen-address=127.0.0.1:{port}",
                                    program=shutil.which("prometheus") or "/usr/bin/prometheus")
            self.address = f"127.0.0.1:{port}"
            try:
                self._process.await_line("Server is ready to receive web requests", 20)
                return
            except AssertionError:
                if self._process.child.poll() is None:
                    self.close()
                    raise
        raise AssertionError("Prometheus did not start:\n" + self._process.output())

    def close(self):
        self._process.stop()
        self._scratch.cleanup()

    def _get(self, path, **parameters):
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{parameters}: {refusal.read().decode()}") from None

    def query(self, expression):
        """[(labels, value)], the samples that are no NaN."""
        samples = [(each["metric"], float(each["value"][1]))
                   for each in self._get("query", query=expression)["result"]]
        return [(labels, value) for labels, value in samples if value == value]

    def firing(self):
        """The labels of the alerts that fire."""
        return [each["labels"] for each in self._get("alerts")["alerts"]
                if each["state"] == "firing"]

    def await_alert(self, timeout=30, **labels):
        """Waits until an alert with these labels fires."""
        wait_until(lambda: any(labels.items() <= each.items() for each in self.firing()), timeout,
                   lambda: f"{labels}; what fires: {self.firing()}", every=0.2)

    def rules(self):
        """Every alert: {"name", "query", ...}."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def targets(self):
        """{address: health}."""
        return {each["labels"]["instance"]: each["health"]
                for each in self._get("targets")["activeTargets"]}


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
