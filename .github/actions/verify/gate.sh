#!/usr/bin/env bash
# Runs the gate with the inputs of action.yml, which come as GATE_… variables: never as text of a script. Writes the outputs.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)

# A path of the caller's repository; what is absolute stays.
here() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$GITHUB_WORKSPACE" "$1" ;; esac; }

arguments=(--stack "$(here "$GATE_DIRECTORY")" --report "$GATE_REPORT" --images "$GATE_IMAGE_SET" --lang "$GATE_LANGUAGE")
# Each line of an input as a flag of its own: NAME, VALUE of the input, `path` for files.
each() {
  local line
  while IFS= read -r line; do
    line=$(printf '%s' "$line" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')
    [ -n "$line" ] || continue
    if [ "${3:-}" = path ]; then line=$(here "$line"); fi
    arguments+=("$1" "$line")
  done <<< "$2"
}
each --file "$GATE_FILES" path
each --env-file "$GATE_ENV_FILES" path
each --profile "$GATE_PROFILES"
each --only "$GATE_ONLY"
each --check "$GATE_CHECKS"
each --policy "$GATE_BASELINE" path
each --history "$GATE_HISTORY"
if [ "$GATE_STRICT" = true ]; then arguments+=(--strict); fi

npm --prefix "$root" run -s verify -- "${arguments[@]}"
code=$?

verdict=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1] + "/summary.json", "utf8")).verdict' "$GATE_REPORT" 2> /dev/null)
{
  echo "exit-code=$code"
  echo "verdict=$verdict"
  if [ -e "$GATE_REPORT/summary.json" ]; then echo "report=$GATE_REPORT"; fi
} >> "$GITHUB_OUTPUT"
exit "$code"
