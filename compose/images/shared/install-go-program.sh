#!/bin/bash
# Builds the program PACKAGE of the Go module MODULE in VERSION into TREE/bin/NAME; when that version is not to be had, the newest of
# the same minor. What was built stands in TREE/etc/NAME-version.
set -euo pipefail
module=$1
package=$2
version=$3
tree=$4
name=$5

[ ! -s /run/secrets/ca ] || export SSL_CERT_FILE=/run/secrets/ca
[ ! -s /run/secrets/goproxy ] || GOPROXY=$(cat /run/secrets/goproxy) && export GOPROXY
# A version newer than the distribution's Go asks for a newer toolchain; it comes the way the modules come.
export CGO_ENABLED=0 GOBIN=/tmp/bin GOTOOLCHAIN=auto GOFLAGS='-trimpath'

can_be_had() {
  go list -m "$module@$1" > /dev/null 2>&1
}

wanted=v$version
if ! can_be_had "$wanted"; then
  minor=v${version%.*}
  echo "no $wanted of $module: looking for the newest of $minor"
  # A module proxy need not list all that it serves: the minor's first version is worth a try when none is listed.
  wanted=$(go list -m -versions "$module" | tr ' ' '\n' | grep -E "^${minor//./\\.}\.[0-9]+$" | sort -V | tail -n 1 || true)
  wanted=${wanted:-$minor.0}
  can_be_had "$wanted" || { echo "no version of $minor can be had"; exit 1; }
fi
echo "building $package@$wanted"
go install -ldflags='-s -w' "$package@$wanted"
mkdir -p "$tree/bin" "$tree/etc"
install "$GOBIN/$(basename "$package")" "$tree/bin/$name"
echo "${wanted#v}" > "$tree/etc/$name-version"
