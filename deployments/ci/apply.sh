#!/usr/bin/env bash
# Apply topology files on your Prefect server and wait for each: what a job does on merge.
#
#   deployments/ci/apply.sh FILE...
#
# The text of the file goes with the run, so that the worker needs no checkout of it. Needs PREFECT_API_URL (and
# PREFECT_API_AUTH_STRING where the server asks). GATESPAN_CLOUD, GATESPAN_CREDENTIALS: names of blocks, if not the
# defaults. GATESPAN_WATCH_TIMEOUT: seconds to wait (default 7200).
#
# Exit code: 0 every run completed; 1 one did not (failed, crashed, cancelled, refused, or not done in time: the run
# itself goes on, and its link is in the log).
set -u
[ $# -gt 0 ] || { echo "apply.sh: no topology file was given" >&2; exit 1; }
: "${PREFECT_API_URL:?apply.sh: say where the Prefect server is}"

worst=0
for file in "$@"; do
  parameters=$(python -m deployments.ci.parameters "$file") || { worst=1; continue; }
  flow=${parameters%%$'\n'*}
  echo "== $file: $flow"
  printf '%s' "${parameters#*$'\n'}" |
    prefect --no-prompt deployment run "$flow/$flow" --params - --watch \
      --watch-timeout "${GATESPAN_WATCH_TIMEOUT:-7200}" || worst=1
done
exit $worst
