#!/usr/bin/env bash
# Plan topology files, as a pull request wants it: one markdown text for a comment, and an exit code that a job can trust.
#
#   deployments/ci/plan.sh OUT.md FILE...
#
# Exit code: 0 every file can be applied (changes or not), 1 at least one cannot. Each file is planned, whatever became
# of the one before. Credentials: the vendor's default chain (in CI: OIDC, see deployments/ci/README.md).
set -u
out=${1:?usage: plan.sh OUT.md FILE...}
shift
[ $# -gt 0 ] || { echo "plan.sh: no topology file was given" >&2; exit 1; }

worst=0
: > "$out"
for file in "$@"; do
  echo "### \`$file\`" >> "$out"
  echo >> "$out"
  said=$(mktemp)
  gatespan plan "$file" --markdown "$said" > "$said.log" 2>&1
  code=$?
  case $code in
    0 | 2) cat "$said" >> "$out" ;;
    *)
      worst=1
      { [ -s "$said" ] && cat "$said" && echo; echo '```'; cat "$said.log"; echo '```'; } >> "$out"
      ;;
  esac
  echo >> "$out"
  rm -f "$said" "$said.log"
done
cat "$out"
exit $worst
