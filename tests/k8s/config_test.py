"""Every configuration in the manifests is one that its process takes: each process is started with
it, its files and its arguments, on ports of this machine and with exchanges that nobody serves."""

import base64
import json
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.integration.stack import BUILT, Process  # noqa: E402
from tests.k8s.manifests import COMPONENT, EXCHANGE, Manifests, exchanges  # noqa: E402

NOBODY = "127.0.0.1:9"  # discard: refuses connections
PORTS = ("--listen=127.0.0.1:0", "--health_listen=127.0.0.1:0", "--metrics_listen=127.0.0.1:0")


class Pod:
    """A pod's process, with its files below `path` in place of the container's root."""

    def __init__(self, manifests, workload, path):
        self.workload, self.path = workload, path
        for name, text in manifests.files(workload).items():
            self._write(name, self._below(text))
        for directory, name in workload.mounts.items():
            secret = (self._volume(name) or {}).get("secret")
            if secret is not None:
                self._write_secrets(directory, secret["secretName"],
                                    manifests.config_text(workload))
            (path / directory.lstrip("/")).mkdir(parents=True, exist_ok=True)
        program, *arguments = workload.command()
        if workload.role == "service":
            arguments = [each for each in arguments if not each.startswith("--endpoints_file")]
            self._write("/endpoints.json", json.dumps({each: {"host": NOBODY}
                                                       for each in exchanges()}))
            arguments.append("--endpoints_file=/endpoints.json")
        arguments = [re.sub(r"=(/.*)", lambda match: f"={path}{match.group(1)}", each)
                     for each in arguments]
        binary = BUILT / "services" / workload.labels[COMPONENT] / pathlib.Path(program).name
        self.process = Process(workload.name, *arguments, *PORTS, program=binary)

    def _volume(self, name):
        return next((each for each in self.workload.pod["volumes"] if each["name"] == name), None)

    def _below(self, text):
        return re.sub(r"/(run/secrets|var/lib/switchyard)/", rf"{self.path}/\1/", text)

    def _write(self, name, text):
        file = self.path / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def _write_secrets(self, directory, name, config):
        if directory.endswith("/tls"):
            make_certificate(self.path / directory.lstrip("/"))
            return
        if directory.endswith("/tokens"):
            for key in re.findall(re.escape(directory) + r"/(\w+)", config):
                self._write(f"{directory}/{key}", secrets.token_hex(32))
            return
        # Those of the demo have the form that an exchange's own have.
        (secret,) = [each for each in Manifests("demo").of("Secret")
                     if each["metadata"]["name"] == name]
        for key, value in secret["data"].items():
            self._write(f"{directory}/{key}", base64.b64decode(value).decode())


def make_certificate(directory):
    """Its own authority: the process is not called here."""
    directory.mkdir(parents=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=switchyard",
                    "-keyout", directory / "tls.key", "-out", directory / "tls.crt"],
                   check=True, capture_output=True)
    (directory / "ca.crt").write_bytes((directory / "tls.crt").read_bytes())


class EveryConfiguration(unittest.TestCase):
    def check(self, overlay):
        manifests = Manifests(overlay)
        with tempfile.TemporaryDirectory() as scratch:
            pods = [Pod(manifests, workload, pathlib.Path(scratch) / workload.name)
                    for workload in manifests.workloads if workload.role != "simulator"]
            for pod in pods:
                with self.subTest(pod.workload.name):
                    pod.process.await_line(" listening grpc=")
            for pod in pods:
                if pod.process.child.poll() is None:
                    pod.process.child.terminate()
            for pod in pods:
                with self.subTest(pod.workload.name):
                    self.assertEqual(pod.process.wait_end(30), 0, pod.process.output())

    def test_of_the_demo_is_taken(self):
        self.check("demo")

    def test_of_production_is_taken(self):
        self.check("production")

    def test_of_the_demo_names_the_simulators_ports(self):
        manifests = Manifests("demo")
        simulator = manifests.workload("simulator")
        for workload in manifests.workloads:
            if workload.role != "service":
                continue
            endpoints = json.loads(manifests.files(workload)["/etc/switchyard/endpoints.json"])
            self.assertIn(workload.labels[EXCHANGE], endpoints)
            for exchange, endpoint in endpoints.items():
                host, _, port = endpoint["host"].partition(":")
                self.assertEqual(host, simulator.name)
                flag = "lighter_port" if exchange == "lighter" else "port"
                self.assertIn(f"--{flag}={port}", simulator.command())


if __name__ == "__main__":
    unittest.main()
