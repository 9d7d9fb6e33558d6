#!/usr/bin/env bash
# In a GitHub job: fetch the job's OIDC token into a file, for the vendor's default credential chain. No key is kept.
#
#   source deployments/ci/oidc.sh        with ALIBABA_CLOUD_ROLE_ARN and ALIBABA_CLOUD_OIDC_PROVIDER_ARN set
#
# The job needs `permissions: id-token: write`. The audience must be one of the provider's client ids.
: "${ALIBABA_CLOUD_ROLE_ARN:?oidc.sh: the role to assume is missing}"
: "${ALIBABA_CLOUD_OIDC_PROVIDER_ARN:?oidc.sh: the OIDC provider of the account is missing}"
: "${ACTIONS_ID_TOKEN_REQUEST_URL:?oidc.sh: give the job the permission id-token: write}"
ALIBABA_CLOUD_OIDC_TOKEN_FILE=$(mktemp)
curl --fail --silent --show-error --header "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${OIDC_AUDIENCE:-sts.aliyuncs.com}" |
  python -c 'import json, sys; sys.stdout.write(json.load(sys.stdin)["value"])' > "$ALIBABA_CLOUD_OIDC_TOKEN_FILE" ||
  { echo "oidc.sh: the token could not be fetched" >&2; return 1 2> /dev/null || exit 1; }
export ALIBABA_CLOUD_OIDC_TOKEN_FILE ALIBABA_CLOUD_ROLE_SESSION_NAME="gatespan-${GITHUB_RUN_ID:-job}"
