#!/usr/bin/env bash
# In a GitHub job: fetch the job's OIDC token into a file, for the vendor's default credential chain. No key is kept.
#
#   source deployments/ci/oidc.sh        with ALIBABA_CLOUD_ROLE_ARN and ALIBABA_CLOUD_OIDC_PROVIDER_ARN set
#
# The job needs `permissions: id-token: write`. The audience (OIDC_AUDIENCE) must be one of the provider's client ids.
# Returns 1 with one line when something is missing or refused; then nothing is exported.
gatespan_oidc() {
  local name file
  for name in ALIBABA_CLOUD_ROLE_ARN ALIBABA_CLOUD_OIDC_PROVIDER_ARN; do
    [ -n "${!name:-}" ] || { echo "oidc.sh: set $name" >&2; return 1; }
  done
  [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ] && [ -n "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:-}" ] ||
    { echo "oidc.sh: give the job the permission id-token: write" >&2; return 1; }
  file=$(mktemp -p "${RUNNER_TEMP:-${TMPDIR:-/tmp}}") || return 1
  # The header goes in by a pipe: other users of the machine see command lines.
  if (
    set -o pipefail
    printf 'header = "Authorization: bearer %s"\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
      curl --fail --silent --show-error --max-time 30 --retry 2 --config - \
        "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${OIDC_AUDIENCE:-sts.aliyuncs.com}" |
      python -c 'import json, sys; sys.stdout.write(json.load(sys.stdin)["value"])' 2> /dev/null
  ) > "$file" && [ -s "$file" ]; then
    export ALIBABA_CLOUD_OIDC_TOKEN_FILE=$file ALIBABA_CLOUD_ROLE_SESSION_NAME="gatespan-${GITHUB_RUN_ID:-job}"
  else
    rm -f "$file"
    echo "oidc.sh: the token could not be fetched" >&2
    return 1
  fi
}
gatespan_oidc || { unset -f gatespan_oidc; return 1 2> /dev/null || exit 1; }
unset -f gatespan_oidc
