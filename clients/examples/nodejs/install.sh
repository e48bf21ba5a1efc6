# Sourced, with `here` set to this folder. Fetches the two packages of package-lock.json once. The
# contract is loaded at run time; no code is generated.
switchyard_install_nodejs() {
  if [ ! "$here/node_modules/.package-lock.json" -nt "$here/package-lock.json" ]; then
    # No package here needs its install script.
    (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --silent)
  fi
}
