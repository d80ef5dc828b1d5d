#!/usr/bin/env bash
# Tells whether a pull request changes what is judged: the directory, and files named beside it. Where that cannot be told
# (no merge commit), something changed: the gate looks.
set -euo pipefail
changed=true
if [ "$GATE_CHANGED_ONLY" = true ] && git rev-parse -q --verify HEAD^1 > /dev/null; then
  paths=()
  while IFS= read -r line; do
    line=$(printf '%s' "$line" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')
    if [ -n "$line" ]; then paths+=(":(top,literal)$line"); fi
  done <<< "$GATE_DIRECTORY"$'\n'"$GATE_FILES"$'\n'"$GATE_ENV_FILES"$'\n'"$GATE_BASELINE"
  if git diff --quiet HEAD^1 HEAD -- "${paths[@]}"; then changed=false; fi
fi
if [ "$changed" = false ]; then echo "nothing changed in $GATE_DIRECTORY: not judged"; fi
echo "changed=$changed" >> "$GITHUB_OUTPUT"
