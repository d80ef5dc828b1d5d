#!/bin/bash
# Builds Weaviate VERSION into TREE/bin/weaviate; when that version is not to be had, the newest of the same minor.
# What was built stands in TREE/etc/weaviate-version.
set -euo pipefail
version=$1
tree=$2
module=github.com/weaviate/weaviate
program=$module/cmd/weaviate-server

[ ! -s /run/secrets/ca ] || export SSL_CERT_FILE=/run/secrets/ca
[ ! -s /run/secrets/goproxy ] || GOPROXY=$(cat /run/secrets/goproxy) && export GOPROXY
# A version newer than the distribution's Go asks for a newer toolchain; it comes the way the modules come.
export CGO_ENABLED=0 GOBIN=/tmp/bin GOTOOLCHAIN=auto GOFLAGS='-trimpath'

wanted=v$version
if ! go list -m "$module@$wanted" > /dev/null 2>&1; then
  echo "no $wanted of $module: looking for the newest of ${version%.*}"
  minor=${version%.*}
  wanted=$(go list -m -versions "$module" | tr ' ' '\n' | grep -E "^v${minor//./\\.}\.[0-9]+$" | sort -V | tail -n 1)
  [ -n "$wanted" ] || { echo "no version of $minor to be had"; exit 1; }
fi
echo "building $program@$wanted"
go install -ldflags='-s -w' "$program@$wanted"
mkdir -p "$tree/bin" "$tree/etc" "$tree/var/lib/weaviate"
install "$GOBIN"/weaviate-server "$tree/bin/weaviate"
echo "${wanted#v}" > "$tree/etc/weaviate-version"
