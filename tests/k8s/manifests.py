"""The rendered overlays as Python objects. run.sh renders them into $SWITCHYARD_MANIFESTS."""

import os
import pathlib
import re
from dataclasses import dataclass

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPONENTS = ("market_data", "order", "position", "account")
EXCHANGE, COMPONENT, ROLE = ("switchyard/exchange", "app.kubernetes.io/component",
                             "switchyard/role")


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet, with one container."""
    object: dict

    @property
    def name(self):
        return self.object["metadata"]["name"]

    @property
    def kind(self):
        return self.object["kind"]

    @property
    def spec(self):
        return self.object["spec"]

    @property
    def labels(self):
        return self.spec["template"]["metadata"]["labels"]

    @property
    def role(self):
        return self.labels[ROLE]

    @property
    def pod(self):
        return self.spec["template"]["spec"]

    @property
    def container(self):
        (container,) = self.pod["containers"]
        return container

    @property
    def ports(self):
        """By name."""
        return {port["name"]: port["containerPort"] for port in self.container["ports"]}

    @property
    def mounts(self):
        """Volume name by path."""
        return {mount["mountPath"]: mount["name"]
                for mount in self.container.get("volumeMounts", ())}

    def volume(self, name):
        return next(each for each in self.pod["volumes"] if each["name"] == name)

    def command(self):
        """Command and arguments, as the kubelet expands them from labels."""
        environment = {}
        for variable in self.container.get("env", ()):
            path = variable["valueFrom"]["fieldRef"]["fieldPath"]
            label = re.fullmatch(r"metadata\.labels\['(.+)'\]", path).group(1)
            environment[variable["name"]] = self.labels[label]
        words = self.container["command"] + self.container.get("args", [])
        return [re.sub(r"\$\((\w+)\)", lambda match: environment[match.group(1)], word)
                for word in words]


class Manifests:
    """All objects of an overlay."""

    def __init__(self, overlay):
        self.overlay = overlay
        path = pathlib.Path(os.environ["SWITCHYARD_MANIFESTS"]) / f"{overlay}.yaml"
        self.objects = list(yaml.safe_load_all(path.read_text()))
        self.workloads = [Workload(each) for each in self.objects
                          if each["kind"] in ("Deployment", "StatefulSet")]

    def of(self, kind):
        return [each for each in self.objects if each["kind"] == kind]

    def workload(self, name):
        return next(each for each in self.workloads if each.name == name)

    def selected(self, selector):
        """Workloads whose pods have these labels."""
        return [each for each in self.workloads if selector.items() <= each.labels.items()]

    def config_text(self, workload):
        """What is in the file that `--config` names."""
        (path,) = [word.partition("=")[2] for word in workload.command()
                   if word.startswith("--config=")]
        return self.files(workload)[path]

    def files(self, workload):
        """Files of the pod's ConfigMaps, by path."""
        found = {}
        for path, name in workload.mounts.items():
            volumes = [each for each in workload.pod["volumes"] if each["name"] == name]
            for volume in volumes:
                if "configMap" not in volume:
                    continue
                (source,) = [each for each in self.of("ConfigMap")
                             if each["metadata"]["name"] == volume["configMap"]["name"]]
                found.update({f"{path}/{key}": text for key, text in source["data"].items()})
        return found

    def config(self, workload):
        """Of the process; the simulator has none."""
        if workload.role == "simulator":
            return {}
        return yaml.safe_load(self.config_text(workload))


def secret_fields(config):
    """(name, value) of what a configuration must not hold itself."""
    if isinstance(config, list):
        return [found for each in config for found in secret_fields(each)]
    if not isinstance(config, dict):
        return []
    secrets = re.compile(r"(.*_)?(api_key|secret|private_key|password|passphrase|token|sha256)")
    found = []
    for name, value in config.items():
        if isinstance(value, str) and secrets.fullmatch(name):
            found.append((name, value))
        found += secret_fields(value)
    return found


def exchanges():
    """Ids of services/exchanges.bzl."""
    names = {}
    exec((ROOT / "services/exchanges.bzl").read_text(), names)  # Starlark that is Python too
    return set(names["EXCHANGES"])


def object_name(exchange, component):
    return f"{exchange}-{component}".replace("_", "-")
