#!/usr/bin/env bash
# Installs the Debian 12 packages that building and testing Switchyard needs and that are missing.
# Sourced by demo.sh, test.sh and the image's build; does nothing (and needs no root) when all of
# them are there.

# switchyard_install_packages [build]: all of them, or what building alone needs.
switchyard_install_packages() {
  local wanted=(
    # Build: Bazel with its offline rules, compiler.
    bazel-bootstrap bazel-skylib bazel-rules-java bazel-rules-proto bazel-platforms
    g++ ca-certificates
    # The contract: gRPC, protobuf and Abseil.
    libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler libabsl-dev
    # Networking, TLS, JSON, configuration, logging, metrics.
    libboost1.81-dev libssl-dev nlohmann-json3-dev libsimdjson-dev libyaml-cpp-dev libspdlog-dev
    libfmt-dev prometheus-cpp-dev libcurl4-openssl-dev
    # The order journal.
    libsqlite3-dev
  )
  [ "${1:-}" = build ] || wanted+=(
    # Formatter and linter, tests and benchmarks.
    clang-format clang-tidy git libgtest-dev libgmock-dev libbenchmark-dev
    # Clients in other languages, npm test tools, and a certificate for TLS tests.
    python3 python3-grpcio python3-protobuf nodejs openssl curl strace
    # golang-protobuf 1.5 must be named: apt would take 1.3, with which gRPC cannot encode a oneof.
    golang-go golang-google-grpc-dev golang-google-protobuf-dev golang-google-genproto-dev
    golang-github-golang-protobuf-1-5-dev protoc-gen-go-1-5 protoc-gen-go-grpc
    # Manifests of Kubernetes are YAML. Dashboards and alerts are tried on a real server.
    python3-yaml prometheus
  )
  # A Node.js that was not installed by apt serves as well.
  command -v node >/dev/null 2>&1 && wanted=("${wanted[@]/nodejs/}")
  [ "${1:-}" = build ] || command -v npm >/dev/null 2>&1 || wanted+=(npm)
  local missing=() package
  for package in "${wanted[@]}"; do
    [ -n "$package" ] || continue
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
      missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  echo "installing: ${missing[*]}"
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
}
