#!/usr/bin/env bash
# Makes the certificates of a stack: an authority of its own, one certificate for each process, one
# for a client.
#   make_certificates.sh [FOLDER]    default: certificates/ beside this script
# Again: the authority stays, everything else is renewed in place; running processes read their
# files again. FOLDER/NAME/ holds ca.crt, tls.crt and tls.key, as a process needs them.
set -euo pipefail
cd "$(dirname "$0")"
folder="${1:-certificates}"
days=90
authority_days=3650
user=65532 # of the image

mkdir -p "$folder/authority"
chmod 700 "$folder/authority"
scratch="$(mktemp -d "$folder/.new.XXXXXX")"
trap 'rm -rf "$scratch"' EXIT

key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null
}

if [ ! -e "$folder/authority/ca.key" ]; then
  key "$folder/authority/ca.key"
  openssl req -x509 -new -key "$folder/authority/ca.key" -days "$authority_days" \
    -subj "/CN=Switchyard authority" -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$folder/authority/ca.crt"
fi

# certificate NAME SUBJECT_ALTERNATIVE_NAMES
certificate() {
  local name="$1" out="$folder/$1"
  mkdir -p "$out"
  key "$scratch/tls.key"
  openssl req -new -key "$scratch/tls.key" -subj "/CN=$name" -out "$scratch/request"
  openssl x509 -req -in "$scratch/request" -days "$days" -CA "$folder/authority/ca.crt" \
    -CAkey "$folder/authority/ca.key" -CAcreateserial -out "$scratch/tls.crt" -extfile - \
    2>/dev/null <<EXTENSIONS
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = $2
EXTENSIONS
  cp "$folder/authority/ca.crt" "$scratch/ca.crt"
  # Containers run as another user: theirs if that can be, else readable by all on this machine.
  chmod 644 "$scratch"/{ca.crt,tls.crt,tls.key}
  if [ "$(id -u)" -eq 0 ]; then
    chown "$user:$user" "$scratch"/{ca.crt,tls.crt,tls.key}
    chmod 600 "$scratch/tls.key"
  fi
  # A reader sees the old file or the new one; the certificate last, for it must fit the key.
  mv "$scratch/ca.crt" "$scratch/tls.key" "$scratch/tls.crt" "$out/"
}

certificate router DNS:router,DNS:localhost,IP:127.0.0.1
grep -oE 'dns:///[a-z0-9_]+' config/router.yaml | sed 's|.*/||' |
  while read -r service; do certificate "$service" "DNS:$service"; done
certificate client DNS:client
echo "certificates of $(find "$folder" -name tls.crt | wc -l) names in $folder, for $days days"
