#!/usr/bin/env bash
# Builds the image and runs the stack of docker/docker-compose.yml in containers, without a Docker
# engine: buildah and podman as root, with docker-compose speaking to podman. By hand, for it needs
# root, changes the machine's packet filter and takes its time; what needs no containers is run.sh.
#
#   containers.sh                  builds the image by docker/Dockerfile: half an hour and more
#   PROGRAMS_FROM=FOLDER containers.sh    takes ready-made programs: minutes
#   NO_BUILD=1 containers.sh       takes the images of the last run
#
# The base image is made by debootstrap, Prometheus's from Debian's package; Grafana's can only be
# pulled, so Grafana is left out.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" -eq 0 ] || { echo "containers.sh: needs root" >&2; exit 1; }

work="${CONTAINERS_WORK:-$HOME/.cache/switchyard-containers}"
mkdir -p "$work"
packages=(buildah podman runc netavark aardvark-dns catatonit iptables docker-compose debootstrap
  prometheus)
dpkg-query -W "${packages[@]}" >/dev/null 2>&1 ||
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"

# What works without systemd and without the right to raise limits.
cat >"$work/containers.conf" <<'CONF'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
CONF
cat >"$work/storage.conf" <<CONF
[storage]
driver = "vfs"
graphroot = "$work/storage"
runroot = "$work/run"
CONF
export CONTAINERS_CONF="$work/containers.conf" CONTAINERS_STORAGE_CONF="$work/storage.conf"
export STORAGE_DRIVER=vfs

build() { buildah bud --isolation chroot --format docker --pull-never --layers=false "$@"; }

# image_of_folder NAME FOLDER: the folder as an image's root, with the Dockerfile's text from stdin.
image_of_folder() { build -q -t "$1" -f - "$2"; }

build_base() {
  buildah inspect --type image docker.io/library/debian:bookworm-slim >/dev/null 2>&1 && return
  local container
  rm -rf "$work/debian"
  debootstrap --variant=minbase bookworm "$work/debian" >"$work/debootstrap.log"
  container="$(buildah from scratch)"
  buildah add -q "$container" "$work/debian" /
  buildah commit -q --rm "$container" docker.io/library/debian:bookworm-slim
  rm -rf "$work/debian"
}

build_switchyard() {
  local name=docker.io/library/switchyard:latest cache="$HOME/.cache/switchyard-bazel"
  if [ -n "${PROGRAMS_FROM:-}" ]; then
    rm -rf "$work/image"
    docker/collect_image.sh "$work/image"
    sed -n '/^FROM scratch/,$p' docker/Dockerfile |
      sed -E 's|^COPY --from=build (.*)/image|COPY \1.|' | image_of_folder "$name" "$work/image"
    rm -rf "$work/image"
  else
    build_base
    mkdir -p "$cache"
    build --volume "$cache:/root/.cache/switchyard-bazel" -t "$name" -f docker/Dockerfile .
  fi
}

# Under the name that the compose file knows.
build_prometheus() {
  local root="$work/prometheus"
  rm -rf "$root"
  install -D -m 755 /usr/bin/prometheus "$root/bin/prometheus"
  ldd "$root/bin/prometheus" | grep -oE '/[^ ]+\.so[^ ]*' |
    while read -r library; do install -D -m 755 "$library" "$root$library"; done
  install -d "$root/volumes/prometheus"
  image_of_folder docker.io/prom/prometheus:v2.42.0 "$root" <<'DOCKERFILE'
FROM scratch
COPY bin /bin
COPY lib /lib
COPY lib64 /lib64
COPY --chown=65534:65534 volumes /
USER 65534:65534
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
DOCKERFILE
  rm -rf "$root"
}

begin=$SECONDS
if [ -z "${NO_BUILD:-}" ]; then
  build_switchyard
  build_prometheus
fi
echo "images are there after $((SECONDS - begin)) s"

source clients/examples/python/generate.sh
SWITCHYARD_PYTHON="$(switchyard_generate_python)"
export SWITCHYARD_PYTHON DOCKER_HOST="unix://$work/podman.sock"
podman system service -t 0 "unix://$work/podman.sock" >"$work/service.log" 2>&1 &
service=$!
trap 'kill "$service" 2>/dev/null || true' EXIT
for ((i = 0; i < 100; i++)); do [ -S "$work/podman.sock" ] && break; sleep 0.1; done
/usr/bin/python3 -m unittest tests.docker.containers_test "$@"
echo "all done after $((SECONDS - begin)) s"
