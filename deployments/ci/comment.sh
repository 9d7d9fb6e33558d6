#!/usr/bin/env bash
# In a GitHub job: put a plan into the pull request, in place of the one before.
#
#   deployments/ci/comment.sh OUT.md NUMBER        with GH_TOKEN and GITHUB_REPOSITORY set, as GitHub does
#
# Not `gh pr comment --edit-last`: the job's user is the same in all workflows, so that may be somebody else's comment.
# Exit code: 0 it is there, 1 not.
set -u
[ $# -eq 2 ] || { echo "comment.sh: say OUT.md NUMBER" >&2; exit 1; }
[ -s "$1" ] || { echo "comment.sh: $1 is not there: nothing was planned" >&2; exit 1; }
mark=$(head -n 1 "$1")
comments="repos/$GITHUB_REPOSITORY/issues"
known=$(gh api --paginate "$comments/$2/comments" --jq ".[] | select(.body | startswith(\"$mark\")) | .id") || exit 1
if [ -n "$known" ]; then
  gh api --silent --method PATCH "$comments/comments/${known%%$'\n'*}" --field "body=@$1" || exit 1
else
  gh api --silent --method POST "$comments/$2/comments" --field "body=@$1" || exit 1
fi
