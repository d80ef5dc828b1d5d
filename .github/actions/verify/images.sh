#!/usr/bin/env bash
# The stand-in images and the cache: `key` tells what they are made of, `load` makes the machine ready, `save` writes them.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
setup() { npm --prefix "$root" run -s setup -- "$@"; }

case $1 in
  key)
    key=$(setup --images-key)
    { echo "key=$key"; echo "file=$RUNNER_TEMP/verify-images.tar"; } >> "$GITHUB_OUTPUT"
    ;;
  load)
    # The backup suite fills a disk of its own, in a user namespace, which Ubuntu forbids; the machine is this job's alone.
    if [ "${RUNNER_ENVIRONMENT:-}" = github-hosted ]; then sudo sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0 || true; fi
    if [ -e "$GATE_IMAGES" ]; then setup --load "$GATE_IMAGES"; else setup; fi
    ;;
  save) setup --save "$GATE_IMAGES" ;;
esac
