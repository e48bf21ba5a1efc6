"""Runs the pods of a rendered overlay by podman, which knows less of Kubernetes than a cluster.

What is changed for it (podman 4.3, Debian 12): a Deployment or StatefulSet becomes one Pod with the
name of its Service, which is also its name in podman's DNS; `$(NAME)` in commands is expanded
here; Secrets are mounted as ConfigMaps, for podman would mount their base64; the volume of a
StatefulSet is one of podman's, owned by the pod's user. Left out, as nothing here would act on
them: probes, NetworkPolicies, budgets, the autoscaler, and the container's ports, which podman
would publish on this machine."""

import base64
import hashlib
import json
import os
import pathlib
import subprocess

import yaml

NETWORK, SUBNET, GATEWAY = "switchyard-play", "10.99.7.0/24", "10.99.7.1"
IMAGE = "localhost/switchyard:latest"
# What the machine's own containers do not share, and what runs where cgroups and OverlayFS do not
# serve.
STORAGE = """[storage]
driver = "vfs"
graphroot = "{path}/graph"
runroot = "{path}/run"
"""
CONTAINERS = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{path}/tmp"
[network]
network_backend = "netavark"
network_config_dir = "{path}/networks"
"""


class Podman:
    """Containers, images and volumes of its own below `path`."""

    def __init__(self, path):
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        (path / "storage.conf").write_text(STORAGE.format(path=path))
        (path / "containers.conf").write_text(CONTAINERS.format(path=path))
        self._environment = {**os.environ, "CONTAINERS_STORAGE_CONF": str(path / "storage.conf"),
                             "CONTAINERS_CONF": str(path / "containers.conf")}

    def run(self, *arguments, **options):
        """Its output. Raises where it fails, with what it said."""
        options = {"stderr": subprocess.PIPE, **options}
        done = subprocess.run(["podman", *map(str, arguments)], text=True, check=False,
                              stdout=subprocess.PIPE, env=self._environment, **options)
        if done.returncode != 0:
            raise RuntimeError(f"podman {' '.join(map(str, arguments))}:\n"
                               f"{done.stderr or done.stdout}")
        return done.stdout

    def make_network(self):
        """Written down, since `network create` cannot choose the bridge's name: one that it chooses
        itself may be that of another podman with a configuration of its own."""
        folder = self.path / "networks"
        folder.mkdir(exist_ok=True)
        (folder / f"{NETWORK}.json").write_text(json.dumps({
            "name": NETWORK, "id": hashlib.sha256(NETWORK.encode()).hexdigest(), "driver": "bridge",
            "network_interface": "switchyard0", "created": "2026-01-01T00:00:00Z",
            "subnets": [{"subnet": SUBNET, "gateway": GATEWAY}], "ipv6_enabled": False,
            "internal": False, "dns_enabled": True, "ipam_options": {"driver": "host-local"}}))

    def import_image(self, programs):
        """An image of these programs and the libraries that they load, for lack of the real one
        (docker/Dockerfile)."""
        tree = self.path / "tree"
        subprocess.run(["rm", "-rf", tree], check=True)
        listed = subprocess.run(["ldd", *programs], text=True, capture_output=True, check=True)
        libraries = {word for word in listed.stdout.split()
                     if word.startswith("/") and not word.endswith(":")}
        # getaddrinfo loads these by itself.
        libraries |= {str(each) for each in pathlib.Path("/lib/x86_64-linux-gnu").glob("libnss_*")}
        for source, target in [*((program, f"usr/local/bin/{program.name}") for program in programs),
                               *((library, library.lstrip("/")) for library in libraries)]:
            (tree / target).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-L", source, tree / target], check=True)
        with subprocess.Popen(["tar", "-C", tree, "-c", "."], stdout=subprocess.PIPE) as tar:
            self.run("import", "-", IMAGE, stdin=tar.stdout)


class Pods:
    """The pods of an overlay, on a network of their own."""

    def __init__(self, podman, manifests):
        self.podman, self.manifests = podman, manifests
        self._files = {}

    def start(self):
        self.podman.make_network()
        for workload in self.manifests.workloads:
            self._files[workload.name] = self._write(workload)
        for name in self._files:
            self.start_one(name)

    def start_one(self, name):
        self.podman.run("play", "kube", "--network", NETWORK, self._files[name])

    def stop_one(self, name):
        """SIGTERM, as the kubelet does; returns when it is gone, its address with it."""
        self.podman.run("play", "kube", "--down", self._files[name])

    def kill(self, name):
        """SIGKILL to the process; podman starts the container again, as the kubelet would."""
        pid = self.podman.run("inspect", "--format", "{{.State.Pid}}", f"{name}-switchyard")
        os.kill(int(pid), 9)

    def address(self, name):
        infra = self.podman.run("pod", "inspect", name, "--format", "{{.InfraContainerID}}").strip()
        networks = json.loads(self.podman.run("inspect", infra, "--format",
                                              "{{json .NetworkSettings.Networks}}"))
        return networks[NETWORK]["IPAddress"]

    def output(self):
        """The last lines of each."""
        return "\n".join(f"--- {name}\n" + self.podman.run("logs", "--tail", "30",
                                                          f"{name}-switchyard",
                                                          stderr=subprocess.STDOUT)
                         for name in self._files)

    def close(self):
        self.podman.run("pod", "rm", "--all", "--force", "--time", "1")
        self.podman.run("volume", "prune", "--force")
        self.podman.run("network", "rm", "--force", NETWORK)

    def _write(self, workload):
        objects, volumes = [], []
        for volume in workload.pod.get("volumes", ()):
            data = self._data(volume)
            name = f"{workload.name}-{volume['name']}"
            objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name},
                            "data": data})
            volumes.append({"name": volume["name"], "configMap": {"name": name}})
        for claim in workload.spec.get("volumeClaimTemplates", ()):
            name = f"{claim['metadata']['name']}-{workload.name}-0"
            self._make_volume(name, workload, claim)
            volumes.append({"name": claim["metadata"]["name"],
                            "persistentVolumeClaim": {"claimName": name}})
        container = {key: workload.container[key]
                     for key in ("name", "resources", "securityContext", "volumeMounts")
                     if key in workload.container}
        container.update(image=IMAGE, imagePullPolicy="Never", command=workload.command())
        objects.append({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": workload.name, "labels": workload.labels},
            "spec": {"restartPolicy": "Always", "containers": [container], "volumes": volumes,
                     "securityContext": workload.pod["securityContext"]}})
        file = self.podman.path / f"{workload.name}.yaml"
        file.write_text(yaml.safe_dump_all(objects))
        return file

    def _data(self, volume):
        if "configMap" in volume:
            name, kind = volume["configMap"]["name"], "ConfigMap"
        else:
            name, kind = volume["secret"]["secretName"], "Secret"
        (source,) = [each for each in self.manifests.of(kind) if each["metadata"]["name"] == name]
        if kind == "ConfigMap":
            return source["data"]
        return {key: base64.b64decode(value).decode() for key, value in source["data"].items()}

    def _make_volume(self, name, workload, claim):
        owner = str(workload.pod["securityContext"]["fsGroup"])
        file = self.podman.path / f"{name}.yaml"
        file.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "annotations": {"volume.podman.io/uid": owner,
                                                       "volume.podman.io/gid": owner}},
            "spec": claim["spec"]}))
        self.podman.run("play", "kube", file)
