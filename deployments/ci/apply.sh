#!/usr/bin/env bash
# Apply topology files on your Prefect server and wait for each: what a job does on merge.
#
#   deployments/ci/apply.sh FILE...
#
# The text of the file goes with the run, so that the worker needs no checkout of it (but the folders of functions that
# it names). Needs PREFECT_API_URL (and PREFECT_API_AUTH_STRING where the server asks).
#
#   GATESPAN_CLOUD, GATESPAN_CREDENTIALS   names of blocks, if not the defaults of the worker
#   GATESPAN_APPROVE                       may what costs money be bought? no (the default: nobody is there to ask; the
#                                          run says what it has not bought, and the job fails), yes (what the run needs
#                                          by its own plan), ask (it waits for an answer in the Prefect UI)
#   GATESPAN_WATCH_TIMEOUT                 seconds to wait for a run (default 7200)
#
# Exit code: 0 every run completed; 1 one did not (failed, crashed, cancelled, refused, or not done in time: the run
# itself goes on, and its link is in the log).
set -u
[ $# -gt 0 ] || { echo "apply.sh: no topology file was given" >&2; exit 1; }
[ -n "${PREFECT_API_URL:-}" ] || { echo "apply.sh: set PREFECT_API_URL: where the Prefect server is" >&2; exit 1; }
case ${GATESPAN_APPROVE:=no} in
  no | ask | yes) export GATESPAN_APPROVE ;;
  *) echo "apply.sh: GATESPAN_APPROVE is '$GATESPAN_APPROVE'; it must be no, ask or yes" >&2; exit 1 ;;
esac
case ${GATESPAN_WATCH_TIMEOUT:-1} in
  *[!0-9]*) echo "apply.sh: GATESPAN_WATCH_TIMEOUT is '$GATESPAN_WATCH_TIMEOUT'; it must be seconds" >&2; exit 1 ;;
esac
export DO_NOT_TRACK=${DO_NOT_TRACK:-1}
exec python "${BASH_SOURCE[0]%/*}/apply.py" "$@"
