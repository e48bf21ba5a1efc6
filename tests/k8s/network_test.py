"""Who may reach whom, computed from the NetworkPolicies as Kubernetes defines them: a connection
passes if the policies of both its ends let it; an end with no policy for a direction is open.
Compared with the table that k8s/README.md states."""

import ipaddress
import pathlib
import sys
import unittest
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.k8s.manifests import Manifests  # noqa: E402

NAMESPACE = "kubernetes.io/metadata.name"
# Asked for besides the ports that containers name.
OTHER_PORTS = {("TCP", 22), ("TCP", 80), ("TCP", 443), ("TCP", 53), ("UDP", 53), ("TCP", 6443)}


@dataclass(frozen=True)
class Peer:
    """A pod, or an address outside the cluster."""
    name: str
    labels: dict = field(default_factory=dict, hash=False)
    space: dict = field(default_factory=dict, hash=False)  # labels of its namespace
    ports: dict = field(default_factory=dict, hash=False)
    address: str = ""

    @property
    def is_pod(self):
        return not self.address


def matches(selector, labels):
    assert set(selector) <= {"matchLabels"}, selector
    return selector.get("matchLabels", {}).items() <= labels.items()


def is_of(peer, source, home):
    """Whether a policy's `from` or `to` names the peer; `home`: the policy's own namespace."""
    if "ipBlock" in source:
        if peer.is_pod:
            return False  # pods' addresses are private: the blocks leave those out
        address = ipaddress.ip_address(peer.address)
        block = source["ipBlock"]
        return address in ipaddress.ip_network(block["cidr"]) and not any(
            address in ipaddress.ip_network(each) for each in block.get("except", ()))
    if not peer.is_pod:
        return False
    if "namespaceSelector" in source:
        if not matches(source["namespaceSelector"], peer.space):
            return False
    elif peer.space.get(NAMESPACE) != home:
        return False
    return matches(source.get("podSelector", {}), peer.labels)


class Network:
    def __init__(self, overlay):
        self.manifests = Manifests(overlay)
        (namespace,) = self.manifests.of("Namespace")
        self.home = namespace["metadata"]["name"]
        space = {NAMESPACE: self.home}
        self.pods = [Peer(each.name, each.labels, space, each.ports)
                     for each in self.manifests.workloads]
        self.roles = {each.name: each.role for each in self.manifests.workloads}
        # Somebody's, without our labels, in our namespace.
        self.pods.append(Peer("newcomer", {}, space))
        self.strangers = [
            Peer("client", {}, {NAMESPACE: "trading", "switchyard/clients": "true"}),
            Peer("stranger", {}, {NAMESPACE: "default"}),
            # The labels of ours, in a namespace of others.
            Peer("impostor", {"switchyard/role": "router"}, {NAMESPACE: "default"}),
            Peer("prometheus", {"app.kubernetes.io/name": "prometheus"},
                 {NAMESPACE: "monitoring"}),
            Peer("other in monitoring", {}, {NAMESPACE: "monitoring"}),
            Peer("dns", {"k8s-app": "kube-dns"}, {NAMESPACE: "kube-system"}),
            Peer("other in kube-system", {}, {NAMESPACE: "kube-system"}),
            Peer("internet", address="203.0.113.7"),
            Peer("internet 6", address="2001:db8::7"),
            *(Peer(f"private {address}", address=address) for address in (
                "10.1.2.3", "172.20.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "fe80::1")),
            Peer("cloud metadata", address="169.254.169.254")]
        self.roles.update({each.name: each.name for each in self.strangers + self.pods[-1:]})

    def allows(self, pod, direction, other, protocol, port, destination):
        """Whether the policies of `pod` let a connection with `other` pass."""
        policies = [each["spec"] for each in self.manifests.of("NetworkPolicy")
                    if matches(each["spec"]["podSelector"], pod.labels) and
                    direction in each["spec"]["policyTypes"]]
        if not policies:
            return True
        side = "from" if direction == "Ingress" else "to"
        for policy in policies:
            for rule in policy.get(direction.lower(), ()):
                if side in rule and not any(is_of(other, each, self.home) for each in rule[side]):
                    continue
                if "ports" not in rule or any(
                        each["protocol"] == protocol and
                        port == destination.ports.get(each["port"], each["port"])
                        for each in rule["ports"]):
                    return True
        return False

    def reaches(self, source, destination, protocol, port):
        ours = {each.name for each in self.pods}
        return ((source.name not in ours or
                 self.allows(source, "Egress", destination, protocol, port, destination)) and
                (destination.name not in ours or
                 self.allows(destination, "Ingress", source, protocol, port, destination)))

    def table(self):
        """{(source's role, destination's role, port)}. Fails where pods of a role differ."""
        rows = {}
        for source in self.pods + self.strangers:
            for destination in self.pods + self.strangers:
                if source == destination or (source in self.strangers and
                                             destination in self.strangers):
                    continue
                for protocol, port in OTHER_PORTS | {("TCP", each) for pod in self.pods
                                                     for each in pod.ports.values()}:
                    row = (self.roles[source.name], self.roles[destination.name],
                           f"{protocol} {port}")
                    rows.setdefault(row, set()).add(
                        self.reaches(source, destination, protocol, port))
        assert all(len(answers) == 1 for answers in rows.values()), "pods of one role differ"
        return {row for row, answers in rows.items() if answers == {True}}


COMMON = {("client", "router", "TCP 50051"), ("router", "service", "TCP 50051"),
          ("prometheus", "router", "TCP 9464"), ("prometheus", "service", "TCP 9464"),
          *((role, "dns", port) for role in ("router", "service", "newcomer")
            for port in ("TCP 53", "UDP 53"))}


class WhoReachesWhom(unittest.TestCase):
    maxDiff = None

    def test_nothing_passes_by_default(self):
        for overlay in ("demo", "production"):
            specs = [each["spec"] for each in Manifests(overlay).of("NetworkPolicy")]
            self.assertIn({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, specs)

    def test_in_production_services_reach_the_public_internet_alone(self):
        self.assertEqual(Network("production").table(), COMMON | {
            ("service", "internet", "TCP 443"), ("service", "internet 6", "TCP 443")})

    def test_in_the_demo_services_reach_the_simulator_alone(self):
        self.assertEqual(Network("demo").table(), COMMON | {
            ("service", "simulator", "TCP 18001"), ("service", "simulator", "TCP 18002"),
            ("prometheus", "simulator", "TCP 9464"), ("simulator", "dns", "TCP 53"),
            ("simulator", "dns", "UDP 53")})


if __name__ == "__main__":
    unittest.main()
