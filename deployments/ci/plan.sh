#!/usr/bin/env bash
# Plan topology files, as a pull request wants it: one markdown text for a comment, and an exit code that a job can trust.
#
#   deployments/ci/plan.sh OUT.md FILE...
#
# Exit code: 0 every file can be applied (changes or not), 1 at least one cannot. Each file is planned, whatever became
# of the one before. Credentials: the vendor's default chain (in CI: OIDC, see oidc.sh). The job's log has every plan in
# full; the comment is cut to what GitHub takes (65,536 characters), the same share for each file, whole lines.
set -u
[ $# -ge 2 ] || { echo "plan.sh: say OUT.md FILE..." >&2; exit 1; }
out=$1
shift
export COLUMNS=${COLUMNS:-200} # of the log: no terminal, no width
share=$((60000 / $# - 300)) # with its headings
[ "$share" -ge 200 ] || { echo "plan.sh: too many files for one comment: plan at most 120 at a time" >&2; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

clip() { # FILE: as much of it as one file may have
  if [ "$(wc -c < "$1")" -le "$share" ]; then
    cat "$1"
  else
    head -c "$share" "$1" | sed '$d'
  fi
}

part() { # what the comment says of one file: the plan, or why there is none
  local what=$work/plan.md
  if [ -s "$what" ]; then
    clip "$what"
  else
    what=$work/log
    printf '````text\n%s\n````\n' "$(clip "$what")" # four backticks: the text may hold three
  fi
  [ "$(wc -c < "$what")" -le "$share" ] ||
    printf '\n*Cut here: it is too long for a comment. The log of the job has all of it.*\n'
}

worst=0
: > "$work/heads"
: > "$work/parts"
for file in "$@"; do
  : > "$work/plan.md"
  echo "== $file"
  gatespan plan "$file" --markdown "$work/plan.md" > "$work/log" 2>&1
  code=$?
  cat "$work/log"
  case $code in
    0) word="nothing to do" ;;
    2) word="changes" ;;
    *) word="**cannot be applied**" worst=1 ;;
  esac
  printf '* `%s`: %s\n' "$file" "$word" >> "$work/heads"
  { printf '\n### `%s`\n\n' "$file" && part; } >> "$work/parts"
done
# The first line is how comment.sh finds the comment again.
{ printf '<!-- gatespan plan -->\n' && cat "$work/heads" "$work/parts"; } > "$out" || exit 1
exit $worst
