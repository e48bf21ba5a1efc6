"""What the rendered objects must be, besides valid: k8s/README.md states the rules."""

import base64
import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.k8s.manifests import (  # noqa: E402
    COMPONENT, COMPONENTS, EXCHANGE, ROOT, Manifests, exchanges, object_name, secret_fields)

# OrderConfig.drain_ms where it is not configured, and what a stop takes after it at most: calls
# (0.5 s), then the connections to the exchange (2 s). protos/switchyard/config/v1/config.proto,
# services/process/process.h.
DEFAULT_DRAIN_S, AFTER_DRAIN_S = 5, 2.5
# The simulator's own keys are documented; no others may stand in a manifest.
DOCUMENTED = ("services/simulator/README.md", "services/simulator/exchanges/lighter/README.md")


class Rules:
    """Of every overlay; `manifests` are its objects."""

    manifests = None

    def test_validates_against_the_kubernetes_schemas(self):
        manifests = self.manifests
        # Kubernetes skips the line breaks that kustomize puts into long base64, the schemas do not.
        objects = json.dumps(manifests.objects).replace(r"\n", "")
        check = subprocess.run(["node", ROOT / "tests/k8s/validate.js"], text=True, input=objects,
                               capture_output=True)
        self.assertEqual((check.returncode, check.stdout, check.stderr), (0, "", ""))

    def test_an_exchange_has_its_four_services(self):
        folders = {path.name for path in (ROOT / "k8s/exchanges").iterdir()}
        self.assertEqual(folders, exchanges())
        manifests = self.manifests
        services = {(each.labels[EXCHANGE], each.labels[COMPONENT], each.name)
                    for each in manifests.workloads if each.role == "service"}
        self.assertEqual(services, {(exchange, component, object_name(exchange, component))
                                    for exchange in folders for component in COMPONENTS})

    def test_the_program_is_the_one_that_the_labels_name(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                program = workload.labels[COMPONENT]
                if workload.role == "service":
                    program = f"{workload.labels[EXCHANGE]}_{program}"
                self.assertEqual(workload.command()[0], f"/usr/local/bin/{program}")

    def test_probes_ask_whether_the_process_serves(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                port = workload.ports.get("health", workload.ports["grpc"])
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    # The name "": "exchange/component" would fail while the exchange is away.
                    self.assertEqual(workload.container[probe]["grpc"], {"port": port})
                live = workload.container["livenessProbe"]
                self.assertGreaterEqual(live.get("periodSeconds", 10) * live["failureThreshold"], 60)

    def test_resources_are_bounded(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                resources = workload.container["resources"]
                self.assertEqual(set(resources["requests"]), {"cpu", "memory"})
                self.assertEqual(set(resources["limits"]), {"memory"})

    def test_processes_are_confined(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                pod = workload.pod["securityContext"]
                self.assertTrue(pod["runAsNonRoot"])
                self.assertEqual((pod["runAsUser"], pod["runAsGroup"]), (65532, 65532))
                self.assertEqual(pod["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertEqual(workload.container["securityContext"], {
                    "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]}})
                self.assertFalse(workload.pod["automountServiceAccountToken"])
                for volume in workload.pod.get("volumes", ()):
                    self.assertIn(set(volume) - {"name"}, ({"configMap"}, {"secret"}))

    def test_the_namespace_refuses_whoever_is_not_confined(self):
        manifests = self.manifests
        (namespace,) = manifests.of("Namespace")
        self.assertEqual(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"],
                         "restricted")
        spaces = {each["metadata"].get("namespace") for each in manifests.objects
                  if each is not namespace}
        self.assertEqual(spaces, {namespace["metadata"]["name"]})

    def test_no_secret_is_written_down(self):
        manifests = self.manifests
        values = [base64.b64decode(value).decode() for secret in manifests.of("Secret")
                  for value in secret["data"].values()]
        self.assertEqual(bool(values), manifests.overlay == "demo")
        documented = {word for page in DOCUMENTED
                      for word in re.findall(r"[\w-]+", (ROOT / page).read_text())}
        self.assertLessEqual(set(values), documented)
        for workload in manifests.workloads:
            for variable in workload.container.get("env", ()):
                self.assertNotIn("value", variable)
            for field, value in secret_fields(manifests.config(workload)):
                self.assertRegex(value, "^file:/run/secrets/", field)

    def test_secret_files_are_mounted(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                if workload.role == "simulator":
                    continue
                text = self.manifests.config_text(workload)
                for directory, key in re.findall(r"(/run/secrets/\w+)/([\w.]+)", text):
                    secret = workload.volume(workload.mounts[directory])["secret"]
                    self.assertEqual(secret["defaultMode"], 0o440)
                    for known in self.manifests.of("Secret"):
                        if known["metadata"]["name"] == secret["secretName"]:
                            self.assertIn(key, known["data"])

    def test_each_service_has_keys_of_its_own(self):
        manifests = self.manifests
        used = [each.volume("keys")["secret"]["secretName"] for each in manifests.workloads
                if "keys" in each.mounts.values()]
        self.assertEqual(sorted(used), sorted(
            each.name for each in manifests.workloads
            if each.role == "service" and each.labels[COMPONENT] != "market_data"))

    def test_services_find_their_pods(self):
        manifests = self.manifests
        for service in manifests.of("Service"):
            name, spec = service["metadata"]["name"], service["spec"]
            with self.subTest(service=name):
                (workload,) = manifests.selected(spec["selector"])
                self.assertEqual(workload.name, name)
                for port in spec["ports"]:
                    self.assertEqual(workload.ports[port["targetPort"]], port["port"])
                if workload.role == "service":
                    self.assertEqual(spec["clusterIP"], "None")
        self.assertEqual({each["metadata"]["name"] for each in manifests.of("Service")},
                         {each.name for each in manifests.workloads})

    def test_selectors_and_labels_agree(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                chosen = self.manifests.selected(workload.spec["selector"]["matchLabels"])
                self.assertEqual([each.name for each in chosen], [workload.name])

    def test_orders_have_one_writer_and_a_volume(self):
        manifests = self.manifests
        sets = [each for each in manifests.workloads if each.kind == "StatefulSet"]
        self.assertEqual({each.labels[COMPONENT] for each in sets}, {"order"})
        self.assertEqual(len(sets), len({each.labels[EXCHANGE] for each in sets}))
        for workload in sets:
            spec = workload.spec
            self.assertEqual(spec["replicas"], 1)
            self.assertEqual(spec["serviceName"], workload.name)
            self.assertEqual(spec["podManagementPolicy"], "Parallel")
            self.assertEqual(spec["updateStrategy"], {"type": "RollingUpdate"})
            self.assertEqual(spec["persistentVolumeClaimRetentionPolicy"],
                             {"whenDeleted": "Retain", "whenScaled": "Retain"})
            (claim,) = spec["volumeClaimTemplates"]
            journal = manifests.config(workload)["orders"]["journal_directory"]
            self.assertEqual(workload.mounts[journal], claim["metadata"]["name"])
            self.assertEqual(claim["spec"]["accessModes"], [
                "ReadWriteOnce" if manifests.overlay == "demo" else "ReadWriteOncePod"])
            self.assertEqual(workload.pod["securityContext"]["fsGroup"], 65532)

    def test_never_two_processes_with_one_key(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                if workload.role == "service":
                    self.assertEqual(workload.spec["replicas"], 1)
                if workload.labels[COMPONENT] in ("position", "account"):
                    self.assertEqual(workload.spec["strategy"], {"type": "Recreate"})

    def test_a_stop_has_time_to_drain(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                if workload.role == "simulator":
                    continue
                drain_ms = self.manifests.config(workload).get("orders", {}).get("drain_ms")
                drain = DEFAULT_DRAIN_S if drain_ms is None else drain_ms / 1000
                hook = workload.container.get("lifecycle", {}).get("preStop", {})
                needed = hook.get("sleep", {}).get("seconds", 0) + drain + AFTER_DRAIN_S
                self.assertGreater(workload.pod["terminationGracePeriodSeconds"], needed)

    def test_each_pod_has_one_disruption_budget(self):
        manifests = self.manifests
        for workload in manifests.workloads:
            budgets = [each for each in manifests.of("PodDisruptionBudget")
                       if each["spec"]["selector"]["matchLabels"].items() <=
                       workload.labels.items()]
            # The eviction of a pod with two is refused.
            self.assertEqual(len(budgets), 0 if workload.role == "simulator" else 1)
            for budget in budgets:
                self.assertEqual(budget["spec"]["maxUnavailable"], 1)

    def test_the_router_scales_by_itself(self):
        manifests = self.manifests
        (scaler,) = manifests.of("HorizontalPodAutoscaler")
        target = scaler["spec"]["scaleTargetRef"]
        router = manifests.workload(target["name"])
        self.assertEqual((router.object["apiVersion"], router.kind, router.role),
                         (target["apiVersion"], target["kind"], "router"))
        self.assertNotIn("replicas", router.spec)
        self.assertGreaterEqual(scaler["spec"]["minReplicas"], 2)
        self.assertEqual({each["topologyKey"] for each in router.pod["topologySpreadConstraints"]},
                         {"kubernetes.io/hostname", "topology.kubernetes.io/zone"})
        self.assertGreater(manifests.config(router)["max_connection_age_seconds"], 0)

    def test_the_router_knows_every_service(self):
        manifests = self.manifests
        backends = manifests.config(manifests.workload("router"))["backends"]
        known = {(each["exchange"], each["component"], *each["addresses"])
                 for each in backends}
        self.assertEqual(known, {
            (each.labels[EXCHANGE], each.labels[COMPONENT],
             f"dns:///{each.name}:{each.ports['grpc']}")
            for each in manifests.workloads if each.role == "service"})

    def test_services_grant_what_the_router_grants(self):
        granted = {}
        for workload in self.manifests.workloads:
            if workload.role == "simulator":
                continue
            access = self.manifests.config(workload)["process"].get("access", {})
            granted[workload.name] = sorted((each["name"], json.dumps(each["grants"]))
                                            for each in access.get("principals", ()))
        for name, grants in granted.items():
            self.assertEqual(grants, granted["router"], name)
        self.assertEqual(bool(granted["router"]), self.manifests.overlay == "production")

    def test_production_has_tls_on_every_hop(self):
        for workload in self.manifests.workloads:
            if workload.role == "simulator":
                continue
            with self.subTest(workload.name):
                config = self.manifests.config(workload)
                tls = config["process"].get("tls")
                self.assertEqual(tls is not None, self.manifests.overlay == "production")
                if tls is not None:
                    # A client of the router may show a token instead.
                    self.assertEqual(tls.get("require_client_certificate", False),
                                     workload.role == "service")
                    self.assertTrue(tls["client_ca_file"])
                if workload.role == "router":
                    self.assertEqual("backend_tls" in config, tls is not None)

    def test_metrics_are_announced(self):
        for workload in self.manifests.workloads:
            with self.subTest(workload.name):
                annotations = workload.spec["template"]["metadata"]["annotations"]
                self.assertEqual(annotations["prometheus.io/scrape"], "true")
                self.assertEqual(annotations["prometheus.io/port"], str(workload.ports["metrics"]))


class Demo(Rules, unittest.TestCase):
    manifests = Manifests("demo")


class Production(Rules, unittest.TestCase):
    manifests = Manifests("production")


if __name__ == "__main__":
    unittest.main()
